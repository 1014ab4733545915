"""Wrong user codes in each browser session: after five of them it enters no more (RFC 8628 §5.1).

Slowing down by address is not enough where many addresses are one person's. A session costs a password to begin. The
count lies with the session, so it holds in whatever process a user code is entered.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import structlog

from scopekeeper.services.ports import Sessions, Unavailable

ALLOWED: Final = 5

log = structlog.get_logger(__name__)


class WrongUserCode(Exception):
    """Unknown, expired, decided, somebody else's: no device waits for this person under this user code."""


class NoMoreGuesses(Exception):
    """This session has entered too many wrong user codes, or has ended: it enters none any more."""


@dataclass(frozen=True, slots=True)
class Guesses:
    """Counts what was wrong, not what was right or could not be looked at. Switched off, it lets all pass."""

    sessions: Sessions
    allowed: int = ALLOWED
    on: bool = True

    @asynccontextmanager
    async def guess(self, session_id: int) -> AsyncIterator[None]:
        """One user code is looked at inside, and is wrong if WrongUserCode leaves it.

        It counts from the beginning: whoever tries many at once has no more of them. Raises NoMoreGuesses, Unavailable.
        """
        if not self.on:
            yield
            return
        if not await self.sessions.guess(session_id, self.allowed):
            raise NoMoreGuesses
        wrong = False
        try:
            yield
        except WrongUserCode:
            wrong = True
            raise
        finally:
            if not wrong:
                await self._take_back(session_id)

    async def _take_back(self, session_id: int) -> None:
        try:
            await self.sessions.take_back_guess(session_id)
        except Unavailable as away:
            log.warning("a user code that was not wrong counts as if it were", reason=str(away))
