"""Sweeping: what expired a while ago is deleted, in small steps, so that nobody waits for it."""

import asyncio
from typing import Final

import structlog

from scopekeeper.services.ports import Clock, Tokens, Unavailable

KEPT: Final = 7 * 86_400
"""Seconds that an expired token's row stays: it is the record of what the token did."""

STEP: Final = 500
"""Rows a step: well under 50 ms of the writer's time."""

_PAUSE: Final = 0.05
_INTERVAL: Final = 60.0

log = structlog.get_logger(__name__)


async def sweep(tokens: Tokens, clock: Clock) -> int:
    """Delete all that is due; how many rows."""
    swept = 0
    while step := await tokens.sweep(clock.now() - KEPT, STEP):
        swept += step
        await asyncio.sleep(_PAUSE)
    return swept


async def keep_sweeping(tokens: Tokens, clock: Clock) -> None:
    """Sweep once a minute until cancelled."""
    while True:
        await asyncio.sleep(_INTERVAL)
        try:
            if swept := await sweep(tokens, clock):
                log.info("swept expired tokens", rows=swept)
        except Unavailable as away:
            log.warning("sweeping put off", reason=str(away))
