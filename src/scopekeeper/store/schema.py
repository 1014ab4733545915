"""Which schema a database has, and how it gets the one that this program needs.

A new database is made from `tables.py` at once. One of an earlier version is copied, then brought up to date by
Alembic, which is imported only then: it costs a third of a second. A test holds the two ways to the same schema.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scopekeeper.store.connection import APPLICATION_ID, connect, make_file
from scopekeeper.store.copies import BackupError, backup
from scopekeeper.store.creation import fill

if TYPE_CHECKING:
    from sqlalchemy import Connection

WAIT: Final = 30.0
"""Seconds that whoever makes or migrates a schema waits for another process that is at it."""


@dataclass(frozen=True, slots=True)
class Migrations:
    """The steps from schema to schema: their names, the oldest first, and where Alembic finds them."""

    revisions: tuple[str, ...]
    locations: tuple[str, ...]

    @property
    def head(self) -> str:
        return self.revisions[-1]


MIGRATIONS: Final = Migrations(
    ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008"), ("scopekeeper.store:migrations/versions",)
)
HEAD: Final = MIGRATIONS.head


class SchemaError(Exception):
    """The database cannot be used as it is. The message is one line that says why, and how to mend it."""


@dataclass(frozen=True, slots=True)
class Migrated:
    """What a migration did: from which schema (None: there was none) to which, and where the copy from before is."""

    was: str | None
    now: str
    copy: Path | None


def version_of(path: Path) -> str | None:
    """The schema version of the database, or None where there is no database yet. Raises SchemaError."""
    if not path.exists() or path.stat().st_size == 0:
        return None
    with _opened(path, read_only=True) as connection:
        return _version(connection, path)


def ready(path: Path) -> None:
    """See that there is a database with the schema that this program needs; make one where there is none.

    Raises SchemaError for a database of another version.
    """
    version = version_of(path)
    if version is None:
        _create(path)
    elif version != HEAD:
        raise SchemaError(mismatch(path, version, MIGRATIONS))


def migrate(path: Path, migrations: Migrations = MIGRATIONS, *, keep_copy: bool = True) -> Migrated:
    """Bring the database to the newest schema, alone, in one transaction, after a copy. Raises SchemaError."""
    version = version_of(path)
    if version is None:
        _create(path)
        version = HEAD
        if version == migrations.head:
            return Migrated(None, version, None)
    if version == migrations.head:
        return Migrated(version, version, None)
    if version not in migrations.revisions:
        raise SchemaError(mismatch(path, version, migrations))
    return _migrate(path, migrations, keep_copy)


def _migrate(path: Path, migrations: Migrations, keep_copy: bool) -> Migrated:
    from sqlalchemy import StaticPool, create_engine

    with _opened(path) as file:
        engine = create_engine("sqlite://", creator=lambda: file, poolclass=StaticPool)
        with engine.connect() as connection:
            connection.exec_driver_sql("BEGIN EXCLUSIVE")
            version = _version(file, path)
            if version == migrations.head:
                return Migrated(version, version, None)  # another process came first
            copy = _copied(path, migrations.head) if keep_copy else None
            try:
                upgraded(connection, path, migrations)
                connection.commit()
            except SchemaError:
                if copy is not None:
                    copy.unlink()
                raise
    return Migrated(version, migrations.head, copy)


def _copied(path: Path, revision: str) -> Path:
    copy = path.with_name(f"{path.name}.before-{revision}")
    for again in count(2):
        if not copy.exists():
            break
        copy = path.with_name(f"{path.name}.before-{revision}-{again}")
    try:
        backup(path, copy)
    except BackupError as refused:
        raise SchemaError(f"no copy could be made before migrating: {refused}") from refused
    return copy


def _create(path: Path) -> None:
    """A new database; nothing is done where another process has just made it."""
    make_file(path)
    with _opened(path) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        if _version(connection, path) is None:
            fill(connection, HEAD)
        connection.execute("COMMIT")


@contextmanager
def _opened(path: Path, *, read_only: bool = False) -> Iterator[sqlite3.Connection]:
    try:
        with closing(connect(path, wait=WAIT, read_only=read_only)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise SchemaError(f"{path} cannot be opened as a database: {error}") from error


def _version(connection: sqlite3.Connection, path: Path) -> str | None:
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:
        return None
    (marked,) = connection.execute("PRAGMA application_id").fetchone()
    if marked != APPLICATION_ID:
        raise SchemaError(f"{path} is no database of Scopekeeper")
    (version,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(version)


def mismatch(database: object, version: str, migrations: Migrations) -> str:
    """Why a database of this version cannot be used, and what to do."""
    if version in migrations.revisions:
        return f"{database} has schema {version}, this program needs {migrations.head}: run `scopekeeper migrate`"
    return f"{database} has schema {version}, which is newer than this program: install the newer program"


def upgraded(connection: "Connection", database: object, migrations: Migrations) -> None:
    """Carry out the steps that are missing, in the transaction that is open. Raises SchemaError."""
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError
    from sqlalchemy.exc import SQLAlchemyError

    config = Config()
    config.set_main_option("script_location", "scopekeeper.store:migrations")
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(migrations.locations))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, migrations.head)
    except (SQLAlchemyError, CommandError) as error:
        reason = str(error).partition("\n")[0]
        raise SchemaError(f"{database} cannot be migrated to {migrations.head}: {reason}") from error
