"""Data as it would be: works are carried out in thought, and what is read afterwards shows them.

The store learns nothing of it, until all of it is committed there as one work. What the store would refuse is refused
here: what a row refers to must be there. Made for callers that act for the whole system, one at a time, and that remove
nothing on which others hang.

What a rule relies on it reads by key. Lists in the order of keys show what is overlaid, too; those in another order,
and sums, are of what is stored.
"""

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any, Final

from scopekeeper.api.bulk.fitting import fits
from scopekeeper.sdk import Invalid, NotFound, Table
from scopekeeper.sdk.data import Changed, Data, Found, Owned, Report, Work, Write
from scopekeeper.sdk.listing import Condition, Counted
from scopekeeper.sdk.reference import Named, named_in

_VERSIONS: Final = count(-1, -1)
"""No row that is stored has one of these."""

_NONE: Final[Mapping[str, "tuple[Write, int]"]] = {}


class Missing(Invalid):
    """What is named by a `Ref` is not there: which row, of which table."""

    def __init__(self, path: str, named: Named) -> None:
        super().__init__(path, f"There is no {named.key!r} here.")
        self.named = named


class Overlay:
    """Implements `Data` on data."""

    def __init__(self, data: Data, *, relied_on: bool = True) -> None:
        """`relied_on`: will it be committed? Then each row is read once. If not, others may change it meanwhile."""
        self._data = data
        self._relied_on = relied_on
        self._read: dict[tuple[str, str], Found | None] = {}
        self._rows: dict[str, dict[str, tuple[Write, int]]] = {}
        self.work: Final = Work()
        """All that was done here, as one work: what it relies on of what was there, and what it writes."""

    async def get(self, table: Table[Any], key: str, whose: str | None) -> Found | None:
        _require_system(whose)
        held = self._overlaid(table.name).get(key)
        if held is not None:
            return _found(*held)
        place = table.name, key
        if place in self._read:
            return self._read[place]
        found = await self._data.get(table, key, whose)
        if self._relied_on:
            self._read[place] = found
        return found

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
        _require_system(whose)
        overlaid = self._overlaid(table.name) if sort in (None, table.key) else _NONE
        most = limit + len(overlaid)
        there = await self._data.page(table, whose, where, after, most, conditions, sort, descending)
        if not overlaid:
            return there
        rows = {key: found for key, found in there if key not in overlaid}
        for key, held in overlaid.items():
            found = _found(*held)
            beyond = after is None or (key < after if descending else key > after)
            if found is not None and beyond and fits(found.record, where, conditions):
                rows[key] = found
        return sorted(rows.items(), key=lambda each: each[0], reverse=descending)[:limit]

    async def count(
        self, table: Table[Any], whose: str | None, where: Mapping[str, object], conditions: Sequence[Condition] = ()
    ) -> int:
        _require_system(whose)
        counted = await self._data.count(table, whose, where, conditions)
        for key, held in self._overlaid(table.name).items():
            before, now = await self._data.get(table, key, whose), _found(*held)
            counted -= before is not None and fits(before.record, where, conditions)
            counted += now is not None and fits(now.record, where, conditions)
        return counted

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
        _require_system(whose)
        return await self._data.counts(table, whose, where, conditions, prefix, by, sums)

    async def append(self, table: Table[Any], records: Sequence[Any]) -> int:
        named = {table.key_of(each): each for each in reversed(records)}
        new = [key for key in named if await self.exists(table.name, key, None) is None]
        await self.commit(Work(writes=[Write(table, key, named[key], None) for key in new]))
        return len(new)

    async def exists(self, table: str, key: str, whose: str | None) -> int | None:
        _require_system(whose)
        held = self._overlaid(table).get(key)
        if held is None and (table, key) not in self._read:
            return await self._data.exists(table, key, whose)
        found = self._read[table, key] if held is None else _found(*held)
        return None if found is None else found.version

    async def owner(self, table: str, key: str) -> Owned | None:
        held = self._overlaid(table).get(key)
        if held is None:
            return await self._data.owner(table, key)
        write, version = held
        if write.record is None:
            return None
        through = write.table.through
        if through is None:
            names = (getattr(write.record, name) for name in write.table.owners)
            return Owned(version, next((name for name in names if name is not None), None))
        above = await self.owner(write.table.refers[through][0], getattr(write.record, through))
        return Owned(version, None if above is None else above.owner)

    async def commit(self, work: Work) -> Report:
        """Carry it out here. Raises Changed, and what the store raises where a record names what does not exist."""
        for (table, key), version in work.reads.items():
            if key not in self._overlaid(table):
                if self._relied_on:
                    self.work.saw(table, key, version)
            elif await self.exists(table, key, None) != version:
                raise Changed
        for write in work.writes:
            _require_system(write.whose)
            await self._require_there(write)
            self._rows.setdefault(write.table.name, {})[write.key] = write, next(_VERSIONS)
            self.work.writes.append(write)
        return Report()

    async def _require_there(self, write: Write) -> None:
        """See that all that the record refers to is there. Raises NotFound, and Missing for what a `Ref` names."""
        if write.record is None:
            return
        for field, (target, _) in write.table.refers.items():
            key = getattr(write.record, field)
            if key is not None and await self.exists(target, key, None) is None:
                raise NotFound(f"There is no {key!r} here.")
        gone = [named for named in named_in(write.record) if not await self._is_there(named, write)]
        if not gone:
            return
        old = await self.get(write.table, write.key, None)
        before = set() if old is None else {(named.table, named.key) for named in named_in(old.record)}
        for named in gone:
            if (named.table, named.key) not in before:
                raise Missing(named.path, named)

    async def _is_there(self, named: Named, write: Write) -> bool:
        if (named.table, named.key) == (write.table.name, write.key):
            return True
        try:
            return await self.exists(named.table, named.key, None) is not None
        except LookupError:
            return False  # the module that keeps it is switched off; what was named before may stay so

    def _overlaid(self, table: str) -> Mapping[str, tuple[Write, int]]:
        return self._rows.get(table, _NONE)


def _found(write: Write, version: int) -> Found | None:
    return None if write.record is None else Found(write.record, version)


def _require_system(whose: str | None) -> None:
    if whose is not None:
        raise TypeError("an overlay is of what the whole system may do")
