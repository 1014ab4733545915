"""`/login`: a name, a password, and on to where one wanted to go."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Protocol

from starlette.types import Receive, Scope, Send

from scopekeeper.oauth.people import Session
from scopekeeper.pages.endpoint import Form, answered, asked, is_post, prove, unforged
from scopekeeper.pages.page import Pages, sent_on
from scopekeeper.pages.visit import Reception, Visit
from scopekeeper.services.login import WrongPassword
from scopekeeper.web.asking import Requests
from scopekeeper.web.errand import LOGIN, Errand, errand_of
from scopekeeper.wire import Reply


class SignIn(Protocol):
    """The act that this page is for."""

    def sign_in(
        self, name: str, password: str, *, address: str | None, agent: str, ends: int | None
    ) -> Awaitable[tuple[Session, str]]:
        """A session in place of `ends`, and the value of its new cookie. Raises WrongPassword, TooMany."""
        ...


@dataclass(frozen=True, slots=True)
class LoginEndpoint:
    """Signs in. Whoever is signed in already is sent on, unless they are here to do so anew."""

    reception: Reception
    pages: Pages
    login: SignIn
    requests: Requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        visit = self.reception.visit(scope)
        reply = await answered(self.pages, visit, self._reply(visit, receive), LOGIN)
        await reply(scope, receive, send)

    async def _reply(self, visit: Visit, receive: Receive) -> Reply:
        form = await unforged(visit, receive, self.reception.issuer) if is_post(visit) else None
        errand = await errand_of((asked(visit) if form is None else form).get("next"), self.requests)
        visit = errand.visit(visit)
        going = self._show(visit, errand) if form is None else self._sign_in(visit, errand, form)
        return await answered(self.pages, visit, going, errand.login, errand.guards)

    async def _show(self, visit: Visit, errand: Errand) -> Reply:
        stay = await self.reception.stay(visit.scope)
        if stay is not None and errand.done_by(visit, stay):
            return sent_on(errand.path)
        here = "" if stay is None else stay.user.name
        return self._page(visit, errand, name=errand.hint, note=asked(visit).get("note", ""), here=here)

    async def _sign_in(self, visit: Visit, errand: Errand, form: Form) -> Reply:
        prove(visit, form, "login")
        name, password = form.get("username", ""), form.get("password", "")
        missing = {field: "missing" for field in ("username", "password") if field not in form}
        if missing:
            return self._page(visit, errand, name=name, errors=missing)
        stay = await self.reception.stay(visit.scope)
        ends = None if stay is None else stay.session.id
        try:
            _, cookie = await self.login.sign_in(name, password, address=visit.address, agent=visit.agent, ends=ends)
        except WrongPassword:
            return self._page(visit, errand, name=name, errors={"form": "wrong"})
        return sent_on(errand.path, self.reception.jar.session.set(cookie))

    def _page(
        self,
        visit: Visit,
        errand: Errand,
        *,
        name: str = "",
        note: str = "",
        here: str = "",
        errors: Mapping[str, str] | None = None,
    ) -> Reply:
        facts = {
            "wanted": errand.path,
            "application": errand.application,
            "name": name,
            "note": note,
            "here": here,
            "errors": errors or {},
        }
        return self.pages(visit, "login.html", facts, 422 if errors else 200, guards=errand.guards)
