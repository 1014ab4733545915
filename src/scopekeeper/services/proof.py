"""A person's password, proven: at sign-in, before a change of password, wherever else one is asked for."""

from dataclasses import dataclass, replace

from scopekeeper.oauth.people import UnfitPerson, User, name_of, normalized
from scopekeeper.services.attempts import Attempts, TooMany
from scopekeeper.services.passwords import Passwords, WrongPassword
from scopekeeper.services.ports import Clock, Unavailable, Users
from scopekeeper.services.uses import Uses


@dataclass(frozen=True, slots=True)
class Proof:
    """Proves who somebody is, slows guessing down, and notes what was refused.

    Unknown, disabled and without a password: all of them cost the same hash, and hear the same words.
    """

    users: Users
    passwords: Passwords
    attempts: Attempts
    clock: Clock
    uses: Uses

    async def __call__(self, name: str, password: str, address: str | None) -> User:
        """The account with this name, which is enabled, and whose password this is.

        Raises WrongPassword, TooMany; Unavailable where too many passwords wait to be hashed.
        """
        known_as = _folded(name)
        user = await self.users.user(known_as) if known_as else None
        # What is typed for a name may be a password: it is written down only if there is such an account.
        told = "unknown" if user is None else user.name
        try:
            self.attempts.require(f"user:{known_as}", address, self.clock.now())
        except TooMany:
            self.uses.refused(told, address, "too many attempts failed", whose="user")
            raise
        hashed = user.password if user is not None and user.enabled else None
        verified = await self.passwords.verify(hashed, password)
        if user is None or hashed is None or not verified.right:
            self.attempts.failed(f"user:{known_as}", address, self.clock.now())
            self.uses.refused(told, address, _reason(user), whose="user")
            raise WrongPassword
        return await self._rehashed(user, hashed, password) if verified.rehash else user

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
