"""The database beneath a server, of either kind: made for it, and looked into past it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from scopekeeper.settings import PostgresDatabase
from tests.live import Live
from tests.postgres import a_database, tell

KINDS: Final = ("sqlite", "postgresql")


@contextmanager
def kept_in(kind: str) -> Iterator[dict[str, str]]:
    """What tells a server to keep all in a database of this kind: nothing for a file, else a new one of PostgreSQL."""
    if kind == "sqlite":
        yield {}
        return
    with a_database() as made:
        yield {"SCOPEKEEPER_DATABASE": made.url}


def tell_beneath(server: Live, text: str) -> list[Any]:
    """Carry out a statement in the server's database; the rows that it finds."""
    if "SCOPEKEEPER_DATABASE" in server.settings:
        return tell(PostgresDatabase(server.settings["SCOPEKEEPER_DATABASE"]), text)
    return tell_file(server.data / "scopekeeper.db", text)


def tell_file(path: Path, text: str, *places: object) -> list[Any]:
    """Carry out a statement in a file; the rows that it finds."""
    with closing(sqlite3.connect(path)) as connection, connection:
        return connection.execute(text, places).fetchall()
