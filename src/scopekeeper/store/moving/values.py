"""Values as both databases have them. What the other cannot keep is refused, with its table, its key and its column."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Boolean, Column, Float, Integer, LargeBinary

from scopekeeper.oauth.secrets import LARGEST_ID
from scopekeeper.store.moving.cargo import Cargo, MoveError
from scopekeeper.store.rows import Row

NUL: Final = "\0"

_NOTHING: Final = type(None)


@dataclass(frozen=True, slots=True)
class Kind:
    """What a column holds."""

    types: frozenset[type]
    called: str
    reads: Callable[[Any], Any] | None = None
    """Makes the value of what the driver gives, where that differs from driver to driver."""
    fits: Callable[[Sequence[Any]], bool] = lambda _: True
    """Can all of these be kept?"""
    unfit: str = ""


def _no_nul(texts: Sequence[str]) -> bool:
    return NUL not in "".join(texts)


def _within_64_bits(numbers: Sequence[int]) -> bool:
    return not numbers or (min(numbers) >= -LARGEST_ID - 1 and max(numbers) <= LARGEST_ID)


def _are_0_or_1(numbers: Sequence[int]) -> bool:
    return set(numbers) <= {0, 1}


_TEXT: Final = Kind(
    frozenset({str}), "text", None, _no_nul, "the character U+0000, which PostgreSQL keeps in no text: take it out"
)
_NUMBER: Final = Kind(frozenset({int}), "a whole number", None, _within_64_bits, "a number beyond 64 bit")
_BYTES: Final = Kind(frozenset({bytes}), "bytes")
_FLOAT: Final = Kind(frozenset({float, int}), "a number", float)
_BOOLEAN: Final = Kind(frozenset({bool, int}), "true or false", bool, _are_0_or_1, "a number that is no truth value")


def kind_of(column: Column[Any]) -> Kind:
    """What this column holds."""
    type_ = column.type
    if isinstance(type_, Boolean):
        return _BOOLEAN
    if isinstance(type_, Integer):
        return _NUMBER
    if isinstance(type_, Float):
        return _FLOAT
    return _BYTES if isinstance(type_, LargeBinary) else _TEXT


def sound(cargo: Cargo, rows: Sequence[Row]) -> Sequence[Row]:
    """The rows with the values that either database has. Raises MoveError for one that only this one has."""
    if not rows:
        return ()
    columns = [
        _sound(cargo, column, rows, values)
        for column, values in zip(cargo.columns, zip(*rows, strict=True), strict=True)
    ]
    return list(zip(*columns, strict=True))


def _sound(cargo: Cargo, column: Column[Any], rows: Sequence[Row], values: Sequence[Any]) -> Sequence[Any]:
    kind, types = kind_of(column), set(map(type, values))
    filled = [value for value in values if value is not None] if _NOTHING in types else values
    if not types - {_NOTHING} <= kind.types or not kind.fits(filled):
        raise _unfit(cargo, column, kind, rows, values)
    read = kind.reads
    return values if read is None else [None if value is None else read(value) for value in values]


def refused(cargo: Cargo, key: Sequence[Any], column: str, why: str) -> MoveError:
    """A value that cannot be moved. What it is is not said: it may be a secret."""
    return MoveError(f"{cargo.name} cannot be moved: {column} of {'/'.join(map(str, key))!r} {why}")


def _unfit(cargo: Cargo, column: Column[Any], kind: Kind, rows: Sequence[Row], values: Sequence[Any]) -> MoveError:
    for row, value in zip(rows, values, strict=True):
        if value is None:
            continue
        if type(value) not in kind.types:
            return refused(cargo, cargo.key_of(row), column.name, f"is not {kind.called}")
        if not kind.fits([value]):
            return refused(cargo, cargo.key_of(row), column.name, f"holds {kind.unfit}")
    raise AssertionError(f"all of these can be kept in {cargo.name}.{column.name}")
