"""A person's password, proven: at sign-in, before a change of password, wherever else one is asked for."""

from dataclasses import dataclass, replace
from typing import Final

from scopekeeper.oauth.people import UnfitPerson, User, name_of, normalized
from scopekeeper.services.attempts import Attempts, TooMany
from scopekeeper.services.passwords import Passwords, Verified, WrongPassword
from scopekeeper.services.ports import Unavailable, Users
from scopekeeper.services.uses import Uses

_UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True)
class Proof:
    """Proves who somebody is, slows guessing down, and notes what was refused.

    Unknown, disabled and without a password: all of them cost the same hash, and hear the same words.
    """

    users: Users
    passwords: Passwords
    attempts: Attempts
    uses: Uses

    async def __call__(self, name: str, password: str, address: str | None) -> User:
        """The account with this name, which is enabled, and whose password this is.

        Raises WrongPassword, TooMany; Unavailable where too many passwords wait to be hashed.
        """
        try:
            async with self.attempts.attempt(address, WrongPassword):
                user, hashed, verified = await self._looked_at(_folded(name), password, address)
        except TooMany:
            # Nobody is looked for then: a flood is to cost nothing.
            self.uses.refused(_UNKNOWN, address, "too many attempts failed", whose="user")
            raise
        return await self._rehashed(user, hashed, password) if verified.rehash else user

    async def _looked_at(self, known_as: str, password: str, address: str | None) -> tuple[User, str, Verified]:
        """The account, its hash, and what is to be said of that. Raises WrongPassword, Unavailable."""
        user = await self.users.user(known_as) if known_as else None
        hashed = user.password if user is not None and user.enabled else None
        verified = await self.passwords.verify(hashed, password)
        if user is None or hashed is None or not verified.right:
            # What is typed for a name may be a password: it is written down only if there is such an account.
            self.uses.refused(_UNKNOWN if user is None else user.name, address, _reason(user), whose="user")
            raise WrongPassword
        return user, hashed, verified

    async def _rehashed(self, user: User, was: str, password: str) -> User:
        """The account with today's hash; where that cannot be made or written just now, another time will do."""
        try:
            hashed = await self.passwords.hash(normalized(password))
            await self.users.rehash(user.id, was, hashed)
        except Unavailable:
            return user
        return replace(user, password=hashed)


def _folded(name: str) -> str:
    """The name, or nothing where no account can be called so."""
    try:
        return name_of(name)
    except UnfitPerson:
        return ""


def _reason(user: User | None) -> str:
    """For the log alone."""
    if user is None:
        return "unknown account"
    if not user.enabled:
        return "the account is disabled"
    return "wrong password" if user.password is not None else "no password is set"
