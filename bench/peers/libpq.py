"""Where a database is, as programs of other people are told."""

from urllib.parse import parse_qs, urlsplit

from scopekeeper.settings import PostgresDatabase


def libpq(database: PostgresDatabase) -> dict[str, str]:
    """The variables of the environment that libpq, and whoever follows it, looks at."""
    parts = urlsplit(database.url)
    return {
        "PGHOST": parse_qs(parts.query)["host"][0],
        "PGUSER": parts.username or "",
        "PGDATABASE": parts.path.removeprefix("/"),
    }
