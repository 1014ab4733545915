"""A PostgreSQL database that a move fills.

As long as it is not whole it has a table `move`, by which everybody who would open it sees that, and no process number,
so that nobody who did not look gets in. References and indexes are set aside in that table, and put back in the last
transaction: rows come in any order, and both are made, and proven, faster over all of them at once.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

import msgspec
from asyncpg import (
    ForeignKeyViolationError,
    InsufficientPrivilegeError,
    LockNotAvailableError,
    PostgresError,
    ProgramLimitExceededError,
    UniqueViolationError,
)

from scopekeeper.settings import PostgresDatabase
from scopekeeper.store.moving.cargo import Cargo, MoveError
from scopekeeper.store.moving.ends import Place, Places, lessee_of
from scopekeeper.store.moving.move import Clash
from scopekeeper.store.postgres.connection import Connection
from scopekeeper.store.postgres.errors import lost, reason_of
from scopekeeper.store.postgres.locking import LOCK
from scopekeeper.store.postgres.origin import PostgresRows
from scopekeeper.store.postgres.schema import (
    MOVE,
    HalfMoved,
    migrate,
    opened,
    prepare_postgres,
    tables_in,
    version_in,
)
from scopekeeper.store.revisions import HEAD, MIGRATIONS
from scopekeeper.store.rows import Row
from scopekeeper.store.shapes import Shape
from scopekeeper.store.tables import SET_ASIDE

_ALONE: Final = f"SET LOCAL lock_timeout = '5s'; SELECT pg_advisory_xact_lock({LOCK})"

_MAKE: Final = """
DELETE FROM processes; DELETE FROM changes;
CREATE TABLE move (
    id bigint PRIMARY KEY CHECK (id = 1), source text NOT NULL, run bigint NOT NULL, places text NOT NULL,
    later text NOT NULL
)
"""
"""From where, how often it was begun, how far each table is, and the statements that put back what was set aside."""

_REFERENCES: Final = """
SELECT format('ALTER TABLE %I DROP CONSTRAINT %I', t.relname, f.conname),
       format('ALTER TABLE %I ADD CONSTRAINT %I %s', t.relname, f.conname, pg_get_constraintdef(f.oid))
FROM pg_constraint f JOIN pg_class t ON t.oid = f.conrelid
WHERE f.contype = 'f' AND t.relnamespace = current_schema()::regnamespace
ORDER BY t.relname, f.conname
"""

_INDEXES: Final = """
SELECT format('DROP INDEX %I', i.relname), pg_get_indexdef(i.oid)
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
WHERE i.relnamespace = current_schema()::regnamespace
  AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.oid)
ORDER BY i.relname
"""

_HELD: Final = """
SELECT holder FROM processes
WHERE holder <> $1::text AND until_milliseconds >= extract(epoch FROM now()) * 1000 LIMIT 1
"""

_ITS_OWN: Final = frozenset({"alembic_version", "changes", "processes"})
"""What has rows in every database."""

_NOTE: Final = "UPDATE move SET places = $1::text WHERE run = $2::bigint"


class PostgresTarget(PostgresRows):
    """Implements `Target` on a connection."""

    def __init__(self, connection: Connection, database: PostgresDatabase) -> None:
        super().__init__(connection)
        self._database = database
        self._run = 0

    async def require(self, source: str) -> None:
        """See, in the transaction that is open, that it is empty, or half filled from there. Raises MoveError."""
        if not await self._is_half():
            await self._require_empty()
            return
        ((before, version),) = await self._connection.fetch(
            "SELECT source, (SELECT version_num FROM alembic_version) FROM move"
        )
        if before != source:
            raise MoveError(
                f"{self._database} is half filled from {before}: go on with the move from there, or give a new database"
            )
        if version != HEAD:
            raise MoveError(f"{self._database} was half filled by another version of this program: give a new database")

    async def begin(self, source: str) -> Places:
        try:
            async with self._connection.transaction():
                await self._connection.execute(_ALONE)
                half = await self._is_half()
                if not half:  # nobody gets a number, and so nobody writes, between what is looked at and what is done
                    await self._connection.execute("LOCK TABLE processes IN ACCESS EXCLUSIVE MODE")
                await self.require(source)
                if half:
                    self._run = await self._connection.fetchval("UPDATE move SET run = run + 1 RETURNING run")
                else:
                    await self._begin(source)
                await self._set_aside()
                return await self._read_places()
        except LockNotAvailableError:
            raise MoveError(f"{self._database} is in use by another process: let it finish") from None

    async def put(self, cargo: Cargo, rows: Sequence[Row], places: Places) -> None:
        async with self._connection.transaction():
            await self._note(places)
            await _put(self._connection, self._database, cargo, rows)

    async def empty(self, cargo: Cargo, places: Places) -> None:
        places[cargo.name] = Place()
        async with self._connection.transaction():
            await self._note(places)
            await self._connection.execute(f'TRUNCATE "{cargo.name}"')

    @asynccontextmanager
    async def finishing(self) -> AsyncIterator["_Last"]:
        async with self._connection.transaction():
            await self._connection.execute(_ALONE)
            places = await self._read_places()
            await self._note(places)
            yield _Last(self._connection, self._database)
            (later,) = await self._connection.fetch("SELECT later FROM move")
            for statement in msgspec.json.decode(later[0], type=list[str]):
                await _put_back(self._connection, self._database, statement)
            analyzed = "; ".join(f'ANALYZE "{name}"' for name in sorted(places))
            await self._connection.execute(f"DROP TABLE move; {analyzed}")

    async def _is_half(self) -> bool:
        return MOVE in await tables_in(self._connection)

    async def _begin(self, source: str) -> None:
        held = await self._connection.fetchval(_HELD, SET_ASIDE)
        if held is not None:
            raise MoveError(f"{self._database} is in use by {lessee_of(held)}: stop that first")
        await self._connection.execute(_MAKE)
        self._run = 1
        await self._connection.execute("INSERT INTO move VALUES (1, $1::text, 1, '{}', '[]')", source)

    async def _require_empty(self) -> None:
        for name in sorted(await tables_in(self._connection) - _ITS_OWN):
            if await self._connection.fetchval(f'SELECT EXISTS (SELECT 1 FROM "{name}")'):  # noqa: S608 - its own
                raise MoveError(
                    f"{self._database} is not empty: there are rows in {name}: give a new database (if a move into it "
                    "ended without a word, it is whole)"
                )

    async def _set_aside(self) -> None:
        """References and indexes that there are: those from the beginning, and those of tables made since."""
        before = await self._connection.fetchval("SELECT later FROM move")
        statements = msgspec.json.decode(before, type=list[str])
        for drop, make in [
            *await self._connection.fetch(_REFERENCES),
            *await self._connection.fetch(_INDEXES),
        ]:
            await self._connection.execute(drop)
            if make not in statements:
                statements.append(make)
        statements.sort(key=lambda each: each.startswith("ALTER"))  # references last
        await self._connection.execute("UPDATE move SET later = $1::text", msgspec.json.encode(statements).decode())

    async def _read_places(self) -> Places:
        return msgspec.json.decode(await self._connection.fetchval("SELECT places FROM move"), type=Places)

    async def _note(self, places: Places) -> None:
        """How far it is; only as long as nobody has gone on in our place."""
        done = await self._connection.execute(_NOTE, msgspec.json.encode(places).decode(), self._run)
        if done != "UPDATE 1":
            raise MoveError(f"another process goes on with the move into {self._database}")


class _Last(PostgresRows):
    """Implements `Finishing`."""

    def __init__(self, connection: Connection, database: PostgresDatabase) -> None:
        super().__init__(connection)
        self._database = database

    async def put(self, cargo: Cargo, rows: Sequence[Row]) -> None:
        await _put(self._connection, self._database, cargo, rows)


async def _put(connection: Connection, database: PostgresDatabase, cargo: Cargo, rows: Sequence[Row]) -> None:
    try:
        await connection.copy_records_to_table(cargo.name, records=rows, columns=cargo.names)
    except UniqueViolationError as wrong:
        raise Clash(f"{database} has a row of {cargo.name} twice: {reason_of(wrong)}") from wrong
    except InsufficientPrivilegeError:
        raise
    except PostgresError as wrong:
        if lost(wrong):
            raise
        raise MoveError(f"{database} refuses rows of {cargo.name}: {reason_of(wrong)}") from wrong


async def _put_back(connection: Connection, database: PostgresDatabase, statement: str) -> None:
    try:
        await connection.execute(statement)
    except (ForeignKeyViolationError, UniqueViolationError, ProgramLimitExceededError) as wrong:
        raise MoveError(f"{database} refuses what is in {wrong.table_name}: {reason_of(wrong)}") from wrong


async def require_fit(database: PostgresDatabase, source: str) -> None:
    """See that a move from there can begin or go on: nothing is changed. Raises MoveError, SchemaError."""
    async with opened(database) as connection, connection.transaction():
        with suppress(HalfMoved):
            version = await version_in(connection, database)
            if version is None:
                return
            MIGRATIONS.require_head(version, database)
        await PostgresTarget(connection, database).require(source)


async def made_ready(database: PostgresDatabase, shapes: Sequence[Shape]) -> None:
    """Make the tables that are not there yet. Raises SchemaError, Misfit."""
    with suppress(HalfMoved):
        migrate(database, create=True)
    async with opened(database) as connection, connection.transaction():
        there = await tables_in(connection)
    # Of those that are there already the references may be set aside.
    missing = [shape for shape in shapes if MOVE not in there or shape.core.name not in there]
    prepare_postgres(database, missing, linked=False)


async def make_link_tables(database: PostgresDatabase, shapes: Sequence[Shape]) -> None:
    """Make the link tables of what has arrived. Raises SchemaError, Misfit."""
    prepare_postgres(database, shapes)
