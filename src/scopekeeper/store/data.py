"""Modules' data in the store's database: what the SDK was promised, on tables made from the modules' own words."""

from collections.abc import Mapping, Sequence
from typing import Any

from scopekeeper.sdk import Table
from scopekeeper.sdk.data import Found, Report, Work, Write
from scopekeeper.services.ports import Entropy
from scopekeeper.store.engine import Engine
from scopekeeper.store.reach import Reach
from scopekeeper.store.revisions import SchemaError
from scopekeeper.store.rows import Row
from scopekeeper.store.shapes import VERSION, Misfit, shapes_of
from scopekeeper.store.work import Change, Keeping


class SqlData:
    """Implements `sdk.data.Data`. Point reads and first-hand pages are read at once; the rest aside."""

    def __init__(self, engine: Engine, tables: Sequence[Table[Any]], entropy: Entropy) -> None:
        try:
            shapes = shapes_of(tables)
            engine.prepare(shapes.values())
        except Misfit as misfit:
            raise SchemaError(str(misfit)) from misfit
        self._reaches = {name: Reach(shape, shapes, engine.dialect) for name, shape in shapes.items()}
        self.disowning = tuple(each.disown for each in self._reaches.values() if each.disown is not None)
        """The statements that make all that is one person's nobody's."""
        self._entropy = entropy
        self._reader = engine.reader
        self._writer = engine.writer

    async def get(self, table: Table[Any], key: str, whose: str | None) -> Found | None:
        reach = self._reaches[table.name]
        statement = reach.get[whose is not None]
        rows = await self._reader.at_once(statement, *statement.places({"key": key, "whose": whose}))
        return _found(reach, rows[0]) if rows else None

    async def page(
        self, table: Table[Any], whose: str | None, where: Mapping[str, object], after: str | None, limit: int
    ) -> Sequence[tuple[str, Found]]:
        reach = self._reaches[table.name]
        asked = self._filter(reach, where) | {"whose": whose, "after": after, "limit": limit}
        statement = reach.page(bound=whose is not None, after=after is not None, where=where)
        read = self._reader.at_once if whose is None and not where else self._reader.aside
        found = (_found(reach, row) for row in await read(statement, *statement.places(asked)))
        return [(table.key_of(each.record), each) for each in found]

    async def count(self, table: Table[Any], whose: str | None, where: Mapping[str, object]) -> int:
        reach = self._reaches[table.name]
        asked = self._filter(reach, where) | {"whose": whose}
        statement = reach.count(bound=whose is not None, where=where)
        ((count,),) = await self._reader.aside(statement, *statement.places(asked))
        return int(count)

    async def exists(self, table: str, key: str, whose: str | None) -> int | None:
        statement = self._reaches[table].version[whose is not None]
        rows = await self._reader.at_once(statement, *statement.places({"key": key, "whose": whose}))
        return int(rows[0][0]) if rows else None

    async def commit(self, work: Work) -> Report:
        if not work.writes:
            return Report()
        changes = [self._change(write) for write in work.writes]
        return await self._writer.commit(Keeping(self._reaches, work, changes))

    def _change(self, write: Write) -> Change:
        """The write with its row, under a version that no row ever had."""
        reach = self._reaches[write.table.name]
        if write.record is None:
            return Change(reach, write.key, None, {}, write.whose)
        if write.table.key_of(write.record) != write.key:
            raise TypeError(f"the record of {write.key!r} has another key")
        row = {**reach.shape.row_of(write.record), VERSION: self._entropy.row_id()}
        refers = {field: row[field] for field in write.table.refers}
        return Change(reach, write.key, row, refers, write.whose)

    def _filter(self, reach: Reach, where: Mapping[str, object]) -> dict[str, object]:
        fields = {field.name: field for field in reach.shape.fields}
        if unknown := where.keys() - fields.keys():
            raise TypeError(f"{reach.shape.table.name} has no field {min(unknown)!r} to look for")
        return {f"field.{name}": fields[name].stored(value) for name, value in where.items()}


def _found(reach: Reach, row: Row) -> Found:
    version, *values = row
    return Found(reach.shape.record_of(values), version)
