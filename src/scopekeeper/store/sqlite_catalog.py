"""What there is in a SQLite file."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy import Dialect

from scopekeeper.store.connection import DIALECT
from scopekeeper.store.linking import make_link_tables
from scopekeeper.store.preparation import Described, Reference, prepare
from scopekeeper.store.rows import Row
from scopekeeper.store.shapes import Shape
from scopekeeper.store.statement import Statement


def prepare_sqlite(connection: sqlite3.Connection, shapes: Iterable[Shape]) -> frozenset[str]:
    """Make every table what its shape says, all in one transaction; which link tables are not there.

    Raises Misfit, with nothing changed.
    """
    catalog, told = SqliteCatalog(connection), list(shapes)
    connection.execute("BEGIN IMMEDIATE")
    try:
        prepare(catalog, told)
        missing = make_link_tables(catalog, told)
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    return missing


class SqliteCatalog:
    """Implements `Catalog`."""

    dialect: Final[Dialect] = DIALECT

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def columns(self, table: str) -> Mapping[str, Described]:
        rows = self._connection.execute(
            'SELECT name, type, "notnull", pk, dflt_value FROM pragma_table_info(?)', (table,)
        )
        return {
            name: Described(type_, bool(filled), bool(key), spare=not key and (not filled or default is not None))
            for name, type_, filled, key, default in rows
        }

    def references(self, table: str) -> Mapping[str, Reference]:
        rows = self._connection.execute(
            'SELECT "from", "table", "to", on_delete FROM pragma_foreign_key_list(?)', (table,)
        )
        return {name: (target, key, on_removal) for name, target, key, on_removal in rows}

    def has_index(self, name: str) -> bool:
        found = self._connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'index' AND name = ?", (name,))
        return found.fetchone() is not None

    def execute(self, text: str) -> None:
        self._connection.execute(text)

    def insert(self, statement: Statement, rows: Sequence[Row]) -> None:
        self._connection.executemany(statement.text, rows)

    def rows(self, text: str, places: Row) -> Sequence[Row]:
        return self._connection.execute(text, places).fetchall()

    def hold(self, table: str) -> None:
        """The transaction lets nobody else write anything."""
