"""One field of a record as a column: which type it has there, and how a value gets there and back."""

import datetime
import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

import msgspec
from msgspec import NODEFAULT, inspect
from sqlalchemy import Boolean, Column, Float, false, text, true
from sqlalchemy.types import TypeEngine

from scopekeeper.oauth.secrets import LARGEST_ID
from scopekeeper.sdk import Invalid
from scopekeeper.store.rows import json_of
from scopekeeper.store.tables import Number, Text

Convert = Callable[[Any], Any]

_MOMENT: Final = len("2026-03-01T11:00:00.000000")
"""Characters of a moment that say when it is: whose clock told it comes behind them."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record as a column. `to_column` and `from_column` are not asked about None."""

    name: str
    column: Column[Any]
    to_column: Convert
    from_column: Convert

    def stored(self, value: Any) -> Any:
        """The value as the column has it. Raises Invalid where no column can hold it."""
        try:
            return None if value is None else self.to_column(value)
        except ValueError as wrong:
            raise Invalid(self.name, str(wrong)) from wrong

    def bound(self, value: Any) -> Any:
        """The value as the bound of a range. Raises Invalid. A moment is that moment, whoever's clock told it."""
        kept = self.stored(value)
        return kept[:_MOMENT] if isinstance(value, datetime.datetime) else kept

    def read(self, value: Any) -> Any:
        """The value of the field, as the column had it."""
        return None if value is None else self.from_column(value)


def bare_type(type_: inspect.Type) -> tuple[inspect.Type, bool]:
    """The type without what may be said of it and without None, and whether None is among its values."""
    while isinstance(type_, inspect.Metadata):
        type_ = type_.type
    if not isinstance(type_, inspect.UnionType):
        return type_, False
    others = [each for each in type_.types if not isinstance(each, inspect.NoneType)]
    nullable = len(others) < len(type_.types)
    return (bare_type(others[0])[0] if len(others) == 1 else type_), nullable


def kept_as(bare: inspect.Type, type_: Any) -> tuple["TypeEngine[Any]", Convert, Convert]:
    """The column's type, and how a value gets there and back. What is no plain value is kept as JSON text."""
    match bare:
        case inspect.StrType():
            return Text, _same, _same
        case inspect.BoolType():
            return Boolean(), bool, bool
        case inspect.IntType():
            return Number, _within_64_bits, _same
        case inspect.FloatType():
            return Float(), _finite, float
        case inspect.DateTimeType():
            return Text, _moment_of, _datetime_of
        case inspect.EnumType(cls=cls) if all(isinstance(each.value, str) for each in cls):
            return Text, _value_of, cls
        case _:
            return Text, json_of, msgspec.json.Decoder(type_).decode


def default_of(field: inspect.Field, to_column: Convert) -> Any:
    """What rows that were there before the field was have in its column; None where that is nothing, or unknown."""
    default = field.default_factory() if field.default_factory is not NODEFAULT else field.default
    if default is NODEFAULT or default is None:
        return None
    kept = to_column(default)
    if isinstance(kept, bool):
        return true() if kept else false()
    return kept if isinstance(kept, str) else text(repr(kept))


def _same(value: Any) -> Any:
    return value


def _value_of(value: Enum) -> Any:
    return value.value


def _within_64_bits(value: int) -> int:
    if not -LARGEST_ID - 1 <= value <= LARGEST_ID:
        raise ValueError("This number does not fit into 64 bits.")
    return value


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError("This is not a finite number.")
    return value


def _moment_of(moment: datetime.datetime) -> str:
    """Text in the order of time: in UTC, to the microsecond; behind it, how far the clock that told it is from UTC.

    `2026-03-01T11:00:00.000000Z+01:00`; nothing behind it where that is UTC, and no Z where nobody said whose clock.
    """
    offset = moment.utcoffset()
    if offset is None:
        return moment.isoformat(timespec="microseconds")
    try:
        utc = f"{(moment - offset).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
    except OverflowError:
        raise ValueError("This moment is beyond all calendars.") from None
    minutes = round(offset.total_seconds() / 60)
    return f"{utc}{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}" if minutes else utc


def _datetime_of(value: str) -> datetime.datetime:
    utc, z, offset = value.partition("Z")
    moment = msgspec.convert(utc + z, datetime.datetime)
    if not offset:
        return moment
    hours, _, minutes = offset[1:].partition(":")
    ahead = datetime.timedelta(hours=int(hours), minutes=int(minutes))
    return moment.astimezone(datetime.timezone(-ahead if offset[0] == "-" else ahead))
