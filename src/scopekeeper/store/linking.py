"""The link tables, made when the house opens, and filled with what the rows that are there name.

They say nothing that those rows do not say: so they are not moved to another database, but made there.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Dialect, bindparam, delete, select
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.sql.elements import ClauseElement

from scopekeeper.sdk.reference import Named
from scopekeeper.store.link_tables import LinkStatements, LinkTable
from scopekeeper.store.preparation import Catalog
from scopekeeper.store.rows import Row
from scopekeeper.store.shapes import VERSION, Misfit, Shape
from scopekeeper.store.statement import ZERO, compiled

_AT_ONCE: Final = 500
"""Rows that are read at once."""


def make_link_tables(catalog: Catalog, shapes: Iterable[Shape]) -> frozenset[str]:
    """Make and fill every link table whose two ends are there, in the transaction that is open; which are not there.

    Raises Misfit where a row names what is not there.
    """
    made = {shape.table.name: shape for shape in shapes}
    return frozenset(
        each.core.name
        for shape in made.values()
        for each in shape.link_tables
        if not _is_made(catalog, shape, made.get(each.target), each)
    )


def _is_made(catalog: Catalog, shape: Shape, target: Shape | None, link: LinkTable) -> bool:
    there = bool(catalog.columns(link.core.name))
    if target is None:
        return there
    if not there:
        catalog.execute(_text(CreateTable(link.core), catalog.dialect))
    if not catalog.has_index(str(link.index.name)):
        _Filling(catalog, shape, target, link).fill()
        catalog.execute(_text(CreateIndex(link.index), catalog.dialect))
    return True


class _Filling:
    """One link table, filled."""

    def __init__(self, catalog: Catalog, shape: Shape, target: Shape, link: LinkTable) -> None:
        dialect, fields = catalog.dialect, [column for column in shape.core.c if column.name != VERSION]
        key = shape.key
        page = select(*fields).order_by(key).limit(bindparam("limit")).offset(ZERO)
        self._catalog = catalog
        self._shape = shape
        self._link = link
        self._first = compiled(page, dialect)
        self._after = compiled(page.where(key > bindparam("after")), dialect)
        self._target = compiled(select(target.key).where(target.key == bindparam("key")), dialect)
        self._empty = compiled(delete(link.core), dialect)
        self._add = LinkStatements(link, dialect).add
        self._there: dict[str, bool] = {}

    def fill(self) -> None:
        """Put in what the rows name, and nothing else. Raises Misfit."""
        self._catalog.hold(self._shape.core.name)
        self._catalog.execute(self._empty.text)
        for rows in self._pages():
            named = [(key, each) for key, found in map(self._named, rows) for each in found]
            for key, each in named:
                self._require(key, each)
            pairs = dict.fromkeys((key, each.key) for key, each in named)
            self._catalog.insert(self._add, list(pairs))

    def _pages(self) -> Iterator[Sequence[Row]]:
        places: dict[str, Any] = {"limit": _AT_ONCE}
        rows = self._catalog.rows(self._first.text, self._first.places(places))
        while rows:
            yield rows
            places["after"] = self._shape.table.key_of(self._shape.record_of(rows[-1]))
            rows = self._catalog.rows(self._after.text, self._after.places(places))

    def _named(self, row: Row) -> tuple[str, list[Named]]:
        record = self._shape.record_of(row)
        named = [each for each in self._shape.named_in(record) if each.table == self._link.target]
        return self._shape.table.key_of(record), named

    def _require(self, key: str, named: Named) -> None:
        there = self._there.get(named.key)
        if there is None:
            there = bool(self._catalog.rows(self._target.text, self._target.places({"key": named.key})))
            self._there[named.key] = there
        if not there:
            raise Misfit(
                f"in the data of {self._link.source} {key!r} names {named.key!r} at {named.path}, which is not there "
                f"in {self._link.target}: let the version before name another, or none"
            )


def _text(element: ClauseElement, dialect: Dialect) -> str:
    return str(element.compile(dialect=dialect)).strip()
