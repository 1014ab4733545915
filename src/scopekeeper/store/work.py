"""What an operation has read and means to write, carried out in one transaction, or not at all."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from scopekeeper.sdk import InUse, Invalid, NotFound
from scopekeeper.sdk.data import Changed, Report, Taken, Work
from scopekeeper.sdk.errors import Holder
from scopekeeper.store.appending import row_to_insert
from scopekeeper.store.link_tables import LinkStatements
from scopekeeper.store.reach import Reach
from scopekeeper.store.transaction import Transaction, Violation


@dataclass(frozen=True, slots=True)
class Change:
    """A write, made ready: the row with its version (None: it goes), and what it refers to, by field."""

    reach: Reach
    key: str
    row: Mapping[str, object] | None
    refers: Mapping[str, str | None]
    whose: str | None
    named: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Of each table of which its record may name rows: those that it names, by their keys, and where it does."""

    @property
    def place(self) -> tuple[str, str]:
        """The table, by its name, and the key."""
        return self.reach.shape.table.name, self.key


@dataclass(frozen=True, slots=True)
class Keeping:
    """A work as the decision that commits it. Raises Changed, NotFound, Invalid, InUse."""

    reaches: Mapping[str, Reach]
    work: Work
    changes: Sequence[Change]

    def __call__(self, t: Transaction) -> Report:
        """Carry it out."""
        return carry_out(t, self.reaches, self.work, self.changes)


def carry_out(t: Transaction, reaches: Mapping[str, Reach], work: Work, changes: Sequence[Change]) -> Report:
    """See that what was read is still so, then write. Raises Changed, NotFound, Invalid, InUse."""
    added = changes if _only_adds(work, changes) else ()
    new = {change.place for change in added}  # that it is not there yet, inserting it tells
    for (table, key), version in work.reads.items():
        if (table, key) not in new and _version(t, reaches[table], key, None) != version:
            raise Changed
    for table, key, whose in work.unseen:
        if _version(t, reaches[table], key, whose) is not None:
            raise Changed
    taken: dict[str, dict[str, None]] = {}
    _add(t, added)
    for change in changes if not added else ():
        if change.row is None:
            _remove(t, reaches, change, taken)
        else:
            _put(t, reaches, change, change.row)
    return Report(tuple(Taken(_module_of(table), table, tuple(keys)) for table, keys in taken.items()))


def _only_adds(work: Work, changes: Sequence[Change]) -> bool:
    """Is all that is written new, each row once, of no one person, and naming nothing?"""
    return all(
        change.row is not None
        and work.reads.get(change.place, 0) is None
        and change.whose is None
        and not (change.refers or change.named)
        for change in changes
    ) and len({change.place for change in changes}) == len(changes)


def _add(t: Transaction, changes: Sequence[Change]) -> None:
    """New rows, many in one statement. Raises Changed where one of them is there by now."""
    for reach, some in groupby(changes, lambda change: change.reach):
        rows = [row_to_insert(reach.insert, change.row) for change in some if change.row is not None]
        if t.append(reach.insert, rows) < len(rows):
            raise Changed


def _put(t: Transaction, reaches: Mapping[str, Reach], change: Change, row: Mapping[str, object]) -> None:
    reach, key, whose = change.reach, change.key, change.whose
    for name, value in change.refers.items():
        above = reaches[reach.refers[name][0]]
        if value is not None and _version(t, above, value, whose if above.owned else None) is None:
            raise not_found(value)
    relinked = list(_relinked(t, reaches, change))
    bound = whose is not None
    values = {f"field.{column}": value for column, value in row.items()}
    if not t.run(reach.update[bound], key=key, whose=whose, **values):
        if bound and _version(t, reach, key, None) is not None:
            raise not_found(key)
        t.run(reach.insert, **values)
    if bound and _version(t, reach, key, whose) is None:
        raise not_found(key)  # it would no longer be theirs
    for links, new, old in relinked:
        t.run_each(links.remove, [{"holder": key, "held": each} for each in old])
        try:
            t.run_each(links.add, [{"holder": key, "held": each} for each in new])
        except Violation as refused:
            raise Changed from refused  # one of them was removed just now


def _relinked(
    t: Transaction, reaches: Mapping[str, Reach], change: Change
) -> Iterator[tuple[LinkStatements, list[str], list[str]]]:
    """What the row names from now on, and what no more, by each link. Raises Invalid.

    What it named before, it may go on naming, whosever that is: it is there, and nobody learns of it who does not read
    the record.
    """
    for table, named in change.named.items():
        links = change.reach.link_tables[table]
        before = set() if links is None else {held for (held,) in t.rows(links.held, holder=change.key)}
        new = [key for key in named if key not in before]
        for key in new:
            itself = (table, key) == (change.reach.shape.table.name, change.key)
            above = reaches.get(table)  # of a module that is switched off nothing can be named
            if not itself and (above is None or _version(t, above, key, change.whose) is None):
                raise Invalid(named[key], f"There is no {key!r} here.")
        if links is not None:
            yield links, new, sorted(before - named.keys())


def _remove(t: Transaction, reaches: Mapping[str, Reach], change: Change, taken: dict[str, dict[str, None]]) -> None:
    reach, key, whose = change.reach, change.key, change.whose
    if _version(t, reach, key, whose) is None:
        if whose is not None and _version(t, reach, key, None) is not None:
            raise not_found(key)
        return
    going, holding = _hanging_on(t, reaches, reach, key)
    if holding:
        raise InUse.by(key, holding)
    try:
        for gone_from, gone in [(reach, key), *going]:  # what goes names nothing any more
            for links in gone_from.link_tables.values():
                if links is not None:
                    t.run(links.clear, holder=gone)
        for below, gone in reversed(going):  # what hangs on a row goes before it, so it holds nothing any more
            t.run(below.delete[False], key=gone)
        t.run(reach.delete[whose is not None], key=key, whose=whose)
    except Violation as refused:
        raise InUse(f"{key} is in use.") from refused  # by the data of a module that is switched off
    for below, gone in going:
        taken.setdefault(below.shape.table.name, {})[gone] = None


def _hanging_on(
    t: Transaction, reaches: Mapping[str, Reach], reach: Reach, key: str
) -> tuple[list[tuple[Reach, str]], list[Holder]]:
    """The rows that go along with this one, those nearest to it first; and those that hold it."""
    going = {(reach, key): None}
    held: set[tuple[Reach, str]] = set()
    pending = [(reach, key)]
    for gone, gone_key in pending:
        for holder in gone.holders:
            below = reaches[holder.table]
            rows = [(below, each) for (each,) in t.rows(holder.keys, key=gone_key)]
            if holder.on_removal == "restrict":
                held.update(rows)
                continue
            pending += [row for row in rows if row not in going]
            going |= dict.fromkeys(rows)
    holding: dict[str, list[str]] = {}
    for below, each in sorted(held - going.keys(), key=lambda row: (row[0].shape.table.name, row[1])):
        holding.setdefault(below.shape.table.name, []).append(each)
    holders = [Holder(_module_of(name), len(keys), tuple(keys), name) for name, keys in holding.items()]
    return list(going)[1:], holders


def _version(t: Transaction, reach: Reach, key: str, whose: str | None) -> Any:
    found = t.rows(reach.version[whose is not None], key=key, whose=whose)
    return found[0][0] if found else None


def _module_of(table: str) -> str:
    return table.partition(".")[0]


def not_found(key: str) -> NotFound:
    """What somebody hears for whom there is no such row."""
    return NotFound(f"There is no {key!r} here.")
