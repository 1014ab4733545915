"""`/oauth/authorize`: an application sends a person here, and we send them on (RFC 6749 §3.1)."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Protocol

from starlette.types import Receive, Scope, Send

from scopekeeper.oauth.authorize import LONGEST, Asked, Refused, Unproven
from scopekeeper.oauth.steps import Approve, Ask, Login, Present, Refuse, Step
from scopekeeper.pages.endpoint import answered, is_post, target_of
from scopekeeper.pages.page import ON_THE_WAY, sent_on
from scopekeeper.pages.visit import Reception, Stay, Visit
from scopekeeper.web.answers import Answers
from scopekeeper.web.asking import AUTHORIZE, CONSENT, Asking, Requests, asking_of
from scopekeeper.wire import Reply, TooLarge, media_type, query_of, read_body


class Authorizing(Requests, Protocol):
    """The acts that this endpoint is for."""

    def step(self, asked: Asked, present: Present | None, *, anew: bool) -> Awaitable[Step]:
        """What comes next. Raises Refused."""
        ...

    def approve(
        self, asked: Asked, present: Present, *, given: bool, address: str | None
    ) -> Awaitable[Mapping[str, str]]:
        """What the client is answered. Raises Refused."""
        ...


@dataclass(frozen=True, slots=True)
class AuthorizationEndpoint:
    """Decides where the browser goes: to sign in, to be asked, or back to the application. It shows nothing itself."""

    reception: Reception
    answers: Answers
    authorizing: Authorizing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        visit = self.reception.visit(scope)
        going = self.answers.of(visit, self._reply(visit, receive))
        reply = await answered(self.answers.pages, visit, going, target_of(visit), ON_THE_WAY)
        await reply(scope, receive, send)

    async def _reply(self, visit: Visit, receive: Receive) -> Reply:
        if is_post(visit):
            asking = asking_of(await _posted(visit, receive))
            await self.authorizing.asked(asking.request)
            # What another site posts comes without the session's cookie (SameSite): only a GET shows who is there.
            return sent_on(asking.at(AUTHORIZE))
        asking = asking_of(query_of(visit.scope))
        asked = await self.authorizing.asked(asking.request)
        stay = await self.reception.stay(visit.scope)
        present = present_of(stay)
        step = await self.authorizing.step(asked, present, anew=signed_in_anew(asking, visit, stay))
        if present is not None and isinstance(step, Approve):
            answer = await self.authorizing.approve(asked, present, given=False, address=visit.address)
            return self.answers.carried(visit, asked.destination, answer)
        return sent_further(step, asking, asked, self.reception, visit, stay)


def sent_further(
    step: Step, asking: Asking, asked: Asked, reception: Reception, visit: Visit, stay: Stay | None
) -> Reply:
    """To wherever the next step is taken. Raises Refused."""
    match step:
        case Login(anew):
            going = for_another_sign_in(asking, visit, stay) if anew else asking
            return sent_on(going.to_sign_in(), *reception.remembered(visit))
        case Refuse(error):
            raise Refused(asked.destination, error)
        case Ask():
            return sent_on(asking.at(CONSENT))
        case Approve():
            return sent_on(asking.at(AUTHORIZE))


def present_of(stay: Stay | None) -> Present | None:
    """Whoever is signed in, as the rules know them."""
    return None if stay is None else Present(stay.user, stay.session)


def for_another_sign_in(asking: Asking, visit: Visit, stay: Stay | None) -> Asking:
    """The same request, for whoever signs in from now on."""
    return asking.with_ticket(visit.key, None if stay is None else stay.session, visit.now)


def signed_in_anew(asking: Asking, visit: Visit, stay: Stay | None) -> bool:
    """Has whoever is there signed in for this very request?"""
    return asking.signed_in_anew(visit.key, None if stay is None else stay.session, visit.now)


async def _posted(visit: Visit, receive: Receive) -> bytes:
    if media_type(visit.scope) != b"application/x-www-form-urlencoded":
        raise Unproven("unreadable")
    try:
        return await read_body(visit.scope, receive, LONGEST)
    except TooLarge:
        raise Unproven("unreadable") from None
