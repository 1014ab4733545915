"""Modules' data in the store's database: what the SDK was promised, on tables made from the modules' own words."""

from collections.abc import Mapping, Sequence
from typing import Any

from scopekeeper.sdk import Table
from scopekeeper.sdk.data import Found, Owned, Report, Work, Write
from scopekeeper.sdk.listing import Condition, Counted
from scopekeeper.services.ports import Entropy
from scopekeeper.store.appending import steps_of
from scopekeeper.store.engine import Engine
from scopekeeper.store.listed import counted, counted_alike, listed, page_of
from scopekeeper.store.reach import Reach
from scopekeeper.store.revisions import SchemaError
from scopekeeper.store.rows import Row
from scopekeeper.store.shapes import VERSION, Misfit, shapes_of
from scopekeeper.store.table_lists import Alike
from scopekeeper.store.work import Change, Keeping


class SqlData:
    """Implements `sdk.data.Data`. Point reads and first-hand pages are read at once; the rest aside."""

    def __init__(self, engine: Engine, tables: Sequence[Table[Any]], entropy: Entropy) -> None:
        try:
            shapes = shapes_of(tables)
            missing = engine.prepare(shapes.values())
        except Misfit as misfit:
            raise SchemaError(str(misfit)) from misfit
        self._reaches = {name: Reach(shape, shapes, engine.dialect, missing) for name, shape in shapes.items()}
        self.disowning = tuple(statement for each in self._reaches.values() for statement in each.disown)
        """The statements that make nobody's what is one person's, some rows at a time."""
        self._entropy = entropy
        self._reader = engine.reader
        self._writer = engine.writer

    async def get(self, table: Table[Any], key: str, whose: str | None) -> Found | None:
        reach = self._reaches[table.name]
        statement = reach.get[whose is not None]
        rows = await self._reader.at_once(statement, *statement.places({"key": key, "whose": whose}))
        return _found(reach, rows[0]) if rows else None

    async def page(
        self,
        table: Table[Any],
        whose: str | None,
        where: Mapping[str, object],
        after: str | None,
        limit: int,
        conditions: Sequence[Condition] = (),
        sort: str | None = None,
        descending: bool = False,
    ) -> Sequence[tuple[str, Found]]:
        reach = self._reaches[table.name]
        asked = page_of(reach, whose, where, after, limit, conditions, sort, descending)
        rows = [] if asked is None else await listed(reach, self._reader, asked, limit)
        return [(place, _found(reach, row)) for place, row in rows]

    async def count(
        self,
        table: Table[Any],
        whose: str | None,
        where: Mapping[str, object],
        conditions: Sequence[Condition] = (),
    ) -> int:
        return await counted(self._reaches[table.name], self._reader, whose, where, conditions)

    async def counts(
        self,
        table: Table[Any],
        whose: str | None,
        where: Mapping[str, object],
        conditions: Sequence[Condition],
        prefix: int,
        by: Sequence[str],
        sums: Sequence[str],
    ) -> Sequence[Counted]:
        alike = Alike(prefix, tuple(by), tuple(sums))
        return await counted_alike(self._reaches[table.name], self._reader, whose, where, conditions, alike)

    async def append(self, table: Table[Any], records: Sequence[Any]) -> int:
        reach = self._reaches[table.name]
        added = 0
        for step in steps_of(reach.shape, reach.insert, records, self._entropy):
            added += await self._writer.commit(step)
        return added

    async def exists(self, table: str, key: str, whose: str | None) -> int | None:
        statement = self._reaches[table].version[whose is not None]
        rows = await self._reader.at_once(statement, *statement.places({"key": key, "whose": whose}))
        return int(rows[0][0]) if rows else None

    async def owner(self, table: str, key: str) -> Owned | None:
        if table not in self._reaches:
            raise LookupError(f"no module that is switched on has a table {table!r}")
        statement = self._reaches[table].owner
        rows = await self._reader.at_once(statement, *statement.places({"key": key}))
        return Owned(*rows[0]) if rows else None

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
        return Change(reach, write.key, row, refers, write.whose, _named(reach, write.record))


def _named(reach: Reach, record: Any) -> Mapping[str, Mapping[str, str]]:
    links: dict[str, dict[str, str]] = {table: {} for table in reach.link_tables}
    for named in reach.shape.named_in(record):
        links[named.table].setdefault(named.key, named.path)
    return links


def _found(reach: Reach, row: Row) -> Found:
    version, *values = row
    return Found(reach.shape.record_of(values), version)
