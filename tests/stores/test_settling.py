"""How long what is about to go to the database waits for others: while each turn of the event loop brings one."""

import asyncio
from collections.abc import Callable

from scopekeeper.store.postgres.settling import MOST_TURNS, settled


async def turns_of(waiting: Callable[[], int]) -> int:
    """How many turns of the event loop it waited for."""
    loop, turns, done = asyncio.get_running_loop(), 0, False

    def turn() -> None:
        nonlocal turns
        if not done:
            turns += 1
            loop.call_soon(turn)

    loop.call_soon(turn)
    await settled(waiting)
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
