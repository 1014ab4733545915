"""Which schema a PostgreSQL database has, and how it gets the one that this program needs.

A new one is made from `tables.py` at once, by `scopekeeper migrate` alone: a server that was given the wrong name does
not fill a database that is somebody else's. Later steps are Alembic's. Whoever makes or changes tables holds a lock.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final, TypeVar

from asyncpg import InsufficientPrivilegeError, InvalidAuthorizationSpecificationError, InvalidCatalogNameError
from sqlalchemy import NullPool
from sqlalchemy.util import greenlet_spawn

from scopekeeper.settings import PostgresDatabase
from scopekeeper.store.linking import make_link_tables
from scopekeeper.store.postgres.catalog import PostgresCatalog
from scopekeeper.store.postgres.connection import LONGEST, Connection, connect, statements_to_keep
from scopekeeper.store.postgres.errors import DRIVER, reason_of
from scopekeeper.store.postgres.hosts import each_of
from scopekeeper.store.postgres.indexes import make_missing
from scopekeeper.store.postgres.locking import BRIEF, LOCK, unhurried
from scopekeeper.store.postgres.migrating import STANDING, TABLES, once
from scopekeeper.store.preparation import prepare
from scopekeeper.store.revisions import MIGRATIONS, Migrations, SchemaError, Standing
from scopekeeper.store.schema import WAIT, Migrated, nothing_to_do
from scopekeeper.store.shapes import Shape
from scopekeeper.store.tables import schema

T = TypeVar("T")

OURS: Final = frozenset({"alembic_version", "changes", "processes", "signing_keys"})
"""By which a database of Scopekeeper is known."""

MOVE: Final = "move"
"""The table that is there as long as a move into the database is not finished."""

_TURN: Final = "10s"
"""How long at a time whoever makes modules' tables waits for somebody who migrates: less than a statement may take."""

_SHUT: Final = """
SELECT t.relname FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE n.nspname = current_schema() AND t.relname = ANY ($1::text[]) AND NOT (
    has_table_privilege(t.oid, 'SELECT') AND has_table_privilege(t.oid, 'INSERT')
    AND has_table_privilege(t.oid, 'UPDATE') AND has_table_privilege(t.oid, 'DELETE')
)
ORDER BY t.relname LIMIT 1
"""
"""One of our tables in which not all may be done that a server does."""


class HalfMoved(SchemaError):
    """A move into the database is not finished."""


def version_of(database: PostgresDatabase) -> str | None:
    """The schema version of the database, or None where it is empty. Raises SchemaError."""
    standing = standing_of(database)
    return None if standing is None else standing.version


def standing_of(database: PostgresDatabase) -> Standing | None:
    """What the database says of its schema, or None where it is empty. Raises SchemaError."""
    return apart(lambda: _standing_of(database))


def ready(database: PostgresDatabase) -> int:
    """See that the database has the schema that this program needs; how many statements its connections keep.

    Raises SchemaError.
    """
    return apart(lambda: _ready(database))


def migrate(
    database: PostgresDatabase, migrations: Migrations = MIGRATIONS, *, create: bool, contract: bool = False
) -> Migrated:
    """Bring the database to the schema that this program needs, alone, in one transaction. Raises SchemaError.

    Indexes that are missing are made behind it. An empty one is made only with `create`. Steps that contract, and that
    are not needed, are carried out only with `contract`. A newer database that lets this program work stays as it is.
    """
    return apart(lambda: _migrate(database, migrations, create, contract))


def prepare_postgres(database: PostgresDatabase, shapes: Iterable[Shape], *, linked: bool = True) -> frozenset[str]:
    """Make every module's table what its shape says, in one transaction; which link tables are not there.

    Without `linked` no link table is looked at. Raises Misfit, SchemaError.
    """
    return apart(lambda: _prepare(database, list(shapes), linked))


def apart(act: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Do this in an event loop of its own, and wait for it: what is done once, when the house opens."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(act())).result()


@asynccontextmanager
async def opened(database: PostgresDatabase, longest: float | None = LONGEST) -> AsyncIterator[Connection]:
    """A connection; whatever goes wrong with it is told in one line. Raises SchemaError."""
    try:
        connection = await connect(database, longest=longest)
        try:
            yield connection
        finally:
            await connection.close(timeout=WAIT)
    except InsufficientPrivilegeError as refused:
        why = f"{database}: its user may not do what is needed: {reason_of(refused)}"
        raise SchemaError(f"{why}: give them the right, or let its owner run `scopekeeper migrate`") from None
    except (*DRIVER, ValueError) as error:
        why = _without_secrets(reason_of(error), database)
        raise SchemaError(f"{database} cannot be opened: {why}: {_mended(error)}") from None


async def _standing_of(database: PostgresDatabase) -> Standing | None:
    async with opened(database) as connection, connection.transaction():
        return await standing_in(connection, database)


async def _ready(database: PostgresDatabase) -> int:
    async with opened(database) as connection:
        async with connection.transaction():
            standing = await standing_in(connection, database)
        if standing is None:
            raise SchemaError(f"{database} is empty: run `scopekeeper migrate` once")
        MIGRATIONS.require(standing, database)
        async with connection.transaction():
            await _require_writable(connection, database)
        return await statements_to_keep(database, connection)


async def _require_writable(connection: Connection, database: PostgresDatabase) -> None:
    if await connection.fetchval("SHOW transaction_read_only") == "on":
        raise SchemaError(f"{database} can only be read: give the URL of the server that is written to")
    shut = await connection.fetchval(_SHUT, list(schema.tables))
    if shut is not None:
        raise SchemaError(
            f"{database}: its user may not read and write {shut}: permission denied: give them SELECT, INSERT, UPDATE "
            "and DELETE on all tables"
        )


async def version_in(connection: Connection, database: PostgresDatabase) -> str | None:
    """The schema version, in the transaction that is open; None where the database is empty. Raises SchemaError."""
    standing = await standing_in(connection, database)
    return None if standing is None else standing.version


async def standing_in(connection: Connection, database: PostgresDatabase) -> Standing | None:
    """What the database says of its schema; as `version_in`."""
    encoding = await connection.fetchval("SHOW server_encoding")
    if encoding != "UTF8":
        raise SchemaError(f"{database} keeps its text as {encoding}: make a database with ENCODING 'UTF8'")
    if await connection.fetchval("SELECT current_schema()") is None:
        raise SchemaError(f"{database} has no schema that its user may use: see its search_path")
    tables = await tables_in(connection)
    if not tables:
        return None
    if not tables >= OURS:
        raise SchemaError(f"{database} is no database of Scopekeeper: give it one of its own")
    if MOVE in tables:
        raise HalfMoved(
            f"{database} is not whole: a move into it is under way, or was broken off: go on with "
            "`scopekeeper migrate --from … --to …`"
        )
    ((version, works_from),) = await connection.fetch(STANDING)
    return Standing(version, works_from)


async def tables_in(connection: Connection) -> frozenset[str]:
    """The names of all tables in the schema in which new ones are made."""
    return frozenset([name for (name,) in await connection.fetch(TABLES)])


async def _migrate(database: PostgresDatabase, migrations: Migrations, create: bool, contract: bool) -> Migrated:
    done = await _brought_on(database, migrations, create, contract)
    ours = done.now in MIGRATIONS.revisions and MIGRATIONS.opens(Standing(done.now))
    if ours and done.was is not None and (create or done.was != done.now):
        async with opened(database, longest=None) as connection:
            await make_missing(connection, schema.sorted_tables)
    return done


async def _brought_on(database: PostgresDatabase, migrations: Migrations, create: bool, contract: bool) -> Migrated:
    from sqlalchemy.ext.asyncio import create_async_engine

    standing = await _standing_of(database)
    if standing is not None:
        if (done := nothing_to_do(standing, database, migrations, contract=contract)) is not None:
            return done
    elif not create:
        raise SchemaError(f"{database} is empty: run `scopekeeper migrate` once")
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: connect(database, longest=None),  # a step takes as long as it takes
        poolclass=NullPool,
        connect_args={"prepared_statement_cache_size": 0, "prepared_statement_name_func": lambda: ""},
    )
    async with opened(database):  # tells what goes wrong
        try:
            return await unhurried(lambda: once(engine, database, migrations, contract), database)
        finally:
            await engine.dispose()


async def _prepare(database: PostgresDatabase, shapes: list[Shape], linked: bool) -> frozenset[str]:
    async def prepared() -> frozenset[str]:
        async with connection.transaction():
            await connection.execute(f"SET LOCAL lock_timeout = '{_TURN}'; SELECT pg_advisory_xact_lock({LOCK})")
            await connection.execute(f"SET LOCAL lock_timeout = '{BRIEF}'")
            catalog = PostgresCatalog(connection)
            await greenlet_spawn(partial(prepare, indexes=False), catalog, _in_order(shapes))
            return await greenlet_spawn(make_link_tables, catalog, shapes) if linked else frozenset()

    async with opened(database) as connection:
        missing = await unhurried(prepared, database)
    async with opened(database, longest=None) as connection:
        await make_missing(connection, [shape.core for shape in shapes])
    return missing


def _in_order(shapes: list[Shape]) -> list[Shape]:
    """Each behind those that it refers to, which must be there before it."""
    places = {table: place for shape in shapes[:1] for place, table in enumerate(shape.core.metadata.sorted_tables)}
    return sorted(shapes, key=lambda shape: places[shape.core])


def _mended(error: Exception) -> str:
    """What to do about a database that cannot be opened."""
    if isinstance(error, InvalidAuthorizationSpecificationError):  # a wrong password is one
        return "mend user and password in its URL"
    if isinstance(error, InvalidCatalogNameError):
        return "make it with `createdb`, or mend its name in the URL"
    if isinstance(error, FileNotFoundError | ConnectionError | TimeoutError | socket.gaierror):
        return "see that PostgreSQL is there and lets you in, or mend its URL"
    return "mend its URL, or the server behind it"


def _without_secrets(reason: str, database: PostgresDatabase) -> str:
    """No message says more of the database's URL than we do."""
    for url in (database.url, *each_of(database.url)):
        reason = reason.replace(url, str(database))
    return reason
