"""Connections to one SQLite file: durable, private, and never shut against other processes."""

import os
import sqlite3
import time
from pathlib import Path
from typing import Final

from sqlalchemy import Dialect
from sqlalchemy.dialects import sqlite

from scopekeeper.services.ports import Unavailable

DIALECT: Final[Dialect] = sqlite.dialect()

APPLICATION_ID: Final = 0x534B5052
"""What marks a file as a Scopekeeper database (`PRAGMA application_id`): "SKPR"."""

_STATEMENTS_KEPT: Final = 512

_PAUSE: Final = 0.01
"""Seconds between two tries."""

_LARGEST_LOG: Final = 64 * 1024 * 1024
"""Bytes to which the write-ahead log is cut again after somebody kept it from being written back (a long copy)."""


def make_file(path: Path) -> None:
    """See that the file is there, with mode 0600, in a folder that is made with mode 0700.

    SQLite gives its companions (`-wal`, `-shm`) the mode of the file.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def connect(path: Path, *, wait: float, read_only: bool = False) -> sqlite3.Connection:
    """A connection that commits by itself unless told to begin, and waits up to `wait` seconds for a lock.

    WAL lets readers and the writer be at work at once; FULL puts every commit on the disk before it returns.
    """
    connection = sqlite3.connect(
        path, timeout=wait, isolation_level=None, check_same_thread=False, cached_statements=_STATEMENTS_KEPT
    )
    connection.execute("PRAGMA foreign_keys = ON")
    if read_only:
        connection.execute("PRAGMA query_only = ON")
        return connection
    _use_wal(connection, wait)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA journal_size_limit = {_LARGEST_LOG}")
    connection.execute("PRAGMA fullfsync = ON")  # macOS: else its fsync stops at the disk's own memory
    return connection


def _use_wal(connection: sqlite3.Connection, wait: float) -> None:
    """Let the file have a write-ahead log. SQLite does not wait by itself while another process is giving it one."""
    end = time.monotonic() + wait
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if not busy(error) or time.monotonic() >= end:
                raise
            time.sleep(_PAUSE)
        else:
            return


def told(error: Exception) -> Exception:
    """What the services hear of an error: Unavailable where the database cannot be asked or written, else a bug.

    What is no error of the database is told as it is.
    """
    if not isinstance(error, sqlite3.Error):
        return error
    if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT:
        return Unavailable("this search takes too long: ask for less")
    if isinstance(error, sqlite3.OperationalError) or type(error) is sqlite3.DatabaseError:
        return Unavailable(f"the database says: {error}")
    return AssertionError(f"the database refused a statement: {error}")


def busy(error: sqlite3.Error) -> bool:
    """Did it fail only because somebody holds a lock?"""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
