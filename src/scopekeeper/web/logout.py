"""`/oauth/logout`: an application sends a person here to sign out (OpenID Connect RP-Initiated Logout 1.0 §2)."""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import structlog
from starlette.types import Receive, Scope, Send

from scopekeeper.oauth.logout import LONGEST, Done, End, Leave, LogoutRequest, Step, Unsound
from scopekeeper.oauth.redirects import place_of
from scopekeeper.oauth.steps import Present
from scopekeeper.pages.csrf import FIELD, foreign, proves
from scopekeeper.pages.endpoint import LIMIT, Form, answered, is_post
from scopekeeper.pages.onward import HOME
from scopekeeper.pages.page import LEADING_ON, ON_THE_WAY, Pages, sent_on
from scopekeeper.pages.refusals import Refused
from scopekeeper.pages.visit import Reception, Stay, Visit, inside
from scopekeeper.web.asking import text_of
from scopekeeper.web.authorize import present_of
from scopekeeper.web.decision import DECISION, approved_in
from scopekeeper.web.language import spoken
from scopekeeper.web.signed_out import Leaving, SignedOut
from scopekeeper.wire import MalformedForm, Reply, media_type, parse_lenient, query_of, read_body

LOGOUT: Final = "/oauth/logout"

REQUEST: Final = "request"
"""The hidden field that carries what was asked."""

log = structlog.get_logger(__name__)


class LogoutRequests(Leaving, Protocol):
    """The acts that this endpoint is for."""

    def asked(self, request: LogoutRequest) -> Awaitable[Leave]:
        """What is asked, and by whom. Raises Unsound."""
        ...

    def step(self, leave: Leave, present: Present | None) -> Step:
        """What comes next."""
        ...


@dataclass(frozen=True, slots=True)
class LogoutEndpoint:
    """Ends the session at once for whoever shows an id_token of it; everybody else is asked."""

    reception: Reception
    pages: Pages
    leaving: LogoutRequests
    signed_out: SignedOut

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        visit = self.reception.visit(scope)
        reply = await answered(self.pages, visit, self._told(visit, receive), HOME, ON_THE_WAY)
        await reply(scope, receive, send)

    async def _told(self, visit: Visit, receive: Receive) -> Reply:
        """The reply, or to the person alone what is wrong."""
        try:
            return await self._reply(visit, receive)
        except Unsound as unsound:
            log.info("logout refused to the person", fault=unsound.fault)
            facts = {"fault": unsound.fault, "client": unsound.client}
            return self.pages(visit, "unsound.html", facts, 400, guards=ON_THE_WAY)

    async def _reply(self, visit: Visit, receive: Receive) -> Reply:
        if not is_post(visit):
            return await self._asked(visit, query_of(visit.scope))
        body = await _posted(visit, receive)
        form, _ = _read(body)
        if DECISION in form:
            return await self._decided(visit, form)
        request = request_of(body)
        await self.leaving.asked(request)
        # What another site posts comes without the session's cookie (SameSite): only a GET shows who is there.
        return sent_on(_address_of(request))

    async def _asked(self, visit: Visit, query: bytes) -> Reply:
        request = request_of(query)
        leave = await self.leaving.asked(request)
        visit = spoken(visit, leave.ui_locales)
        stay = await self.reception.stay(visit.scope)
        step = self.leaving.step(leave, present_of(stay))
        if stay is None or isinstance(step, Done):
            return self._signed_out(visit, None, (), leave)
        if isinstance(step, End) and visit.scope["method"] == "GET":
            return await self._ended(visit, stay, leave)
        facts = {
            "client": leave.client,
            "user": stay.user,
            "place": "" if leave.onward is None else place_of(leave.onward),
            "form": _form_of(request, leave, stay),
            "request": text_of(request.parameters),
        }
        guards = ON_THE_WAY if leave.onward is None else LEADING_ON
        return self.pages(inside(visit, stay), "logout.html", facts, guards=guards)

    async def _decided(self, visit: Visit, form: Form) -> Reply:
        """What the person answered: only to what was shown to them, in the session in which it was."""
        if foreign(visit.scope, self.reception.issuer):
            raise Refused("forged", "foreign origin")
        request = request_of(form.get(REQUEST, "").encode())
        leave = await self.leaving.asked(request)
        visit = spoken(visit, leave.ui_locales)
        stay = await self.reception.stay(visit.scope)
        if stay is None:
            return sent_on(_address_of(request))
        deciding = self._carried_out(visit, stay, leave, request, form)
        return await answered(self.pages, visit, deciding, _address_of(request), ON_THE_WAY)

    async def _carried_out(self, visit: Visit, stay: Stay, leave: Leave, request: LogoutRequest, form: Form) -> Reply:
        if not proves(form.get(FIELD), stay.cookie, _form_of(request, leave, stay)):
            raise Refused("forged", "not what was asked in this session")
        if not approved_in(form):
            return sent_on(HOME)
        return await self._ended(visit, stay, leave)

    async def _ended(self, visit: Visit, stay: Stay, leave: Leave) -> Reply:
        application = None if leave.client is None else leave.client.client_id
        frames = await self.leaving.leave(stay.session, visit.address, application)
        return self._signed_out(visit, stay, frames, leave)

    def _signed_out(self, visit: Visit, stay: Stay | None, frames: Sequence[str], leave: Leave) -> Reply:
        name = "" if leave.client is None else leave.client.name
        return self.signed_out(visit, stay, frames, leave.onward, name)


def request_of(raw: bytes) -> LogoutRequest:
    """What was sent, in a query or in a form. Raises Unsound where it cannot be read, or is out of all measure."""
    if len(raw) > LONGEST:
        raise Unsound("unreadable")
    return LogoutRequest(*_read(raw))


def _read(raw: bytes) -> tuple[dict[str, str], frozenset[str]]:
    try:
        return parse_lenient(raw)
    except MalformedForm:
        raise Unsound("unreadable") from None


async def _posted(visit: Visit, receive: Receive) -> bytes:
    if media_type(visit.scope) != b"application/x-www-form-urlencoded":
        raise Unsound("unreadable")
    return await read_body(visit.scope, receive, LIMIT)


def _address_of(request: LogoutRequest) -> str:
    """The address that goes on with it."""
    text = text_of(request.parameters)
    return f"{LOGOUT}?{text}" if text else LOGOUT


def _form_of(request: LogoutRequest, leave: Leave, stay: Stay) -> str:
    """The name of the form that asks this very thing of this very person: another request's proves nothing."""
    shown = (None if leave.client is None else leave.client.name, stay.user.id)
    return f"logout:{text_of(request.parameters)}\n{shown}"
