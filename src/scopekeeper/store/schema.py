"""Which schema a database has, and how it gets the one that this program needs.

A new database is made from `tables.py` at once. One of an earlier version is copied, then brought up to date by
Alembic, which is imported only then: it costs a third of a second. A test holds the two ways to the same schema. Which
program may open which database is said in `revisions.py`.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import text

from scopekeeper.services.moment import MOST
from scopekeeper.store.connection import APPLICATION_ID, connect, make_file
from scopekeeper.store.copies import BackupError, backup
from scopekeeper.store.creation import fill
from scopekeeper.store.revisions import FIRST, HEAD, MIGRATIONS, Migrations, SchemaError, Standing
from scopekeeper.store.tables import SET_ASIDE

if TYPE_CHECKING:
    from sqlalchemy import Connection

WAIT: Final = 30.0
"""Seconds that whoever makes or migrates a schema waits for another process that is at it."""

_AT_WORK: Final = """
SELECT holder, knows, until_milliseconds FROM processes
WHERE holder IS NOT NULL AND holder <> :set_aside AND until_milliseconds >= :now
"""


@dataclass(frozen=True, slots=True)
class Migrated:
    """What a migration did: from which schema (None: there was none) to which, and where the copy from before is."""

    was: str | None
    now: str
    copy: Path | None


def version_of(path: Path) -> str | None:
    """The schema version of the database, or None where there is no database yet. Raises SchemaError."""
    standing = standing_of(path)
    return None if standing is None else standing.version


def standing_of(path: Path) -> Standing | None:
    """What the database says of its schema, or None where there is no database yet. Raises SchemaError."""
    if not path.exists() or path.stat().st_size == 0:
        return None
    with _opened(path, read_only=True) as connection:
        return _standing(connection, path)


def ready(path: Path) -> None:
    """See that there is a database with the schema that this program needs; make one where there is none.

    Raises SchemaError for a database of another version, on which this program does not work.
    """
    standing = standing_of(path)
    if standing is None:
        _create(path)
    else:
        MIGRATIONS.require(standing, path)


def migrate(
    path: Path, migrations: Migrations = MIGRATIONS, *, keep_copy: bool = True, contract: bool = False
) -> Migrated:
    """Bring the database to the schema that this program needs, alone, in one transaction, after a copy.

    Steps that contract, and that are not needed, are carried out only with `contract`. A newer database that lets this
    program work stays as it is. Raises SchemaError.
    """
    standing = standing_of(path)
    if standing is None:
        _create(path)
        standing = Standing(HEAD)
        if migrations.head == HEAD:
            return Migrated(None, HEAD, None)
    if (done := nothing_to_do(standing, path, migrations, contract=contract)) is not None:
        return done
    return _migrate(path, standing.version, migrations, keep_copy, contract)


def nothing_to_do(standing: Standing, database: object, migrations: Migrations, *, contract: bool) -> Migrated | None:
    """What a migration did where there is nothing to be done, or None where there is. Raises SchemaError."""
    version = standing.version
    if version not in migrations.revisions:
        migrations.require(standing, database)
    elif version != migrations.goal(version, contract=contract):
        return None
    return Migrated(version, version, None)


def _migrate(path: Path, version: str, migrations: Migrations, keep_copy: bool, contract: bool) -> Migrated:
    if not keep_copy:
        return _brought_on(path, migrations, None, contract)
    copy = _copied(path, migrations.goal(version, contract=contract))  # beforehand: nobody's writes wait for it
    done = None
    try:
        done = _brought_on(path, migrations, copy, contract)
        return done
    finally:
        if done is None or done.copy is None:
            copy.unlink()


def _brought_on(path: Path, migrations: Migrations, copy: Path | None, contract: bool) -> Migrated:
    from sqlalchemy.exc import DBAPIError

    with _opened(path) as file:
        try:
            return _in_one_transaction(file, path, migrations, copy, contract)
        except DBAPIError as error:  # somebody else writes all the time, or the disk is full
            raise SchemaError(f"{path} cannot be migrated: {error.orig}") from error


def _in_one_transaction(
    file: sqlite3.Connection, path: Path, migrations: Migrations, copy: Path | None, contract: bool
) -> Migrated:
    from sqlalchemy import StaticPool, create_engine

    engine = create_engine("sqlite://", creator=lambda: file, poolclass=StaticPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN EXCLUSIVE")
        standing = _standing(file, path)
        assert standing is not None
        done = nothing_to_do(standing, path, migrations, contract=contract)
        if done is not None:  # another process came first
            return done
        now = upgraded(connection, path, migrations, standing.version, contract=contract)
        connection.commit()
    return Migrated(standing.version, now, copy)


def _copied(path: Path, revision: str) -> Path:
    copy = path.with_name(f"{path.name}.before-{revision}")
    for again in count(2):
        if not copy.exists():
            try:
                backup(path, copy)
            except BackupError as refused:
                if not copy.exists():  # else somebody else took the name meanwhile
                    raise SchemaError(f"no copy could be made before migrating: {refused}") from refused
            else:
                return copy
        copy = path.with_name(f"{path.name}.before-{revision}-{again}")
    raise AssertionError("there is always another name")


def _create(path: Path) -> None:
    """A new database; nothing is done where another process has just made it."""
    make_file(path)
    with _opened(path) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        if _standing(connection, path) is None:
            fill(connection)
        connection.execute("COMMIT")


@contextmanager
def _opened(path: Path, *, read_only: bool = False) -> Iterator[sqlite3.Connection]:
    try:
        with closing(connect(path, wait=WAIT, read_only=read_only)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise SchemaError(f"{path} cannot be opened as a database: {error}") from error


def _standing(connection: sqlite3.Connection, path: Path) -> Standing | None:
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:
        return None
    (marked,) = connection.execute("PRAGMA application_id").fetchone()
    if marked != APPLICATION_ID:
        raise SchemaError(f"{path} is no database of Scopekeeper")
    # All columns: a database from before 0009 has no second one. Later ones come behind it.
    version, *told = connection.execute("SELECT * FROM alembic_version").fetchone()
    return Standing(str(version), *told[:1])


def upgraded(
    connection: "Connection", database: object, migrations: Migrations, version: str, *, contract: bool
) -> str:
    """Carry out the steps that are missing, in the transaction that is open; the last one. Raises SchemaError.

    The database says from then on which programs it lets work. No step contracts while an older one is at work.
    """
    goal = migrations.goal(version, contract=contract)
    _carry_out(connection, database, migrations, goal)
    works_from = migrations.works_from(goal)
    if works_from is not None:
        connection.execute(text("UPDATE alembic_version SET works_from = :it"), {"it": works_from})
        if works_from != FIRST:
            _require_nobody_older(connection, database, migrations, goal)
    return goal


def _require_nobody_older(connection: "Connection", database: object, migrations: Migrations, goal: str) -> None:
    """See that all who are at work go on working at this step. Raises SchemaError."""
    if connection.dialect.name == "postgresql":
        # Whoever takes a number meanwhile waits, and then finds what is left behind here. A file is locked as a whole.
        connection.execute(text("LOCK TABLE processes IN SHARE MODE"))
    now = time.time_ns() // 1_000_000 - MOST  # our clock may be ahead of theirs by so much
    for holder, knows, until in connection.execute(text(_AT_WORK), {"set_aside": SET_ASIDE, "now": now}):
        if migrations.is_too_old(knows, goal):
            who, seconds = holder.rpartition(":")[0] or holder, (until - now) // 1000 + 1
            raise SchemaError(
                f"{database} cannot be migrated to {goal}: {who} uses it, whose program is older "
                f"({knows or f'before {FIRST}'}): bring that to this version, or stop it (if it was killed, wait "
                f"{seconds} seconds)"
            )


def _carry_out(connection: "Connection", database: object, migrations: Migrations, goal: str) -> None:
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
        command.upgrade(config, goal)
    except (SQLAlchemyError, CommandError) as error:
        reason = str(error).partition("\n")[0]
        raise SchemaError(f"{database} cannot be migrated to {goal}: {reason}") from error
