"""The store on one SQLite file. Other processes may use the file at the same time."""

import os
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Final

from sqlalchemy import Dialect

from scopekeeper.services.ports import Unavailable
from scopekeeper.store.connection import DIALECT, connect
from scopekeeper.store.reader import Reader
from scopekeeper.store.schema import WAIT as MIGRATION_WAIT
from scopekeeper.store.schema import ready
from scopekeeper.store.shapes import Shape
from scopekeeper.store.sql import SqlStore
from scopekeeper.store.sqlite_catalog import prepare_sqlite
from scopekeeper.store.sqlite_transaction import SqliteTransaction
from scopekeeper.store.statements import statements_in
from scopekeeper.store.writer import Writer

WAIT: Final = 5.0
"""Seconds that a group waits for another process's write lock before it is Unavailable."""


def open_sqlite(path: Path, *, wait: float = WAIT) -> SqlStore:
    """Open the database at this path, or make it. Raises SchemaError where it does not let this program work."""
    ready(path)
    return SqlStore(SqliteFileEngine(path, wait))


class SqliteFileEngine:
    """Implements `Engine`: reads on the event loop, one writer that commits in groups."""

    dialect: Final[Dialect] = DIALECT

    def __init__(self, path: Path, wait: float) -> None:
        self._path = path
        self._file = _file_at(path)
        self.sql: Final = statements_in(DIALECT)
        self.writer: Final = Writer(SqliteTransaction(connect(path, wait=wait), self.sql))
        self.reader: Final = Reader(path)

    def prepare(self, shapes: Iterable[Shape]) -> frozenset[str]:
        with closing(connect(self._path, wait=MIGRATION_WAIT)) as connection:
            return prepare_sqlite(connection, shapes)

    def require_same(self) -> None:
        if _file_at(self._path) != self._file:  # what is written from now on would be found by nobody
            raise Unavailable("the database file was removed or replaced: start the server anew")

    def hear(self, heard: Callable[[], None]) -> None:
        """A file tells nobody: what other processes change is found by looking."""

    async def close(self) -> None:
        await self.writer.close()
        await self.reader.close()


def _file_at(path: Path) -> tuple[int, int] | None:
    """Which file bears this name now; None where none does."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
