"""The machine's clock, held against what the database has seen; and what is done where that was a wrong one."""

import asyncio
from collections.abc import Iterator

from scopekeeper.cli.doctor.finding import Finding
from scopekeeper.cli.house import actor
from scopekeeper.settings import Settings


def moment(latest_lease: int) -> Iterator[Finding]:
    """Is this machine's clock far behind what another has told the database?"""
    from scopekeeper.services.clock import SystemClock
    from scopekeeper.services.moment import MEND, WrongClock, require, seen_of

    try:
        require(SystemClock().milliseconds(), seen_of(latest_lease))
    except WrongClock as wrong:
        yield Finding("clock", "bad", str(wrong), MEND)


def believe(settings: Settings) -> Finding:
    """The operator says that this machine's clock is right: the database forgets any later time."""
    count = asyncio.run(_believed(settings))
    if not count:
        return Finding("clock", "good", "believed; no other was far ahead")
    leases = "one lease was" if count == 1 else f"{count} leases were"
    return Finding("clock", "good", f"believed; {leases} a wrong clock's")


async def _believed(settings: Settings) -> int:
    from scopekeeper.services.clock import SystemClock
    from scopekeeper.services.moment import believe as believed
    from scopekeeper.store import open_store

    store = open_store(settings.database)
    try:
        return await believed(SystemClock(), store, actor())
    finally:
        await store.close()
