"""`/login`: a name, a password, and on to where one wanted to go."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Protocol

from scopekeeper.oauth.people import Session
from scopekeeper.pages.endpoint import Form, asked
from scopekeeper.pages.onward import onward
from scopekeeper.pages.page import Pages, sent_on
from scopekeeper.pages.visit import Reception, Visit
from scopekeeper.services.login import WrongPassword
from scopekeeper.wire import Reply


class SignIn(Protocol):
    """The act that this page is for."""

    def sign_in(
        self, name: str, password: str, *, address: str | None, agent: str, ends: int | None
    ) -> Awaitable[tuple[Session, str]]:
        """A new session in place of `ends`, and its cookie's value. Raises WrongPassword, TooMany."""
        ...


@dataclass(frozen=True, slots=True)
class LoginPage:
    """Signs in. Whoever is signed in already is sent on."""

    reception: Reception
    pages: Pages
    login: SignIn

    async def __call__(self, visit: Visit, form: Form | None) -> Reply:
        return await self._show(visit) if form is None else await self._sign_in(visit, form)

    async def _show(self, visit: Visit) -> Reply:
        query = asked(visit)
        wanted = onward(query.get("next"))
        if await self.reception.stay(visit.scope) is not None:
            return sent_on(wanted)
        return self._page(visit, wanted, note=query.get("note", ""))

    async def _sign_in(self, visit: Visit, form: Form) -> Reply:
        name, password, wanted = form.get("username", ""), form.get("password", ""), onward(form.get("next"))
        missing = {field: "missing" for field in ("username", "password") if field not in form}
        if missing:
            return self._page(visit, wanted, name=name, errors=missing)
        stay = await self.reception.stay(visit.scope)
        ends = None if stay is None else stay.session.id
        try:
            _, cookie = await self.login.sign_in(name, password, address=visit.address, agent=visit.agent, ends=ends)
        except WrongPassword:
            return self._page(visit, wanted, name=name, errors={"form": "wrong"})
        return sent_on(wanted, self.reception.jar.session.set(cookie))

    def _page(
        self, visit: Visit, wanted: str, *, name: str = "", note: str = "", errors: Mapping[str, str] | None = None
    ) -> Reply:
        facts = {"wanted": wanted, "name": name, "note": note, "errors": errors or {}}
        return self.pages(visit, "login.html", facts, 422 if errors else 200)
