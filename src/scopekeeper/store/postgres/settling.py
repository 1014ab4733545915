"""How long what is about to go to the database waits for more: no longer than the event loop is busy with others.

While there is other work to be done, nobody gains by a round trip that starts earlier: it would only be for fewer.
Whoever is alone waits for one turn of the loop.
"""

import asyncio
from collections.abc import Callable
from time import perf_counter
from typing import Final

MOST_TURNS: Final = 20
LONGEST: Final = 0.005
"""Seconds. Turns may be long, and who waits is not to wait for whatever else there is."""


async def settled(waiting: Callable[[], int], *, longest: float = LONGEST) -> None:
    """Return as soon as a turn of the event loop has brought nobody who waits, too."""
    end, before = perf_counter() + longest, 0
    for _ in range(MOST_TURNS):
        now = waiting()
        if now == before or perf_counter() >= end:
            return
        before = now
        await asyncio.sleep(0)
