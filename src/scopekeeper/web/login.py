"""`/login`: a name and a password, or a passkey, or another provider; and on to where one wanted to go."""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from starlette.types import Receive, Scope, Send

from scopekeeper.oauth.people import User
from scopekeeper.oauth.upstreams import Upstream
from scopekeeper.pages.endpoint import Form, answered, asked, is_post, prove, unforged
from scopekeeper.pages.page import Pages, sent_on
from scopekeeper.pages.visit import Reception, Visit
from scopekeeper.services.login import Begun, Further, WrongPassword
from scopekeeper.services.passkeys import Asking, WrongPasskey
from scopekeeper.web.asking import Requests
from scopekeeper.web.errand import LOGIN, Errand, errand_of
from scopekeeper.wire import Reply


class Proven(Protocol):
    """What becomes of whoever has proven who they are otherwise than by a password."""

    def proven(
        self,
        user: User,
        amr: tuple[str, ...],
        *,
        key: str,
        address: str | None,
        agent: str,
        ends: int | None,
        stronger: bool = False,
    ) -> Awaitable[Begun | Further]:
        """A session in place of `ends`, or the next step. Raises WrongPassword where the account is gone."""
        ...


class SignIn(Proven, Protocol):
    """The act that this page is for."""

    def sign_in(
        self,
        name: str,
        password: str,
        *,
        address: str | None,
        agent: str,
        ends: int | None,
        key: str = "",
        stronger: bool = False,
    ) -> Awaitable[Begun | Further]:
        """A session in place of `ends`, or the next step. Raises WrongPassword, TooMany."""
        ...


class ByPasskey(Protocol):
    """How somebody proves who they are without a name or a password."""

    @property
    def available(self) -> bool:
        """Are there passkeys here at all?"""
        ...

    def ask(self, key: str) -> Asking:
        """What the browser is asked for."""
        ...

    def proven(
        self, key: str, sealed: str, answer: str, *, address: str | None
    ) -> Awaitable[tuple[User, tuple[str, ...]]]:
        """Who answered, and by which methods. Raises WrongPasskey, TooMany."""
        ...


class Doors(Protocol):
    """Other providers whose word is taken."""

    def open(self) -> Awaitable[Sequence[Upstream]]:
        """Those at which people may sign in just now."""
        ...


class NoDoors:
    """There are none."""

    async def open(self) -> Sequence[Upstream]:
        """Nowhere."""
        return ()


@dataclass(frozen=True, slots=True)
class LoginEndpoint:
    """Signs in. Whoever is signed in already is sent on, unless they are here to do so anew."""

    reception: Reception
    pages: Pages
    login: SignIn
    requests: Requests
    passkeys: ByPasskey
    doors: Doors
    mail: bool = False
    """Can a link to choose another password be sent to whoever forgot theirs?"""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        visit = self.reception.visit(scope)
        reply = await answered(self.pages, visit, self._reply(visit, receive), LOGIN)
        await reply(scope, receive, send)

    async def _reply(self, visit: Visit, receive: Receive) -> Reply:
        form = await unforged(visit, receive, self.reception.issuer) if is_post(visit) else None
        errand = await errand_of((asked(visit) if form is None else form).get("next"), self.requests)
        visit = errand.visit(visit)
        going = self._show(visit, errand) if form is None else self._take(visit, errand, form)
        return await answered(self.pages, visit, going, errand.login, errand.guards)

    async def _show(self, visit: Visit, errand: Errand) -> Reply:
        stay, query = await self.reception.stay(visit.scope), asked(visit)
        if stay is not None and "anew" not in query and errand.done_by(visit, stay):
            return sent_on(errand.path)
        here = "" if stay is None else stay.user.name
        name = errand.hint or (here if "anew" in query else "")
        return await self._page(visit, errand, name=name, note=query.get("note", ""), here=here)

    async def _take(self, visit: Visit, errand: Errand, form: Form) -> Reply:
        prove(visit, form, "login")
        if "sealed" in form:
            return await self._by_passkey(visit, errand, form)
        return await self._by_password(visit, errand, form)

    async def _by_password(self, visit: Visit, errand: Errand, form: Form) -> Reply:
        name, password = form.get("username", ""), form.get("password", "")
        missing = {field: "missing" for field in ("username", "password") if field not in form}
        if missing:
            return await self._page(visit, errand, name=name, errors=missing)
        try:
            done = await self.login.sign_in(
                name,
                password,
                address=visit.address,
                agent=visit.agent,
                ends=await self._ends(visit),
                key=visit.key,
                stronger=errand.stronger,
            )
        except WrongPassword:
            return await self._page(visit, errand, name=name, errors={"form": "wrong"})
        return self._went_on(visit, errand, done)

    async def _by_passkey(self, visit: Visit, errand: Errand, form: Form) -> Reply:
        sealed, answer = form["sealed"], form.get("answer", "")
        try:
            user, amr = await self.passkeys.proven(visit.key, sealed, answer, address=visit.address)
            done = await self.login.proven(
                user,
                amr,
                key=visit.key,
                address=visit.address,
                agent=visit.agent,
                ends=await self._ends(visit),
                stronger=errand.stronger,
            )
        except (WrongPasskey, WrongPassword):
            return await self._page(visit, errand, errors={"passkey": "wrong"})
        return self._went_on(visit, errand, done)

    async def _ends(self, visit: Visit) -> int | None:
        """The browser's session, which gives way to the new one."""
        stay = await self.reception.stay(visit.scope)
        return None if stay is None else stay.session.id

    def _went_on(self, visit: Visit, errand: Errand, done: Begun | Further) -> Reply:
        jar = self.reception.jar
        if isinstance(done, Begun):
            gone = () if jar.stage.of(visit.scope) is None else (jar.stage.forget(),)
            return sent_on(errand.path, jar.session.set(done.cookie), *gone)
        return sent_on(errand.second, jar.stage.set(done.passage))

    async def _page(
        self,
        visit: Visit,
        errand: Errand,
        *,
        name: str = "",
        note: str = "",
        here: str = "",
        errors: Mapping[str, str] | None = None,
    ) -> Reply:
        passkey = self.passkeys.ask(visit.key) if self.passkeys.available else None
        doors = await self.doors.open()
        facts = {
            "wanted": errand.path,
            "application": errand.application,
            "name": name,
            "note": note,
            "here": here,
            "passkey": passkey,
            "doors": doors,
            "mail": self.mail,
            "errors": errors or {},
        }
        guards = errand.entrance(scripted=passkey is not None)
        return self.pages(visit, "login.html", facts, 422 if errors else 200, guards=guards)
