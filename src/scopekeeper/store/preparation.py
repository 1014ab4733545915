"""The modules' tables, made or extended when the house opens.

A table that is not there is made; a field that is new gets its column, if rows that are there already can have a value
for it. A column that no field has stays, if rows that are new can be without a value for it: a newer node has made it,
or an older one goes on using it. Whatever else differs is refused: nobody guesses what is to become of data.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import Column, Dialect
from sqlalchemy.schema import CreateColumn, CreateIndex, CreateTable
from sqlalchemy.sql.elements import ClauseElement

from scopekeeper.store.rows import Row
from scopekeeper.store.shapes import Misfit, Shape
from scopekeeper.store.statement import Statement


@dataclass(frozen=True, slots=True)
class Described:
    """A column as it is."""

    type: str
    """In the words in which a table is made."""
    filled: bool
    """May it not be empty?"""
    key: bool
    spare: bool = field(default=False, compare=False)
    """May a new row leave it out?"""

    def __str__(self) -> str:
        return self.type + (" (the key)" if self.key else "" if self.filled else " or nothing")


Reference = tuple[str, str, str]
"""The table and the key that a column refers to, and what is done when that row goes."""


class Catalog(Protocol):
    """What there is in a database."""

    @property
    def dialect(self) -> Dialect:
        """The database's words."""
        ...

    def columns(self, table: str) -> Mapping[str, Described]:
        """The columns of a table by their names; none where there is no such table."""
        ...

    def references(self, table: str) -> Mapping[str, Reference]:
        """What its columns refer to."""
        ...

    def has_index(self, name: str) -> bool:
        """Is there an index of this name?"""
        ...

    def execute(self, text: str) -> None:
        """Change what there is."""
        ...

    def insert(self, statement: Statement, rows: Sequence[Row]) -> None:
        """Insert these, whose values stand in the order of the columns."""
        ...

    def rows(self, text: str, places: Row) -> Sequence[Row]:
        """The rows that a statement finds."""
        ...

    def hold(self, table: str) -> None:
        """Let nobody else write to the table until the transaction ends."""
        ...


def prepare(catalog: Catalog, shapes: Iterable[Shape], *, whole: bool = False, indexes: bool = True) -> None:
    """Make every table what its shape says, in the transaction that is open. Raises Misfit.

    With `whole` no table may have more than its shape says. Without `indexes`, those of tables that are there already
    are left to whoever asks.
    """
    for shape in shapes:
        for statement in _Changes(catalog, shape, whole, indexes).statements():
            catalog.execute(statement)


class _Changes:
    """What is to be done so that a table is what its shape says."""

    def __init__(self, catalog: Catalog, shape: Shape, whole: bool, indexes: bool) -> None:
        self._catalog = catalog
        self._dialect = catalog.dialect
        self._shape = shape
        self._name = shape.table.name
        self._whole = whole
        self._indexes = indexes

    def statements(self) -> Iterator[str]:
        core = self._shape.core
        there = self._catalog.columns(core.name)
        if there:
            yield from self._extension(there)
            if not self._indexes:
                return
        else:
            yield self._text(CreateTable(core))
        for index in sorted(core.indexes, key=lambda each: str(each.name)):
            if not self._catalog.has_index(str(index.name)):
                yield self._text(CreateIndex(index))

    def _extension(self, there: Mapping[str, Described]) -> Iterator[str]:
        name, core = self._name, self._shape.core
        if more := sorted(there.keys() - core.c.keys()):
            self._require_spare(there, more)
        references = self._catalog.references(core.name)
        for column in core.c:
            if column.name not in there:
                yield self._addition(column)
            elif there[column.name] != (want := self._described(column)):
                raise Misfit(f"the data of {name} has {column.name!r} as {there[column.name]}, not {want}")
            elif references.get(column.name) != _reference(column):
                raise Misfit(
                    f"the data of {name} has {column.name!r}, which refers to something else than its table says"
                )

    def _require_spare(self, there: Mapping[str, Described], more: Sequence[str]) -> None:
        """See that we can leave alone these columns, which no field has. Raises Misfit."""
        for each in more:
            if self._whole or not there[each].spare:
                raise Misfit(f"the data of {self._name} has {each!r}, which its record does not have")
        # Nodes of one version have a field more, or less, than those of another. Both at once is a field renamed.
        if less := sorted(self._shape.core.c.keys() - there.keys()):
            raise Misfit(
                f"the data of {self._name} has {more[0]!r} and lacks {less[0]!r}: is it renamed? A field goes in one "
                "version, and another comes in the next"
            )

    def _addition(self, column: Column[Any]) -> str:
        if not column.nullable and column.server_default is None:
            raise Misfit(f"{self._name}: the new field {column.name!r} needs a default, for the rows that are there")
        table = self._quoted(self._shape.core.name)
        addition = f"ALTER TABLE {table} ADD COLUMN {self._text(CreateColumn(column))}"
        reference = _reference(column)
        if reference is None:
            return addition
        if column.server_default is not None:
            raise Misfit(f"{self._name}: the new field {column.name!r} refers to a row, so its default must be None")
        above, key, on_removal = reference
        return f"{addition} REFERENCES {self._quoted(above)} ({self._quoted(key)}) ON DELETE {on_removal}"

    def _described(self, column: Column[Any]) -> Described:
        return Described(column.type.compile(dialect=self._dialect), not column.nullable, column.primary_key)

    def _quoted(self, name: str) -> str:
        return self._dialect.identifier_preparer.quote(name)

    def _text(self, element: ClauseElement) -> str:
        return str(element.compile(dialect=self._dialect)).strip()


def _reference(column: Column[Any]) -> Reference | None:
    for key in column.foreign_keys:
        return key.column.table.name, key.column.name, str(key.ondelete)
    return None
