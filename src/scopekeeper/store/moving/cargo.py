"""What is moved: a table, and those of its columns that the source has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Column, Dialect, bindparam, case, literal_column, select, tuple_
from sqlalchemy import Table as CoreTable

from scopekeeper.store.preparation import Catalog, Described, Reference, prepare
from scopekeeper.store.rows import Row
from scopekeeper.store.shapes import Shape
from scopekeeper.store.statement import ZERO, Statement
from scopekeeper.store.tables import SET_ASIDE, processes, schema


class MoveError(Exception):
    """The move cannot begin, or not go on. The message is one line that says why, and how to mend it."""


@dataclass(frozen=True, slots=True)
class Cargo:
    """One table, with what is moved of it. Its rows are read and written in the order of their keys."""

    table: CoreTable
    columns: tuple[Column[Any], ...]

    @property
    def name(self) -> str:
        return str(self.table.name)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(str(column.name) for column in self.columns)

    def key_of(self, row: Row) -> list[Any]:
        """The key of a row: numbers and strings."""
        return [value for column, value in zip(self.columns, row, strict=True) if column.primary_key]

    def reading(self, dialect: Dialect, *, behind: bool) -> str:
        """The statement that reads its rows, up to a number of them; with `behind` those behind a key.

        Its parameters are the values of that key, and the number.
        """
        key = [column for column in self.columns if column.primary_key]
        asked = select(*(_read(column) for column in self.columns)).order_by(*key)
        if behind:
            bound = [bindparam(f"key_{place}", type_=column.type) for place, column in enumerate(key)]
            asked = asked.where(tuple_(*key) > tuple_(*bound) if key[1:] else key[0] > bound[0])
        return str(asked.limit(bindparam("limit")).offset(ZERO).compile(dialect=dialect))


CORE: Final = tuple(Cargo(table, tuple(table.c)) for table in schema.sorted_tables)
"""The tables that every database has."""


def cargo_of(shapes: Mapping[str, Shape], catalog: Catalog) -> list[Cargo]:
    """The modules' tables that are there, with the columns that they have. Raises Misfit where they have others."""
    there = {shape.core.name: shape for shape in shapes.values() if catalog.columns(shape.core.name)}
    prepare(_Untouched(catalog), there.values(), whole=True)
    return [
        Cargo(shape.core, tuple(column for column in shape.core.c if column.name in catalog.columns(name)))
        for name, shape in sorted(there.items())
    ]


def _read(column: Column[Any]) -> Any:
    """A column as it is read: a process number is free where it arrives, and used no sooner than its lease ends."""
    if column is not processes.c.holder:
        return column
    return case((column == literal_column(f"'{SET_ASIDE}'"), column)).label(column.name)


class _Untouched:
    """A catalog that is asked, and in which nothing is changed."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self.dialect: Final = catalog.dialect

    def columns(self, table: str) -> Mapping[str, Described]:
        return self._catalog.columns(table)

    def references(self, table: str) -> Mapping[str, Reference]:
        return self._catalog.references(table)

    def has_index(self, name: str) -> bool:
        return self._catalog.has_index(name)

    def execute(self, text: str) -> None:
        """What would be changed is left as it is: where it arrives, the table is made as it has to be."""

    def insert(self, statement: Statement, rows: Sequence[Row]) -> None:
        """Nor is this done."""

    def rows(self, text: str, places: Row) -> Sequence[Row]:
        return self._catalog.rows(text, places)

    def hold(self, table: str) -> None:
        """Whoever moves holds all of it."""
