"""How a page is asked for: shown by GET, acted on by POST of its form; what cannot be given is told in words."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar
from urllib.parse import quote

import structlog
from starlette.types import Receive, Scope, Send

from scopekeeper.pages.csrf import FIELD, foreign, proves
from scopekeeper.pages.page import OWN, Pages, sent_on
from scopekeeper.pages.refusals import Refused, refusal
from scopekeeper.pages.visit import Reception, Stay, Visit, inside
from scopekeeper.services.login import TooMany
from scopekeeper.services.ports import Stale, Unavailable
from scopekeeper.wire import MalformedForm, Reply, TooLarge, media_type, parse_form, query_of, read_body
from scopekeeper.wire.reply import Headers
from scopekeeper.wire.streamed import Streamed

LIMIT: Final = 64 * 1024
"""Bytes of a form."""

R = TypeVar("R")

Form = Mapping[str, str]

Answer = Callable[[Visit, Form | None], Awaitable[Reply]]
"""What a page answers to whoever comes: without a form it is shown, with its form it acts."""

PrivateAnswer = Callable[[Visit, Stay, Form | None], Awaitable[Reply | Streamed]]
"""The same, for whoever is signed in."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class PageEndpoint:
    """A page for everybody. `form` is its form's name; the form is bound to the browser that it was given to."""

    reception: Reception
    pages: Pages
    form: str
    answer: Answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        visit = self.reception.visit(scope)
        reply = await answered(self.pages, visit, self._reply(visit, receive), scope["path"])
        await reply(scope, receive, send)

    async def _reply(self, visit: Visit, receive: Receive) -> Reply:
        if not is_post(visit):
            return await self.answer(visit, None)
        return await self.answer(visit, await posted(visit, receive, self.reception.issuer, self.form))


@dataclass(frozen=True, slots=True)
class PrivateEndpoint:
    """A page for whoever is signed in; anybody else is sent to sign in first. The form is bound to the session."""

    reception: Reception
    pages: Pages
    form: str
    answer: PrivateAnswer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        visit = self.reception.visit(scope)
        reply = await answered(self.pages, visit, self._reply(visit, receive), scope["path"])
        await reply(scope, receive, send)

    async def _reply(self, visit: Visit, receive: Receive) -> Reply | Streamed:
        stay, posting = await self.reception.stay(visit.scope), is_post(visit)
        if stay is None:
            if posting and foreign(visit.scope, self.reception.issuer):
                raise Refused("forged", "foreign origin")
            return sent_on("/login?note=ended" if posting else f"/login?next={quote(target_of(visit), safe='')}")
        visit = inside(visit, stay)
        if not posting:
            return await self.answer(visit, stay, None)
        return await self.answer(visit, stay, await posted(visit, receive, self.reception.issuer, self.form))


def target_of(visit: Visit) -> str:
    """What was asked for: the path with its query."""
    path, query = visit.scope["path"], query_of(visit.scope).decode("latin-1")
    return f"{path}?{query}" if query else path


async def answered(pages: Pages, visit: Visit, reply: Awaitable[R], back: str, guards: Headers = OWN) -> R | Reply:
    """The reply, or the page that says why there is none, with a way back."""
    try:
        return await reply
    except Refused as refused:
        why = refused
    except TooMany as many:
        why = Refused("often", "too many failures", wait=many.retry_after)
    except TooLarge as large:
        why = Refused("large", str(large))
    except MalformedForm as malformed:
        why = Refused("unreadable", str(malformed))
    except (Stale, Unavailable) as away:
        why = Refused("away", str(away))
    log.info("page refused", path=visit.scope["path"], matter=why.matter, reason=why.reason)
    return refusal(pages, visit, why, back, guards)


def is_post(visit: Visit) -> bool:
    """Is a form sent, rather than a page asked for? Raises Refused for anything else."""
    method = visit.scope["method"]
    if method not in ("GET", "HEAD", "POST"):
        raise Refused("method", method)
    return bool(method == "POST")


async def posted(visit: Visit, receive: Receive, issuer: str, form: str) -> Form:
    """The form that was sent, once it is certain that we made it, for this browser. Raises Refused."""
    fields = await unforged(visit, receive, issuer)
    prove(visit, fields, form)
    return fields


def prove(visit: Visit, fields: Form, form: str) -> None:
    """Is this the form of that name which we made for this browser? Raises Refused if not."""
    if not proves(fields[FIELD], visit.key, form):
        raise Refused("forged", "wrong token")


async def unforged(visit: Visit, receive: Receive, issuer: str) -> Form:
    """The form that was sent, not by another site, with a token that is still to be proven. Raises Refused."""
    if foreign(visit.scope, issuer):
        raise Refused("forged", "foreign origin")
    if media_type(visit.scope) != b"application/x-www-form-urlencoded":
        raise Refused("unreadable", "not a form")
    fields = parse_form(await read_body(visit.scope, receive, LIMIT))
    if FIELD not in fields:
        raise Refused("forged", "no token")
    return fields


def asked(visit: Visit) -> Form:
    """The query, read as strictly as a form. Raises MalformedForm."""
    return parse_form(query_of(visit.scope))
