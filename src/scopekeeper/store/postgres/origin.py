"""A PostgreSQL database that is read for a move: one snapshot of it, in which no other process begins meanwhile."""

import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

from asyncpg import LockNotAvailableError
from sqlalchemy.util import greenlet_spawn

from scopekeeper.settings import PostgresDatabase
from scopekeeper.store.moving.cargo import Cargo, MoveError, cargo_of
from scopekeeper.store.moving.ends import Key, Lessee
from scopekeeper.store.moving.values import sound
from scopekeeper.store.postgres.catalog import PostgresCatalog
from scopekeeper.store.postgres.connection import DIALECT, Connection
from scopekeeper.store.postgres.schema import opened, tables_in, version_in
from scopekeeper.store.rows import Row
from scopekeeper.store.shapes import Shape
from scopekeeper.store.tables import SET_ASIDE

_MOST_ROWS: Final = 500
"""How many rows are read at once: all of them are here before anybody sees how long they are."""

_HOLD: Final = """
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SET LOCAL lock_timeout = '5s'; LOCK TABLE processes IN SHARE MODE
"""
"""Who wants a process number waits for us: so nobody begins to serve from what is being moved away."""

_SEEN: Final = """
SELECT EXISTS (
    SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database
    WHERE d.datname = current_database() AND l.locktype = 'advisory'
      AND (l.classid::bigint << 32 | l.objid::bigint) = $1::bigint
)
"""


class PostgresRows:
    """Implements `Rows` on a connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def batches(self, cargo: Cargo, behind: Key | None) -> AsyncIterator[Sequence[Row]]:
        while True:
            statement = cargo.reading(DIALECT, behind=behind is not None)
            async with self._connection.transaction():
                found = await self._connection.fetch(statement, *(behind or ()), _MOST_ROWS)
            rows = sound(cargo, found)
            if not rows:
                return
            behind = cargo.key_of(rows[-1])
            yield rows


class PostgresSource(PostgresRows):
    """Implements `Source` in a transaction that is open."""

    def __init__(self, connection: Connection, database: PostgresDatabase) -> None:
        super().__init__(connection)
        self._database = database

    async def version(self) -> str | None:
        return await version_in(self._connection, self._database)

    async def lessees(self) -> Sequence[Lessee]:
        found = await self._connection.fetch(
            "SELECT holder, until_milliseconds FROM processes WHERE holder <> $1::text", SET_ASIDE
        )
        return [Lessee(holder, until) for holder, until in found]

    async def tables(self) -> frozenset[str]:
        return await tables_in(self._connection)

    async def cargo(self, shapes: Mapping[str, Shape]) -> Sequence[Cargo]:
        found: Sequence[Cargo] = await greenlet_spawn(cargo_of, shapes, PostgresCatalog(self._connection))
        return found

    async def count(self, cargo: Cargo) -> int:
        return int(await self._connection.fetchval(f'SELECT count(*) FROM "{cargo.name}"'))  # noqa: S608 - of our own

    async def dangling(self) -> str | None:
        """PostgreSQL sees to its references itself."""
        return None


@asynccontextmanager
async def held(database: PostgresDatabase) -> AsyncIterator[PostgresSource]:
    """One moment of the database, until the context ends. Raises MoveError, SchemaError."""
    async with opened(database, longest=None) as connection:
        async with connection.transaction():
            if await version_in(connection, database) is None:
                raise MoveError(f"{database} is empty: there is nothing to move")
        async with connection.transaction():
            try:
                await connection.execute(_HOLD)
            except LockNotAvailableError:
                raise MoveError(f"{database} is in use by another process: let it finish") from None
            yield PostgresSource(connection, database)


async def are_one(source: PostgresDatabase, target: PostgresDatabase) -> bool:
    """Are these one database under two names? Raises SchemaError."""
    number = secrets.randbits(62)
    async with opened(source) as one, opened(target) as other, one.transaction(), other.transaction():
        await one.execute("SELECT pg_advisory_xact_lock($1::bigint)", number)
        seen = await other.fetchval(_SEEN, number)
        schemas = {await each.fetchval("SELECT current_schema()") for each in (one, other)}
        return bool(seen) and len(schemas) == 1
