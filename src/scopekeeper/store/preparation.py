"""The modules' tables, made or extended when the house opens.

A table that is not there is made; a field that is new gets its column, if rows that are there already can have a value
for it. Whatever else differs is refused: nobody guesses what is to become of data.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Column
from sqlalchemy.schema import CreateColumn, CreateIndex, CreateTable
from sqlalchemy.sql.elements import ClauseElement

from scopekeeper.store.connection import DIALECT
from scopekeeper.store.shapes import Misfit, Shape


def prepare(connection: sqlite3.Connection, shapes: Iterable[Shape]) -> None:
    """Make every table what its shape says, all in one transaction. Raises Misfit, with nothing changed."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for shape in shapes:
            for statement in _statements(connection, shape):
                connection.execute(statement)
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _statements(connection: sqlite3.Connection, shape: Shape) -> Iterator[str]:
    there = _columns(connection, shape.core.name)
    if there:
        yield from _extension(connection, shape, there)
    else:
        yield _text(CreateTable(shape.core))
    for index in sorted(shape.core.indexes, key=lambda each: str(each.name)):
        yield _text(CreateIndex(index, if_not_exists=True))


def _extension(connection: sqlite3.Connection, shape: Shape, there: dict[str, tuple[str, bool, bool]]) -> Iterator[str]:
    name = shape.table.name
    if gone := sorted(there.keys() - shape.core.c.keys()):
        raise Misfit(f"the data of {name} has {gone[0]!r}, which its record no longer has")
    references = _references(connection, shape.core.name)
    for column in shape.core.c:
        if column.name not in there:
            yield _addition(shape, column)
        elif there[column.name] != (want := _described(column)):
            raise Misfit(f"the data of {name} has {column.name!r} as {_words(there[column.name])}, not {_words(want)}")
        elif references.get(column.name) != _reference(column):
            raise Misfit(f"the data of {name} has {column.name!r}, which refers to something else than its table says")


def _addition(shape: Shape, column: Column[Any]) -> str:
    if not column.nullable and column.server_default is None:
        raise Misfit(f"{shape.table.name}: the new field {column.name!r} needs a default, for the rows that are there")
    addition = f"ALTER TABLE {_quoted(shape.core.name)} ADD COLUMN {_text(CreateColumn(column))}"
    reference = _reference(column)
    if reference is None:
        return addition
    if column.server_default is not None:
        raise Misfit(f"{shape.table.name}: the new field {column.name!r} refers to a row, so its default must be None")
    table, key, on_removal = reference
    return f"{addition} REFERENCES {_quoted(table)} ({_quoted(key)}) ON DELETE {on_removal}"


def _columns(connection: sqlite3.Connection, table: str) -> dict[str, tuple[str, bool, bool]]:
    """Name to type, whether it may not be empty, and whether it is the key."""
    rows = connection.execute('SELECT name, type, "notnull", pk FROM pragma_table_info(?)', (table,))
    return {name: (type_, bool(not_null), bool(key)) for name, type_, not_null, key in rows}


def _described(column: Column[Any]) -> tuple[str, bool, bool]:
    return column.type.compile(dialect=DIALECT), not column.nullable, column.primary_key


def _references(connection: sqlite3.Connection, table: str) -> dict[str, tuple[str, str, str]]:
    """Column to the table and key that it refers to, and what is done when that row goes."""
    rows = connection.execute('SELECT "from", "table", "to", on_delete FROM pragma_foreign_key_list(?)', (table,))
    return {name: (target, key, on_removal) for name, target, key, on_removal in rows}


def _reference(column: Column[Any]) -> tuple[str, str, str] | None:
    for key in column.foreign_keys:
        return key.column.table.name, key.column.name, str(key.ondelete)
    return None


def _words(described: tuple[str, bool, bool]) -> str:
    type_, not_null, key = described
    return type_ + (" (the key)" if key else "" if not_null else " or nothing")


def _quoted(name: str) -> str:
    return DIALECT.identifier_preparer.quote(name)


def _text(element: ClauseElement) -> str:
    return str(element.compile(dialect=DIALECT)).strip()
