"""Works that wait together, carried out abreast: their rows are looked at by one statement for each table, and written
by another. What comes of it is what would come of one after the other.

Abreast go works that only put rows, in tables without links, and of which none writes what another one of them reads or
writes. All else goes in turn.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from scopekeeper.sdk.data import Changed, Report
from scopekeeper.store.group import Outcome, Waiting, in_turn
from scopekeeper.store.postgres.transaction import PostgresTransaction
from scopekeeper.store.reach import Reach
from scopekeeper.store.statement import Statement
from scopekeeper.store.transaction import Again, Entangled, Transaction
from scopekeeper.store.work import Change, Keeping, not_found

Place = tuple[str, str]
"""A table, and the key of a row."""

Asked = tuple[Statement, str, str | None]
"""The version of which row: the statement, the key, and whose it is to be."""


def decided(decisions: Iterable[Waiting], _: Transaction, *, t: PostgresTransaction) -> Iterator[Outcome]:
    """The outcomes of these. Raises Entangled, Again."""
    wave = _Wave()
    for waiting in decisions:
        path = _path_of(waiting[1])
        if path is None or not wave.takes(path):
            yield from wave.outcomes(t)
            wave = _Wave()
        if path is None:
            yield from in_turn([waiting], t)
        else:
            wave.add(waiting, path)
    yield from wave.outcomes(t)


@dataclass(frozen=True, slots=True)
class _Path:
    """Which rows a work reads or writes, which it writes, and of which tables any row may say whose something is."""

    keeping: Keeping
    touched: frozenset[Place]
    written: frozenset[Place]
    leaned_on: frozenset[str]


def _path_of(decide: object) -> _Path | None:
    """Where a work goes; None where it cannot go abreast with any."""
    if not isinstance(decide, Keeping):
        return None
    work, changes = decide.work, decide.changes
    written = {(change.reach.shape.table.name, change.key) for change in changes}
    refers = {
        (change.reach.refers[name][0], value)
        for change in changes
        for name, value in change.refers.items()
        if value is not None
    }
    if len(written) < len(changes) or refers & written:
        return None
    if any(change.row is None or change.named for change in changes):
        return None
    bound = {table for table, _, _ in work.unseen}
    bound |= {change.reach.shape.table.name for change in changes if change.whose is not None}
    bound |= {table for table, _ in refers}
    touched = {*work.reads, *((table, key) for table, key, _ in work.unseen), *refers, *written}
    above = frozenset(table for each in bound for table in decide.reaches[each].above)
    return _Path(decide, frozenset(touched), frozenset(written), above)


@dataclass(slots=True)
class _Wave:
    """Works that go abreast."""

    members: list[tuple[Waiting, Keeping]] = field(default_factory=list)
    touched: set[Place] = field(default_factory=set)
    written: set[Place] = field(default_factory=set)
    leaned_on: set[str] = field(default_factory=set)

    def takes(self, path: _Path) -> bool:
        """Does it get along with all that are in it?"""
        return (
            self.touched.isdisjoint(path.written)
            and self.written.isdisjoint(path.touched)
            and self.leaned_on.isdisjoint(table for table, _ in path.written)
            and path.leaned_on.isdisjoint(table for table, _ in self.written)
        )

    def add(self, waiting: Waiting, path: _Path) -> None:
        self.members.append((waiting, path.keeping))
        self.touched |= path.touched
        self.written |= path.written
        self.leaned_on |= path.leaned_on

    def outcomes(self, t: PostgresTransaction) -> Iterator[Outcome]:
        if len(self.members) < 2:
            return in_turn([waiting for waiting, _ in self.members], t)
        try:
            return iter(_carried_out(self.members, t))
        except (Entangled, Again):
            raise
        except Exception as error:
            if not t.open:
                raise
            raise Entangled from error


def _carried_out(members: Iterable[tuple[Waiting, Keeping]], t: PostgresTransaction) -> list[Outcome]:
    members = list(members)
    versions = _versions(t, (asked for _, keeping in members for asked in _relied_on(keeping)))
    outcomes: list[Outcome] = []
    going_on: list[Change] = []
    for (waiter, _), keeping in members:
        refused = _refusal(keeping, versions)
        outcomes.append(Outcome(waiter, Report(), refused))
        if refused is None:
            going_on += keeping.changes
    _put(t, going_on)
    return outcomes


def _relied_on(keeping: Keeping) -> Iterator[Asked]:
    for table, key in keeping.work.reads:
        yield _asked(keeping.reaches[table], key, None)
    for table, key, whose in keeping.work.unseen:
        yield _asked(keeping.reaches[table], key, whose)
    for change in keeping.changes:
        for above, value in _referred_to(keeping, change):
            yield _asked(above, value, change.whose if above.owned else None)


def _refusal(keeping: Keeping, versions: Mapping[Asked, Any]) -> Exception | None:
    """Why this work is not to be carried out, in the order in which it looks for itself."""
    reaches, work = keeping.reaches, keeping.work
    if any(versions[_asked(reaches[table], key, None)] != version for (table, key), version in work.reads.items()):
        return Changed()
    if any(versions[_asked(reaches[table], key, whose)] is not None for table, key, whose in work.unseen):
        return Changed()
    for change in keeping.changes:
        for above, value in _referred_to(keeping, change):
            if versions[_asked(above, value, change.whose if above.owned else None)] is None:
                return not_found(value)
    return None


def _referred_to(keeping: Keeping, change: Change) -> Iterator[tuple[Reach, str]]:
    for name, value in change.refers.items():
        if value is not None:
            yield keeping.reaches[change.reach.refers[name][0]], value


def _put(t: PostgresTransaction, changes: Iterable[Change]) -> None:
    """Raises Entangled where a row is somebody else's, or would be: who hears of that is found one by one."""
    alike: dict[Statement, list[Change]] = {}
    for change in changes:
        alike.setdefault(change.reach.update[change.whose is not None], []).append(change)
    new, bound = [], []
    for statement, each in alike.items():
        done = t.swap(statement, [_parameters(change) for change in each])
        new += [change for change, there in zip(each, done, strict=True) if not there]
        bound += [change for change in each if change.whose is not None]
    taken = _versions(t, (_asked(change.reach, change.key, None) for change in new if change.whose is not None))
    if any(version is not None for version in taken.values()):
        raise Entangled
    for change in new:
        t.add(change.reach.insert, change.reach.insert.places(_parameters(change)))
    theirs = _versions(t, (_asked(change.reach, change.key, change.whose) for change in bound))
    if any(version is None for version in theirs.values()):
        raise Entangled


def _parameters(change: Change) -> dict[str, object]:
    values = {f"field.{name}": value for name, value in (change.row or {}).items()}
    return {"of_row": change.key, "key": change.key, "whose": change.whose, **values}


def _asked(reach: Reach, key: str, whose: str | None) -> Asked:
    return reach.version[whose is not None], key, whose


def _versions(t: PostgresTransaction, asked: Iterable[Asked]) -> dict[Asked, Any]:
    """The version of each row, or None: absent, or not theirs."""
    alike: dict[Statement, dict[Asked, None]] = {}
    for each in asked:
        alike.setdefault(each[0], {})[each] = None
    found: dict[Asked, Any] = {}
    for statement, those in alike.items():
        rows = t.rows_each(statement, [{"key": key, "whose": whose} for _, key, whose in those])
        found |= {each: some[0][0] if some else None for each, some in zip(those, rows, strict=True)}
    return found
