"""What people choose, digested for modules as passwords are (`sdk.digests`), and guessing made slow.

Failures are counted in buckets like those of sign-ins (ADR 0008, ADR 0023): one for each thing that is opened, named by
the module, so nobody is shut out of theirs for what is tried at another's.
"""

from dataclasses import dataclass, replace
from typing import Final, Self

import structlog

from scopekeeper.oauth.people import normalized
from scopekeeper.sdk import TooManyTries
from scopekeeper.services.attempts import Attempts, Limits, TooMany
from scopekeeper.services.passwords import Passwords
from scopekeeper.services.ports import Buckets, Clock

log = structlog.get_logger(__name__)

WRONG_ONES: Final = Limits(a_minute=2, burst=10)
"""Ten within five minutes, and no more for ever: of ten thousand PINs of four digits half are tried in two days."""


class _Wrong(Exception):
    """It is not the secret."""


@dataclass(frozen=True, slots=True)
class HouseDigests:
    """Made and looked at by the pool in which passwords are."""

    passwords: Passwords
    attempts: Attempts

    @classmethod
    def over(cls, passwords: Passwords, buckets: Buckets, clock: Clock, *, on: bool = True) -> Self:
        """With failures counted in these buckets, or in none."""
        return cls(passwords, Attempts(buckets, clock, "kept", replace(WRONG_ONES, on=on)))

    async def made(self, secret: str) -> str:
        """The digest, in argon2's own notation. Raises Unavailable where too many wait."""
        return await self.passwords.hash(normalized(secret))

    async def matches(self, digest: str | None, secret: str, opening: str | None) -> bool:
        """Is it the digest of this secret? Raises TooManyTries; Unavailable where too many wait."""
        if opening is None:
            return (await self.passwords.verify(digest, secret)).right
        try:
            async with self.attempts.attempt(opening, _Wrong):
                if not (await self.passwords.verify(digest, secret)).right:
                    raise _Wrong
        except _Wrong:
            return False
        except TooMany as many:
            log.warning("too many wrong secrets", opening=opening, retry_after=many.retry_after)
            raise TooManyTries(many.retry_after) from None
        return True
