"""The statements on one table of a module. Whose data it is, is a condition in every one that acts for a person."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Dialect,
    bindparam,
    delete,
    exists,
    false,
    func,
    insert,
    literal_column,
    null,
    select,
    update,
)
from sqlalchemy import Table as CoreTable

from scopekeeper.sdk.table import OnRemoval
from scopekeeper.store.shapes import VERSION, Shape
from scopekeeper.store.statement import ZERO, Statement, compiled

Both = tuple[Statement, Statement]
"""For a caller that acts for the whole system, and for a person: indexed by `whose is not None`."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A field of another table that refers to this one, and its keys where it refers to a row."""

    table: str
    on_removal: OnRemoval
    keys: Statement


class Reach:
    """What can be asked of one table and done to it. Compiled when the house opens.

    `key` and `whose` are the parameters that say which row and whose; a field's value is `field.NAME`.
    """

    def __init__(self, shape: Shape, shapes: Mapping[str, Shape], dialect: Dialect) -> None:
        self.shape = shape
        self.refers = dict(shape.table.refers)
        self.owned = shape.table.owner is not None
        self.above = tuple(_above(shape, shapes))
        """The tables whose rows say whose a row is, where it does not say so itself."""
        self._shapes = shapes
        self._dialect = dialect
        self._lists: dict[tuple[object, ...], Statement] = {}
        core, version = shape.core, shape.core.c[VERSION]
        this = shape.key == bindparam("key")
        theirs = (this, this & _theirs(shape, shapes))
        values: dict[Any, Any] = {column: bindparam(f"field.{column.name}") for column in core.c}
        others = {column: value for column, value in values.items() if column is not shape.key}
        fields = [column for column in core.c if column is not version]
        self.get = _both((select(version, *fields).where(mine) for mine in theirs), dialect)
        self.version = _both((select(version).where(mine) for mine in theirs), dialect)
        self.insert = compiled(insert(core).values(values), dialect)
        self.update = _both((update(core).where(mine).values(others) for mine in theirs), dialect)
        self.delete = _both((delete(core).where(mine) for mine in theirs), dialect)
        self.holders = tuple(
            Holder(name, on_removal, _keys_that_refer(other.core, field, other, dialect))
            for name, other in shapes.items()
            for field, (target, on_removal) in other.table.refers.items()
            if target == shape.table.name
        )
        self.disown = _disowning(shape, dialect)
        """What makes all that is one person's nobody's; None where whose it is follows from another table."""
        self.page(bound=False, after=False, where=())
        self.page(bound=False, after=True, where=())

    def page(self, *, bound: bool, after: bool, where: Iterable[str]) -> Statement:
        """Rows in the order of their keys, of those whose fields `where` have the value given."""
        return self._list(("page", bound, after, *sorted(where)))

    def count(self, *, bound: bool, where: Iterable[str]) -> Statement:
        """How many they are."""
        return self._list(("count", bound, False, *sorted(where)))

    def _list(self, asked: tuple[Any, ...]) -> Statement:
        """Compiled at its first use and kept: which fields are asked for is written in modules, never in a request."""
        found = self._lists.get(asked)
        if found is None:
            found = self._lists[asked] = self._compiled(*asked)
        return found

    def _compiled(self, what: str, bound: bool, after: bool, *where: str) -> Statement:
        core, key = self.shape.core, self.shape.key
        conditions = [core.c[name].is_not_distinct_from(bindparam(f"field.{name}")) for name in where]
        if bound:
            conditions.append(_all_theirs(self.shape, self._shapes))
        if after:
            conditions.append(key > bindparam("after"))
        if what == "count":
            return compiled(select(func.count()).select_from(core).where(*conditions), self._dialect)
        columns = [column for column in core.c if column.name != VERSION]
        chosen = select(core.c[VERSION], *columns).where(*conditions)
        return compiled(chosen.order_by(key).limit(bindparam("limit")).offset(ZERO), self._dialect)


def _theirs(shape: Shape, shapes: Mapping[str, Shape]) -> ColumnElement[bool]:
    """The row is the person's: asked of one row, so whoever it hangs on is looked up by key."""
    owner = shape.table.owner
    if owner is None:
        return false()
    column = shape.core.c[owner]
    if owner not in shape.table.refers:
        return column == bindparam("whose")
    above = shapes[shape.table.refers[owner][0]]
    return exists().where(above.key == column, _theirs(above, shapes))


def _all_theirs(shape: Shape, shapes: Mapping[str, Shape]) -> ColumnElement[bool]:
    """The same asked of many rows: it begins with what the person owns, which is little, not with all there is."""
    owner = shape.table.owner
    if owner is None:
        return false()
    column = shape.core.c[owner]
    if owner not in shape.table.refers:
        return column == bindparam("whose")
    above = shapes[shape.table.refers[owner][0]]
    return column.in_(select(above.key).where(_all_theirs(above, shapes)))


def _above(shape: Shape, shapes: Mapping[str, Shape]) -> Iterator[str]:
    table = shape.table
    while table.owner is not None and table.owner in table.refers:
        table = shapes[table.refers[table.owner][0]].table
        yield table.name


def _disowning(shape: Shape, dialect: Dialect) -> Statement | None:
    owner = shape.table.owner
    if owner is None or owner in shape.table.refers:
        return None
    column = shape.core.c[owner]
    # No account is called by an empty name.
    nobody = null() if column.nullable else literal_column("''")
    values: dict[str, Any] = {owner: nobody, VERSION: bindparam("version")}
    return compiled(update(shape.core).where(column == bindparam("name")).values(values), dialect)


def _keys_that_refer(core: CoreTable, field: str, shape: Shape, dialect: Dialect) -> Statement:
    return compiled(select(shape.key).where(core.c[field] == bindparam("key")).order_by(shape.key), dialect)


def _both(statements: Iterable[Any], dialect: Dialect) -> Both:
    alone, bound = (compiled(statement, dialect) for statement in statements)
    return alone, bound
