"""Lines that share a commit, and others who come between."""

from pathlib import Path
from typing import Any

from scopekeeper.api.bulk.outcome import Fate, Outcome
from scopekeeper.api.bulk.overlay import Overlay
from scopekeeper.api.bulk.taking import TOGETHER
from scopekeeper.sdk import Invalid, Table
from scopekeeper.sdk.data import Changed, Data, Found, Report, Work
from scopekeeper.surface.bulk.entries import Item
from tests.api.desks import ADA, PLAN, Moving, moving


class Between:
    """Data that somebody else changes, once, before it is committed."""

    def __init__(self, made: Moving) -> None:
        self._made = made
        self.came = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._made.data, name)

    async def commit(self, work: Work) -> Report:
        if not self.came:
            self.came += 1
            await self._made.take({"extension": "1001", "name": "Eve"})
        return await self._made.data.commit(work)


async def test_lines_share_a_commit_and_are_told_in_their_order(tmp_path: Path) -> None:
    lines = [Item(PLAN, {"extension": f"{n}", "name": f"Phone {n}"}) for n in range(2000, 2000 + 3 * TOGETHER)]
    unread = Invalid("", "It cannot be read.")
    async with moving(tmp_path) as made:
        counted = Between(made)
        counted.came = 1
        told = [each async for each in made.taking(counted).take_all(enumerate([unread, *lines]))]
        assert [place for place, _ in told] == list(range(3 * TOGETHER + 1))
        assert told[0] == (0, Outcome.refused("", "It cannot be read."))
        assert {outcome.fate for _, outcome in told[1:]} == {Fate.CREATED}
        assert len(await made.all()) == 3 * TOGETHER + 1


async def test_who_comes_between_those_that_share_a_commit_has_them_taken_one_by_one(tmp_path: Path) -> None:
    lines = [{"extension": "1001", "callforward": {"busy": "8"}}, {"extension": "1002", "name": "Bea"}]
    async with moving(tmp_path) as made:
        between = Between(made)
        taken = made.taking(between).take_all(enumerate(Item(PLAN, line) for line in lines))
        assert [outcome.fate.value async for _, outcome in taken] == ["changed", "created"]
        one, two = await made.all()
        assert (between.came, one["name"], one["callforward"]["busy"], two["name"]) == (1, "Eve", "8", "Bea")


async def test_who_comes_between_two_lines_that_share_a_commit_has_them_taken_one_by_one(tmp_path: Path) -> None:
    class Reading:
        """Data that somebody else changes once, as soon as a forward was read."""

        def __init__(self, made: Moving) -> None:
            self._made = made
            self.came = 0

        def __getattr__(self, name: str) -> Any:
            return getattr(self._made.data, name)

        async def get(self, table: Table[Any], key: str, whose: str | None) -> Found | None:
            if table.name == "desks" and not self.came:
                self.came += 1
                await self._made.take({"extension": "1001", "callforward": {"busy": "9"}})
            return await self._made.data.get(table, key, whose)

    lines = [
        {"extension": "1001", "callforward": {"unavailable": "1"}},
        {"extension": "1001", "desks": {"room": "1"}},
        {"extension": "1001", "callforward": {"ring_timer": 5}},
    ]
    async with moving(tmp_path) as made:
        reading = Reading(made)
        taken = made.taking(reading).take_all(enumerate(Item(PLAN, line) for line in lines))
        assert [outcome.fate.value async for _, outcome in taken] == ["changed"] * 3
        [told] = await made.all()
        assert told["callforward"] == {"unconditional": None, "busy": "9", "unavailable": "1", "ring_timer": 5}
        assert (reading.came, told["desks"]["room"]) == (1, "1")


async def test_a_rehearsal_does_not_mind_what_others_change_meanwhile(tmp_path: Path) -> None:
    async with moving(tmp_path) as made:
        rehearsing = made.taking(Overlay(made.data, relied_on=False))
        line = {"extension": "1001", "callforward": {"busy": "8"}}
        assert (await rehearsing.take(Item(PLAN, line))).fate is Fate.CHANGED
        await made.take({"extension": "1001", "name": "Eve", "callforward": {"busy": "9"}})
        assert await rehearsing.take(Item(PLAN, line)) == Outcome(Fate.UNCHANGED)
        assert (await rehearsing.take(Item(PLAN, {"extension": "1001", "desks": {"room": "1"}}))).fate is Fate.CHANGED


async def test_who_comes_between_makes_the_line_run_again(tmp_path: Path) -> None:
    async with moving(tmp_path) as made:
        between = Between(made)
        [outcome] = await made.take({"extension": "1001", "callforward": {"busy": "8"}, "name": "Ada"}, data=between)
        assert (between.came, outcome.fields) == (1, ("name", "callforward.busy"))
        [told] = await made.all()
        assert (told["name"], told["callforward"]["busy"]) == ("Ada", "8")


async def test_data_that_keeps_changing_refuses_the_line_and_no_other(tmp_path: Path) -> None:
    class Restless:
        """Data of which something has changed by the time it is committed, always."""

        def __init__(self, data: Data) -> None:
            self._data = data

        def __getattr__(self, name: str) -> Any:
            return getattr(self._data, name)

        async def commit(self, work: Work) -> Report:
            raise Changed

    async with moving(tmp_path) as made:
        outcomes = await made.take({"extension": "1001", "name": "Eve"}, ADA, data=Restless(made.data))
        assert [each.fate for each in outcomes] == [Fate.REFUSED, Fate.UNCHANGED]
