"""`/login/with/NAME`, `/login/from/NAME`: to another provider and back; `/account/security/identities`: connecting one.

Whoever leaves does so by a form of ours. It is answered by a page of ours that goes on by itself, and not by a
redirect: so the pages that have such forms can say that their forms end here (`form-action 'self'`).
"""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from starlette.types import Receive, Scope, Send

from scopekeeper.oauth.authentication import FEDERATED
from scopekeeper.oauth.people import Session, User
from scopekeeper.pages.endpoint import Form, answered, asked, is_post, prove, unforged
from scopekeeper.pages.page import ON_THE_WAY, Pages, sent_on
from scopekeeper.pages.refusals import Refused
from scopekeeper.pages.visit import Reception, Stay, Visit
from scopekeeper.services.factors import Fresh, NotFresh
from scopekeeper.services.login import Further, WrongPassword
from scopekeeper.services.ports import Gone
from scopekeeper.services.relying import Arrived, Departure, NotArrived
from scopekeeper.services.upstreams import LastWay
from scopekeeper.web.asking import Requests
from scopekeeper.web.errand import LOGIN, Errand, errand_of
from scopekeeper.web.login import Proven
from scopekeeper.web.recovery import SECURITY
from scopekeeper.wire import Reply

WITH: Final = "/login/with/"
FROM: Final = "/login/from/"
IDENTITIES: Final = f"{SECURITY}/identities"
REMOVAL: Final = f"{IDENTITIES}/remove"

_STATUS: Final = {"failed": 403, "declined": 403, "nobody": 403, "taken": 409, "last": 409}


class SigningInElsewhere(Protocol):
    """The acts that these pages are for."""

    def begin(self, name: str, *, key: str, onward: str, anew: bool = False) -> Awaitable[Departure]:
        """To this provider, to sign in. Raises Gone, NotArrived."""
        ...

    def begin_connecting(self, name: str, *, key: str, user: User, onward: str) -> Awaitable[Departure]:
        """To this provider, to be known by it. Raises Gone, NotArrived."""
        ...

    def finish(
        self,
        name: str,
        answer: Mapping[str, str],
        *,
        sealed: str | None,
        key: str,
        here: tuple[Session, User, str] | None,
        address: str | None,
    ) -> Awaitable[Arrived]:
        """Who has come back. Raises NotArrived, TooMany."""
        ...


class OwnIdentities(Protocol):
    """By which providers people are known, at their own hands."""

    def require_fresh(self, user: User, fresh: Fresh) -> Awaitable[None]:
        """Have they signed in lately? Raises NotFresh."""
        ...

    def remove(self, user: User, fresh: Fresh, name: str, subject: str, address: str | None) -> Awaitable[None]:
        """It is given up. Raises NotFresh, LastWay, Gone."""
        ...


@dataclass(frozen=True, slots=True)
class Gangway:
    """What is said to whoever leaves, and to whoever comes back for nothing."""

    reception: Reception
    pages: Pages

    def leaving(self, visit: Visit, departure: Departure) -> Reply:
        """On to the provider. What the browser keeps meanwhile goes with the page."""
        jar = self.reception.jar
        headers = ((b"refresh", f"0; url={departure.url}".encode()), jar.away.set(departure.sealed))
        return self.pages(visit, "elsewhere.html", {"url": departure.url}, headers=headers, guards=ON_THE_WAY)

    def not_arrived(self, visit: Visit, failed: NotArrived) -> Reply:
        """What is the matter, and how to go on.

        The browser is not told to forget what it kept: it may be on its way in another window, and this be a forgery.
        """
        onward = failed.onward or "/account"
        facts = {
            "why": failed.why,
            "label": failed.label,
            "connecting": failed.connecting,
            "back": SECURITY if failed.connecting else Errand(onward).login,
        }
        return self.pages(visit, "not_arrived.html", facts, _STATUS[failed.why], guards=ON_THE_WAY)


@dataclass(frozen=True, slots=True)
class WithEndpoint:
    """`/login/with/NAME`: to the provider, by the form of the sign-in page. A link leads nowhere."""

    gangway: Gangway
    signing: SigningInElsewhere
    requests: Requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        visit = self.gangway.reception.visit(scope)
        reply = await answered(self.gangway.pages, visit, self._reply(visit, receive), LOGIN)
        await reply(scope, receive, send)

    async def _reply(self, visit: Visit, receive: Receive) -> Reply:
        if not is_post(visit):
            return sent_on(LOGIN)
        reception = self.gangway.reception
        form = await unforged(visit, receive, reception.issuer)
        errand = await errand_of(form.get("next"), self.requests)
        return await answered(self.gangway.pages, visit, self._sent(visit, errand, form), errand.login, errand.guards)

    async def _sent(self, visit: Visit, errand: Errand, form: Form) -> Reply:
        prove(visit, form, "login")
        # Whoever is here already, or was sent to do so anew, proves it there anew, too.
        anew = await self.gangway.reception.stay(visit.scope) is not None or (
            errand.asking is not None and errand.asking.ticket is not None
        )
        try:
            departure = await self.signing.begin(_name_in(visit, WITH), key=visit.key, onward=errand.path, anew=anew)
        except Gone as gone:
            raise Refused("nowhere", str(gone)) from gone
        except NotArrived as failed:
            return self.gangway.not_arrived(visit, failed)
        return self.gangway.leaving(visit, departure)


@dataclass(frozen=True, slots=True)
class FromEndpoint:
    """`/login/from/NAME`: back from the provider (OpenID Connect Core §3.1.2.5)."""

    gangway: Gangway
    signing: SigningInElsewhere
    login: Proven
    requests: Requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        visit = self.gangway.reception.visit(scope)
        reply = await answered(self.gangway.pages, visit, self._reply(visit), LOGIN, ON_THE_WAY)
        await reply(scope, receive, send)

    async def _reply(self, visit: Visit) -> Reply:
        if visit.scope["method"] != "GET":
            raise Refused("method", visit.scope["method"])
        jar = self.gangway.reception.jar
        stay = await self.gangway.reception.stay(visit.scope)
        try:
            arrived = await self.signing.finish(
                _name_in(visit, FROM),
                asked(visit),
                sealed=jar.away.of(visit.scope),
                key=visit.key,
                here=None if stay is None else (stay.session, stay.user, stay.cookie),
                address=visit.address,
            )
        except NotArrived as failed:
            return self.gangway.not_arrived(visit, failed)
        if arrived.connecting:
            return sent_on(f"{SECURITY}?note=linked", jar.away.forget())
        return await self._signed_in(visit, stay, arrived)

    async def _signed_in(self, visit: Visit, stay: Stay | None, arrived: Arrived) -> Reply:
        jar, errand = self.gangway.reception.jar, await errand_of(arrived.onward or None, self.requests)
        try:
            begun = await self.login.proven(
                arrived.user,
                (FEDERATED,),
                key=visit.key,
                address=visit.address,
                agent=visit.agent,
                ends=None if stay is None else stay.session.id,
                stronger=errand.stronger,
            )
        except WrongPassword:
            return self.gangway.not_arrived(visit, NotArrived("failed", onward=arrived.onward))
        if isinstance(begun, Further):
            return sent_on(errand.second, jar.stage.set(begun.passage), jar.away.forget())
        return sent_on(errand.path, jar.session.set(begun.cookie), jar.away.forget())


@dataclass(frozen=True, slots=True)
class Connecting:
    """`/account/security/identities`: to the provider, so that it means this person from then on."""

    gangway: Gangway
    signing: SigningInElsewhere
    own: OwnIdentities

    async def __call__(self, visit: Visit, stay: Stay, form: Form | None) -> Reply:
        if form is None:
            return sent_on(SECURITY)
        try:
            await self.own.require_fresh(stay.user, _fresh(stay))
            departure = await self.signing.begin_connecting(
                form.get("name", ""), key=stay.cookie, user=stay.user, onward=SECURITY
            )
        except (Gone, NotFresh):
            return sent_on(SECURITY)  # which says what has to be done first
        except NotArrived as failed:
            return self.gangway.not_arrived(visit, failed)
        return self.gangway.leaving(visit, departure)


@dataclass(frozen=True, slots=True)
class Disconnecting:
    """`/account/security/identities/remove`: the provider's word does not stand for this person any more."""

    gangway: Gangway
    own: OwnIdentities

    async def __call__(self, visit: Visit, stay: Stay, form: Form | None) -> Reply:
        if form is None:
            return sent_on(SECURITY)
        provider, subject = form.get("provider", ""), form.get("subject", "")
        try:
            await self.own.remove(stay.user, _fresh(stay), provider, subject, visit.address)
        except (Gone, NotFresh):
            return sent_on(SECURITY)
        except LastWay:
            facts = {"why": "last", "label": "", "connecting": True, "back": SECURITY}
            return self.gangway.pages(visit, "not_arrived.html", facts, _STATUS["last"])
        return sent_on(f"{SECURITY}?note=unlinked")


def _name_in(visit: Visit, prefix: str) -> str:
    """Which provider the path names. What follows is no name, and there is none that is called so."""
    path: str = visit.scope["path"]
    return path.removeprefix(prefix)


def _fresh(stay: Stay) -> Fresh:
    return Fresh(stay.session.signed_in_at, stay.session.amr)
