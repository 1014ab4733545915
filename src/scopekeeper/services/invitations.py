"""Links by mail: an invitation to a new account, and another password for those who have forgotten theirs.

Operators send either to the address on record. Whoever else asks for one, by a name or an address, gets the same answer
at the same time whatever there is: what is done about it is done aside.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol

import structlog

from scopekeeper.oauth.giving import EVERYTHING, Holding
from scopekeeper.oauth.people import INVITATION_LIFETIME, LONGEST_EMAIL, RESET_LIFETIME, UnfitPerson, User, email_of
from scopekeeper.services.accounts import Accounts
from scopekeeper.services.aside import Aside
from scopekeeper.services.attempts import Attempts, TooMany
from scopekeeper.services.lists import Lists, UsersAsked
from scopekeeper.services.mail import Invitation, NoAddress, Posting, Reset, TooMuchMail, recipient_of
from scopekeeper.services.ports import Buckets, Clock, Gone, Taken

EVERY: Final = 20 * 60_000
"""Milliseconds after which an account is sent one more link that a stranger asked for."""

AT_ONCE: Final = 3
"""So many it is sent before that holds."""

SHARING: Final = 5
"""Accounts with one address that are each sent a link."""

_PAGE: Final = 50
_LATER: Final = 10
"""Seconds after which whoever asks where too many do is let in again."""

_NOBODY: Final = User(0, "nobody", None, 0, "nobody@example.com")
_NO_SECRET: Final = "x" * 60

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LinksByMail:
    """Sends links. `link_of` makes the address of one from its secret, on the issuer and nowhere else."""

    accounts: Accounts
    mailing: Posting
    link_of: Callable[[str], str]

    async def invite(self, name: str, actor: str, address: str | None = None, *, holding: Holding = EVERYTHING) -> User:
        """Send a link to choose the first password, good for three days. An older link dies.

        Raises Taken where a password has been chosen; Gone, NoAddress, Exceeds, TooMuchMail, Unavailable.
        """
        user = await self.accounts.get(name)
        if user.password is not None:
            raise Taken(f"{user.name} has a password already: what sets another one is good for an hour (`user reset`)")
        recipient_of(user)
        lasts = INVITATION_LIFETIME
        secret = await self.accounts.password_link(
            name, actor, address, holding=holding, lifetime=lasts, by="mail: invitation"
        )
        await self.mailing.post(user, Invitation(self.link_of(secret), lasts), lasts)
        return user

    async def reset(
        self,
        name: str,
        actor: str,
        address: str | None = None,
        *,
        holding: Holding = EVERYTHING,
        alone: bool = True,
        vouched: bool = False,
    ) -> User:
        """Send a link to choose another password, good for an hour. An older link dies, if this one is to be `alone`.

        With `vouched` to no address but one that somebody vouches for, of an account that is enabled (NoAddress).

        Raises Gone, NoAddress, Exceeds, TooMuchMail, Unavailable.
        """
        user = await self.accounts.get(name)
        if vouched and not (user.enabled and user.email_verified):
            raise NoAddress(f"{user.name} has no e-mail address that somebody vouches for")
        recipient_of(user)
        lasts = RESET_LIFETIME
        secret = await self.accounts.password_link(
            name, actor, address, holding=holding, lifetime=lasts, alone=alone, by="mail"
        )
        await self.mailing.post(user, Reset(self.link_of(secret), lasts), lasts)
        return user

    def pretend(self) -> None:
        """Write a link to nobody, and send nothing."""
        self.mailing.pretend(_NOBODY, Reset(self.link_of(_NO_SECRET), RESET_LIFETIME))


class Remembered(Buckets, Lists, Protocol):
    """Where accounts are looked for, and how often each was sent something."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Sends a link to whoever says that they have forgotten their password, if anybody is to get one."""

    accounts: Accounts
    links: LinksByMail
    store: Remembered
    attempts: Attempts
    """How often a network may ask."""
    aside: Aside
    clock: Clock
    limited: bool = True

    async def __call__(self, typed: str, address: str | None) -> None:
        """Somebody there typed this, a name or an e-mail address. Tells nothing. Raises TooMany, Unavailable."""
        await self.attempts.failed(address)
        if not self.aside.begin(self._send(typed.strip()[:LONGEST_EMAIL], address)):
            raise TooMany(_LATER)

    async def _send(self, typed: str, address: str | None) -> None:
        due = [user for user in await self._meant(typed) if await self._in_time(user)]
        for user in due:
            await self._send_to(user, address)
        if not due:  # else whoever asks for something else meanwhile could tell that there was nobody to write to
            self.links.pretend()

    async def _send_to(self, user: User, address: str | None) -> None:
        try:
            # Not alone: else a stranger could put an end to a link that an operator has given them.
            # And vouched for now, not a moment ago: somebody who may edit accounts may be at it.
            await self.links.reset(user.name, "system", address, alone=False, vouched=True)
        except (Gone, NoAddress, TooMuchMail) as unsent:
            log.warning("no link was sent", reason=type(unsent).__name__)

    async def _meant(self, typed: str) -> Sequence[User]:
        """The accounts that a link is sent to: enabled, with an address that somebody vouches for."""
        found: dict[int, User] = {}
        with suppress(Gone):
            named = await self.accounts.get(typed)
            found[named.id] = named
        with suppress(UnfitPerson):
            wanted = email_of(typed).lower()
            for user in await self.store.find_users(UsersAsked(wanted, enabled=True), limit=_PAGE):
                # The link goes to the address on record, in any case: what was typed only finds it.
                if (user.email or "").lower() == wanted:
                    found[user.id] = user
        return [each for each in found.values() if each.enabled and each.email_verified and each.email][:SHARING]

    async def _in_time(self, user: User) -> bool:
        """Has this account not just been sent as many as anybody could use?"""
        if not self.limited:
            return True
        filling = await self.store.fill(f"mail {user.id}", self.clock.milliseconds(), EVERY, AT_ONCE * EVERY)
        return filling.done
