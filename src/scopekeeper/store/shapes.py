"""How a module's records lie in a table: a column for each field, and one for the version of the row."""

import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from zlib import crc32

from msgspec import inspect
from sqlalchemy import Column, ForeignKey, Index, MetaData
from sqlalchemy import Table as CoreTable

from scopekeeper.sdk import Table
from scopekeeper.sdk.reference import Named, named_in, references_of
from scopekeeper.store.fields import Field, bare_type, default_of, kept_as
from scopekeeper.store.link_tables import LinkTable, core_name, link_table_of
from scopekeeper.store.rows import Row
from scopekeeper.store.tables import NAMES, Number

VERSION: Final = "row_version"

_LONGEST_NAME: Final = 63


class Misfit(Exception):
    """A table that cannot be kept as it is described. The message says which, and why."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One table of a module, as the store keeps it."""

    table: Table[Any]
    core: CoreTable
    fields: tuple[Field, ...]
    link_tables: tuple[LinkTable, ...] = ()
    """By which its records name rows of other tables, or of this one."""

    @property
    def key(self) -> Column[Any]:
        return self.core.c[self.table.key]

    def row_of(self, record: object) -> Mapping[str, Any]:
        """Column name to value. Raises Invalid."""
        return {field.name: field.stored(getattr(record, field.name)) for field in self.fields}

    def named_in(self, record: object) -> Iterator[Named]:
        """What this record names by links, in the order of its fields."""
        for each in named_in(record) if self.link_tables else ():
            if each.path not in self.table.refers:
                yield each

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
    for name, shape in shapes.items():
        shapes[name] = replace(shape, link_tables=_link_tables_of(shape, shapes, metadata))
    for table in tables:
        _require_end(table, {each.name: each for each in tables})
    return shapes


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
    for name in sorted(table.refers.keys() - {table.key}):
        Index(f"ix_{core.name}_{name}", core.c[name])
    for fields in _indexes_of(table):
        Index(_index_name(core.name, fields), *(core.c[name] for name in fields))
    return Shape(table, core, made)


def _indexes_of(table: Table[Any]) -> list[tuple[str, ...]]:
    """What lists go by, with the key at the end: whose the rows are, and what the module says."""
    owners = () if table.through else tuple((owner,) for owner in table.owners if owner != table.key)
    return [(*fields, table.key) for fields in dict.fromkeys((*owners, *table.indexes))]


def _index_name(table: str, fields: Sequence[str]) -> str:
    """No longer than PostgreSQL's names are, which would cut it and find it no more."""
    name = f"ix_{table}__{'__'.join(fields)}"
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 9]}_{crc32(name.encode()):08x}"


def _link_tables_of(shape: Shape, shapes: Mapping[str, Shape], metadata: MetaData) -> tuple[LinkTable, ...]:
    table = shape.table
    try:
        references = references_of(table.record)
    except TypeError as wrong:
        raise Misfit(f"{table.name}: {wrong}") from wrong
    targets: dict[str, list[str]] = {}
    for path, target in references.items():
        if path not in table.refers:
            targets.setdefault(target, []).append(path)
    return tuple(
        link_table_of(table.name, shape.key, target, shapes[target].key if target in shapes else None, paths, metadata)
        for target, paths in sorted(targets.items())
    )


def _field_of(table: Table[Any], field: inspect.Field, type_: Any, keys: Mapping[str, str]) -> Field:
    if field.name == VERSION:
        raise Misfit(f"{table.name}: {VERSION!r} is the store's own word, no field can be called so")
    bare, nullable = bare_type(field.type)
    kept, to_column, from_column = kept_as(bare, type_)
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
        server_default=None if is_key else default_of(field, to_column),
    )
    return Field(field.name, column, to_column, from_column)


def _require_end(table: Table[Any], tables: Mapping[str, Table[Any]]) -> None:
    """Ownership leads from table to table, to a field that names a user, and not in a circle."""
    seen: list[str] = []
    while table.through is not None:
        if table.name in seen:
            raise Misfit(f"whose the rows of {table.name} are leads in a circle: {' → '.join([*seen, table.name])}")
        seen.append(table.name)
        table = tables[table.refers[table.through][0]]
