"""Sweeping: what expired a while ago is deleted, in small steps, so that nobody waits for it."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

import structlog

from scopekeeper.oauth.applications import LONGEST_LIFETIME
from scopekeeper.oauth.people import ABSOLUTE
from scopekeeper.services.mint import first_row_id
from scopekeeper.services.ports import Clock, Store, Unavailable

KEPT: Final = 7 * 86_400
"""Seconds that an expired token's row stays: it is the record of what the token did."""

WAITED: Final = 86_400
"""Seconds after which nothing waits to be redeemed any more, by far. So long a code is known that comes once more."""

EXPIRED: Final = 600
"""Seconds that a code nobody redeemed is known after its end: a device that polls hears that it has expired."""

KEPT_COUNTS: Final = 92 * 86_400
"""Seconds that what was counted in an hour is kept: a quarter of a year."""

STEP: Final = 500
"""Rows a step: well under 50 ms of the writer's time."""

KEPT_SECRETS: Final = 90 * 86_400
"""Seconds that a client secret is known after its end: when it was used last, and from where. The audit log stays."""

_PAUSE: Final = 0.05
_INTERVAL: Final = 60.0
_SECOND: Final = 1.0

Step = Callable[[int], Awaitable[int]]
"""Deletes up to so many rows; how many they were."""

log = structlog.get_logger(__name__)


async def sweep(store: Store, clock: Clock, granted_for: int) -> int:
    """Delete all that is due: tokens a while after their end, what people granted likewise, the rest at its end.

    `granted_for`: the seconds that a grant goes on. Access tokens may outlive its last refresh token, and are dead
    without it: it stays until they must have ended. How many rows.
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
    )
    return sum([await _all(step) for step in steps])


async def keep_sweeping(store: Store, clock: Clock, granted_for: int) -> None:
    """Sweep once a minute until cancelled."""
    while True:
        await asyncio.sleep(_INTERVAL)
        try:
            if swept := await sweep(store, clock, granted_for):
                log.info("swept what has expired", rows=swept)
        except Unavailable as away:
            log.warning("sweeping put off", reason=str(away))


async def erase(store: Store, clock: Clock, grace: int) -> int:
    """Erase the answers that refresh tokens bought, where the grace for a retry is over; how many."""
    return await _all(partial(store.erase_sealed, clock.now() - grace))


async def keep_erasing(store: Store, clock: Clock, grace: int) -> None:
    """Erase once a second until cancelled."""
    while True:
        await asyncio.sleep(_SECOND)
        try:
            await erase(store, clock, grace)
        except Unavailable as away:
            log.warning("erasing put off", reason=str(away))


async def _all(step: Step) -> int:
    """Step after step, with room for others between them."""
    swept = 0
    while rows := await step(STEP):
        swept += rows
        await asyncio.sleep(_PAUSE)
    return swept
