"""Copies of a database, made while it is in use: one moment of it, in a file of its own with mode 0600."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from scopekeeper.store.connection import connect

WAIT: Final = 10.0
"""Seconds to wait for a lock that somebody holds on either database."""

_PAUSE: Final = 0.05


class BackupError(Exception):
    """The copy cannot be made, or not be put back. The message is one line that says why."""


def backup(source: Path, target: Path) -> None:
    """Copy the database to a new file, which is whole or not there. Nobody who reads or writes it is kept waiting.

    Raises BackupError, for a target that exists too.
    """
    if not source.exists():
        raise BackupError(f"there is no database at {source}")
    try:
        with whole_or_not_there(target) as partial:
            copy(source, partial)
    except (sqlite3.Error, OSError) as error:
        raise BackupError(f"{source} cannot be copied to {target}: {error}") from error


def copy(source: Path, target: Path, *, wait: float = WAIT) -> None:
    """Make the database `target` what `source` is, in one transaction. Raises sqlite3.Error."""
    tries_left = round(wait / _PAUSE)

    def give_up_in_the_end(status: int, _remaining: int, _total: int) -> None:
        nonlocal tries_left
        tries_left -= status != sqlite3.SQLITE_DONE
        if tries_left < 0:
            raise sqlite3.OperationalError("the database is locked by somebody else")

    with (
        closing(connect(source, wait=wait, read_only=True)) as original,
        closing(sqlite3.connect(target, timeout=wait, isolation_level=None)) as made,
    ):
        new = target.stat().st_size == 0
        original.backup(made, pages=-1, progress=give_up_in_the_end, sleep=_PAUSE)
        if new:
            made.execute("PRAGMA journal_mode = DELETE")  # one file, that can be read from where nothing can be written


@contextmanager
def whole_or_not_there(target: Path) -> Iterator[Path]:
    """An empty file to write, which bears the target's name once it is written. What fails inside leaves neither.

    Raises BackupError where one of the two exists already, OSError.
    """
    partial = target.with_name(f"{target.name}.partial-{os.getpid()}")
    try:
        _new_file(target)  # nobody else takes the name
        try:
            _new_file(partial)
            yield partial
            os.replace(partial, target)
        except BaseException:
            partial.unlink(missing_ok=True)
            target.unlink()
            raise
    except FileExistsError as error:
        raise BackupError(f"{error.filename} exists already") from error


def _new_file(path: Path) -> None:
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
