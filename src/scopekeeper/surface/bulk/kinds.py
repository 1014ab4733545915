"""How a value stands in a cell, and what a cell says: text, numbers, true and false, and JSON for all else."""

import datetime
import re
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum, auto
from functools import cache
from typing import Any, Final

import msgspec

from scopekeeper.sdk import Invalid
from scopekeeper.sdk.oneof import is_one_of
from scopekeeper.sdk.spreadsheet import guarded, unguarded

_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,24})(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
_FLAGS: Final = {"true": True, "false": False}
_AS_THEY_ARE: Final = frozenset({str, int, bool, float, type(None)})


class Kind(Enum):
    """What is in a cell."""

    TEXT = auto()
    NUMBER = auto()
    FLAG = auto()
    JSON = auto()


def plain(value: Any) -> Any:
    """The value as JSON has it: records as objects; of a @one_of only what is given."""
    kind: type = type(value)
    if kind in _AS_THEY_ARE:
        return value
    record = _record_of(kind)
    if record is not None:
        told = {name: plain(getattr(value, name)) for name in record.names}
        return {name: one for name, one in told.items() if one is not None} if record.one_of else told
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, Enum):
        return value.value
    return msgspec.to_builtins(value) if isinstance(value, datetime.datetime) else value


@dataclass(frozen=True, slots=True)
class _Record:
    names: tuple[str, ...]
    one_of: bool


@cache
def _record_of(kind: type) -> _Record | None:
    """Of what a record of this type consists; None for what is no record. Long lists are of few types."""
    return _Record(tuple(each.name for each in fields(kind)), is_one_of(kind)) if is_dataclass(kind) else None


def cell_of(kind: Kind, value: Any) -> str:
    """What stands in the cell for a plain value. Null is an empty cell."""
    if value is None:
        return ""
    if kind is Kind.TEXT:
        return guarded(str(value))
    return msgspec.json.encode(value).decode()


def value_of(kind: Kind, cell: str, name: str) -> Any:
    """The plain value that a cell which is not empty says. What it cannot be is given as text, to be refused as such.

    Raises Invalid, at the column's name, for JSON that is none.
    """
    if kind is Kind.TEXT:
        return unguarded(cell)
    text = cell.strip()
    if kind is Kind.FLAG:
        return _FLAGS.get(text.lower(), cell)
    if kind is Kind.NUMBER:
        return msgspec.json.decode(text) if _NUMBER.fullmatch(text) else cell
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as wrong:
        raise Invalid(name, f"The cell is no JSON: {wrong}.") from None
