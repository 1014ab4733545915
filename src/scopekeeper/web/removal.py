"""`/account/remove`: my account goes, with all that is mine. Only for who has just signed in, and types the name."""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from scopekeeper.oauth.people import Session, User
from scopekeeper.oauth.records import Client
from scopekeeper.pages.endpoint import Form
from scopekeeper.pages.onward import anew
from scopekeeper.pages.page import Pages, sent_on
from scopekeeper.pages.visit import Stay, Visit
from scopekeeper.services.accounts import LastAdministrator
from scopekeeper.services.connections import Connection
from scopekeeper.services.ports import Gone, Stale
from scopekeeper.web.fresh import Proving, is_fresh
from scopekeeper.web.signed_out import SignedOut
from scopekeeper.wire import Reply

PATH: Final = "/account/remove"
GOODBYE: Final = "/goodbye"

MOST_NAMED: Final = 20
"""Applications that are named; of more it is said that there are."""


class Removing(Protocol):
    """How an account goes."""

    def remove(
        self, name: str, actor: str, address: str | None = None, *, revision: int | None = None, keep_one: bool = False
    ) -> Awaitable[None]:
        """Forget it. Raises Gone, Stale, LastAdministrator."""
        ...


class Framing(Protocol):
    """Who hears of the end of a session through the browser."""

    def frames(self, session: Session) -> Awaitable[Sequence[str]]:
        """The addresses of what it is to load."""
        ...


class Connecting(Protocol):
    """Applications that somebody let in."""

    def of(self, user: User) -> Awaitable[Sequence[Connection]]:
        """All of this person's, by name."""
        ...


class Owning(Protocol):
    """Whose applications are whose."""

    def of(self, user: User, *, limit: int) -> Awaitable[Sequence[Client]]:
        """Applications that this person owns."""
        ...


@dataclass(frozen=True, slots=True)
class RemovalPage:
    """Says what goes and what stays, and does it."""

    pages: Pages
    proving: Proving
    removing: Removing
    framing: Framing
    connections: Connecting
    owned: Owning
    signed_out: SignedOut

    async def __call__(self, visit: Visit, stay: Stay, form: Form | None) -> Reply:
        fresh = await is_fresh(self.proving, stay)
        if form is None:
            return await self._show(visit, stay, fresh)
        if not fresh:
            return await self._show(visit, stay, fresh, "stale", 403)
        if form.get("name", "").strip() != stay.user.name:
            return await self._show(visit, stay, fresh, "name", 422)
        frames = await self.framing.frames(stay.session)
        try:
            await self.removing.remove(
                stay.user.name, f"user:{stay.user.name}", visit.address, revision=stay.user.revision, keep_one=True
            )
        except LastAdministrator:
            return await self._show(visit, stay, fresh, "last", 409)
        except Stale:
            return await self._show(visit, stay, fresh, "changed", 409)
        except Gone:
            pass  # somebody was faster: it is as it was to be
        return self.signed_out(visit, stay, frames, GOODBYE)

    async def _show(self, visit: Visit, stay: Stay, fresh: bool, refused: str = "", status: int = 200) -> Reply:
        owned = await self.owned.of(stay.user, limit=MOST_NAMED + 1)
        facts = {
            "user": stay.user,
            "fresh": fresh,
            "anew": anew(PATH),
            "refused": refused,
            "connections": await self.connections.of(stay.user),
            "owned": owned[:MOST_NAMED],
            "more": len(owned) > MOST_NAMED,
        }
        return self.pages(visit, "removal.html", facts, status)


@dataclass(frozen=True, slots=True)
class GoodbyePage:
    """`/goodbye`: where somebody ends who had an account. It shows the same to everybody, and does nothing."""

    pages: Pages

    async def __call__(self, visit: Visit, form: Form | None) -> Reply:
        return self.pages(visit, "goodbye.html", {}) if form is None else sent_on(GOODBYE)
