"""The latest moment that a database has seen: no house opens before it, or what has expired there would live again.

Every lease of a process number tells when it was taken or renewed: each process does so every twenty seconds, and when
it ends in order. So a clock that was set back while nobody was there is found out.
"""

from datetime import UTC, datetime
from typing import Final

import structlog

from scopekeeper.services.clock import SystemClock
from scopekeeper.services.mint import LeasedMint
from scopekeeper.services.ports import Act, Changes, Store

log = structlog.get_logger(__name__)

LEASE: Final = 60_000
"""Milliseconds that a process holds its number without renewing it."""

MOST: Final = 120_000
"""Milliseconds that a machine's clock may be behind: two machines never agree to the second."""

_WORTH_A_WORD: Final = 5_000
"""Milliseconds: so far apart no two clocks should be."""

_LAST: Final = 253_402_300_799
"""9999-12-31T23:59:59Z in seconds: no later one can be written, and a clock that was wrong may have told one."""

MEND: Final = (
    "set the clock, or wait until then; if it was another clock that was wrong, run "
    "`scopekeeper doctor --clock-is-right` (docs/guides/when-something-fails.md)"
)


class WrongClock(Exception):
    """The machine's clock is far behind what the database has seen: one of them is wrong. One line, with both times."""


def seen_of(latest_lease: int) -> int:
    """When the lease that ends latest was taken or renewed, in milliseconds."""
    return latest_lease - LEASE


def require(now: int, seen: int) -> None:
    """See that no moment that was seen is far ahead; both in milliseconds. Raises WrongClock."""
    if seen > now + MOST:
        raise WrongClock(
            f"this machine's clock says {_written(now)}, and the database was in use at {_written(seen)} already: what"
            " has expired would live again"
        )


async def go_on(clock: SystemClock, store: Changes) -> None:
    """Let time go on from where this database has seen it. Raises WrongClock, Unavailable."""
    now, seen = clock.milliseconds(), seen_of(await store.latest_lease())
    require(now, seen)
    if seen > now + _WORTH_A_WORD:
        log.warning(
            "this machine's clock is behind another's; time goes on from there until this one has caught up",
            seconds=round((seen - now) / 1000, 1),
        )
    clock.take_forward(seen)


async def believe(clock: SystemClock, store: Store, actor: str) -> int:
    """The clock is right, says the actor: whatever was leased further ahead was by a wrong one. How many leases.

    That is noted, for what had expired by the wrong clock may live again. Raises Taken, Unavailable.
    """
    count = await store.set_aside(clock.milliseconds() + LEASE + MOST)
    if count:
        entropy = LeasedMint(await store.lease(actor, clock.milliseconds(), LEASE), clock)
        act = Act(entropy.row_id(), clock.now(), actor, "clock.believe", "clock", details={"leases": count})
        await store.used([], [], [act])
        await store.release(actor)
    return count


def _written(milliseconds: int) -> str:
    return datetime.fromtimestamp(min(milliseconds // 1000, _LAST), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
