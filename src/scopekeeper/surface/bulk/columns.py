"""The columns of a body: one for each of its fields, and for each field of a record within it, by a dotted name."""

import datetime
import re
import types
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum, StrEnum
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from msgspec import Meta

from scopekeeper.sdk.oneof import is_one_of
from scopekeeper.surface.bulk.kinds import Kind


@dataclass(frozen=True, slots=True)
class Leaf:
    """One column: a field whose value stands in one cell."""

    name: str
    """As the header has it: `email`, `destination.extension`."""
    field: str
    """As the record has it: `extension`."""
    kind: Kind
    nullable: bool
    """May it be null?"""
    blank: bool
    """Is it a text that may be empty?"""


@dataclass(frozen=True, slots=True)
class Group:
    """Several columns: a field that is a record itself."""

    name: str
    field: str
    nullable: bool
    whole: bool
    """Is it replaced as a whole, as a @one_of is?"""
    columns: "tuple[Column, ...]"


Column = Leaf | Group


def columns_of(record: type, prefix: str = "") -> tuple[Column, ...]:
    """The columns of a record, in the order of its fields."""
    hints = get_type_hints(record, include_extras=True)
    return tuple(_column_of(each.name, hints[each.name], prefix) for each in fields(record))


def leaves_of(columns: tuple[Column, ...]) -> Iterator[Leaf]:
    """Those that are one column each, in order."""
    for each in columns:
        if isinstance(each, Group):
            yield from leaves_of(each.columns)
        else:
            yield each


def _column_of(field: str, hint: Any, prefix: str) -> Column:
    bare, nullable, metas = _bare(hint)
    name = f"{prefix}{field}"
    if isinstance(bare, type) and is_dataclass(bare):
        return Group(name, field, nullable, is_one_of(bare), columns_of(bare, f"{name}."))
    kind = _kind_of(bare)
    return Leaf(name, field, kind, nullable, kind is Kind.TEXT and bare is str and not any(map(_filled, metas)))


def _bare(hint: Any) -> tuple[Any, bool, tuple[Meta, ...]]:
    """The type without what is said of it and without None; whether None is of it; and what is said of it."""
    if get_origin(hint) is Annotated:
        inner, *said = get_args(hint)
        bare, nullable, metas = _bare(inner)
        return bare, nullable, (*metas, *(each for each in said if isinstance(each, Meta)))
    if get_origin(hint) in (Union, types.UnionType):
        others = [each for each in get_args(hint) if each is not types.NoneType]
        if len(others) == 1:
            bare, _, metas = _bare(others[0])
            return bare, True, metas
        return hint, len(others) < len(get_args(hint)), ()
    return hint, False, ()


def _kind_of(bare: Any) -> Kind:
    if bare is bool:
        return Kind.FLAG
    if bare in (int, float):
        return Kind.NUMBER
    if bare in (str, datetime.datetime) or (isinstance(bare, type) and issubclass(bare, StrEnum)):
        return Kind.TEXT
    if isinstance(bare, type) and issubclass(bare, Enum) and all(isinstance(each.value, str) for each in bare):
        return Kind.TEXT
    return Kind.JSON


def _filled(meta: Meta) -> bool:
    """Is an empty text refused by this?"""
    return bool(meta.min_length) or (meta.pattern is not None and re.search(meta.pattern, "") is None)
