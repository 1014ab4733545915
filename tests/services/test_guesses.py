"""Five wrong user codes for each session, in whatever process they are entered."""

import asyncio

import pytest

from scopekeeper.services.guesses import ALLOWED, Guesses, NoMoreGuesses, WrongUserCode
from scopekeeper.services.ports import Unavailable
from scopekeeper.store import CachedStore, MemoryStore
from tests.fixtures import FixedClock
from tests.stores.people import a_session, a_user
from tests.stores.records import an_act


async def a_store() -> MemoryStore:
    """With two sessions of alice's, 1 and 2."""
    store = MemoryStore()
    await store.add_user(a_user(), an_act())
    for number in (1, 2):
        await store.begin_session(a_session(number), a_user(), None, an_act())
    return store


async def wrong(guesses: Guesses, session_id: int) -> None:
    try:
        async with guesses.guess(session_id):
            await asyncio.sleep(0)
            raise WrongUserCode
    except WrongUserCode:
        return
    raise AssertionError("it was swallowed")


async def spent(guesses: Guesses, session_id: int) -> bool:
    try:
        async with guesses.guess(session_id):
            return False
    except NoMoreGuesses:
        return True


async def test_row_51_each_session_has_five_of_its_own() -> None:
    guesses = Guesses(await a_store())
    for _ in range(ALLOWED):
        assert not await spent(guesses, 1)
        await wrong(guesses, 1)
    assert ALLOWED == 5
    assert await spent(guesses, 1)
    assert not await spent(guesses, 2)


async def test_row_51_it_has_no_more_of_them_in_another_process() -> None:
    store = await a_store()
    here, there = (Guesses(CachedStore(store, FixedClock())) for _ in range(2))
    for _ in range(3):
        await wrong(here, 1)
    for _ in range(2):
        await wrong(there, 1)
    assert await spent(here, 1)
    assert await spent(there, 1)


async def test_what_is_none_takes_nothing_and_nor_does_what_could_not_be_looked_at() -> None:
    guesses = Guesses(await a_store(), allowed=1)
    for _ in range(3):
        assert not await spent(guesses, 1)
        with pytest.raises(Unavailable):
            async with guesses.guess(1):
                raise Unavailable("disk gone")
    await wrong(guesses, 1)
    assert await spent(guesses, 1)


async def test_whoever_was_right_hears_so_even_if_the_count_cannot_be_taken_back() -> None:
    store = await a_store()
    async with Guesses(store).guess(1):
        await store.close()


async def test_a_session_that_has_ended_enters_none() -> None:
    store = await a_store()
    await store.end_session(1, an_act())
    assert await spent(Guesses(store), 1)


async def test_switched_off_all_pass_and_the_database_is_asked_nothing() -> None:
    store = await a_store()
    await store.close()
    guesses = Guesses(store, on=False)
    for _ in range(100):
        await wrong(guesses, 1)
    assert not await spent(guesses, 1)
