"""Very many tokens, put into a database by the database itself: the same rows in SQLite and in PostgreSQL.

One twentieth have expired in the last week and lie among those that live; as many at the old end, unless told
otherwise, are due for the sweep. The first application has a tenth of all. The others, and people, have as much each at
any size.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg
from sqlalchemy import Dialect, Index, Table
from sqlalchemy.schema import CreateIndex, DropIndex

from scopekeeper.services.mint import EPOCH, first_row_id
from scopekeeper.settings import Database, PostgresDatabase, SqliteFile
from scopekeeper.store.connection import DIALECT as SQLITE
from scopekeeper.store.connection import connect
from scopekeeper.store.databases import brought_up_to_date
from scopekeeper.store.postgres.connection import DIALECT as POSTGRES
from scopekeeper.store.postgres.schema import apart
from scopekeeper.store.tables import acts, applications, consents, families, refresh_tokens, tokens, users

DAY: Final = 86_400
BUSY: Final = "client" + "0" * 26
"""The application with a tenth of all tokens."""

_ZEROS: Final = "'" + "0" * 26 + "'"
_SERIES: Final = {
    "sqlite": "(WITH RECURSIVE up(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM up WHERE n + 1 < {0}) SELECT n FROM up)",
    "postgresql": "(SELECT n::bigint FROM generate_series(0, {0} - 1) n)",
}
_DIGEST: Final = {"sqlite": "randomblob(32)", "postgresql": "sha256(int8send(n))"}
_IDS_OF_A_MILLISECOND: Final = 1 << 22


@dataclass(frozen=True, slots=True)
class Many:
    """How many tokens, and what goes with them."""

    tokens: int
    now: int
    applications: int = 0
    """How many; 0: one for each thousand tokens."""
    due_one_in: int = 20
    """Of so many tokens one is due to be swept, and of so many families."""
    put_off: bool = False
    """Those tokens last for another month, until somebody ends them (bench/due.py), and no family is due."""

    @property
    def clients(self) -> int:
        return max(self.applications or self.tokens // 1_000, 2)

    @property
    def users(self) -> int:
        return self.tokens // 100

    @property
    def families(self) -> int:
        return self.tokens // 5

    @property
    def acts(self) -> int:
        return self.tokens // 10

    @property
    def due(self) -> int:
        """The first so many have expired so long ago that they are due to be swept."""
        return self.tokens // self.due_one_in

    @property
    def due_families(self) -> int:
        """The first so many of the families have ended so long ago that they are due to be swept."""
        return 0 if self.put_off else self.families // self.due_one_in

    def token_id(self, n: int) -> int:
        """The row id of the nth token, of those that are not due to be swept."""
        return first_row_id(self.now - 7 * DAY + 7 * DAY * n // self.tokens) + n

    def family_id(self, n: int) -> int:
        """The row id of the nth family, of those that are not due to be swept."""
        return first_row_id(self.now - 30 * DAY + 30 * DAY * n // self.families) + n

    def refresh_token_id(self, n: int) -> int:
        """The row id of the nth family's refresh token that works."""
        return self.family_id(n) + self.families


def client_id_of(number: int) -> str:
    """The client_id of one of the applications."""
    return f"client{number:026d}"


def fill(database: Database, many: Many) -> None:
    """Make the database, put everything into it, and have it counted, as either database does by itself in time."""
    brought_up_to_date(database, create=True)
    if isinstance(database, SqliteFile):
        _fill_sqlite(database.path, many)
    else:
        apart(lambda: _fill_postgres(database, many))


def _fill_sqlite(path: Path, many: Many) -> None:
    with closing(connect(path, wait=1)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        for statement in _statements(many, SQLITE):
            connection.execute(statement)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


async def _fill_postgres(database: PostgresDatabase, many: Many) -> None:
    connection = await asyncpg.connect(database.url)
    try:
        await connection.execute("SET maintenance_work_mem = '1GB'")
        for statement in _statements(many, POSTGRES):
            await connection.execute(statement)
        await connection.execute("VACUUM ANALYZE")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


def _statements(many: Many, dialect: Dialect) -> Iterator[str]:
    """The rows first, the indexes after: each in one go."""
    told = tuple(_rows(many, dialect.name))
    indexes = [index for table in dict.fromkeys(table for table, _, _ in told) for index in _indexes(table)]
    yield "BEGIN"
    for index in indexes:
        yield str(DropIndex(index).compile(dialect=dialect))
    for table, number, columns in told:
        names = ", ".join(f'"{name}"' for name in columns)
        series = _SERIES[dialect.name].format(number)
        yield f"INSERT INTO {table.name} ({names}) SELECT {', '.join(columns.values())} FROM {series} AS series"
    for index in indexes:
        yield str(CreateIndex(index).compile(dialect=dialect))
    yield "COMMIT"


def _indexes(table: Table) -> list[Index]:
    return sorted(table.indexes, key=lambda each: str(each.name))


def _rows(many: Many, dialect: str) -> Iterator[tuple[Table, int, dict[str, str]]]:
    """Of each table: how many rows, and what is in each column of the row n."""
    now, digest = many.now, _DIGEST[dialect]
    yes, no = ("1", "0") if dialect == "sqlite" else ("true", "false")
    ever = f"{now} - 365 * {DAY}"
    at = f"({now} - {7 * DAY} + {7 * DAY} * n / {many.tokens})"
    token_at = f"(CASE WHEN n < {many.due} THEN {now - 40 * DAY} ELSE {at} END)"
    lasted = 70 * DAY if many.put_off else 3_600
    lifetime = f"(CASE WHEN n < {many.due} THEN {lasted} WHEN n % 20 = 7 THEN 3600 ELSE {30 * DAY} END)"
    family_at, family = _family_at(many, "n"), f"{_row_id(_family_at(many, 'n'))} + n"
    user = f"(n % {many.users})"
    yield (
        users,
        many.users,
        {
            "id": "n + 1",
            "name": "'user' || n",
            "created_at": ever,
            "admin": f"CASE WHEN n % 1000 = 0 THEN {yes} ELSE {no} END",
            "enabled": yes,
            "updated_at": ever,
            "revision": "0",
            "sought": "'user' || n",
        },
    )
    yield (
        applications,
        many.clients,
        {
            "client_id": _client("n"),
            "type": "'m2m'",
            "name": "'Desk ' || n",
            "scope": "'rest'",
            "grant_types": "'client_credentials'",
            "created_at": ever,
            **dict.fromkeys(("redirect_uris", "post_logout_redirect_uris"), "'[]'"),
            "description": "''",
            "enabled": yes,
            "generation": "0",
            "token_format": "'opaque'",
            "signing_alg": "'ES256'",
            "pkce_required": yes,
            **dict.fromkeys(("trusted", "resource_server"), no),
            "updated_at": ever,
            "revision": "0",
            **dict.fromkeys(("name_folded", "sought"), "'desk ' || n"),
        },
    )
    yield (
        tokens,
        many.tokens,
        {
            "id": f"{_row_id(token_at)} + n",
            "digest": digest,
            "client_id": f"CASE WHEN n % 10 = 0 THEN '{BUSY}' ELSE {_client(_spread(many))} END",
            "scope": "CASE WHEN n % 2 = 0 THEN 'rest:callforward:read' ELSE 'rest:callforward rest:extensions' END",
            "issued_at": token_at,
            "expires_at": f"{token_at} + {lifetime}",
            "generation": "0",
            "format": "'opaque'",
            "user": f"CASE WHEN n % 5 = 1 THEN 'user' || (n / 5 % {many.users}) END",
            "user_id": f"CASE WHEN n % 5 = 1 THEN n / 5 % {many.users} + 1 END",
            "family_id": f"CASE WHEN n % 5 = 1 THEN {_row_id(_family_at(many, 'n / 5'))} + n / 5 END",
            "address": "'192.0.2.7'",
        },
    )
    yield (
        families,
        many.families,
        {
            "id": family,
            "client_id": f"CASE WHEN n % 10 = 0 THEN '{BUSY}' ELSE {_client(_spread(many))} END",
            "generation": "0",
            "grant_type": "'authorization_code'",
            "user_id": f"{user} + 1",
            "user": f"'user' || {user}",
            "auth_time": family_at,
            "offline": yes,
            "scope": "'rest:callforward:read'",
            "issued_at": family_at,
            "expires_at": f"{family_at} + {90 * DAY}",
        },
    )
    for works in (False, True):
        other = f"{family} + {many.families}"
        yield (
            refresh_tokens,
            many.families,
            {
                "id": other if works else family,
                "digest": digest,
                "family_id": family,
                "issued_at": family_at,
                "expires_at": f"{family_at} + {90 * DAY}",
                "spent_at": "NULL" if works else family_at,
                "successor": "NULL" if works else other,
                "sealed": f"CASE WHEN n % 10 = 3 THEN {digest} END" if works else "NULL",
            },
        )
    yield (
        consents,
        many.users * 2,
        {
            "user_id": "n / 2 + 1",
            "client_id": f"CASE WHEN n % 2 = 0 THEN '{BUSY}' ELSE {_client(_spread(many))} END",
            "generation": "0",
            "scope": "'rest:callforward:read'",
            **dict.fromkeys(("granted_at", "updated_at"), str(now - DAY)),
        },
    )
    act_at = f"({now} - {365 * DAY} + {365 * DAY} * n / {many.acts})"
    yield (
        acts,
        many.acts,
        {
            "id": f"{_row_id(act_at)} + n",
            "at": act_at,
            "actor": f"'user:user' || (n % {max(many.users // 10, 1)})",
            "action": "'application.change'",
            "target": f"CASE WHEN n % 10 = 0 THEN '{BUSY}' ELSE {_client(_spread(many))} END",
            "details": "'{}'",
            "sought": "'application.change'",
        },
    )


def _family_at(many: Many, n: str) -> str:
    """When the nth family began; the first of them so long ago that they are due."""
    lives = f"{many.now - 30 * DAY} + {30 * DAY} * ({n}) / {many.families}"
    return f"(CASE WHEN {n} < {many.due_families} THEN {many.now - 400 * DAY} ELSE {lives} END)"


def _row_id(at: str) -> str:
    return f"(({at}) * 1000 - {EPOCH}) * {_IDS_OF_A_MILLISECOND}"


def _client(number: str) -> str:
    return f"'client' || substr({_ZEROS} || ({number}), length(CAST(({number}) AS text)) + 1)"


def _spread(many: Many) -> str:
    """Any application but the busy one."""
    return f"n * 7919 % {many.clients - 1} + 1"
