"""Bodies and cells: what stands in a row of a record, and what a row asks to be changed of it.

A cell that says what the record says anyway asks for nothing; so what was exported and is imported again changes
nothing, whatever the types. One that is empty asks for null where that may be, for the empty text where that may be,
and for nothing elsewhere.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import UNSET, UnsetType

from scopekeeper.surface.bulk.columns import Column, Group, Leaf, leaves_of
from scopekeeper.surface.bulk.kinds import cell_of, value_of


def cells_of(columns: tuple[Column, ...], record: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    """Each column's name, and what stands in its cell for this plain record."""
    for each in columns:
        value = None if record is None else record.get(each.field)
        if isinstance(each, Group):
            yield from cells_of(each.columns, value)
        else:
            yield each.name, cell_of(each.kind, value)


def asked_of(
    columns: tuple[Column, ...], cells: Mapping[str, str], present: Mapping[str, Any] | None
) -> dict[str, Any]:
    """What these cells, by the names of their columns, ask to be changed of the plain record: the body of a PATCH.

    Columns that are not among them ask for nothing. Raises Invalid, at the column's name, for what cannot be read.
    """
    asked = {each.field: _asked(each, cells, None if present is None else present.get(each.field)) for each in columns}
    return {name: value for name, value in asked.items() if value is not UNSET}


def _asked(column: Column, cells: Mapping[str, str], present: Any) -> Any:
    if isinstance(column, Leaf):
        cell = cells.get(column.name)
        return UNSET if cell is None or cell == cell_of(column.kind, present) else _said(column, cell)
    was = dict(cells_of(column.columns, present))
    named = {name: cells[name] for name in was if name in cells}
    if all(cell == was[name] for name, cell in named.items()):
        return UNSET
    if not any(named.values()):
        return None if column.nullable else UNSET
    if column.whole or present is None:
        return _whole(column, named)
    return asked_of(column.columns, named, present)


def _whole(group: Group, cells: Mapping[str, str]) -> dict[str, Any]:
    """The record that the cells say, those that are empty left out."""
    made: dict[str, Any] = {}
    for each in group.columns:
        if isinstance(each, Group):
            if any(cells.get(leaf.name) for leaf in leaves_of(each.columns)):
                made[each.field] = _whole(each, cells)
        elif cell := cells.get(each.name):
            made[each.field] = value_of(each.kind, cell, each.name)
    return made


def _said(leaf: Leaf, cell: str) -> Any | UnsetType | None:
    if cell:
        return value_of(leaf.kind, cell, leaf.name)
    if leaf.nullable:
        return None
    return "" if leaf.blank else UNSET


def merged(columns: tuple[Column, ...], present: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    """The plain record with what is asked of it: the body of a PUT."""
    made = {each.field: present.get(each.field) for each in columns} | dict(asked)
    for each in columns:
        was, new = present.get(each.field), asked.get(each.field)
        if isinstance(each, Group) and not each.whole and isinstance(was, Mapping) and isinstance(new, Mapping):
            made[each.field] = merged(each.columns, was, new)
    return made
