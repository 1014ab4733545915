"""Sweeping: what expired a while ago is deleted, in small steps, so that nobody waits for it.

Of all processes on one database one does it: the caretaker, whose turn it is for a few seconds, and on. Each step asks
whether it still is. Where the caretaker is gone another one takes its place when those seconds are over.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

import structlog

from scopekeeper.oauth.applications import LONGEST_LIFETIME
from scopekeeper.oauth.people import ABSOLUTE
from scopekeeper.services.mint import first_row_id
from scopekeeper.services.ports import SKEW, Clock, Store, Unavailable

KEPT: Final = 7 * 86_400
"""Seconds that an expired token's row stays: it is the record of what the token did."""

WAITED: Final = 86_400
"""Seconds after which nothing waits to be redeemed any more, by far. So long a code is known that comes once more."""

EXPIRED: Final = 600
"""Seconds that a code nobody redeemed is known after its end: a device that polls hears that it has expired."""

KEPT_COUNTS: Final = 92 * 86_400
"""Seconds that what was counted in an hour is kept: a quarter of a year."""

STEP: Final = 500
"""Rows a step, at most."""

FIRST_STEP: Final = 100
LEAST_STEP: Final = 20
QUICK: Final = 0.010
SLOW: Final = 0.025
"""Seconds. A step takes between these two: a request that comes while the writer is at it waits hardly longer than it
does anyway. After one that was quicker the next is twice as large, after one that was slower half as large."""

KEPT_SECRETS: Final = 90 * 86_400
"""Seconds that a client secret is known after its end: when it was used last, and from where. The audit log stays."""

_PAUSE: Final = 0.02
"""Seconds between two steps, at least: as long as the last one took, others have the writer for themselves."""

_INTERVAL: Final = 60.0
_SECOND: Final = 1.0

CARETAKER: Final = "caretaker"
"""Whose turn it is to sweep, to erase, and to tell applications that somebody has signed out."""

TURN: Final = 10_000
"""Milliseconds that a turn lasts, unless it is renewed. So long nobody sweeps when the caretaker has died."""

KEPT_BUCKETS: Final = SKEW
"""Milliseconds that a bucket is known after it has drained: the clocks of other processes may be behind."""

KEPT_SPENT: Final = SKEW // 1000
"""Seconds that something is known to be spent after it is worth nothing: to a clock that is behind it still is."""

Step = Callable[[int], Awaitable[int]]
"""Deletes up to so many rows; how many they were."""

Turn = Callable[[], Awaitable[bool]]
"""Is it still this process's turn?"""

log = structlog.get_logger(__name__)


async def _always() -> bool:
    return True


def turn_of(store: Store, clock: Clock, holder: str) -> Turn:
    """Asks whether this holder is the caretaker, and takes the turn where it is nobody's."""
    return lambda: store.turn(CARETAKER, holder, clock.milliseconds(), TURN)


async def let_go(store: Store, holder: str) -> None:
    """Another one may take this holder's place at once."""
    try:
        await store.let_go(CARETAKER, holder)
    except Unavailable as away:
        log.warning("another caretaker comes a few seconds later", reason=str(away))


async def sweep(store: Store, clock: Clock, granted_for: int, turn: Turn = _always) -> int:
    """Delete all that is due: tokens a while after their end, what people granted likewise, the rest at its end.

    `granted_for`: the seconds that a grant goes on. Access tokens may outlive its last refresh token, and are dead
    without it: it stays until they must have ended. How many rows. It ends where it is not its turn any more.
    """
    now = clock.now()
    ended = now - LONGEST_LIFETIME
    steps: tuple[Step, ...] = (
        partial(store.sweep, now - KEPT),
        partial(store.sweep_sessions, now - ABSOLUTE),
        partial(store.sweep_links, now),
        partial(store.sweep_unredeemed, now - EXPIRED),
        partial(store.sweep_waiting, now, first_row_id(now - WAITED)),
        partial(store.sweep_grants, ended, first_row_id(ended - granted_for)),
        partial(store.sweep_counts, now - KEPT_COUNTS),
        partial(store.sweep_secrets, now - KEPT_SECRETS),
        partial(store.sweep_spent, now - KEPT_SPENT),
        partial(store.sweep_mails, now),
        partial(store.sweep_buckets, clock.milliseconds() - KEPT_BUCKETS),
    )
    return sum([await _all(step, turn) for step in steps])


async def keep_sweeping(store: Store, clock: Clock, granted_for: int, turn: Turn) -> None:
    """Sweep once a minute, where it is this process's turn, until cancelled."""
    while True:
        await asyncio.sleep(_INTERVAL)
        try:
            if swept := await sweep(store, clock, granted_for, turn):
                log.info("swept what has expired", rows=swept)
        except Unavailable as away:
            log.warning("sweeping put off", reason=str(away))


async def erase(store: Store, clock: Clock, grace: int, turn: Turn = _always) -> int:
    """Erase the answers that refresh tokens bought, where the grace for a retry is over; how many."""
    return await _all(partial(store.erase_sealed, clock.now() - grace), turn)


async def keep_erasing(store: Store, clock: Clock, grace: int, turn: Turn) -> None:
    """Erase once a second, where it is this process's turn, until cancelled."""
    while True:
        await asyncio.sleep(_SECOND)
        try:
            await erase(store, clock, grace, turn)
        except Unavailable as away:
            log.warning("erasing put off", reason=str(away))


def next_step(rows: int, seconds: float) -> int:
    """How many rows are taken next, when so many took so long."""
    if seconds > SLOW:
        return max(LEAST_STEP, rows // 2)
    return min(STEP, rows * 2) if seconds < QUICK else rows


async def _all(step: Step, turn: Turn, elapsed: Callable[[], float] = time.monotonic) -> int:
    """Step after step, with room for others between them."""
    swept, size = 0, FIRST_STEP
    while await turn():
        began = elapsed()
        rows = await step(size)
        if not rows:
            break
        took = elapsed() - began
        swept, size = swept + rows, next_step(size, took)
        await asyncio.sleep(max(_PAUSE, took))
    return swept
