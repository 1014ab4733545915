"""What is made when it is first wanted is made once, aside, and anew after a failure."""

import asyncio
import threading
from pathlib import Path

import pytest

from scopekeeper.api.modules import Modules, installed
from scopekeeper.app.faces import BELOW, FOR_PEOPLE, NOWHERE, front, library_of
from scopekeeper.app.rooms import rooms_of
from scopekeeper.sdk import ApiModule, Caller, DeclarationError, record
from scopekeeper.web.later import Once
from tests.building import built


async def test_it_is_made_once_however_many_want_it_and_nobody_else_waits() -> None:
    begun, go_on, made = threading.Event(), threading.Event(), []

    def make() -> str:
        begun.set()
        assert go_on.wait(60)
        made.append(threading.current_thread())
        return "it"

    once = Once(make)
    waiting = [asyncio.create_task(once()) for _ in range(5)]
    await asyncio.to_thread(begun.wait, 60)
    assert not any(each.done() for each in waiting)  # the loop goes on while it is made
    go_on.set()
    assert await asyncio.gather(*waiting) == ["it"] * 5
    assert await once() == once.now() == "it"
    assert len(made) == 1
    assert made[0] is not threading.current_thread()


async def test_whoever_wanted_it_hears_why_it_could_not_be_made_and_the_next_one_tries_anew() -> None:
    tries = iter([OSError("no such file")])
    settled = []

    def make() -> str:
        for failure in tries:
            raise failure
        return "it"

    once = Once(make, lambda: settled.append("it stays"))
    with pytest.raises(OSError, match="no such file"):
        await once()
    assert settled == []
    assert await once() == await once() == "it"
    assert settled == ["it stays"]


async def test_every_room_has_a_way_that_leads_there(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        ways = {*FOR_PEOPLE, *(name for _, name in BELOW), NOWHERE}
        assert rooms_of(h.house, library_of(h.house)).keys() == ways


@record
class Thing:
    """A thing."""

    size: int | str


async def test_a_module_of_others_that_graphql_cannot_show_stops_the_start(tmp_path: Path) -> None:
    api = ApiModule("odd", title="Odd", read="See", write="Change")

    @api.read("GET /thing", field="oddThing", system=True)
    async def thing(caller: Caller) -> Thing:
        """The thing."""
        raise AssertionError("nobody asks")

    async def no_life(*_: object) -> None:
        raise AssertionError("nothing but requests comes here")

    async with built(tmp_path) as h:
        front(h.house, no_life)
        vars(h.house)["modules"] = Modules([*installed().modules, api])
        with pytest.raises(DeclarationError, match="GraphQL has no type for a union"):
            front(h.house, no_life)
