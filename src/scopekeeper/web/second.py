"""`/login/second`: what is asked for after a password, or after another provider's word, before a session begins.

Whoever has a second factor shows it here; of whom one is demanded and who has none sets it up. What is under way lies
sealed with the browser (`services/passages.py`): nothing that is posted here can do without it, or go past it.
"""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Protocol
from urllib.parse import quote

from starlette.types import Receive, Scope, Send

from scopekeeper.oauth.authentication import OTP, POP
from scopekeeper.oauth.factors import Factors
from scopekeeper.oauth.people import User
from scopekeeper.pages.endpoint import Form, answered, asked, is_post, prove, unforged
from scopekeeper.pages.page import Pages, sent_on
from scopekeeper.pages.visit import Reception, Stay, Visit
from scopekeeper.services.factors import NotFresh, WrongCode
from scopekeeper.services.login import Begun, Waiting
from scopekeeper.services.passkeys import Asking, WrongPasskey
from scopekeeper.services.ports import Gone
from scopekeeper.web.asking import Requests
from scopekeeper.web.errand import SECOND, Errand, errand_of
from scopekeeper.web.factors import NotSetUp, SetUp
from scopekeeper.web.recovery import shown_next
from scopekeeper.wire import Reply
from scopekeeper.wire.reply import Headers

_FORM: Final = "second"


class Stages(Protocol):
    """What becomes of a sign-in that is under way."""

    def waiting(self, passage: str | None, key: str) -> Awaitable[Waiting | None]:
        """Who is signing in in this browser, and what they have; None where nothing is under way (any more)."""
        ...

    def second(
        self, passage: str, key: str, code: str, *, address: str | None, agent: str, ends: int | None
    ) -> Awaitable[Begun]:
        """A session, by a one-time or a recovery code. Raises WrongCode, TooMany, Gone."""
        ...

    def finish(
        self, passage: str, key: str, amr: tuple[str, ...], *, address: str | None, agent: str, ends: int | None
    ) -> Awaitable[Begun]:
        """A session, by these methods besides the first. Raises Gone."""
        ...


class Proving(Protocol):
    """How a passkey is proven."""

    def ask(self, key: str, factors: Factors | None = None) -> Asking:
        """What the browser is asked, and the seal that comes back with its answer."""
        ...

    def proven(
        self, key: str, sealed: str, answer: str, *, address: str | None, only: User | None = None
    ) -> Awaitable[tuple[User, tuple[str, ...]]]:
        """Whose passkey it was, and by which methods. Raises WrongPasskey, TooMany."""
        ...


@dataclass(frozen=True, slots=True)
class SecondEndpoint:
    """The second step of a sign-in. Without a first there is none: then one begins again."""

    reception: Reception
    pages: Pages
    stages: Stages
    proving: Proving
    set_up: SetUp
    requests: Requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        visit = self.reception.visit(scope)
        reply = await answered(self.pages, visit, self._reply(visit, receive), SECOND)
        await reply(scope, receive, send)

    async def _reply(self, visit: Visit, receive: Receive) -> Reply:
        form = await unforged(visit, receive, self.reception.issuer) if is_post(visit) else None
        errand = await errand_of((asked(visit) if form is None else form).get("next"), self.requests)
        visit = errand.visit(visit)
        return await answered(self.pages, visit, self._stage(visit, errand, form), errand.second, errand.guards)

    async def _stage(self, visit: Visit, errand: Errand, form: Form | None) -> Reply:
        if form is not None:
            prove(visit, form, _FORM)
        passage = self.reception.jar.stage.of(visit.scope)
        waiting = await self.stages.waiting(passage, visit.key)
        if passage is None or waiting is None:
            return await self._begin_again(visit, errand)
        step = _Step(visit, errand, passage, waiting, "recovery" in (asked(visit) if form is None else form))
        try:
            if waiting.enrol:
                return self._offer(step) if form is None else await self._enrol(step, form)
            return self._ask(step) if form is None else await self._prove(step, form)
        except (Gone, NotFresh):
            return await self._begin_again(visit, errand)

    async def _prove(self, step: "_Step", form: Form) -> Reply:
        """A code, or a passkey, of those that they have."""
        visit, waiting, code = step.visit, step.waiting, form.get("code", "").strip()
        try:
            if form.get("answer"):
                _, amr = await self.proving.proven(
                    visit.key, form.get("sealed", ""), form["answer"], address=visit.address, only=waiting.user
                )
                begun = await self._finish(step, amr)
            elif code:
                begun = await self.stages.second(
                    step.passage,
                    visit.key,
                    code,
                    address=visit.address,
                    agent=visit.agent,
                    ends=await self._ends(visit),
                )
            else:
                return self._ask(step, {"passkey" if "answer" in form else "code": "missing"})
        except WrongCode:
            return self._ask(step, {"code": "wrong"})
        except WrongPasskey:
            return self._ask(step, {"passkey": "wrong"})
        return sent_on(step.errand.path, *self._begun(begun))

    async def _enrol(self, step: "_Step", form: Form) -> Reply:
        """They have none, and are to have one: it is set up, and counts as shown."""
        visit, user = step.visit, step.waiting.user
        fresh = replace(step.waiting.fresh, session=await self._ends(visit))
        try:
            if "answer" in form:
                codes, method = await self.set_up.made(visit, user, fresh, form), POP
            else:
                codes, method = await self.set_up.confirmed(visit, user, fresh, form), OTP
        except NotSetUp as failed:
            return self._offer(step, {failed.field: failed.why})
        begun, jar = await self._finish(step, (method,)), self.reception.jar
        stay = Stay(begun.session, user, begun.cookie)
        return shown_next(jar.once, visit, stay, codes, step.errand.path, *self._begun(begun), jar.factor.forget())

    async def _finish(self, step: "_Step", amr: tuple[str, ...]) -> Begun:
        visit = step.visit
        return await self.stages.finish(
            step.passage, visit.key, amr, address=visit.address, agent=visit.agent, ends=await self._ends(visit)
        )

    async def _ends(self, visit: Visit) -> int | None:
        """The session that was there before, which ends with this one's beginning."""
        stay = await self.reception.stay(visit.scope)
        return None if stay is None else stay.session.id

    def _begun(self, begun: Begun) -> Headers:
        jar = self.reception.jar
        return jar.session.set(begun.cookie), jar.stage.forget()

    async def _begin_again(self, visit: Visit, errand: Errand) -> Reply:
        """Nothing is under way here. Who is signed in already (a form sent twice) goes on."""
        stay = await self.reception.stay(visit.scope)
        if stay is not None and errand.done_by(visit, stay):
            return sent_on(errand.path)
        return sent_on(f"/login?note=late&next={quote(errand.path, safe='')}", self.reception.jar.stage.forget())

    def _ask(self, step: "_Step", errors: Mapping[str, str] | None = None) -> Reply:
        factors = step.waiting.factors
        with_passkey = bool(factors.passkeys) and self.set_up.making.available
        facts = {
            "passkey": self.proving.ask(step.visit.key, factors) if with_passkey else None,
            "totp": factors.totp is not None,
            "left": factors.left,
            "recovery": step.recovery and factors.left > 0,
        }
        return self._page(step, "second.html", facts, errors)

    def _offer(self, step: "_Step", errors: Mapping[str, str] | None = None) -> Reply:
        totp, headers = self.set_up.totp(step.visit, step.waiting.user)
        passkey = self.set_up.passkey(step.visit, step.waiting.user, step.waiting.factors)
        return self._page(step, "second_enrol.html", {"totp": totp, "passkey": passkey}, errors, headers)

    def _page(
        self,
        step: "_Step",
        template: str,
        facts: Mapping[str, object],
        errors: Mapping[str, str] | None,
        headers: Headers = (),
    ) -> Reply:
        errand = step.errand
        given = {
            "user": step.waiting.user,
            "wanted": errand.path,
            "application": errand.application,
            "elsewhere": errand.login,
            "errors": errors or {},
            **facts,
        }
        guards = errand.entrance(scripted=facts["passkey"] is not None)
        return self.pages(step.visit, template, given, 422 if errors else 200, headers, guards=guards)


@dataclass(frozen=True, slots=True)
class _Step:
    visit: Visit
    errand: Errand
    passage: str
    waiting: Waiting
    recovery: bool
    """Do they say that it is a recovery code they have?"""
