"""News: processes tell each other by NOTIFY that something has changed, so that nobody waits for the next look.

It only hurries what comes anyway. A notice may be lost, the connection may break, and a database or a pooler may know
nothing of LISTEN: then what others change is found by looking, as it is where nobody tells.
"""

import asyncio
import math
import random
from asyncio import Event, Task
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import structlog
from asyncpg import exceptions as pg

from scopekeeper.settings import PostgresDatabase
from scopekeeper.store.postgres.connection import Connection, connect, is_direct
from scopekeeper.store.postgres.errors import DRIVER, reason_of

log = structlog.get_logger(__name__)

_CHANNEL: Final = "scopekeeper"
_NOTIFY: Final = f"NOTIFY {_CHANNEL}"
_STILL_THERE: Final = "SELECT 1"

_APART: Final = 0.01
"""Seconds between two notices: what is changed meanwhile is told by the next."""

_QUIET: Final = 30.0
"""Seconds in which nothing was told, after which it is seen whether the connection still holds."""

_PAUSE: Final = 0.1
"""Seconds before a lost connection is made again, at most; twice as long before each try that follows."""

_LONGEST_PAUSE: Final = 10.0

_STEADY: Final = 5.0
"""Seconds that a connection holds before the next pause is a short one again."""

_PARTING: Final = 0.2
"""Seconds that the last notice may take, and the farewell."""

_UNKNOWN: Final = (pg.FeatureNotSupportedError, pg.PostgresSyntaxError, pg.UndefinedFunctionError)
"""What a database says that knows no LISTEN."""


class NoNews(Exception):
    """Nobody can be heard here. The message says why."""


class News:
    """Tells others of changes and hears of theirs, on a connection of its own, from when somebody wants to hear."""

    def __init__(self, database: PostgresDatabase, *, pinned: bool) -> None:
        self._database = database
        self._pinned = pinned
        self._heard: Callable[[], None] = _nothing
        self._task: Task[None] | None = None
        self._since = math.inf
        """Since when it listens, in seconds of the event loop; infinite where it does not."""
        self._untold = False
        self._wake = Event()
        self._closed = False

    def hear(self, heard: Callable[[], None]) -> None:
        """Call this whenever another process may have changed something. To be called once, on the event loop."""
        self._heard = heard
        self._task = asyncio.create_task(self._keep_listening())

    def tell(self) -> None:
        """Tell the others that something has changed. Nobody waits for that, and it may get lost."""
        self._untold = True
        self._wake.set()

    async def close(self) -> None:
        """Tell what is untold, if that can be done at once; then let the connection go."""
        self._closed = True
        self._wake.set()
        if self._task is None:
            return
        if self._since < math.inf:
            await asyncio.wait([self._task], timeout=_PARTING)
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _keep_listening(self) -> None:
        pause = 0.0
        while True:
            try:
                await self._listen()
            except (NoNews, *_UNKNOWN) as unheard:
                log.info("this database tells nobody of changes: they are looked for", reason=reason_of(unheard))
                return
            except Exception as failed:
                steady = asyncio.get_running_loop().time() - self._since > _STEADY
                pause = _PAUSE if steady or not pause else min(pause * 2, _LONGEST_PAUSE)
                _note(failed, first=pause == _PAUSE)
            else:
                return
            self._since = math.inf
            await asyncio.sleep(random.uniform(pause / 2, pause))  # noqa: S311 - no secret

    async def _listen(self) -> None:
        """Listen until the store is closed, or the connection lost. Raises NoNews, and what the driver raises."""
        if self._pinned:
            raise NoNews("no server process is ours for longer than a transaction")
        connection = await connect(self._database)
        try:
            if not await is_direct(connection):
                raise NoNews("a pooler is in between")
            connection.add_termination_listener(lambda _: self._wake.set())
            await connection.add_listener(_CHANNEL, self._notified)
            self._since = asyncio.get_running_loop().time()
            self._heard()  # or it was told meanwhile
            while self._untold or not self._closed:
                await self._woken()
                untold, self._untold = self._untold, False
                await connection.execute(_NOTIFY if untold else _STILL_THERE)
                await asyncio.sleep(_APART)
            await connection.close(timeout=_PARTING)
        finally:
            connection.terminate()

    async def _woken(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_QUIET):
                await self._wake.wait()
        self._wake.clear()

    def _notified(self, connection: Connection, pid: int, _channel: str, _payload: str) -> None:
        if pid != connection.get_server_pid():  # what this process changes it forgets by itself
            self._heard()


def _nothing() -> None:
    """Nobody wants to hear."""


def _note(failed: Exception, *, first: bool) -> None:
    """Say that nothing is heard any more: once, until it is long well again."""
    if not isinstance(failed, DRIVER):
        log.error("bug in the background", exc_info=failed)
    elif first:
        log.info("changes are not heard of, but looked for, until the connection is back", reason=reason_of(failed))
