"""What the protocol's form endpoints share: how a request is read, and how a refusal is told (RFC 6749 §5.2)."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

import structlog
from starlette.types import Receive, Scope, Send

from scopekeeper.oauth.errors import OAuthError
from scopekeeper.services.ports import Unavailable
from scopekeeper.wire import (
    MalformedForm,
    Reply,
    TooLarge,
    address_of,
    json_reply,
    media_type,
    parse_form,
    query_of,
    read_body,
)
from scopekeeper.wire.reply import Headers

LIMIT: Final = 64 * 1024
"""Bytes of a form. The longest sound request is a list of scopes."""

NO_STORE: Final[Headers] = ((b"cache-control", b"no-store"), (b"pragma", b"no-cache"))
CHALLENGE: Final[Headers] = ((b"www-authenticate", b'Basic realm="scopekeeper", charset="UTF-8"'),)
_RETRY: Final[Headers] = ((b"retry-after", b"1"),)

_BODY_ONLY: Final = frozenset(
    {
        "grant_type", "client_id", "client_secret", "client_assertion", "scope", "token", "code", "refresh_token",
        "username", "password", "device_code", "code_verifier",
    }
)  # fmt: skip

log = structlog.get_logger(__name__)

Answer = Callable[[Scope, Mapping[str, str]], Awaitable[Reply]]


class Limit(Protocol):
    """Counts what is refused."""

    async def told(self, refused: OAuthError, address: str | None) -> OAuthError:
        """What is told instead: the same, or that there were too many. Raises Unavailable."""
        ...


@dataclass(frozen=True, slots=True)
class FormEndpoint:
    """An endpoint that takes a form by POST and answers JSON. `answer` may raise OAuthError."""

    answer: Answer
    limit: Limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            reply = await self._reply(scope, receive)
        except TooLarge as large:
            reply = refusal(OAuthError("invalid_request", str(large), status=413))
        except Unavailable as away:
            log.warning("store away", reason=str(away), path=scope["path"])
            reply = refusal(OAuthError.temporarily_unavailable(str(away)))
        await reply(scope, receive, send)

    async def _reply(self, scope: Scope, receive: Receive) -> Reply:
        try:
            return await self.answer(scope, await _form(scope, receive))
        except OAuthError as refused:
            log.info("refused", error=refused.error, reason=refused.reason, path=scope["path"])
            return refusal(await self.limit.told(refused, address_of(scope)))


def refusal(error: OAuthError) -> Reply:
    """The error as its RFC has it: 400, or 401 with the challenge (RFC 6749 §5.2), or 429 (RFC 6585 §4)."""
    headers = NO_STORE
    if error.status == 401:
        headers += CHALLENGE
    elif error.status == 405:
        headers += ((b"allow", b"POST"),)
    elif error.status == 503:
        headers += _RETRY
    elif error.retry_after is not None:
        headers += ((b"retry-after", b"%d" % error.retry_after),)
    return json_reply({"error": error.error, "error_description": error.description}, error.status, headers)


async def _form(scope: Scope, receive: Receive) -> dict[str, str]:
    if scope["method"] != "POST":
        raise OAuthError("invalid_request", "This endpoint takes POST only.", status=405)
    if media_type(scope) != b"application/x-www-form-urlencoded":
        raise OAuthError.invalid_request("The body is to be application/x-www-form-urlencoded.")
    query = query_of(scope)
    try:
        if query and not _BODY_ONLY.isdisjoint(parse_form(query)):
            raise OAuthError.invalid_request(
                "Parameters belong in the body, never in the URL, where logs would keep them."
            )
        return parse_form(await read_body(scope, receive, LIMIT))
    except MalformedForm as malformed:
        raise OAuthError.invalid_request(str(malformed)) from None
