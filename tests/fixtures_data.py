"""Modules' data in dicts: what the store promises to the SDK, kept for as long as a test runs."""

from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

from scopekeeper.sdk import AnyOf, Begins, Between, Either, InUse, Invalid, NotFound, Table
from scopekeeper.sdk.data import Changed, Found, Owned, Report, Taken, Work, Write
from scopekeeper.sdk.errors import Holder
from scopekeeper.sdk.listing import Condition, Counted
from scopekeeper.sdk.reference import Named, named_in
from scopekeeper.store.places import Ordering
from scopekeeper.store.shapes import shapes_of


class DictData:
    """All rows in memory, one commit at a time. `trips` counts what was asked of it."""

    def __init__(self, tables: Sequence[Table[Any]]) -> None:
        self._tables = {table.name: table for table in tables}
        self._rows: dict[str, dict[str, Found]] = {table.name: {} for table in tables}
        self._shapes = shapes_of(tables)
        self._version = 0
        self.trips: list[str] = []

    async def get(self, table: Table[Any], key: str, whose: str | None) -> Found | None:
        self.trips.append("get")
        return self._seen(table, key, whose)

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
        self.trips.append("page")
        field = next(each for each in self._shapes[table.name].fields if each.name == (sort or table.key))
        order = Ordering(field.name, descending, table.key, field.column.type.python_type)
        place = order.place(after)
        rows = [
            (order.rank(key, value), key, value, found)
            for key, found in self._matching(table, whose, where, conditions)
            for value in [field.stored(getattr(found.record, field.name))]
        ]
        if place is not None:
            behind = order.rank(place.key, place.value)
            rows = [row for row in rows if (row[0] < behind if descending else row[0] > behind)]
        rows.sort(key=itemgetter(0), reverse=descending)
        return [(order.place_of(key, value), found) for _, key, value, found in rows[:limit]]

    async def count(
        self, table: Table[Any], whose: str | None, where: Mapping[str, object], conditions: Sequence[Condition] = ()
    ) -> int:
        self.trips.append("count")
        return len(list(self._matching(table, whose, where, conditions)))

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
        self.trips.append("counts")
        alike: dict[tuple[str, tuple[Any, ...]], list[Any]] = {}
        for key, found in self._matching(table, whose, where, conditions):
            alike.setdefault((key[:prefix], tuple(getattr(found.record, name) for name in by)), []).append(found.record)
        counted = [
            Counted(*group, len(some), tuple(sum(getattr(each, name) or 0 for each in some) for name in sums))
            for group, some in alike.items()
        ]
        return sorted(counted, key=lambda each: (each.prefix, [(one is not None, str(one)) for one in each.by]))

    async def append(self, table: Table[Any], records: Sequence[Any]) -> int:
        self.trips.append("append")
        before = len(self._rows[table.name])
        for record in records:
            if table.key_of(record) not in self._rows[table.name]:
                self._put(table, record)
        return len(self._rows[table.name]) - before

    async def exists(self, table: str, key: str, whose: str | None) -> int | None:
        self.trips.append("exists")
        found = self._seen(self._tables[table], key, whose)
        return None if found is None else found.version

    async def owner(self, table: str, key: str) -> Owned | None:
        self.trips.append("owner")
        found = self._rows[table].get(key)
        return None if found is None else Owned(found.version, self._owner(self._tables[table], found.record))

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
        if write.key in rows and not self._is_theirs(table, rows[write.key].record, write.whose):
            raise NotFound(f"There is no {write.key!r} here.")
        if write.record is None:
            yield from self._removed(table.name, write.key)
            return
        for field, (target, _) in table.refers.items():
            if getattr(write.record, field) not in self._rows[target]:
                raise NotFound(f"There is no {getattr(write.record, field)!r} here.")
        for named in self._named(table, write.record):
            before = rows[write.key].record if write.key in rows else None
            known = {(each.table, each.key) for each in self._named(table, before)} | {(table.name, write.key)}
            if (named.table, named.key) in known:
                continue
            held = self._tables.get(named.table)
            if held is None or self._seen(held, named.key, write.whose) is None:
                raise Invalid(named.path, f"There is no {named.key!r} here.")
        self._put(table, write.record)
        if not self._is_theirs(table, write.record, write.whose):
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
        holders = {table: self._naming(table, name, key) for table in self._tables.values()}
        if any(holders.values()):
            raise InUse.by(key, [Holder(of.name, len(keys), keys, of.name) for of, keys in holders.items() if keys])

    def _naming(self, table: Table[Any], name: str, key: str) -> tuple[str, ...]:
        """The keys of this table's records that name a row."""
        return tuple(
            holder
            for holder, row in sorted(self._rows[table.name].items())
            if (name, key) in {(each.table, each.key) for each in self._named(table, row.record)}
        )

    @staticmethod
    def _named(table: Table[Any], record: Any) -> list[Named]:
        return [] if record is None else [each for each in named_in(record) if each.path not in table.refers]

    def _put(self, table: Table[Any], record: Any) -> None:
        self._version += 1
        self._rows[table.name][table.key_of(record)] = Found(record, self._version)

    def _seen(self, table: Table[Any], key: str, whose: str | None) -> Found | None:
        found = self._rows[table.name].get(key)
        if found is None or not self._is_theirs(table, found.record, whose):
            return None
        return found

    def _matching(
        self, table: Table[Any], whose: str | None, where: Mapping[str, object], conditions: Sequence[Condition]
    ) -> Iterator[tuple[str, Found]]:
        for key in sorted(self._rows[table.name]):
            found = self._seen(table, key, whose)
            if (
                found is not None
                and all(getattr(found.record, field) == value for field, value in where.items())
                and all(meets(found.record, condition) for condition in conditions)
            ):
                yield key, found

    def _is_theirs(self, table: Table[Any], record: Any, whose: str | None) -> bool:
        """Is it this user's? All is, where none is named."""
        return whose is None or whose in self._owners(table, record)

    def _owner(self, table: Table[Any], record: Any) -> str | None:
        return next((name for name in self._owners(table, record) if name), None)

    def _owners(self, table: Table[Any], record: Any) -> list[str | None]:
        names = [getattr(record, owner) for owner in table.owners]
        if table.through is None or names == [None]:
            return names
        above = self._tables[table.refers[table.through][0]]
        found = self._rows[above.name].get(names[0])
        return [] if found is None else self._owners(above, found.record)


def meets(record: Any, condition: Condition) -> bool:
    """Is this record meant?"""
    match condition:
        case Between(name, None, None):
            return True
        case Between(name, since, until):
            value = getattr(record, name)
            return value is not None and (since is None or since <= value) and (until is None or value < until)
        case Begins(name, prefix):
            value = getattr(record, name)
            return value is not None and bool(value.startswith(prefix))
        case Either(names, value):
            return value in [getattr(record, name) for name in names]
        case AnyOf(name, values):
            return getattr(record, name) in values
