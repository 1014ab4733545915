"""`/consent`: who asks for what, in whose name, and a person decides (RFC 6749 §10.2, OpenID Connect Core §3.1.2.4)."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from starlette.types import Receive, Scope, Send

from scopekeeper.oauth.authorize import Asked, Refused
from scopekeeper.oauth.claims_request import beyond, names_in
from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.redirects import place_of
from scopekeeper.oauth.steps import Approve, Ask, Present
from scopekeeper.oauth.token import Lifetimes
from scopekeeper.pages.consent import asked_of_person, lasts_of
from scopekeeper.pages.csrf import FIELD, proves
from scopekeeper.pages.endpoint import Form, answered, is_post, unforged
from scopekeeper.pages.page import LEADING_ON, ON_THE_WAY, sent_on
from scopekeeper.pages.refusals import Refused as Withheld
from scopekeeper.pages.visit import Reception, Stay, Visit, inside
from scopekeeper.scopes import Catalogue
from scopekeeper.web.answers import Answers
from scopekeeper.web.asking import AUTHORIZE, Asking, asking_of
from scopekeeper.web.authorize import Authorizing, for_another_sign_in, present_of, sent_further, signed_in_anew
from scopekeeper.web.decision import approved_in
from scopekeeper.web.language import spoken
from scopekeeper.wire import Reply, query_of

REQUEST: Final = "request"
"""The hidden field that carries what was asked."""


class Consenting(Authorizing, Protocol):
    """The acts that this page is for."""

    def allowed(self, asked: Asked, present: Present) -> Awaitable[tuple[tuple[str, ...], tuple[str, ...]]]:
        """What this person allows this application already: scopes, and claims one by one."""
        ...


@dataclass(frozen=True, slots=True)
class ConsentEndpoint:
    """Asks, by GET; takes the decision, by POST of its form, which is made for one request, one session, one scope."""

    reception: Reception
    answers: Answers
    consenting: Consenting
    catalogue: Catalogue
    lifetimes: Lifetimes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        visit = self.reception.visit(scope)
        going = self.answers.of(visit, self._reply(visit, receive))
        reply = await answered(self.answers.pages, visit, going, "/account", ON_THE_WAY)
        await reply(scope, receive, send)

    async def _reply(self, visit: Visit, receive: Receive) -> Reply:
        form = await unforged(visit, receive, self.reception.issuer) if is_post(visit) else None
        asking = asking_of(query_of(visit.scope) if form is None else form.get(REQUEST, "").encode())
        asked = await self.consenting.asked(asking.request)
        visit = spoken(visit, asked.ui_locales)
        stay = await self.reception.stay(visit.scope)
        present = present_of(stay)
        step = await self.consenting.step(asked, present, anew=signed_in_anew(asking, visit, stay))
        if stay is None or present is None or not isinstance(step, Ask | Approve):
            return sent_further(step, asking, asked, self.reception, visit, stay)
        if form is not None:
            deciding = self._decided(visit, asking, asked, present, stay, form)
            return await answered(self.answers.pages, visit, deciding, asking.at(AUTHORIZE), ON_THE_WAY)
        if isinstance(step, Approve):
            return sent_on(asking.at(AUTHORIZE))
        return await self._shown(visit, asking, asked, present, stay)

    async def _shown(self, visit: Visit, asking: Asking, asked: Asked, present: Present, stay: Stay) -> Reply:
        known, known_claims = await self.consenting.allowed(asked, present)
        facts = {
            **asked_of_person(
                present.user,
                asked.client,
                asked.scope,
                place=place_of(asked.redirect_uri),
                lasts=lasts_of(asked.client, self.lifetimes, code=asked.response_type == "code"),
                catalogue=self.catalogue,
                known=known,
                claims=_one_by_one(asked),
                known_claims=known_claims,
            ),
            "elsewhere": for_another_sign_in(asking, visit, stay).to_sign_in(),
            "form": _form_of(asking, asked, present),
            "request": asking.query,
        }
        headers = self.reception.remembered(visit)
        return self.answers.pages(inside(visit, stay), "consent.html", facts, headers=headers, guards=LEADING_ON)

    async def _decided(
        self, visit: Visit, asking: Asking, asked: Asked, present: Present, stay: Stay, form: Form
    ) -> Reply:
        if not proves(form.get(FIELD), stay.cookie, _form_of(asking, asked, present)):
            raise Withheld("forged", "not what was asked in this session")
        if not approved_in(form):
            raise Refused(asked.destination, OAuthError.access_denied())
        answer = await self.consenting.approve(asked, present, given=True, address=visit.address)
        return self.answers.carried(visit, asked.destination, answer)


def _form_of(asking: Asking, asked: Asked, present: Present) -> str:
    """The name of the form that asks this very thing of this very person: another request's proves nothing."""
    shown: Mapping[str, object] = {
        "client": (asked.client.name, asked.client.description, asked.client.website, asked.client.generation),
        "scope": asked.scope,
        "claims": _one_by_one(asked),
        "user": present.user.id,
    }
    return f"consent:{asking.text}\n{shown}"


def _one_by_one(asked: Asked) -> tuple[str, ...]:
    """The claims that are asked for besides those of the scopes."""
    return beyond(names_in(asked.claims), asked.scope)
