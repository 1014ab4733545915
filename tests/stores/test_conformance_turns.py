"""What every store promises of turns: of any number who would do what one does for all, one does."""

import asyncio

from tests.fixtures import NOON
from tests.stores.conftest import Opened

NOW = NOON * 1_000
LENGTH = 10_000


async def test_whoever_comes_first_has_it_until_it_is_over(opened: Opened) -> None:
    async with opened() as store:
        assert await store.turn("caretaker", "a", NOW, LENGTH)
        assert not await store.turn("caretaker", "b", NOW + LENGTH - 1, LENGTH)
        assert await store.turn("caretaker", "b", NOW + LENGTH, LENGTH)
        assert not await store.turn("caretaker", "a", NOW + LENGTH, LENGTH)


async def test_whoever_goes_on_in_time_keeps_it(opened: Opened) -> None:
    async with opened() as store:
        for second in range(60):
            assert await store.turn("caretaker", "a", NOW + 1_000 * second, LENGTH)
            assert not await store.turn("caretaker", "b", NOW + 1_000 * second + 500, LENGTH)


async def test_it_is_renewed_only_when_less_than_half_is_left(opened: Opened) -> None:
    async with opened() as store:
        await store.turn("caretaker", "a", NOW, LENGTH)
        await store.turn("caretaker", "a", NOW + LENGTH // 2, LENGTH)
        assert await store.turn("caretaker", "b", NOW + LENGTH, LENGTH)
        await store.turn("caretaker", "b", NOW + LENGTH + LENGTH // 2 + 1, LENGTH)
        assert not await store.turn("caretaker", "a", NOW + 2 * LENGTH, LENGTH)


async def test_whoever_lets_go_is_followed_at_once(opened: Opened) -> None:
    async with opened() as store:
        await store.turn("caretaker", "a", NOW, LENGTH)
        await store.let_go("caretaker", "b")
        assert not await store.turn("caretaker", "b", NOW, LENGTH)
        await store.let_go("caretaker", "a")
        assert await store.turn("caretaker", "b", NOW, LENGTH)
        await store.let_go("caretaker", "a")
        assert not await store.turn("caretaker", "a", NOW, LENGTH)
        await store.let_go("nobody's", "a")


async def test_each_name_has_turns_of_its_own(opened: Opened) -> None:
    async with opened() as store:
        assert await store.turn("caretaker", "a", NOW, LENGTH)
        assert await store.turn("porter", "b", NOW, LENGTH)
        await store.let_go("porter", "b")
        assert not await store.turn("caretaker", "b", NOW, LENGTH)


async def test_a_clock_that_was_ahead_holds_it_for_nobody_for_long(opened: Opened) -> None:
    async with opened() as store:
        assert await store.turn("caretaker", "a", NOW + 86_400_000, LENGTH)
        assert await store.turn("caretaker", "b", NOW, LENGTH)
        assert await store.turn("caretaker", "b", NOW + 1, LENGTH)
        assert not await store.turn("caretaker", "a", NOW + 2, LENGTH)


async def test_a_clock_that_is_set_back_a_little_goes_on(opened: Opened) -> None:
    async with opened() as store:
        assert await store.turn("caretaker", "a", NOW, LENGTH)
        assert await store.turn("caretaker", "a", NOW - LENGTH, LENGTH)
        assert not await store.turn("caretaker", "b", NOW - LENGTH, LENGTH)
        assert await store.turn("caretaker", "b", NOW, LENGTH)


async def test_of_a_crowd_exactly_one_has_it(opened: Opened) -> None:
    async with opened() as store:
        for round in range(5):
            now = NOW + round * LENGTH
            told = await asyncio.gather(*(store.turn("caretaker", f"{each}", now, LENGTH) for each in range(30)))
            assert told.count(True) == 1


async def test_whose_turn_it_is_makes_nobody_forget_anything(opened: Opened) -> None:
    async with opened() as store:
        before = await store.changes()
        await store.turn("caretaker", "a", NOW, LENGTH)
        await store.let_go("caretaker", "a")
        assert await store.changes() == before
