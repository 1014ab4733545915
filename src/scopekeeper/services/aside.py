"""What is done aside: nobody who asks for a page waits for it, or sees by the time that it takes what it was.

It goes on in this process, a few at a time, and is waited for before the house closes.
"""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from scopekeeper.services.ports import Unavailable

AT_ONCE: Final = 4
"""How much goes on at the same moment: each asks the database, and somebody else may be in a hurry there."""

MOST: Final = 200
"""What may be under way, or wait to be. Whatever is beyond that is not done."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Aside:
    """Does what nobody waits for. What goes wrong with it is logged, and fails nothing else."""

    _places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    _going: set[asyncio.Task[None]] = field(default_factory=set)

    def begin(self, work: Coroutine[Any, Any, None]) -> bool:
        """Let it be done; will it? Not where there is too much already."""
        if len(self._going) >= MOST:
            work.close()
            log.warning("too much at once: something was not done that nobody waits for", most=MOST)
            return False
        task = asyncio.create_task(self._do(work))
        self._going.add(task)
        task.add_done_callback(self._going.discard)
        return True

    async def settled(self) -> None:
        """Wait until nothing is under way any more, what that begins included."""
        while self._going:
            await asyncio.gather(*self._going)

    async def _do(self, work: Coroutine[Any, Any, None]) -> None:
        async with self._places:
            try:
                await work
            except Unavailable as away:
                log.warning("something was not done that nobody waits for", reason=str(away))
            except Exception:
                log.exception("bug in the background")
