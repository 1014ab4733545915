"""The statements that list a table of a module: a page of it, how many rows there are, and how many are alike.

A page is read from an index, from its place on and no further than it goes. Where one of several equalities is to hold,
each has a branch of its own, which is read in order and cut. What is first in all of them together is the page; whoever
asks puts its rows in order (`merged`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any, Final

from sqlalchemy import ColumnElement, Dialect, Select, bindparam, false, func, literal_column, or_, select, union
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import ClauseElement, UnaryExpression

from scopekeeper.sdk.listing import MOST_COUNTED
from scopekeeper.store.places import Ordering
from scopekeeper.store.rows import Row
from scopekeeper.store.seeking import Behind, Ends, Seek
from scopekeeper.store.shapes import VERSION, Shape
from scopekeeper.store.statement import ONE, ZERO, Statement, compiled
from scopekeeper.store.wanted import Equal, Form

MOST_BRANCHES: Final = 32
"""Of one page: where there would be more, the largest choice is left to each of them."""

_MOST: Final[ColumnElement[int]] = literal_column(str(MOST_COUNTED))
_WHOSE: Final = "whose"


@dataclass(frozen=True, slots=True)
class Alike:
    """What is counted together."""

    prefix: int
    by: tuple[str, ...]
    sums: tuple[str, ...]


class TableLists:
    """Each statement is compiled at its first use and kept: what is asked for is written in modules, and of what comes
    with requests there are few forms."""

    def __init__(self, shape: Shape, shapes: Mapping[str, Shape], dialect: Dialect) -> None:
        self._shape = shape
        self._shapes = shapes
        self._dialect = dialect
        self._kept: dict[tuple[object, ...], Statement] = {}
        self._owners = () if shape.table.through else shape.table.owners
        self._indexes = (*((owner,) for owner in self._owners), *shape.table.indexes)
        self._indexed = frozenset(name for index in self._indexes for name in index)

    def page(self, form: Form, seek: Seek, *, bound: bool) -> Statement:
        """Up to `limit` rows, in any order: the version, and the fields."""
        return self._statement((form, seek, bound), lambda: self._page(form, seek, bound))

    def count(self, form: Form, *, bound: bool) -> Statement:
        """How many rows there are, up to MOST_COUNTED."""
        return self._statement((form, bound), lambda: self._count(form, bound))

    def counts(self, form: Form, alike: Alike, *, bound: bool) -> Statement:
        """The beginning of the key, the fields by which they are alike, how many there are, and the sums."""
        return self._statement((form, alike, bound), lambda: self._counts(form, alike, bound))

    def _statement(self, asked: tuple[object, ...], make: Any) -> Statement:
        found = self._kept.get(asked)
        if found is None:
            found = self._kept[asked] = compiled(make(), self._dialect)
        return found

    def _page(self, form: Form, seek: Seek, bound: bool) -> ClauseElement:
        core, order, key = self._shape.core, seek.order, self._shape.key
        branches = list(self._branches(form, seek, bound))
        rows = [core.c[VERSION], *(column for column in core.c if column.name != VERSION)]
        if len(branches) == 1:
            return branches[0].with_only_columns(*rows)
        # Rows lie anywhere on the disk, and what an index says of them together: a page is found before it is read.
        some = union(*(select(branch.subquery()) for branch in branches)).subquery()
        sort = some.c[order.sort]
        ordered = [some.c[key.name]] if order.by_key else [sort.is_not(None), sort, some.c[key.name]]
        page = select(some.c[key.name]).order_by(*_directed(ordered, order))
        return select(*rows).where(key.in_(page.limit(bindparam("limit")).offset(ZERO)))

    def _branches(self, form: Form, seek: Seek, bound: bool) -> Iterable[Select[Any]]:
        apart, together = self._split(form, bound)
        for chosen in product(*apart):
            equal = (*form.equal, *chosen)
            conditions = [_any(self._shape, choice) for choice in together]
            if bound and not self._owners:
                conditions.append(theirs(self._shape, self._shapes))
            if seek.filled is not None:
                yield self._branch(form, seek, equal, conditions, seek.filled)
            if seek.empty is not None:
                yield self._branch(form, seek, equal, conditions, None)

    def _split(self, form: Form, bound: bool) -> tuple[list[tuple[Equal, ...]], list[tuple[Equal, ...]]]:
        """The choices that branch, each served by indexes of its own, and those that every branch makes for itself."""
        apart = [choice for choice in form.choices if all(name in self._indexed for name, _ in choice)]
        together = [choice for choice in form.choices if choice not in apart]
        if bound and self._owners:
            apart.append(tuple((owner, _WHOSE) for owner in self._owners))
        while prod(map(len, apart)) > MOST_BRANCHES:
            largest = max(apart, key=len)
            apart.remove(largest)
            together.append(largest)
        return apart, together

    def _branch(
        self,
        form: Form,
        seek: Seek,
        equal: Sequence[Equal],
        conditions: Sequence[ColumnElement[bool]],
        filled: Ends | None,
    ) -> Select[Any]:
        core, order = self._shape.core, seek.order
        sort, key = core.c[order.sort], self._shape.key
        index = self._served(equal, order, bound=any(slot == _WHOSE for _, slot in equal))
        aside = self._aside if index else _as_it_is
        meant = [*conditions]
        meant += [_equal(core.c[name] if name in index else aside(core.c[name]), slot) for name, slot in equal]
        meant += [each for name, *ends in form.ranges for each in _within(aside(core.c[name]), name, *ends)]
        if filled is not None:
            meant += seek.conditions(sort, key, filled)
        else:
            meant.append(sort.is_(None))
            if seek.empty is Behind.PLACE:
                meant.append(key < bindparam("after") if order.descending else key > bindparam("after"))
        # PostgreSQL knows only of what equals a value that it needs no order; of what is empty it must be told.
        empty = {name for name, slot in equal if slot is None}
        before = [core.c[name] for name in index if name in empty]
        ordered = [*before, key] if order.by_key else [*before, sort, key]
        return (
            select(*([key] if order.by_key else [sort, key]))
            .where(*meant)
            .order_by(*_directed(ordered, order))
            .limit(bindparam("limit"))
            .offset(ZERO)
        )

    def _served(self, equal: Sequence[Equal], order: Ordering, *, bound: bool) -> tuple[str, ...]:
        """The fields, at the beginning of an index, that equal what is asked for, where rows lie in order behind them.

        A person's rows are few among all, so those are gone by. None where no index serves: then the database knows
        best what to do.
        """
        asked = {name for name, _ in equal}
        owner = {name for name, slot in equal if slot == _WHOSE}
        sort = self._shape.table.key if order.sort in asked else order.sort
        found: tuple[str, ...] = ()
        for index in self._indexes:
            begins = _beginning(index, asked)
            behind = (*index, self._shape.table.key)[len(begins)]
            if behind == sort and len(begins) > len(found) and (not bound or owner & set(begins)):
                found = begins
        return found

    def _aside(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """The column as a value: SQLite, which knows nothing of how rows are spread, would go by any index of it."""
        if self._dialect.name != "sqlite":
            return column
        return UnaryExpression(column, operator=operators.custom_op("+"), type_=column.type)

    def _meant(self, form: Form, bound: bool) -> list[ColumnElement[bool]]:
        """All conditions on one row."""
        core = self._shape.core
        meant = [_equal(core.c[name], slot) for name, slot in form.equal]
        meant += [_any(self._shape, choice) for choice in form.choices]
        meant += [each for name, *ends in form.ranges for each in _within(core.c[name], name, *ends)]
        return [*meant, theirs(self._shape, self._shapes)] if bound else meant

    def _count(self, form: Form, bound: bool) -> ClauseElement:
        some = select(ONE).select_from(self._shape.core).where(*self._meant(form, bound)).limit(_MOST).offset(ZERO)
        return select(func.count()).select_from(some.subquery())

    def _counts(self, form: Form, alike: Alike, bound: bool) -> ClauseElement:
        core = self._shape.core
        beginning = func.substr(self._shape.key, ONE, literal_column(str(alike.prefix)))
        groups = [*([beginning] if alike.prefix else []), *(core.c[name] for name in alike.by)]
        sums = [func.coalesce(func.sum(core.c[name]), ZERO) for name in alike.sums]
        counted = select(*groups, func.count(), *sums).select_from(core).where(*self._meant(form, bound))
        return counted.group_by(*groups) if groups else counted


def theirs(shape: Shape, shapes: Mapping[str, Shape]) -> ColumnElement[bool]:
    """The row is the person's, asked of many: it begins with what they own, which is little, not with all there is."""
    table = shape.table
    if table.through is None:
        return names_them(shape)
    above = shapes[table.refers[table.through][0]]
    return shape.core.c[table.through].in_(select(above.key).where(theirs(above, shapes)))


def names_them(shape: Shape) -> ColumnElement[bool]:
    """The row itself names the person `whose` as one of its owners; none does where it has no owner."""
    return or_(false(), *(shape.core.c[owner] == bindparam(_WHOSE) for owner in shape.table.owners))


def merged(rows: Iterable[Row], order: Ordering, key: int, value: int, limit: int) -> list[tuple[str, Row]]:
    """The first `limit` rows of all branches together, each once, with their places. `key` and `value` are columns."""
    apart = {row[key]: row for row in rows}
    ranked = sorted(apart.values(), key=lambda row: order.rank(row[key], row[value]), reverse=order.descending)
    return [(order.place_of(row[key], row[value]), row) for row in ranked[:limit]]


def _beginning(index: tuple[str, ...], asked: set[str]) -> tuple[str, ...]:
    for place, name in enumerate(index):
        if name not in asked:
            return index[:place]
    return index


def _equal(column: ColumnElement[Any], slot: str | None) -> ColumnElement[bool]:
    return column.is_(None) if slot is None else column == bindparam(slot, type_=column.type)


def _any(shape: Shape, choice: Sequence[Equal]) -> ColumnElement[bool]:
    return or_(*(_equal(shape.core.c[name], slot) for name, slot in choice))


def _within(column: ColumnElement[Any], name: str, low: bool, high: bool) -> list[ColumnElement[bool]]:
    bounds = []
    if low:
        bounds.append(column >= bindparam(f"low.{name}", type_=column.type))
    if high:
        bounds.append(column < bindparam(f"high.{name}", type_=column.type))
    return bounds


def _directed(columns: Sequence[ColumnElement[Any]], order: Ordering) -> Iterable[ColumnElement[Any]]:
    return [each.desc() for each in columns] if order.descending else columns


def _as_it_is(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return column
