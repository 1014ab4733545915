"""Which schema a PostgreSQL database has, and how it gets the one that this program needs.

A new one is made from `tables.py` at once, by `scopekeeper migrate` alone: a server that was given the wrong name does
not fill a database that is somebody else's. Later steps are Alembic's. Whoever makes or changes tables holds a lock.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

from asyncpg import InsufficientPrivilegeError, InvalidAuthorizationSpecificationError, InvalidCatalogNameError
from sqlalchemy import Connection as SyncConnection
from sqlalchemy import NullPool, insert, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.util import greenlet_spawn

from scopekeeper.settings import PostgresDatabase
from scopekeeper.store.postgres.catalog import PostgresCatalog
from scopekeeper.store.postgres.connection import LONGEST, Connection, connect, statements_to_keep
from scopekeeper.store.postgres.errors import DRIVER, reason_of
from scopekeeper.store.postgres.hosts import each_of
from scopekeeper.store.preparation import prepare
from scopekeeper.store.schema import MIGRATIONS, WAIT, Migrated, Migrations, SchemaError, mismatch, upgraded
from scopekeeper.store.shapes import Shape
from scopekeeper.store.tables import PROCESSES, changes, processes, schema

T = TypeVar("T")

LOCK: Final = 0x534B5052
"""What is locked while tables are made or changed: "SKPR"."""

OURS: Final = frozenset({"alembic_version", "changes", "processes", "signing_keys"})
"""By which a database of Scopekeeper is known."""

MOVE: Final = "move"
"""The table that is there as long as a move into the database is not finished."""

_TABLES: Final = """
SELECT t.relname FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE n.nspname = current_schema() AND t.relkind IN ('r', 'p')
"""

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
    return apart(lambda: _version_of(database))


def ready(database: PostgresDatabase) -> int:
    """See that the database has the schema that this program needs; how many statements its connections keep.

    Raises SchemaError.
    """
    return apart(lambda: _ready(database))


def migrate(database: PostgresDatabase, migrations: Migrations = MIGRATIONS, *, create: bool) -> Migrated:
    """Bring the database to the newest schema, alone, in one transaction. Raises SchemaError.

    An empty one is made only with `create`.
    """
    return apart(lambda: _migrate(database, migrations, create))


def prepare_postgres(database: PostgresDatabase, shapes: Iterable[Shape]) -> None:
    """Make every module's table what its shape says, in one transaction. Raises Misfit, SchemaError."""
    apart(lambda: _prepare(database, list(shapes)))


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


async def _version_of(database: PostgresDatabase) -> str | None:
    async with opened(database) as connection, connection.transaction():
        return await version_in(connection, database)


async def _ready(database: PostgresDatabase) -> int:
    async with opened(database) as connection:
        async with connection.transaction():
            version = await version_in(connection, database)
        if version is None:
            raise SchemaError(f"{database} is empty: run `scopekeeper migrate` once")
        if version != MIGRATIONS.head:
            raise SchemaError(mismatch(database, version, MIGRATIONS))
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
    return str(await connection.fetchval("SELECT version_num FROM alembic_version"))


async def tables_in(connection: Connection) -> frozenset[str]:
    """The names of all tables in the schema in which new ones are made."""
    return frozenset([name for (name,) in await connection.fetch(_TABLES)])


async def _migrate(database: PostgresDatabase, migrations: Migrations, create: bool) -> Migrated:
    from sqlalchemy.ext.asyncio import create_async_engine

    async with opened(database) as connection, connection.transaction():
        version = await version_in(connection, database)
    if version == migrations.head:
        return Migrated(version, version, None)
    if version is None and not create:
        raise SchemaError(f"{database} is empty: run `scopekeeper migrate` once")
    if version is not None and version not in migrations.revisions:
        raise SchemaError(mismatch(database, version, migrations))
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: connect(database),
        poolclass=NullPool,
        connect_args={"prepared_statement_cache_size": 0, "prepared_statement_name_func": lambda: ""},
    )
    async with opened(database):  # tells what goes wrong
        try:
            async with engine.begin() as whole:
                await whole.execute(text(f"SET LOCAL lock_timeout = {round(WAIT * 1000)}"))
                await whole.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
                return await whole.run_sync(lambda sync: _brought_up(sync, database, migrations))
        except DBAPIError as error:
            cause = getattr(error.orig, "__cause__", None)
            if isinstance(cause, InsufficientPrivilegeError):
                raise cause from None
            reason = reason_of(cause) if cause is not None else str(error.orig).partition("\n")[0]
            raise SchemaError(f"{database} cannot be migrated to {migrations.head}: {reason}") from None
        finally:
            await engine.dispose()


def _brought_up(connection: SyncConnection, database: PostgresDatabase, migrations: Migrations) -> Migrated:
    tables = {name for (name,) in connection.execute(text(_TABLES))}
    was = str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()) if tables else None
    if was is None:
        _fill(connection)
    if (was or MIGRATIONS.head) != migrations.head:
        upgraded(connection, str(database), migrations)
    return Migrated(was, migrations.head, None)


def _fill(connection: SyncConnection) -> None:
    """All tables, with the rows that every database begins with."""
    schema.create_all(connection)
    connection.execute(insert(changes), {"id": 1, "number": 1})
    free = [
        {"number": number, "holder": None, "since_milliseconds": 0, "until_milliseconds": 0}
        for number in range(PROCESSES)
    ]
    connection.execute(insert(processes), free)
    connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    connection.execute(text("INSERT INTO alembic_version VALUES (:version)"), {"version": MIGRATIONS.head})


async def _prepare(database: PostgresDatabase, shapes: list[Shape]) -> None:
    async with opened(database) as connection, connection.transaction():
        await connection.execute(f"SELECT pg_advisory_xact_lock({LOCK})")
        await greenlet_spawn(prepare, PostgresCatalog(connection), _in_order(shapes))


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
