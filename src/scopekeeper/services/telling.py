"""People are told by mail what happened to their accounts: a new device, a new application, other factors.

It goes to the address on record, whether anybody vouches for it or not: there they are reached, as whoever keeps the
accounts wrote, and a notice opens nothing. It is done aside, so that nobody waits for it, and fails nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final, Protocol

import structlog

from scopekeeper.oauth.people import Session, User
from scopekeeper.oauth.records import Client
from scopekeeper.services.aside import Aside
from scopekeeper.services.lists import ActsAsked
from scopekeeper.services.mail import Changed, Connected, News, NoAddress, Posting, SignedIn, TooMuchMail
from scopekeeper.services.ports import Audit, Buckets, Clock

REMEMBERED: Final = 90 * 86_400
"""Seconds that a device is known after somebody signed in with it."""

SIGN_INS: Final = 500
"""Of one person, the newest: so many are looked through."""

EVERY: Final = 10 * 60_000
"""Milliseconds after which somebody is told of one more of a kind: a sign-in, an application, a change."""

AT_ONCE: Final = 10
"""Of so many sign-ins they are told before that holds."""

ACTS_AT_ONCE: Final = 20
"""And of so many acts: whoever is signed in would fill the queue of all others, consenting and taking it back."""

_IPV4: Final = 16
_IPV6: Final = 32
"""Bits: what one provider gives its customers one after the other, mostly."""

log = structlog.get_logger(__name__)


class Remembered(Audit, Buckets, Protocol):
    """Where it is written who signed in with what, and how often each was told."""


@dataclass(frozen=True, slots=True)
class Told:
    """Tells people by mail."""

    mailing: Posting
    store: Remembered
    clock: Clock
    aside: Aside
    family_of: Callable[[str], str]
    """Browser and system in two words, from what a browser says of itself; empty where they are none that we know."""
    limited: bool = True

    async def signed_in(self, user: User, session: Session) -> None:
        """They are told where browser and system, or the network, are new among their sign-ins of a quarter of a year.

        Not of the first sign-in there is: then everything is new. And not of more than anybody would read: whoever has
        the password could bury all else under them.
        """
        if user.email is not None:
            self.aside.begin(self._signed_in(user, session))

    async def connected(self, user: User, client: Client, address: str | None) -> None:
        """They are told."""
        self._tell(user, "connected", Connected(client.name, self.clock.now(), address))

    async def changed(self, user: User, what: str, address: str | None) -> None:
        """They are told, at the address that this record of the account has: another one's change, at the old one."""
        self._tell(user, "changed", Changed(what, self.clock.now(), address))

    def _tell(self, user: User, kind: str, news: News) -> None:
        if user.email is not None:
            self.aside.begin(self._told(user, kind, news))

    async def _told(self, user: User, kind: str, news: News) -> None:
        if await self._in_time(user, kind, ACTS_AT_ONCE):
            await self._post(user, news)

    async def _signed_in(self, user: User, session: Session) -> None:
        known = await self._known(user, session.signed_in_at)
        if not known:
            return
        family, network = self._seen(session.agent, session.address)
        new = family not in {each for each, _ in known} or network not in {each for _, each in known}
        if new and await self._in_time(user, "new device", AT_ONCE):
            await self._post(user, SignedIn(session.signed_in_at, session.address, session.agent))

    async def _in_time(self, user: User, kind: str, at_once: int) -> bool:
        if not self.limited:
            return True
        filling = await self.store.fill(f"{kind} {user.id}", self.clock.milliseconds(), EVERY, at_once * EVERY)
        return filling.done

    async def _known(self, user: User, before: int) -> set[tuple[str, str]]:
        """With what, and from where, they signed in of late."""
        asked = ActsAsked(
            actor=f"user:{user.name}",
            action="session.begin",
            since=before - REMEMBERED,
            until=before,
            after=user.id,  # an earlier account of this name was somebody else's
        )
        acts = await self.store.acts(asked, limit=SIGN_INS)
        return {self._seen(str(act.details["agent"]), act.address) for act in acts if "agent" in act.details}

    def _seen(self, agent: str, address: str | None) -> tuple[str, str]:
        return self.family_of(agent) or agent, _network(address)

    async def _post(self, user: User, news: News) -> None:
        try:
            await self.mailing.post(user, news)
        except (NoAddress, TooMuchMail) as untold:
            log.warning("somebody was not told", about=type(news).__name__, reason=type(untold).__name__)


def _network(address: str | None) -> str:
    try:
        known: IPv4Address | IPv6Address = ip_address(address or "")
    except ValueError:
        return address or ""
    if isinstance(known, IPv6Address) and known.ipv4_mapped is not None:
        known = known.ipv4_mapped
    return str(ip_network((known, _IPV4 if known.version == 4 else _IPV6), strict=False))
