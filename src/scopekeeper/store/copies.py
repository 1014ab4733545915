"""Copies of a database, made while it is in use: one moment of it, in a file of its own with mode 0600."""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from scopekeeper.store.connection import connect

WAIT: Final = 10.0
"""Seconds to wait for a lock that somebody holds on either database."""

_PAUSE: Final = 0.05

PAGES: Final = 1_024
"""Pages, of 4 kB, that are copied in one go."""

_LONGEST_REST: Final = 0.25
_SETTLED: Final = 16 << 20
"""Bytes that are written before they are put on the disk: never so many that those who commit wait for them."""


class BackupError(Exception):
    """The copy cannot be made, or not be put back. The message is one line that says why."""


def backup(source: Path, target: Path) -> None:
    """Copy the database to a new file, which is whole or not there. Nobody who reads or writes it is kept waiting.

    It takes twice as long as the disk would need: what others write comes first.

    Raises BackupError, for a target that exists too.
    """
    if not source.exists():
        raise BackupError(f"there is no database at {source}")
    try:
        with whole_or_not_there(target) as partial:
            copy(source, partial, gently=True)
    except (sqlite3.Error, OSError) as error:
        raise BackupError(f"{source} cannot be copied to {target}: {error}") from error


def copy(source: Path, target: Path, *, wait: float = WAIT, gently: bool = False) -> None:
    """Make the database `target` what `source` is, in one transaction. Raises sqlite3.Error.

    `gently`: others are at work on the same disk, and come first.
    """
    new = target.stat().st_size == 0
    with (
        _between_steps(target, wait, gently=gently) as rest,
        closing(connect(source, wait=wait, read_only=True)) as original,
        closing(sqlite3.connect(target, timeout=wait, isolation_level=None)) as made,
    ):
        original.execute("BEGIN")
        original.execute("SELECT count(*) FROM sqlite_master").fetchone()  # from here on it is one moment of it
        original.backup(made, pages=PAGES, progress=rest, sleep=_PAUSE)
        if new:
            made.execute("PRAGMA journal_mode = DELETE")  # one file, that can be read from where nothing can be written


@contextmanager
def _between_steps(target: Path, wait: float, *, gently: bool) -> Iterator[Callable[[int, int, int], None]]:
    """What is called after each step: it lets others have the disk, and gives up where somebody holds a lock too long.

    What is written is put on the disk little by little: else it is all of it at once in the end, and every commit of
    others waits for it.
    """
    tries_left = round(wait / _PAUSE)
    done, began = 0, time.monotonic()

    def rest(status: int, remaining: int, total: int) -> None:
        nonlocal tries_left, done, began
        if status not in (sqlite3.SQLITE_OK, sqlite3.SQLITE_DONE):
            tries_left -= 1
            if tries_left < 0:
                raise sqlite3.OperationalError("the database is locked by somebody else")
            return
        if not gently:
            return
        if (written := target.stat().st_size) - done >= _SETTLED:
            os.fsync(file)
            done = written
        if remaining:
            time.sleep(min(_LONGEST_REST, time.monotonic() - began))
        began = time.monotonic()

    # Open as long as SQLite has it open: closing a file lets go of the locks that this process has on it.
    file = os.open(target, os.O_RDONLY)
    try:
        yield rest
    finally:
        os.close(file)


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
