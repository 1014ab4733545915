"""`/device`: a person enters the code that their device shows, sees who asks for what, and decides (RFC 8628 §3.3)."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import quote, urlencode

from scopekeeper.oauth.device import Question, shown, user_code_of
from scopekeeper.oauth.people import ABSOLUTE, Session, User
from scopekeeper.oauth.sessions import outlives
from scopekeeper.pages.csrf import proves
from scopekeeper.pages.endpoint import Form, asked
from scopekeeper.pages.page import Pages
from scopekeeper.pages.refusals import Refused
from scopekeeper.pages.visit import Stay, Visit
from scopekeeper.pages.wording import grouped
from scopekeeper.scopes import Catalogue
from scopekeeper.services.device import NoMoreGuesses, NotSureEnough, WrongUserCode
from scopekeeper.web.decision import DECISION, approved_in
from scopekeeper.web.errand import LOGIN, SURE
from scopekeeper.wire import Reply

_SEAL: Final = "question"
"""The hidden field that binds a decision to what was shown: this code, and these scopes."""

_ECHOED: Final = 40
"""Characters of what cannot be a user code that are given back to be mended."""


class Devices(Protocol):
    """The acts that this page is for."""

    def enter(self, typed: str, user: User, session: Session, address: str | None) -> Awaitable[Question]:
        """Claim the device that shows this user code. Raises WrongUserCode, NotSureEnough, NoMoreGuesses,
        TooMany."""
        ...

    def allowed(self, question: Question, user: User) -> Awaitable[tuple[str, ...]]:
        """What this person allows the application already."""
        ...

    def asked(self, typed: str, user: User, session: Session) -> Awaitable[Question]:
        """What was asked in this session. Raises WrongUserCode."""
        ...

    def decide(
        self, question: Question, approved: bool, user: User, session: Session, address: str | None
    ) -> Awaitable[None]:
        """The answer. Raises WrongUserCode where another one was given before; NotSureEnough."""
        ...


@dataclass(frozen=True, slots=True)
class DevicePage:
    """Asks for the code, then for the decision. Nothing is done by opening an address (RFC 8628 §5.4)."""

    pages: Pages
    devices: Devices
    catalogue: Catalogue

    async def __call__(self, visit: Visit, stay: Stay, form: Form | None) -> Reply:
        try:
            if form is None:
                return self._entry(visit, stay, asked(visit).get("user_code", ""))
            if "user_code" not in form:
                return self._entry(visit, stay, error="missing")
            return await (self._decide if DECISION in form else self._confirm)(visit, stay, form)
        except WrongUserCode:
            return self._entry(visit, stay, (form or {}).get("user_code", ""), error="wrong")
        except NotSureEnough as weak:
            wanted = f"/device?{urlencode({'user_code': (form or {})['user_code'], SURE: 1})}"
            facts = {"client": weak.client, "login": f"{LOGIN}?anew=1&next={quote(wanted, safe='')}"}
            return self.pages(visit, "device_unsure.html", facts, 403)
        except NoMoreGuesses:
            until = max(stay.session.signed_in_at + ABSOLUTE - visit.now, 1)
            return self.pages(visit, "device_spent.html", {}, 429, ((b"retry-after", b"%d" % until),))

    def _entry(self, visit: Visit, stay: Stay, typed: str = "", *, error: str = "") -> Reply:
        user_code = user_code_of(typed)
        errors = {"user_code": error} if error else {}
        facts = {"user": stay.user, "typed": shown(user_code) if user_code else typed[:_ECHOED], "errors": errors}
        return self.pages(visit, "device.html", facts, 422 if errors else 200)

    async def _confirm(self, visit: Visit, stay: Stay, form: Form) -> Reply:
        question = await self.devices.enter(form["user_code"], stay.user, stay.session, visit.address)
        allowed = await self.devices.allowed(question, stay.user)
        facts = {
            "user": stay.user,
            "client": question.client,
            "user_code": question.user_code,
            "groups": grouped(question.scope, self.catalogue, allowed),
            "lasting": outlives(question.client, question.scope),
            "seal": _SEAL,
            "form": _form_of(question),
        }
        return self.pages(visit, "device_confirm.html", facts)

    async def _decide(self, visit: Visit, stay: Stay, form: Form) -> Reply:
        question = await self.devices.asked(form["user_code"], stay.user, stay.session)
        if not proves(form.get(_SEAL), visit.key, _form_of(question)):
            raise Refused("forged", "not what was asked")
        approved = approved_in(form)
        await self.devices.decide(question, approved, stay.user, stay.session, visit.address)
        facts = {"client": question.client, "approved": approved, "lasting": outlives(question.client, question.scope)}
        return self.pages(visit, "device_done.html", facts)


def _form_of(question: Question) -> str:
    """The name of the form that asks this very question."""
    return f"device {question.user_code} {' '.join(question.scope)}"
