"""What every store promises of failed attempts, and of wrong user codes: no more are let pass than there is room."""

import asyncio

import pytest

from scopekeeper.services import moment
from scopekeeper.services.ports import Filling, Unavailable
from tests.fixtures import NOON
from tests.stores.conftest import Opened
from tests.stores.people import a_session, a_user
from tests.stores.records import an_act

NOW = NOON * 1_000
ONE, MOST = 6_000, 18_000
"""Three fit in."""


async def test_what_fills_a_bucket_drains_by_time_alone(opened: Opened) -> None:
    async with opened() as store:
        told = [await store.fill("a", NOW, ONE, MOST) for _ in range(4)]
        assert told == [*(Filling(True, NOW + each * ONE) for each in (1, 2, 3)), Filling(False, NOW + 3 * ONE)]
        assert await store.fill("a", NOW + ONE - 1, ONE, MOST) == Filling(False, NOW + 3 * ONE)
        assert await store.fill("a", NOW + ONE, ONE, MOST) == Filling(True, NOW + 4 * ONE)
        assert not (await store.fill("a", NOW + ONE, ONE, MOST)).done


async def test_one_that_has_drained_holds_as_much_as_a_new_one_and_no_more(opened: Opened) -> None:
    async with opened() as store:
        later = NOW + 1_000 * MOST
        await store.fill("a", NOW, ONE, MOST)
        told = [await store.fill("a", later, ONE, MOST) for _ in range(4)]
        assert [each.done for each in told] == [True, True, True, False]
        assert told[-1].empty_at == later + MOST


async def test_each_key_has_a_bucket_of_its_own(opened: Opened) -> None:
    async with opened() as store:
        assert [(await store.fill(key, NOW, MOST, MOST)).done for key in ("a", "b", "a", "é", "A")] == [
            True, True, False, True, True,
        ]  # fmt: skip


async def test_there_may_be_room_for_one_alone(opened: Opened) -> None:
    async with opened() as store:
        assert await store.fill("a", NOW, ONE, ONE) == Filling(True, NOW + ONE)
        assert await store.fill("a", NOW, ONE, ONE) == Filling(False, NOW + ONE)


async def test_what_is_given_back_is_there_for_another(opened: Opened) -> None:
    async with opened() as store:
        for _ in range(3):
            await store.fill("a", NOW, ONE, MOST)
        await store.give_back("a", ONE - 1)
        assert await store.fill("a", NOW, ONE, MOST) == Filling(False, NOW + 2 * ONE + 1)
        await store.give_back("a", 1)
        assert await store.fill("a", NOW, ONE, MOST) == Filling(True, NOW + 3 * ONE)
        await store.give_back("nobody's", ONE)
        assert (await store.fill("nobody's", NOW, ONE, MOST)).empty_at == NOW + ONE


async def test_a_clock_that_is_set_back_fills_none_further_than_full(opened: Opened) -> None:
    async with opened() as store:
        for _ in range(3):
            await store.fill("a", NOW, ONE, MOST)
        earlier = NOW - 86_400_000
        assert await store.fill("a", earlier, ONE, MOST) == Filling(False, earlier + MOST)
        assert await store.fill("a", earlier + ONE, ONE, MOST) == Filling(True, earlier + MOST + ONE)


async def test_processes_whose_clocks_differ_as_far_as_they_may_let_nobody_pass_more_often(opened: Opened) -> None:
    async with opened() as store:
        ahead, behind = NOW + moment.MOST + 20_000, NOW
        passed = 0
        for _ in range(20):
            passed += (await store.fill("a", ahead, ONE, MOST)).done
            passed += (await store.fill("a", behind, ONE, MOST)).done
        assert passed == 3


async def test_what_has_drained_is_swept_and_nothing_else(opened: Opened) -> None:
    async with opened() as store:
        for number in range(5):
            await store.fill(f"{number}", NOW + number, ONE, MOST)
        assert await store.sweep_buckets(NOW + ONE + 3, 2) == 2
        assert await store.sweep_buckets(NOW + ONE + 3, 2) == 1
        assert await store.sweep_buckets(NOW + ONE + 3, 2) == 0
        told = [(await store.fill(f"{number}", NOW + 10, ONE, MOST)).empty_at - NOW for number in range(5)]
        assert told == [ONE + 10] * 3 + [2 * ONE + 3, 2 * ONE + 4]


async def test_of_a_crowd_as_many_pass_as_there_is_room(opened: Opened) -> None:
    async with opened() as store:
        told = await asyncio.gather(*(store.fill(f"{each % 3}", NOW, ONE, MOST) for each in range(150)))
        assert sum(each.done for each in told) == 3 * 3
        assert {each.empty_at for each in told if not each.done} == {NOW + MOST}


async def test_row_51_a_session_guesses_so_many_times_however_many_it_tries_at_once(opened: Opened) -> None:
    async with opened() as store:
        await store.add_user(a_user(), an_act())
        for number in (10, 11):
            await store.begin_session(a_session(number), a_user(), None, an_act())
        told = await asyncio.gather(*(store.guess(10, 5) for _ in range(60)))
        assert told.count(True) == 5
        await store.take_back_guess(10)
        assert [await store.guess(10, 5), await store.guess(10, 5)] == [True, False]
        assert [await store.guess(11, 5) for _ in range(6)] == [True] * 5 + [False]


async def test_a_guess_that_is_taken_back_twice_gives_no_more_of_them(opened: Opened) -> None:
    async with opened() as store:
        await store.add_user(a_user(), an_act())
        await store.begin_session(a_session(10), a_user(), None, an_act())
        for _ in range(3):
            await store.take_back_guess(10)
        assert [await store.guess(10, 2) for _ in range(3)] == [True, True, False]


async def test_a_session_that_is_not_there_guesses_nothing(opened: Opened) -> None:
    async with opened() as store:
        await store.add_user(a_user(), an_act())
        await store.begin_session(a_session(10), a_user(), None, an_act())
        await store.end_session(10, an_act())
        assert not await store.guess(10, 5)
        await store.take_back_guess(10)


async def test_what_is_counted_of_failures_makes_nobody_forget_anything(opened: Opened) -> None:
    async with opened() as store:
        await store.add_user(a_user(), an_act())
        await store.begin_session(a_session(10), a_user(), None, an_act())
        before = await store.changes()
        await store.fill("a", NOW, ONE, MOST)
        await store.give_back("a", ONE)
        await store.guess(10, 5)
        await store.take_back_guess(10)
        await store.sweep_buckets(NOW + MOST, 10)
        assert await store.changes() == before
        assert await store.session(10) == a_session(10)


async def test_a_closed_store_fills_nothing(opened: Opened) -> None:
    async with opened() as store:
        await store.close()
        for act in (store.fill("a", NOW, ONE, MOST), store.give_back("a", ONE), store.guess(10, 5)):
            with pytest.raises(Unavailable):
                await act
