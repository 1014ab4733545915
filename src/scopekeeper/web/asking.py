"""An authorization request as it travels: in the addresses of our own pages, so that no server has to remember it."""

import hmac
import re
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Protocol
from urllib.parse import quote, urlencode

from scopekeeper.oauth.authorize import LONGEST, Asked, AuthorizationRequest, Unproven
from scopekeeper.oauth.people import Session
from scopekeeper.pages.csrf import token_of
from scopekeeper.wire import MalformedForm, parse_lenient

AUTHORIZE: Final = "/oauth/authorize"
CONSENT: Final = "/consent"

TICKET_LIFE: Final = 15 * 60
"""Seconds in which a person who is sent to sign in anew has to do so, and to decide."""

_TICKET: Final = "anew"
_TICKET_FORM: Final = re.compile(r"([0-9]{1,12})-([0-9a-f]{0,16})-([0-9a-f]{64})")
_UNESCAPED: Final = "~!*()'/:,;@?$"


class Requests(Protocol):
    """Who asks for what."""

    def asked(self, request: AuthorizationRequest) -> Awaitable[Asked]:
        """What is asked, and by whom. Raises Unproven and Refused."""
        ...


@dataclass(frozen=True, slots=True)
class Asking:
    """What was sent, and the ticket of whoever was sent to sign in anew for it.

    A ticket says from when on, and instead of which sign-in. It is made for one request and one browser (`key`), and
    counts for nothing before somebody has signed in: whoever turns back at the sign-in page has gained nothing by it.
    """

    request: AuthorizationRequest
    ticket: str | None = None

    @property
    def text(self) -> str:
        """The request as the query of an address, without the ticket. No longer than a browser wrote it."""
        return text_of(self.request.parameters)

    @property
    def query(self) -> str:
        """The same with the ticket, if there is one."""
        return f"{self.text}&{_TICKET}={self.ticket}" if self.ticket else self.text

    def at(self, path: str) -> str:
        """The address of a page of ours that goes on with it."""
        return f"{path}?{self.query}"

    def to_sign_in(self) -> str:
        """The address where one signs in for it."""
        return f"/login?next={quote(self.at(AUTHORIZE), safe='')}"

    def with_ticket(self, key: str, session: Session | None, now: int) -> "Asking":
        """The same for somebody who has to sign in from now on, instead of going on with this session as it is."""
        moment = f"{now}-{_sign_in(session)}"
        return replace(self, ticket=f"{moment}-{token_of(key, self._sealed(moment))}")

    def signed_in_anew(self, key: str, session: Session | None, now: int) -> bool:
        """Has whoever is there signed in since they were sent to, for this request, in this browser, not long ago?"""
        match = _TICKET_FORM.fullmatch(self.ticket or "")
        if match is None or session is None:
            return False
        since, instead_of, seal = int(match[1]), match[2], match[3]
        return (
            hmac.compare_digest(seal, token_of(key, self._sealed(f"{since}-{instead_of}")))
            and since <= session.signed_in_at
            and _sign_in(session) != instead_of
            and now - since < TICKET_LIFE
        )

    def _sealed(self, moment: str) -> str:
        return f"{_TICKET}:{moment}:{self.text}"


def text_of(parameters: Mapping[str, str]) -> str:
    """These parameters as the query of an address. No longer than a browser wrote it."""
    return urlencode(parameters, safe=_UNESCAPED)


def _sign_in(session: Session | None) -> str:
    """By what two sign-ins of one second are told apart, in one session too: each has a cookie of its own."""
    return "" if session is None else session.digest.hex()[-16:]


def asking_of(raw: bytes) -> Asking:
    """What was sent, in a query or in a form. Raises Unproven where it cannot be read, or is out of all measure."""
    if len(raw) > LONGEST:
        raise Unproven("unreadable")
    try:
        parameters, repeated = parse_lenient(raw)
    except MalformedForm:
        raise Unproven("unreadable") from None
    ticket = parameters.pop(_TICKET, None)
    return Asking(AuthorizationRequest(parameters, repeated - {_TICKET}), ticket)
