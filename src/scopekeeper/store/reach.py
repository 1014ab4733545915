"""The statements on one table of a module. Whose data it is, is a condition in every one that acts for a person."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Dialect,
    Select,
    Update,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    literal_column,
    null,
    select,
    update,
)
from sqlalchemy import Table as CoreTable

from scopekeeper.sdk.table import OnRemoval
from scopekeeper.store.link_tables import LinkStatements, holders_of
from scopekeeper.store.shapes import VERSION, Shape
from scopekeeper.store.statement import ZERO, Statement, Uncompiled
from scopekeeper.store.table_lists import TableLists, names_them

Both = tuple[Statement, Statement]
"""For a caller that acts for the whole system, and for a person: indexed by `whose is not None`."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A field of another table that refers to this one, and its keys where it refers to a row."""

    table: str
    on_removal: OnRemoval
    keys: Statement


class Reach:
    """What can be asked of one table and done to it.

    `key` and `whose` are the parameters that say which row and whose; a field's value is `field.NAME`.
    """

    def __init__(
        self, shape: Shape, shapes: Mapping[str, Shape], dialect: Dialect, missing: Collection[str] = ()
    ) -> None:
        self.shape = shape
        self.link_tables = {
            link.target: None if link.core.name in missing else LinkStatements(link, dialect)
            for link in shape.link_tables
        }
        """By which its records name rows of other tables; None where nothing was ever named, and nobody keeps them."""
        self.refers = dict(shape.table.refers)
        self.owned = shape.table.owner is not None
        self.above = tuple(_above(shape, shapes))
        """The tables whose rows say whose a row is, where it does not say so itself."""
        core, version = shape.core, shape.core.c[VERSION]
        this = shape.key == bindparam("key")

        def both(make: Callable[[ColumnElement[bool]], Any]) -> Both:
            alone = Uncompiled(lambda: make(this), dialect)
            return alone, Uncompiled(lambda: make(this & _theirs(shape, shapes)), dialect)

        values: dict[Any, Any] = {column: bindparam(f"field.{column.name}") for column in core.c}
        others = {column: value for column, value in values.items() if column is not shape.key}
        fields = [column for column in core.c if column is not version]
        self.get = both(lambda mine: select(version, *fields).where(mine))
        self.version = both(lambda mine: select(version).where(mine))
        self.insert: Statement = Uncompiled(lambda: insert(core).values(values), dialect)
        self.update = both(lambda mine: update(core).where(mine).values(others))
        self.delete = both(lambda mine: delete(core).where(mine))
        self.holders = tuple(
            Holder(name, on_removal, _keys_that_refer(other.core, field, other, dialect))
            for name, other in shapes.items()
            for field, (target, on_removal) in other.table.refers.items()
            if target == shape.table.name
        ) + tuple(
            Holder(name, "restrict", holders_of(link, dialect))
            for name, other in shapes.items()
            for link in other.link_tables
            if link.target == shape.table.name
        )
        self.owner = _owner(shape, shapes, dialect)
        """The version of a row, and whose it is."""
        self.disown = _disowning(shape, dialect)
        """What makes up to `limit` rows nobody's that are one person's; none where that follows from another table."""
        self.lists = TableLists(shape, shapes, dialect)


def _theirs(shape: Shape, shapes: Mapping[str, Shape]) -> ColumnElement[bool]:
    """The row is the person's: asked of one row, so whoever it hangs on is looked up by key."""
    through = shape.table.through
    if through is None:
        return names_them(shape)
    above = shapes[shape.table.refers[through][0]]
    return exists().where(above.key == shape.core.c[through], _theirs(above, shapes))


def _above(shape: Shape, shapes: Mapping[str, Shape]) -> Iterator[str]:
    table = shape.table
    while table.through is not None:
        table = shapes[table.refers[table.through][0]].table
        yield table.name


def _owner(shape: Shape, shapes: Mapping[str, Shape], dialect: Dialect) -> Statement:
    version = shape.core.c[VERSION]
    return Uncompiled(lambda: select(version, _owner_of(shape, shapes)).where(shape.key == bindparam("key")), dialect)


def _owner_of(shape: Shape, shapes: Mapping[str, Shape]) -> ColumnElement[Any]:
    """Whose a row is, the first of several; null where it is nobody's."""
    through, owners = shape.table.through, shape.table.owners
    if through is not None:
        above = shapes[shape.table.refers[through][0]]
        return select(_owner_of(above, shapes)).where(above.key == shape.core.c[through]).scalar_subquery()
    # An owner that cannot be null is an empty name where it is nobody's.
    named = [func.nullif(shape.core.c[owner], literal_column("''")) for owner in owners]
    return func.coalesce(*named) if len(named) > 1 else named[0] if named else null()


def _disowning(shape: Shape, dialect: Dialect) -> tuple[Statement, ...]:
    """One statement for each field that says whose a row is. Each lets the whole row go that is this person's."""
    if shape.table.through is not None:
        return ()

    def of(owner: str) -> Update:
        return update(shape.core).where(shape.key.in_(_some_of(shape, owner))).values(_letting_go(shape))

    return tuple(Uncompiled(partial(of, owner), dialect) for owner in shape.table.owners)


def _letting_go(shape: Shape) -> Mapping[str, Any]:
    core = shape.core
    values: dict[str, Any] = {VERSION: bindparam("version")}
    for owner in shape.table.owners:
        # No account is called by an empty name.
        nobody = null() if core.c[owner].nullable else literal_column("''")
        values[owner] = case((core.c[owner] == bindparam("name"), nobody), else_=core.c[owner])
    return values


def _some_of(shape: Shape, owner: str) -> Select[Any]:
    theirs = select(shape.key).where(shape.core.c[owner] == bindparam("name"))
    return theirs.order_by(shape.key).limit(bindparam("limit")).offset(ZERO)


def _keys_that_refer(core: CoreTable, field: str, shape: Shape, dialect: Dialect) -> Statement:
    return Uncompiled(lambda: select(shape.key).where(core.c[field] == bindparam("key")).order_by(shape.key), dialect)
