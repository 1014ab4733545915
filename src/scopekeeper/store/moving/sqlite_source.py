"""A SQLite file that is moved: held with its write lock, so that it stays what it is for as long as it is read."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from msgspec.msgpack import Encoder
from sqlalchemy import LargeBinary

from scopekeeper.store.connection import DIALECT, busy, connect
from scopekeeper.store.moving.cargo import Cargo, MoveError, cargo_of
from scopekeeper.store.moving.ends import Key, Lessee
from scopekeeper.store.moving.values import refused, sound
from scopekeeper.store.revisions import SchemaError
from scopekeeper.store.rows import Row
from scopekeeper.store.schema import version_of
from scopekeeper.store.shapes import Shape
from scopekeeper.store.sqlite_catalog import SqliteCatalog
from scopekeeper.store.tables import SET_ASIDE

_WAIT: Final = 5.0
"""Seconds to wait for a write that is under way."""

_MOST_ROWS: Final = 5_000
_MOST_BYTES: Final = 4 << 20
_CHUNK: Final = 100
"""How much is read at once, and how many rows before it is looked how long they are."""

_packed: Final = Encoder().encode


class SqliteSource:
    """Implements `Source` on a connection that holds the write lock."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    async def version(self) -> str | None:
        return version_of(self._path)

    async def lessees(self) -> Sequence[Lessee]:
        found = self._connection.execute(
            "SELECT holder, until_milliseconds FROM processes WHERE holder IS NOT NULL AND holder <> ?", (SET_ASIDE,)
        )
        return [Lessee(holder, until) for holder, until in found]

    async def tables(self) -> frozenset[str]:
        found = self._connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        )
        return frozenset(name for (name,) in found)

    async def cargo(self, shapes: Mapping[str, Shape]) -> Sequence[Cargo]:
        return cargo_of(shapes, SqliteCatalog(self._connection))

    async def count(self, cargo: Cargo) -> int:
        ((count,),) = self._connection.execute(f'SELECT count(*) FROM "{cargo.name}"')  # noqa: S608 - of our own
        return int(count)

    async def dangling(self) -> str | None:
        found = self._connection.execute("PRAGMA foreign_key_check").fetchone()
        return None if found is None else str(found[0])

    async def batches(self, cargo: Cargo, behind: Key | None) -> AsyncIterator[Sequence[Row]]:
        while True:
            found: list[Row] = []
            size = 0
            for chunk in self._chunks(cargo, behind):
                found += chunk
                size += len(_packed(chunk))
                if size >= _MOST_BYTES:
                    break
            rows = sound(cargo, found)
            if not rows:
                return
            behind = cargo.key_of(rows[-1])
            yield rows
            await asyncio.sleep(0)  # whoever interrupts is heard

    def _chunks(self, cargo: Cargo, behind: Key | None) -> Iterator[list[Row]]:
        statement = cargo.reading(DIALECT, behind=behind is not None)
        places = (*(behind or ()), _MOST_ROWS)
        try:
            with closing(self._connection.execute(statement, places)) as cursor:
                while chunk := cursor.fetchmany(_CHUNK):
                    yield chunk
        except sqlite3.OperationalError as error:
            if "decode to UTF-8" in str(error):
                raise self._undecodable(cargo, statement, places) from None
            raise

    def _undecodable(self, cargo: Cargo, statement: str, places: Sequence[object]) -> MoveError:
        """Which text is none."""
        self._connection.text_factory = bytes
        try:
            for row in self._connection.execute(statement, places):
                for column, value in zip(cargo.columns, row, strict=True):
                    if isinstance(value, bytes) and not isinstance(column.type, LargeBinary) and not _is_utf_8(value):
                        key = [
                            each.decode(errors="replace") if isinstance(each, bytes) else each
                            for each in cargo.key_of(row)
                        ]
                        return refused(cargo, key, column.name, "holds bytes that are no UTF-8: mend them")
        finally:
            self._connection.text_factory = str
        return MoveError(f"{cargo.name} cannot be moved: it holds text that is no UTF-8")


@contextmanager
def held(path: Path) -> Iterator[SqliteSource]:
    """The file, to be read by us, and written by nobody, until the context ends. Raises MoveError, SchemaError."""
    if not path.exists():
        raise MoveError(f"there is no database at {path}")
    version_of(path)  # what is none of ours is not touched
    try:
        with closing(connect(path, wait=_WAIT)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield SqliteSource(connection, path)
            finally:
                connection.execute("ROLLBACK")
    except sqlite3.Error as error:
        if busy(error):
            raise MoveError(f"{path} is written to by another process: let it finish") from None
        raise SchemaError(f"{path} cannot be read: {error}") from error


def _is_utf_8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
