"""A copy put back in the place of a database.

Where a sound database is, that is one transaction on it: a server that has it open sees it at once, and none goes on
writing to a file that is no longer there. What was there is kept aside.
"""

import os
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from scopekeeper.store.connection import connect, make_file
from scopekeeper.store.copies import WAIT, BackupError, backup, copy
from scopekeeper.store.revisions import SchemaError
from scopekeeper.store.schema import migrate, version_of

_LEAP: Final = 1 << 20
"""How far the number of changes leaps: beyond all that others can count up while the copy is put back."""

_COMPANIONS: Final = ("-wal", "-shm", "-journal")


def restore(file: Path, target: Path, *, wait: float = WAIT) -> Path | None:
    """Put a copy in the place of the database; where the one that was there is kept, if there was one.

    Raises BackupError, with nothing changed, where the copy is damaged, no database of Scopekeeper, or newer than what
    this program works on.
    """
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    prepared = target.with_name(f"{target.name}.restoring-{os.getpid()}")
    try:
        backup(file, prepared)
        _prepare(prepared)
        return _put(prepared, target, wait)
    except (SchemaError, sqlite3.Error, OSError) as error:
        reason = " ".join(str(error).replace(str(prepared), "it").split())
        raise BackupError(f"{file} cannot be put back: {reason}") from error
    finally:
        for end in ("", *_COMPANIONS):
            prepared.with_name(prepared.name + end).unlink(missing_ok=True)


def _prepare(copied: Path) -> None:
    """See that the copy is whole and ours, and bring it to a schema on which this program works."""
    if version_of(copied) is None:
        raise SchemaError("there is nothing in it")
    if (damage := _damage(copied)) is not None:
        raise SchemaError(f"it is damaged: {damage}")
    migrate(copied, keep_copy=False)


def _put(prepared: Path, target: Path, wait: float) -> Path | None:
    if not target.exists() or target.stat().st_size == 0:
        make_file(target)
        os.replace(prepared, target)
        return None
    aside = target.with_name(f"{target.name}.replaced-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}")
    if _damage(target) is None and version_of(target) == version_of(prepared):
        backup(target, aside)
        try:
            _go_on_behind(prepared, target)
            copy(prepared, target, wait=wait)
        except sqlite3.Error:
            aside.unlink()
            raise
        return aside
    for end in ("", *_COMPANIONS):
        if (companion := target.with_name(target.name + end)).exists():
            companion.rename(aside.with_name(aside.name + end))
    os.replace(prepared, target)
    return aside


def _damage(path: Path) -> str | None:
    """What is wrong with the file as a database, or None."""
    try:
        with closing(connect(path, wait=WAIT, read_only=True)) as connection:
            (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            if found == "ok" and connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
                return "a row refers to what is not there"
    except sqlite3.OperationalError:
        raise  # locked, or not to be opened: that says nothing of what is in it
    except sqlite3.DatabaseError as error:
        return str(error)
    return None if found == "ok" else str(found)


def _go_on_behind(prepared: Path, target: Path) -> None:
    """Let the copy go on where the database is: its changes are seen by every cache, and row ids do not run back."""
    with closing(connect(target, wait=WAIT, read_only=True)) as connection:
        ((number,),) = connection.execute("SELECT number FROM changes").fetchall()
        leases: Sequence[tuple[int, str | None, int, str | None, int]] = connection.execute(
            "SELECT until_milliseconds, holder, since_milliseconds, knows, number FROM processes"
        ).fetchall()
    with closing(connect(prepared, wait=WAIT)) as connection:
        connection.execute("BEGIN")
        connection.execute("UPDATE changes SET number = max(number, ?) + ?", (number, _LEAP))
        connection.executemany(
            "UPDATE processes SET until_milliseconds = max(until_milliseconds, ?), holder = ?, since_milliseconds = ?,"
            " knows = ? WHERE number = ?",
            leases,
        )
        connection.execute("COMMIT")
