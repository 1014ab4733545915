"""`/account`: who I am, what I let in, where I am signed in, who looked, my password, and the way out."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import quote

from scopekeeper.oauth.factors import Factors
from scopekeeper.oauth.people import Session, UnfitPerson, User
from scopekeeper.oauth.records import Client
from scopekeeper.pages.endpoint import Form, PrivateAnswer, asked
from scopekeeper.pages.page import Pages, sent_on
from scopekeeper.pages.visit import Stay, Visit
from scopekeeper.pages.wording import grouped
from scopekeeper.scopes import Catalogue
from scopekeeper.services.connections import Connection
from scopekeeper.services.login import WrongPassword
from scopekeeper.services.looks import Look
from scopekeeper.services.ports import Gone
from scopekeeper.web.signed_out import Leaving, SignedOut
from scopekeeper.wire import Reply

_LARGEST_ID: Final = 19
"""Digits of the largest row id."""


class Stays(Protocol):
    """What becomes of sessions."""

    def sessions(self, user: User) -> Awaitable[Sequence[Session]]:
        """All of this person's, newest first."""
        ...

    def end(self, user: User, session_id: int, address: str | None) -> Awaitable[object]:
        """End one of this person's own sessions; nobody else's."""
        ...


class Passwords(Protocol):
    """What becomes of a password."""

    def change_password(self, user: User, old: str, new: str, session: Session, address: str | None) -> Awaitable[None]:
        """The new one holds, and the other sessions are ended. Raises WrongPassword, TooMany, UnfitPerson, Gone."""
        ...


class Connections(Protocol):
    """What becomes of the applications that somebody let in."""

    def of(self, user: User) -> Awaitable[Sequence[Connection]]:
        """All of this person's, by name."""
        ...

    def former(self, user: User, client_id: str) -> Awaitable[Client | None]:
        """The application, if this person allows it nothing (any more)."""
        ...

    def withdraw(self, user: User, client_id: str, address: str | None) -> Awaitable[Client | None]:
        """Take back all that this person allowed it. None: that was nothing."""
        ...


class Owning(Protocol):
    """Whose applications are whose."""

    def of(self, user: User, *, limit: int) -> Awaitable[Sequence[Client]]:
        """Applications that this person owns."""
        ...


class Looks(Protocol):
    """Who looked at what people can read."""

    def of(self, person: User) -> Awaitable[Sequence[Look]]:
        """The newest looks in this person's name."""
        ...


class Having(Protocol):
    """What people have besides a password."""

    def of(self, user: User) -> Awaitable[Factors]:
        """All that this person has."""
        ...


@dataclass(frozen=True, slots=True)
class AccountPage:
    """Shows the account. It has no form of its own: each act has its own address below it."""

    pages: Pages
    stays: Stays
    connections: Connections
    owned: Owning
    looks: Looks
    catalogue: Catalogue
    factors: Having

    async def __call__(self, visit: Visit, stay: Stay, form: Form | None) -> Reply:
        query = asked(visit)
        former = await self.connections.former(stay.user, query["application"]) if "application" in query else None
        return await self.show(visit, stay, note=query.get("note", ""), former=former)

    async def show(
        self,
        visit: Visit,
        stay: Stay,
        *,
        note: str = "",
        former: Client | None = None,
        errors: Mapping[str, str] | None = None,
    ) -> Reply:
        """The account, with what went wrong beside its field."""
        here = stay.session.id
        sessions, connections = await self.stays.sessions(stay.user), await self.connections.of(stay.user)
        facts = {
            "user": stay.user,
            "here": here,
            "sessions": sorted(sessions, key=lambda session: session.id != here),
            "connections": [(each, grouped(each.scope, self.catalogue, (), each.claims)) for each in connections],
            "owns": bool(await self.owned.of(stay.user, limit=1)),
            "looks": await self.looks.of(stay.user),
            "factors": await self.factors.of(stay.user),
            "former": former,
            "note": note,
            "errors": errors or {},
        }
        return self.pages(visit, "account.html", facts, 422 if errors else 200)


def acting(perform: Callable[[Visit, Stay, Form], Awaitable[Reply]]) -> PrivateAnswer:
    """An act below the account. It has no page of its own: whoever asks for one sees the account."""

    async def answer(visit: Visit, stay: Stay, form: Form | None) -> Reply:
        return sent_on("/account") if form is None else await perform(visit, stay, form)

    return answer


@dataclass(frozen=True, slots=True)
class PasswordChange:
    """`/account/password`: the old one, proven again, becomes a new one."""

    account: AccountPage
    passwords: Passwords

    async def __call__(self, visit: Visit, stay: Stay, form: Form) -> Reply:
        missing = {field: "missing" for field in ("current", "password") if field not in form}
        if missing:
            return await self.account.show(visit, stay, errors=missing)
        try:
            await self.passwords.change_password(
                stay.user, form["current"], form["password"], stay.session, visit.address
            )
        except WrongPassword:
            return await self.account.show(visit, stay, errors={"current": "wrong"})
        except UnfitPerson as unfit:
            return await self.account.show(visit, stay, errors={"password": visit.words.refusal(unfit)})
        except Gone:
            return sent_on("/login?note=ended")
        return sent_on("/account?note=changed")


@dataclass(frozen=True, slots=True)
class AccessRemoval:
    """`/account/connections`: what one application was allowed is taken back."""

    connections: Connections

    async def __call__(self, visit: Visit, stay: Stay, form: Form) -> Reply:
        client = await self.connections.withdraw(stay.user, form.get("application", ""), visit.address)
        if client is None:
            return sent_on("/account")
        return sent_on(f"/account?note=withdrawn&application={quote(client.client_id, safe='')}")


@dataclass(frozen=True, slots=True)
class SessionEnd:
    """`/account/sessions`: one of one's own sessions is ended, on whatever machine it is."""

    stays: Stays

    async def __call__(self, visit: Visit, stay: Stay, form: Form) -> Reply:
        number = form.get("session", "")
        if number.isascii() and number.isdigit() and len(number) <= _LARGEST_ID:
            await self.stays.end(stay.user, int(number), visit.address)
        return sent_on("/account?note=ended")


@dataclass(frozen=True, slots=True)
class SignOut:
    """`/account/sign-out`: the session ends on the server, and the browser forgets it and tells applications."""

    leaving: Leaving
    signed_out: SignedOut

    async def __call__(self, visit: Visit, stay: Stay, form: Form) -> Reply:
        frames = await self.leaving.leave(stay.session, visit.address)
        return self.signed_out(visit, stay, frames, "/login?note=out")
