"""How long what is about to go to the database waits for others: while each turn of the event loop brings one."""

import asyncio
import time
from collections.abc import Callable

from scopekeeper.store.postgres.settling import LONGEST, MOST_TURNS, settled


async def turns_of(waiting: Callable[[], int], longest: float = 60) -> int:
    """How many turns of the event loop it waited for."""
    loop, turns, done = asyncio.get_running_loop(), 0, False

    def turn() -> None:
        nonlocal turns
        if not done:
            turns += 1
            loop.call_soon(turn)

    loop.call_soon(turn)
    await settled(waiting, longest=longest)
    done = True
    return turns


async def test_whoever_is_alone_waits_for_one_turn() -> None:
    assert await turns_of(lambda: 1) == 1


async def test_it_waits_while_each_turn_brings_one_more() -> None:
    come = iter([1, 2, 5, 6, 6, 7])
    assert await turns_of(lambda: next(come)) == 4
    assert next(come) == 7


async def test_it_waits_for_no_more_turns_than_there_may_be_however_many_come() -> None:
    come = iter(range(1, 1_000))
    assert await turns_of(lambda: next(come)) == MOST_TURNS


async def test_it_does_not_wait_for_turns_that_take_long() -> None:
    come = iter(range(1, 1_000))

    def busy() -> int:
        time.sleep(LONGEST)
        return next(come)

    assert await turns_of(busy, LONGEST) == 0
