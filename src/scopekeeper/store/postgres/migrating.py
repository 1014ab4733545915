"""The one transaction in which a PostgreSQL database gets its tables, or is brought on to a later schema."""

from typing import TYPE_CHECKING, Final

from asyncpg import DeadlockDetectedError, InsufficientPrivilegeError, LockNotAvailableError
from sqlalchemy import Connection as SyncConnection
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

from scopekeeper.settings import PostgresDatabase
from scopekeeper.store.creation import VERSIONED
from scopekeeper.store.postgres.errors import reason_of
from scopekeeper.store.postgres.locking import BRIEF, LOCK
from scopekeeper.store.revisions import HEAD, MIGRATIONS, Migrations, SchemaError, Standing
from scopekeeper.store.schema import WAIT, Migrated, nothing_to_do, upgraded
from scopekeeper.store.tables import PROCESSES, changes, processes, schema

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

TABLES: Final = """
SELECT t.relname FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE n.nspname = current_schema() AND t.relkind IN ('r', 'p')
"""

STANDING: Final = "SELECT version_num, to_jsonb(said) ->> 'works_from' FROM alembic_version AS said"
"""The version, and beside it nothing where the database is from before 0009 and has no such column."""


async def once(engine: "AsyncEngine", database: PostgresDatabase, migrations: Migrations, contract: bool) -> Migrated:
    """Try to migrate. Raises SchemaError, and what the driver raises where a lock or a right is missing."""
    try:
        async with engine.begin() as whole:
            await whole.execute(text(f"SET LOCAL lock_timeout = {round(WAIT * 1000)}"))
            await whole.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
            await whole.execute(text(f"SET LOCAL lock_timeout = '{BRIEF}'"))
            return await whole.run_sync(lambda sync: _brought_up(sync, database, migrations, contract))
    except (DBAPIError, SchemaError) as error:
        cause = _cause_of(error)
        if isinstance(cause, InsufficientPrivilegeError | LockNotAvailableError | DeadlockDetectedError):
            raise cause from None
        if isinstance(error, SchemaError):
            raise
        reason = reason_of(cause) if cause is not None else str(error.orig).partition("\n")[0]
        raise SchemaError(f"{database} cannot be migrated to {migrations.head}: {reason}") from None


def _cause_of(error: BaseException) -> Exception | None:
    """What the driver raised, under what SQLAlchemy and Alembic made of it."""
    told = error if isinstance(error, DBAPIError) else error.__cause__
    cause = getattr(told.orig, "__cause__", None) if isinstance(told, DBAPIError) else None
    return cause if isinstance(cause, Exception) else None


def _brought_up(
    connection: SyncConnection, database: PostgresDatabase, migrations: Migrations, contract: bool
) -> Migrated:
    was = None
    if {name for (name,) in connection.execute(text(TABLES))}:
        version, works_from = connection.execute(text(STANDING)).one()
        standing = Standing(version, works_from)
        if (done := nothing_to_do(standing, database, migrations, contract=contract)) is not None:
            return done  # another process came first
        was = version
    else:
        _fill(connection)
    now = was or HEAD
    if now != migrations.goal(now, contract=contract):
        now = upgraded(connection, str(database), migrations, now, contract=contract)
    return Migrated(was, now, None)


def _fill(connection: SyncConnection) -> None:
    """All tables, with the rows that every database begins with."""
    schema.create_all(connection)
    connection.execute(insert(changes), {"id": 1, "number": 1})
    free = [
        {"number": number, "holder": None, "since_milliseconds": 0, "until_milliseconds": 0}
        for number in range(PROCESSES)
    ]
    connection.execute(insert(processes), free)
    connection.execute(text(VERSIONED))
    said = {"version": HEAD, "works_from": MIGRATIONS.works_from(HEAD)}
    connection.execute(text("INSERT INTO alembic_version VALUES (:version, :works_from)"), said)
