"""How a module's records lie in a table: a column for each field, and one for the version of the row."""

import datetime
import math
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

import msgspec
from msgspec import NODEFAULT, inspect
from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, MetaData, Text, text
from sqlalchemy import Table as CoreTable
from sqlalchemy.types import TypeEngine

from scopekeeper.oauth.secrets import LARGEST_ID
from scopekeeper.sdk import Invalid, Table
from scopekeeper.store.rows import Row, json_of
from scopekeeper.store.tables import NAMES, Number

VERSION: Final = "row_version"

Convert = Callable[[Any], Any]


class Misfit(Exception):
    """A table that cannot be kept as it is described. The message says which, and why."""


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

    def read(self, value: Any) -> Any:
        """The value of the field, as the column had it."""
        return None if value is None else self.from_column(value)


@dataclass(frozen=True, slots=True)
class Shape:
    """One table of a module, as the store keeps it."""

    table: Table[Any]
    core: CoreTable
    fields: tuple[Field, ...]

    @property
    def key(self) -> Column[Any]:
        return self.core.c[self.table.key]

    def row_of(self, record: object) -> Mapping[str, Any]:
        """Column name to value. Raises Invalid."""
        return {field.name: field.stored(getattr(record, field.name)) for field in self.fields}

    def record_of(self, row: Row) -> Any:
        """The record, of the values of its columns in order."""
        values = [field.read(value) for field, value in zip(self.fields, row, strict=True)]
        return self.table.record(*values)


def shapes_of(tables: Sequence[Table[Any]]) -> dict[str, Shape]:
    """The shape of each table, by the table's name. Raises Misfit."""
    keys = {table.name: table.key for table in tables}
    metadata = MetaData(naming_convention=NAMES)
    shapes = {}
    for table in tables:
        for target, _ in table.refers.values():
            if target not in keys:
                raise Misfit(f"{table.name} refers to {target!r}, which is no table of any module")
        shapes[table.name] = _shape_of(table, keys, metadata)
    for table in tables:
        _require_end(table, {each.name: each for each in tables})
    return shapes


def core_name(table: str) -> str:
    """What the table is called in the database."""
    return f"module_{table.replace('.', '_')}"


def _shape_of(table: Table[Any], keys: Mapping[str, str], metadata: MetaData) -> Shape:
    described = inspect.type_info(table.record)
    if not isinstance(described, inspect.DataclassType):
        raise Misfit(f"{table.name} keeps {table.record.__name__}, which is no record")
    types = typing.get_type_hints(table.record, include_extras=True)
    made = tuple(_field_of(table, field, types[field.name], keys) for field in described.fields)
    core = CoreTable(
        core_name(table.name),
        metadata,
        *(field.column for field in made),
        Column(VERSION, Number, nullable=False),
        sqlite_with_rowid=False,
    )
    for name in sorted({*table.refers, *([table.owner] if table.owner else [])} - {table.key}):
        Index(f"ix_{core.name}_{name}", core.c[name])
    return Shape(table, core, made)


def _field_of(table: Table[Any], field: inspect.Field, type_: Any, keys: Mapping[str, str]) -> Field:
    if field.name == VERSION:
        raise Misfit(f"{table.name}: {VERSION!r} is the store's own word, no field can be called so")
    bare, nullable = _bare(field.type)
    kept, to_column, from_column = _kept_as(bare, type_)
    is_key = field.name == table.key
    if (is_key or field.name in table.refers) and not isinstance(bare, inspect.StrType):
        raise Misfit(f"{table.name}: {field.name} names a row, so it must be a string")
    if is_key and nullable:
        raise Misfit(f"{table.name}: {field.name} is the key, so it cannot be empty")
    references = []
    if field.name in table.refers:
        target, on_removal = table.refers[field.name]
        references = [ForeignKey(f"{core_name(target)}.{keys[target]}", ondelete=on_removal.upper())]
    column: Column[Any] = Column(
        field.name,
        kept,
        *references,
        primary_key=is_key,
        nullable=nullable,
        server_default=None if is_key else _default_of(field, to_column),
    )
    return Field(field.name, column, to_column, from_column)


def _bare(type_: inspect.Type) -> tuple[inspect.Type, bool]:
    """The type without what may be said of it and without None, and whether None is among its values."""
    while isinstance(type_, inspect.Metadata):
        type_ = type_.type
    if not isinstance(type_, inspect.UnionType):
        return type_, False
    others = [each for each in type_.types if not isinstance(each, inspect.NoneType)]
    nullable = len(others) < len(type_.types)
    return (_bare(others[0])[0] if len(others) == 1 else type_), nullable


def _kept_as(bare: inspect.Type, type_: Any) -> tuple["TypeEngine[Any]", Convert, Convert]:
    """The column's type, and how a value gets there and back. What is no plain value is kept as JSON text."""
    match bare:
        case inspect.StrType():
            return Text(), _same, _same
        case inspect.BoolType():
            return Boolean(), int, bool
        case inspect.IntType():
            return Number, _within_64_bits, _same
        case inspect.FloatType():
            return Float(), _finite, float
        case inspect.DateTimeType():
            return Text(), msgspec.to_builtins, _datetime_of
        case inspect.EnumType(cls=cls) if all(isinstance(each.value, str) for each in cls):
            return Text(), _value_of, cls
        case _:
            return Text(), json_of, msgspec.json.Decoder(type_).decode


def _default_of(field: inspect.Field, to_column: Convert) -> Any:
    default = field.default_factory() if field.default_factory is not NODEFAULT else field.default
    if default is NODEFAULT or default is None:
        return None
    kept = to_column(default)
    return kept if isinstance(kept, str) else text(repr(kept))


def _require_end(table: Table[Any], tables: Mapping[str, Table[Any]]) -> None:
    """Ownership leads from table to table, to a field that names a user, and not in a circle."""
    seen: list[str] = []
    while table.owner is not None and table.owner in table.refers:
        if table.name in seen:
            raise Misfit(f"whose the rows of {table.name} are leads in a circle: {' → '.join([*seen, table.name])}")
        seen.append(table.name)
        table = tables[table.refers[table.owner][0]]


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


def _datetime_of(value: str) -> datetime.datetime:
    return msgspec.convert(value, datetime.datetime)
