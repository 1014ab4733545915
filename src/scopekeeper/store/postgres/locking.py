"""Changes of tables that are in use: no request waits for one longer than a moment.

ALTER TABLE waits for everybody who uses the table, and everybody who comes later waits behind it. So it gives up soon,
lets them through, and tries again: a backup that runs, or a long search, holds it up, and it holds up nobody.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from asyncpg import DeadlockDetectedError, LockNotAvailableError

from scopekeeper.store.revisions import SchemaError

T = TypeVar("T")

LOCK: Final = 0x534B5052
"""What is locked while tables are made or changed: "SKPR"."""

BRIEF: Final = "400ms"
"""How long a table is waited for at a time: less than PostgreSQL waits before it looks for deadlocks (1 s), and less
than a request waits for a lock."""

PATIENCE: Final = 60.0
"""Seconds after which no other try is made."""

_PAUSES: Final = (0.2, 0.4, 0.8, 1.6, 3.2)
"""Seconds between tries, in which those who waited go on; the last is repeated."""


async def unhurried(act: Callable[[], Awaitable[T]], database: object) -> T:
    """Do this, in a transaction of its own, until it finds every table free. Raises SchemaError where none does.

    It raises the driver's LockNotAvailableError or DeadlockDetectedError where it did not get a lock.
    """
    begun, tries = time.monotonic(), 0
    while True:
        try:
            return await act()
        except (LockNotAvailableError, DeadlockDetectedError):
            if time.monotonic() >= begun + PATIENCE:
                raise SchemaError(
                    f"{database} cannot be changed: somebody holds its tables all the time (a backup, a long query): "
                    "nothing was changed: try again when they are done"
                ) from None
        await asyncio.sleep(_PAUSES[min(tries, len(_PAUSES) - 1)])
        tries += 1
