"""Sweeping: what expired a while ago is deleted, in small steps, so that nobody waits for it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from scopekeeper.oauth.people import ABSOLUTE
from scopekeeper.services.ports import Clock, Store, Unavailable

KEPT: Final = 7 * 86_400
"""Seconds that an expired token's row stays: it is the record of what the token did."""

STEP: Final = 500
"""Rows a step: well under 50 ms of the writer's time."""

_PAUSE: Final = 0.05
_INTERVAL: Final = 60.0

log = structlog.get_logger(__name__)


async def sweep(store: Store, clock: Clock) -> int:
    """Delete all that is due: tokens a while after their end, sessions and links at theirs; how many rows."""
    now = clock.now()
    return (
        await _all(store.sweep, now - KEPT)
        + await _all(store.sweep_sessions, now - ABSOLUTE)
        + await _all(store.sweep_links, now)
    )


async def keep_sweeping(store: Store, clock: Clock) -> None:
    """Sweep once a minute until cancelled."""
    while True:
        await asyncio.sleep(_INTERVAL)
        try:
            if swept := await sweep(store, clock):
                log.info("swept what has expired", rows=swept)
        except Unavailable as away:
            log.warning("sweeping put off", reason=str(away))


async def _all(step: Callable[[int, int], Awaitable[int]], before: int) -> int:
    """Step after step, with room for others between them."""
    swept = 0
    while rows := await step(before, STEP):
        swept += rows
        await asyncio.sleep(_PAUSE)
    return swept
