"""The userinfo endpoint (OpenID Connect Core §5.3): who granted the token, as far as its scopes tell."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Final, Protocol

from starlette.types import Receive, Scope, Send

from scopekeeper.scopes import OPENID
from scopekeeper.services.ports import Unavailable
from scopekeeper.services.userinfo import NotGranted
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
_JWT: Final = (b"content-type", b"application/jwt")
_NO_METHOD: Final = problem(405, "Method not allowed", "This address answers GET and POST.", headers=_ALLOW)


class Telling(Protocol):
    """The act that this endpoint is for."""

    def __call__(self, presented: str, address: str | None) -> Awaitable[dict[str, object] | str | None]:
        """The claims, or a JWT of them; None where the token does not hold. Raises NotGranted, Unavailable."""
        ...


@dataclass(frozen=True, slots=True)
class UserinfoEndpoint:
    """Tells an application of the person who granted it `openid`. Refuses as the API does (RFC 6750 §3.1)."""

    userinfo: Telling

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        reply = await self._reply(scope, receive)
        await reply(scope, receive, send)

    async def _reply(self, scope: Scope, receive: Receive) -> Reply:
        if scope["method"] not in ("GET", "HEAD", "POST"):
            return _NO_METHOD
        try:
            claims = await self._claims(await _presented(scope, receive), address_of(scope))
            if isinstance(claims, str):
                return Reply(200, claims.encode(), (_JWT, *NO_STORE))
            return json_reply(claims, 200, NO_STORE)
        except Refused as refused:
            return refused.reply()
        except TooLarge as large:
            return problem(413, "Body too large", str(large))
        except Unavailable:
            return Refused.unavailable().reply()

    async def _claims(self, presented: str | None, address: str | None) -> dict[str, object] | str:
        if presented is None:
            raise Refused.unauthenticated()
        try:
            claims = await self.userinfo(presented, address)
        except NotGranted:
            raise Refused.insufficient_scope((OPENID,)) from None
        if claims is None:
            raise Refused.invalid_token()
        return claims


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
