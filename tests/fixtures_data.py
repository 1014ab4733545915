"""Modules' data in dicts: what the store promises to the SDK, kept for as long as a test runs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scopekeeper.sdk import InUse, NotFound, Table
from scopekeeper.sdk.data import Changed, Found, Report, Taken, Work, Write


class DictData:
    """All rows in memory, one commit at a time. `trips` counts what was asked of it."""

    def __init__(self, tables: Sequence[Table[Any]]) -> None:
        self._tables = {table.name: table for table in tables}
        self._rows: dict[str, dict[str, Found]] = {table.name: {} for table in tables}
        self._version = 0
        self.trips: list[str] = []

    async def get(self, table: Table[Any], key: str, whose: str | None) -> Found | None:
        self.trips.append("get")
        return self._seen(table, key, whose)

    async def page(
        self, table: Table[Any], whose: str | None, where: Mapping[str, object], after: str | None, limit: int
    ) -> Sequence[tuple[str, Found]]:
        self.trips.append("page")
        rows = self._matching(table, whose, where)
        return [(key, found) for key, found in rows if after is None or key > after][:limit]

    async def count(self, table: Table[Any], whose: str | None, where: Mapping[str, object]) -> int:
        self.trips.append("count")
        return len(list(self._matching(table, whose, where)))

    async def exists(self, table: str, key: str, whose: str | None) -> int | None:
        self.trips.append("exists")
        found = self._seen(self._tables[table], key, whose)
        return None if found is None else found.version

    async def commit(self, work: Work) -> Report:
        self.trips.append("commit")
        for (name, key), version in work.reads.items():
            found = self._rows[name].get(key)
            if (None if found is None else found.version) != version:
                raise Changed
        for name, key, user in work.unseen:
            if self._seen(self._tables[name], key, user) is not None:
                raise Changed
        kept = {name: dict(rows) for name, rows in self._rows.items()}
        try:
            return Report(tuple(taken for write in work.writes for taken in self._written(write)))
        except Exception:
            self._rows = kept
            raise

    def keep(self, *records: Any) -> None:
        """Let these records be there."""
        for record in records:
            self._put(next(table for table in self._tables.values() if table.record is type(record)), record)

    def _written(self, write: Write) -> Iterator[Taken]:
        rows, table = self._rows[write.table.name], write.table
        if write.whose is not None and write.key in rows and self._owner(table, rows[write.key].record) != write.whose:
            raise NotFound(f"There is no {write.key!r} here.")
        if write.record is None:
            yield from self._removed(table.name, write.key)
            return
        for field, (target, _) in table.refers.items():
            if getattr(write.record, field) not in self._rows[target]:
                raise NotFound(f"There is no {getattr(write.record, field)!r} here.")
        self._put(table, write.record)
        if write.whose is not None and self._owner(table, write.record) != write.whose:
            raise NotFound(f"There is no {write.key!r} here.")

    def _removed(self, name: str, key: str) -> Iterator[Taken]:
        if self._rows[name].pop(key, None) is None:
            return
        for table in self._tables.values():
            for field, (target, then) in table.refers.items():
                held = [each for each, row in self._rows[table.name].items() if getattr(row.record, field) == key]
                if target != name or not held:
                    continue
                if then == "restrict":
                    raise InUse(f"{len(held)} of {table.name} refer to it.")
                for each in held:
                    yield from self._removed(table.name, each)
                yield Taken(table.name.partition(".")[0], table.name, tuple(held))

    def _put(self, table: Table[Any], record: Any) -> None:
        self._version += 1
        self._rows[table.name][table.key_of(record)] = Found(record, self._version)

    def _seen(self, table: Table[Any], key: str, whose: str | None) -> Found | None:
        found = self._rows[table.name].get(key)
        if found is None or (whose is not None and self._owner(table, found.record) != whose):
            return None
        return found

    def _matching(
        self, table: Table[Any], whose: str | None, where: Mapping[str, object]
    ) -> Iterator[tuple[str, Found]]:
        for key in sorted(self._rows[table.name]):
            found = self._seen(table, key, whose)
            if found is not None and all(getattr(found.record, field) == value for field, value in where.items()):
                yield key, found

    def _owner(self, table: Table[Any], record: Any) -> str | None:
        if table.owner is None:
            return None
        name: str | None = getattr(record, table.owner)
        if table.owner not in table.refers or name is None:
            return name
        above = self._tables[table.refers[table.owner][0]]
        found = self._rows[above.name].get(name)
        return None if found is None else self._owner(above, found.record)
