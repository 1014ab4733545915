"""Taking in: one line after the other, each of them whole or not at all.

A line is performed by the operations that everybody uses, on an overlay: what one of them writes is seen by the next.
What they wrote is committed together. To rehearse is the same on an overlay that is never committed, and that goes on
from line to line, so that each is judged as if those before it had been done.

Some lines share a commit, because each waits for the disk. Where somebody came between, they are taken one by one.

A line that names an extension which is not there waits until all others are done. Those that name one another are then
carried out together.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, TypeVar

from scopekeeper.api.bulk.outcome import Fate, Outcome
from scopekeeper.api.bulk.overlay import Missing, Overlay
from scopekeeper.api.guard import Admitted
from scopekeeper.api.perform import MOST_TRIES, Performer
from scopekeeper.sdk import Invalid, NotFound, Operation, Problem
from scopekeeper.sdk.data import Changed, Data
from scopekeeper.surface.binding import Binding
from scopekeeper.surface.bulk.cells import merged
from scopekeeper.surface.bulk.entries import Entry
from scopekeeper.surface.bulk.plan import Part, Plan

T = TypeVar("T")

Placed = tuple[int, Entry]
"""A line, and where it stands."""

TOGETHER: Final = 32
"""Lines that share a commit: so few that nobody else waits long for it."""

_RESTLESS: Final = Outcome.refused("", "The data keeps changing under this line. Try again.")


class Taking:
    """Takes lines in for one who acts for the whole system."""

    def __init__(self, plan: Plan, performer: Performer, data: Data, operator: Admitted) -> None:
        self._plan = plan
        self._performer = performer
        self._data: Final = data
        """Where lines are committed: the store's, or an overlay that nobody commits."""
        self._operator = operator
        written = (plan.add, *(part.write for part in plan.parts))
        self._bindings = {operation: Binding.of(operation) for operation in written}

    async def take_all(self, lines: Iterable[tuple[int, Entry | Invalid]]) -> AsyncIterator[tuple[int, Outcome]]:
        """Carry the lines out in their order; tell of each once it is committed. One that cannot be read is refused.

        Raises what is no fault of a line: a database that is away.
        """
        for some in _some(lines):
            outcomes = await self._taken(some)
            for place, _ in some:
                yield place, outcomes[place]

    async def take(self, entry: Entry) -> Outcome:
        """Carry the line out by itself."""
        _, outcomes = await self._together([(0, entry)], self._data)
        return outcomes[0]

    async def settle(self, waiting: Sequence[Placed]) -> dict[int, Outcome]:
        """Carry those lines out that waited for others, now that there are no more."""
        outcomes: dict[int, Outcome] = {}
        done = True
        while waiting and done:
            tried = {place: (entry, await self.take(entry)) for place, entry in waiting}
            outcomes |= {place: outcome for place, (_, outcome) in tried.items()}
            waiting = [(place, entry) for place, (entry, outcome) in tried.items() if outcome.waits]
            done = len(waiting) < len(tried)
        while waiting:
            waiting, those = await self._together(waiting, self._data)
            outcomes |= those
        return outcomes

    async def _taken(self, lines: Sequence[tuple[int, Entry | Invalid]]) -> dict[int, Outcome]:
        """What became of these lines, each by itself, with one commit."""
        data = Overlay(self._data)
        keys = {entry.key for _, entry in lines if not isinstance(entry, Invalid)}
        # A database that is asked over a network answers all of this at once; each line finds it read.
        await asyncio.gather(*(data.get(table, key, None) for table in self._plan.tables for key in keys))
        outcomes = await self._each(lines, data)
        if _RESTLESS not in outcomes.values():  # else one saw what others that came before it saw otherwise
            try:
                if data.work.writes:
                    await self._data.commit(data.work)
            except (Changed, Problem):
                pass
            else:
                return outcomes
        return await self._each(lines, self._data)

    async def _each(self, lines: Iterable[tuple[int, Entry | Invalid]], data: Data) -> dict[int, Outcome]:
        outcomes: dict[int, Outcome] = {}
        for place, entry in lines:
            if isinstance(entry, Invalid):
                outcomes[place] = Outcome.refused(entry.path, entry.detail)
            else:
                outcomes |= (await self._together([(place, entry)], data))[1]
        return outcomes

    async def _together(self, lines: Sequence[Placed], data: Data) -> tuple[Sequence[Placed], dict[int, Outcome]]:
        """Carry these lines out, all of them; or none, because one was refused: then what is left, and that one."""
        why = _RESTLESS
        for _ in range(MOST_TRIES):
            overlay = Overlay(data)
            try:
                refused, outcomes = await self._done(lines, overlay)
                if refused is None and overlay.work.writes:
                    await data.commit(overlay.work)
            except Changed:
                continue
            except Problem as wrong:  # what was there when it was looked at has gone: look again
                why = Outcome.refused("", wrong.detail)
                continue
            return [line for line in lines if line[0] not in outcomes], outcomes
        return [], {place: why for place, _ in lines}

    async def _done(self, lines: Sequence[Placed], overlay: Overlay) -> tuple[int | None, dict[int, Outcome]]:
        """What becomes of these lines on the overlay; or which of them was refused, and why."""
        place = lines[0][0]
        try:
            added: dict[int, list[str]] = {}
            for place, entry in lines:
                if not await self._is_there(entry.key, overlay):
                    added[place] = await self._add(entry, overlay)
            outcomes = {}
            for place, entry in lines:
                outcomes[place] = await self._settled(entry, added.get(place), overlay)
        except Invalid as wrong:
            waits = isinstance(wrong, Missing) and wrong.named.table == self._plan.table
            return place, {place: Outcome.refused(wrong.path, wrong.detail, waits=waits)}
        except Problem as wrong:
            return place, {place: Outcome.refused("", wrong.detail)}
        return None, outcomes

    async def _settled(self, entry: Entry, added: list[str] | None, overlay: Overlay) -> Outcome:
        """The line, once its extension is there: `added`, or before."""
        fields = list(added or ())
        for part in self._plan.parts if added is None else self._plan.others:
            if entry.speaks_of(part):
                fields += await self._change(part, entry, overlay)
        fate = Fate.CREATED if added is not None else Fate.CHANGED if fields else Fate.UNCHANGED
        return Outcome(fate, tuple(fields))

    async def _is_there(self, key: str, overlay: Overlay) -> bool:
        try:
            await self._present(self._plan.base, key, overlay)
        except NotFound:
            return False
        return True

    async def _present(self, part: Part, key: str, overlay: Overlay) -> dict[str, Any]:
        """The part as it is, after what was done to it on the overlay. Raises NotFound."""
        arguments = {self._plan.key: key}
        done = await self._performer.on(overlay).perform(part.read, self._operator, "rest", arguments)
        return part.shown(done.result)

    async def _add(self, entry: Entry, overlay: Overlay) -> list[str]:
        """Add the extension: the fields that were given."""
        plan = self._plan
        asked = {name: value for name, value in entry.asked(plan.base, None).items() if value is not None}
        step = await self._performed(plan.base, plan.add, {}, {plan.key: entry.key, **asked}, overlay)
        await overlay.commit(step.work)
        return list(asked)

    async def _change(self, part: Part, entry: Entry, overlay: Overlay) -> list[str]:
        """Change the part: the fields that are not as before. Where there is none, nothing is written."""
        present = await self._present(part, entry.key, overlay)
        asked = entry.asked(part, present)
        if not asked:
            return []
        body = asked if part.write.method == "PATCH" else merged(part.columns, present, asked)
        step = await self._performed(part, part.write, {self._plan.key: entry.key}, body, overlay)
        now = await self._present(part, entry.key, step)
        changed = [name for name in now if now[name] != present[name]]
        changed += [name for name in asked if name not in now]
        if changed:
            await overlay.commit(step.work)
        return [part.at(name) for name in changed]

    async def _performed(
        self, part: Part, operation: Operation, path: Mapping[str, str], body: Mapping[str, Any], overlay: Overlay
    ) -> Overlay:
        """Run it, on an overlay of its own. Raises the SDK's problems, with the field's place among the columns."""
        step = Overlay(overlay)
        try:
            arguments = {**path, "body": self._bindings[operation].body(body, path)}
            await self._performer.on(step).perform(operation, self._operator, "rest", arguments)
        except Missing as wrong:
            raise Missing(part.at(wrong.path), wrong.named) from None
        except Invalid as wrong:
            raise Invalid(part.at(wrong.path), wrong.detail) from None
        except Problem as wrong:
            raise Invalid(part.name, wrong.detail) from None
        return step


def _some(lines: Iterable[T]) -> Iterator[list[T]]:
    """As many at a time as share a commit."""
    rest = iter(lines)
    while some := list(islice(rest, TOGETHER)):
        yield some
