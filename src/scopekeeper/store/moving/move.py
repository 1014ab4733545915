"""The move itself: look through everything, put it over, compare all of it, and only then let anybody in.

What is looked at, put over and compared is one moment of the source, which nobody else writes to meanwhile. Each batch
is one transaction with the note of how far it came, so a move that was broken off goes on behind it. By then the source
may have changed. So in the end everything is compared, and a table that an earlier run began and that differs is put
over anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from scopekeeper.store.moving.cargo import Cargo, MoveError
from scopekeeper.store.moving.ends import Place, Places, Rows, Source, Target
from scopekeeper.store.moving.tally import Counting, Tally
from scopekeeper.store.tables import processes


class Clash(MoveError):
    """A row is there already, with this key or with something else that only one may have."""


class Watcher(Protocol):
    """Is told how far the move is."""

    def begin(self, act: str, table: str, rows: int) -> None:
        """This is done to this table next, which has so many rows."""
        ...

    def advance(self, rows: int) -> None:
        """So many more rows are done."""
        ...


@dataclass(frozen=True, slots=True)
class Moved:
    """What was moved: for each table what was counted, the same at both ends."""

    tables: Mapping[str, Tally]
    seconds: float


class Differs(MoveError):
    """What arrived is not what was sent."""


async def looked_through(source: Source, cargoes: Sequence[Cargo], watcher: Watcher) -> dict[str, Tally]:
    """See that everything can be moved, and count it. Raises MoveError."""
    return {cargo.name: await _tally(source, cargo, await source.count(cargo), "Reading", watcher) for cargo in cargoes}


async def moved(
    source: Source, target: Target, named: str, cargoes: Sequence[Cargo], counted: Mapping[str, Tally], watcher: Watcher
) -> None:
    """Put over what was counted, and compare it. Raises MoveError; Differs where it did not arrive as it was."""
    places = await target.begin(named)
    if gone := sorted(places.keys() - counted.keys()):
        raise MoveError(f"the move began with the table {gone[0]}, which is not moved now: give a new database")
    earlier = frozenset(places)
    data = [cargo for cargo in cargoes if cargo.table is not processes]
    for cargo in data:
        try:
            await _copy(source, target, cargo, counted[cargo.name], places, watcher)
        except Clash:
            if cargo.name not in earlier:
                raise
            await target.empty(cargo, places)
            await _copy(source, target, cargo, counted[cargo.name], places, watcher)
    for cargo in data:
        there = await _tally(target, cargo, counted[cargo.name].rows, "Comparing", watcher)
        if there != counted[cargo.name] and cargo.name in earlier:
            await target.empty(cargo, places)
            await _copy(source, target, cargo, counted[cargo.name], places, watcher)
            there = await _tally(target, cargo, counted[cargo.name].rows, "Comparing", watcher)
        _require_same(cargo, counted[cargo.name], there)
    async with target.finishing() as last:
        for cargo in cargoes:
            if cargo.table is processes:
                async for rows in source.batches(cargo, None):
                    await last.put(cargo, rows)
                there = await _tally(last, cargo, counted[cargo.name].rows, "Comparing", watcher)
                _require_same(cargo, counted[cargo.name], there)
        watcher.begin("Finishing", "", 0)


async def _copy(source: Source, target: Target, cargo: Cargo, whole: Tally, places: Places, watcher: Watcher) -> None:
    place = places.setdefault(cargo.name, Place())
    watcher.begin("Copying", cargo.name, whole.rows)
    watcher.advance(place.rows)
    async for rows in source.batches(cargo, place.behind):
        place = places[cargo.name] = Place(cargo.key_of(rows[-1]), place.rows + len(rows))
        await target.put(cargo, rows, places)
        watcher.advance(len(rows))


async def _tally(rows: Rows, cargo: Cargo, expected: int, act: str, watcher: Watcher) -> Tally:
    watcher.begin(act, cargo.name, expected)
    counting = Counting(cargo)
    async for batch in rows.batches(cargo, None):
        counting.add(batch)
        watcher.advance(len(batch))
    return counting.told()


def _require_same(cargo: Cargo, sent: Tally, there: Tally) -> None:
    if there != sent:
        raise Differs(
            f"{cargo.name} did not arrive as it was: {sent.rows} rows with digest {sent.digest[:16]} were sent, "
            f"{there.rows} with {there.digest[:16]} are there"
        )
