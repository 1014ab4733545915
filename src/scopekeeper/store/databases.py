"""What can be done with a database, whichever it is. What is of PostgreSQL is imported only where it is needed."""

from pathlib import Path

from scopekeeper.settings import Database, SqliteFile
from scopekeeper.store import copies, restoration, schema
from scopekeeper.store.examine import Examined, examine
from scopekeeper.store.revisions import MIGRATIONS, SchemaError, Standing
from scopekeeper.store.schema import Migrated
from scopekeeper.store.sql import SqlStore
from scopekeeper.store.sqlite import open_sqlite


def open_store(database: Database) -> SqlStore:
    """Open the store. Raises SchemaError where the database cannot be used as it is.

    SQLite's is made where there is none; PostgreSQL's wants `migrate` once.
    """
    if isinstance(database, SqliteFile):
        return open_sqlite(database.path)
    from scopekeeper.store.postgres.store import open_postgres

    return open_postgres(database)


def brought_up_to_date(database: Database, *, create: bool, contract: bool = False) -> Migrated:
    """Bring the database to the schema that this program needs, before a server listens, or because somebody says so.

    An empty one of PostgreSQL is made only with `create`; what only older programs needed goes only with `contract`.
    A newer one that lets this program work stays as it is. Raises SchemaError.
    """
    if isinstance(database, SqliteFile):
        return schema.migrate(database.path, contract=contract)
    from scopekeeper.store.postgres.schema import migrate

    return migrate(database, create=create, contract=contract)


def standing_of(database: Database) -> Standing | None:
    """What the database says of its schema, or None where there is none yet. Raises SchemaError."""
    if isinstance(database, SqliteFile):
        return schema.standing_of(database.path)
    from scopekeeper.store.postgres.schema import standing_of as standing_of_postgres

    return standing_of_postgres(database)


def require_fit(database: Database) -> None:
    """See that the database lets this program work, whatever became of it since it was opened. Raises SchemaError."""
    standing = standing_of(database)
    if standing is None:
        raise SchemaError(f"{database} is empty")
    MIGRATIONS.require(standing, database)


def version_of(database: Database) -> str | None:
    """The schema version of the database, or None where there is none yet. Raises SchemaError."""
    standing = standing_of(database)
    return None if standing is None else standing.version


def backup(database: Database, target: Path) -> None:
    """Copy the database to a new file, while it is in use. Raises BackupError, SchemaError."""
    if isinstance(database, SqliteFile):
        copies.backup(database.path, target)
        return
    from scopekeeper.store.postgres.dump import dump

    dump(database, target)


def restore(file: Path, database: Database) -> Path | None:
    """Put a copy in the place of the database; where the one that was there is kept, if there was one.

    PostgreSQL's is put into an empty one. Raises BackupError, SchemaError.
    """
    if isinstance(database, SqliteFile):
        return restoration.restore(file, database.path)
    from scopekeeper.store.postgres.dump import put_back

    put_back(file, database)
    return None


def looked_at(database: Database) -> tuple[Examined, ...]:
    """Look at every page and every reference of it. PostgreSQL sees to its own: there it is asked whether it answers.

    Raises SchemaError.
    """
    if isinstance(database, SqliteFile):
        return examine(database.path)
    return (Examined(True, f"{database} answers, with schema {version_of(database)}"),)
