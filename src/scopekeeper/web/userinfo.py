"""The userinfo endpoint (OpenID Connect Core §5.3): who granted the token, as far as its scopes tell."""

from dataclasses import dataclass
from typing import Final, Protocol

from starlette.types import Receive, Scope, Send

from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import Client, Token
from scopekeeper.oauth.userinfo import claims_of
from scopekeeper.scopes import OPENID, cut
from scopekeeper.services.ports import Unavailable
from scopekeeper.web.protocol import LIMIT, NO_STORE
from scopekeeper.wire import (
    MalformedForm,
    Reply,
    TooLarge,
    address_of,
    json_reply,
    media_type,
    parse_form,
    problem,
    read_body,
)
from scopekeeper.wire.bearer import Refused, in_url, presented_in

_ALLOW: Final = ((b"allow", b"GET, HEAD, POST"),)
_NO_METHOD: Final = problem(405, "Method not allowed", "This address answers GET and POST.", headers=_ALLOW)


class Bearers(Protocol):
    """What this endpoint asks: whose token is this?"""

    async def find(self, presented: str, address: str | None) -> tuple[Token, Client, User | None] | None:
        """The token, its application and its person, if it holds at this moment; else None. Raises Unavailable."""
        ...


@dataclass(frozen=True, slots=True)
class UserinfoEndpoint:
    """Tells an application of the person who granted it `openid`. Refuses as the API does (RFC 6750 §3.1)."""

    bearers: Bearers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        reply = await self._reply(scope, receive)
        await reply(scope, receive, send)

    async def _reply(self, scope: Scope, receive: Receive) -> Reply:
        if scope["method"] not in ("GET", "HEAD", "POST"):
            return _NO_METHOD
        try:
            return json_reply(await self._claims(await _presented(scope, receive), address_of(scope)), 200, NO_STORE)
        except Refused as refused:
            return refused.reply()
        except TooLarge as large:
            return problem(413, "Body too large", str(large))
        except Unavailable:
            return Refused.unavailable().reply()

    async def _claims(self, presented: str | None, address: str | None) -> dict[str, object]:
        if presented is None:
            raise Refused.unauthenticated()
        found = await self.bearers.find(presented, address)
        if found is None:
            raise Refused.invalid_token()
        token, client, person = found
        held = cut(token.scope, frozenset(client.scope))
        if person is None or OPENID not in held:
            raise Refused.insufficient_scope((OPENID,))
        return claims_of(person, held)


async def _presented(scope: Scope, receive: Receive) -> str | None:
    """The token, by the header or in the form of a POST, never both (RFC 6750 §2, §2.2). Raises Refused, TooLarge."""
    by_header = presented_in(scope)
    if scope["method"] != "POST" or media_type(scope) != b"application/x-www-form-urlencoded":
        return by_header
    try:
        in_form = parse_form(await read_body(scope, receive, LIMIT)).get("access_token")
    except MalformedForm as malformed:
        raise Refused.invalid_request(str(malformed)) from None
    if in_form is not None and (by_header is not None or in_url(scope)):
        raise Refused.invalid_request("The access token is sent in two ways at once: send it in one.")
    return by_header or in_form
