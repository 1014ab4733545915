"""What people choose, digested for modules as passwords are (`sdk.digests`), and guessing made slow.

Failures are counted in buckets like those of sign-ins (ADR 8, ADR 23): one for each thing that is opened, named by
the module, so nobody is shut out of theirs for what is tried at another's.
"""

from asyncio import Lock
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Final, Self

import structlog

from scopekeeper.oauth.people import normalized
from scopekeeper.sdk import TooManyTries
from scopekeeper.services.attempts import Attempts, Limits, TooMany
from scopekeeper.services.passwords import Passwords
from scopekeeper.services.ports import Buckets, Clock, Unavailable

log = structlog.get_logger(__name__)

WRONG_ONES: Final = Limits(a_minute=2, burst=10)
"""Ten within five minutes, and no more for ever: of ten thousand PINs of four digits half are tried in two days."""

MOST_WAITING: Final = 32
"""Secrets that wait to be digested, and as many again that wait to be looked at."""


class _Wrong(Exception):
    """It is not the secret."""


class _Turns:
    """One after the other."""

    __slots__ = ("_here", "_lock")

    def __init__(self) -> None:
        self._lock: Final = Lock()
        self._here = 0

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Whose turn it is. Raises Unavailable where too many wait."""
        if self._here > MOST_WAITING:
            raise Unavailable("too many secrets wait to be digested")
        self._here += 1
        try:
            async with self._lock:
                yield
        finally:
            self._here -= 1


@dataclass(frozen=True, slots=True)
class HouseDigests:
    """Made and looked at by the pool in which passwords are, one of each at a time.

    So whoever sets one PIN after another keeps nobody from signing in, nor from having theirs looked at.
    """

    passwords: Passwords
    attempts: Attempts
    _making: _Turns = field(default_factory=_Turns)
    _matching: _Turns = field(default_factory=_Turns)

    @classmethod
    def over(cls, passwords: Passwords, buckets: Buckets, clock: Clock, *, on: bool = True) -> Self:
        """With failures counted in these buckets, or in none."""
        return cls(passwords, Attempts(buckets, clock, "kept", replace(WRONG_ONES, on=on)))

    async def made(self, secret: str) -> str:
        """The digest, in argon2's own notation. Raises Unavailable where too many wait."""
        async with self._making.one():
            return await self.passwords.hash(normalized(secret))

    async def matches(self, digest: str | None, secret: str, opening: str | None) -> bool:
        """Is it the digest of this secret? Raises TooManyTries; Unavailable where too many wait."""
        if opening is None:
            return await self._is_right(digest, secret)
        try:
            async with self.attempts.attempt(opening, _Wrong):
                if not await self._is_right(digest, secret):
                    raise _Wrong
        except _Wrong:
            return False
        except TooMany as many:
            log.warning("too many wrong secrets", opening=opening, retry_after=many.retry_after)
            raise TooManyTries(many.retry_after) from None
        return True

    async def _is_right(self, digest: str | None, secret: str) -> bool:
        async with self._matching.one():
            return (await self.passwords.verify(digest, secret)).right
