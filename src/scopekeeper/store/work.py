"""What an operation has read and means to write, carried out in one transaction, or not at all."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scopekeeper.sdk import InUse, NotFound
from scopekeeper.sdk.data import Changed, Report, Taken, Work
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


@dataclass(frozen=True, slots=True)
class Keeping:
    """A work as the decision that commits it. Raises Changed, NotFound, InUse."""

    reaches: Mapping[str, Reach]
    work: Work
    changes: Sequence[Change]

    def __call__(self, t: Transaction) -> Report:
        """Carry it out."""
        return carry_out(t, self.reaches, self.work, self.changes)


def carry_out(t: Transaction, reaches: Mapping[str, Reach], work: Work, changes: Sequence[Change]) -> Report:
    """See that what was read is still so, then write. Raises Changed, NotFound, InUse."""
    for (table, key), version in work.reads.items():
        if _version(t, reaches[table], key, None) != version:
            raise Changed
    for table, key, whose in work.unseen:
        if _version(t, reaches[table], key, whose) is not None:
            raise Changed
    taken: dict[str, dict[str, None]] = {}
    for change in changes:
        if change.row is None:
            _remove(t, reaches, change, taken)
        else:
            _put(t, reaches, change, change.row)
    return Report(tuple(Taken(_module_of(table), table, tuple(keys)) for table, keys in taken.items()))


def _put(t: Transaction, reaches: Mapping[str, Reach], change: Change, row: Mapping[str, object]) -> None:
    reach, key, whose = change.reach, change.key, change.whose
    for field, value in change.refers.items():
        above = reaches[reach.refers[field][0]]
        if value is not None and _version(t, above, value, whose if above.owned else None) is None:
            raise not_found(value)
    bound = whose is not None
    values = {f"field.{name}": value for name, value in row.items()}
    if not t.run(reach.update[bound], key=key, whose=whose, **values):
        if bound and _version(t, reach, key, None) is not None:
            raise not_found(key)
        t.run(reach.insert, **values)
    if bound and _version(t, reach, key, whose) is None:
        raise not_found(key)  # it would no longer be theirs


def _remove(t: Transaction, reaches: Mapping[str, Reach], change: Change, taken: dict[str, dict[str, None]]) -> None:
    reach, key, whose = change.reach, change.key, change.whose
    if _version(t, reach, key, whose) is None:
        if whose is not None and _version(t, reach, key, None) is not None:
            raise not_found(key)
        return
    going, holding = _hanging_on(t, reaches, reach, key)
    if holding:
        told = ", ".join(f"{count} in {module}" for module, count in sorted(holding.items()))
        raise InUse(f"{key!r} is in use: {told}.")
    try:
        for below, gone in reversed(going):  # what hangs on a row goes before it, so it holds nothing any more
            t.run(below.delete[False], key=gone)
        t.run(reach.delete[whose is not None], key=key, whose=whose)
    except Violation as refused:
        raise InUse(f"{key!r} is in use.") from refused  # by the data of a module that is switched off
    for below, gone in going:
        taken.setdefault(below.shape.table.name, {})[gone] = None


def _hanging_on(
    t: Transaction, reaches: Mapping[str, Reach], reach: Reach, key: str
) -> tuple[list[tuple[Reach, str]], dict[str, int]]:
    """The rows that go along with this one, those nearest to it first; and module to how many rows hold it."""
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
    holding = Counter(_module_of(below.shape.table.name) for below, _ in held - going.keys())
    return list(going)[1:], holding


def _version(t: Transaction, reach: Reach, key: str, whose: str | None) -> Any:
    found = t.rows(reach.version[whose is not None], key=key, whose=whose)
    return found[0][0] if found else None


def _module_of(table: str) -> str:
    return table.partition(".")[0]


def not_found(key: str) -> NotFound:
    """What somebody hears for whom there is no such row."""
    return NotFound(f"There is no {key!r} here.")
