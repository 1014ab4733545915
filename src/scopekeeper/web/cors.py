"""Which pages of other origins may call an endpoint and read its answers (Fetch §3.2). Never with credentials.

An origin that is not let in is told nothing: its request is served as one without, and the browser keeps the answer
from the page. What is let in is noted among the marks that the front door puts on whatever is answered, so that a page
can read refusals and failures, too.
"""

from dataclasses import dataclass
from typing import Final, Protocol

from starlette.types import ASGIApp, Receive, Scope, Send

from scopekeeper.services.ports import Unavailable
from scopekeeper.wire import Reply, header
from scopekeeper.wire.headers import headers
from scopekeeper.wire.reply import Headers

_LONGEST: Final = 300
"""Bytes of an origin: a scheme, a host name of at most 253, a port."""

_ASKED: Final = b"authorization, content-type, if-match, if-none-match"
_EXPOSED: Final = (
    b"access-control-expose-headers",
    b"accept-patch, allow, etag, link, location, retry-after, scopekeeper-removed, www-authenticate, x-request-id",
)
_MAX_AGE: Final = (b"access-control-max-age", b"7200")
_ANYBODY: Final = (b"access-control-allow-origin", b"*")
# Also on answers to requests without an Origin: a cache would give them to pages, which could not read them.
_VARY: Final = (b"vary", b"origin")


class Origins(Protocol):
    """What is asked of the applications."""

    async def knows_origin(self, origin: str) -> bool:
        """Is it that of a redirect URI of an enabled single-page application? Raises Unavailable."""
        ...


class ForApplications:
    """An endpoint for the pages of registered single-page applications, known by the origins of their redirect URIs."""

    def __init__(self, endpoint: ASGIApp, origins: Origins, *methods: str) -> None:
        self._endpoint = endpoint
        self._origins = origins
        self._allowed = _allowed(*methods)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        marks: list[tuple[bytes, bytes]] = scope["state"]["marks"]
        marks.append(_VARY)
        origin = header(scope, b"origin")
        if origin is None or not await self._knows(scope, origin):
            await self._endpoint(scope, receive, send)
            return
        marks.append((b"access-control-allow-origin", origin))
        if _is_preflight(scope):
            await self._allowed(scope, receive, send)
            return
        marks.append(_EXPOSED)
        await self._endpoint(scope, receive, send)

    async def _knows(self, scope: Scope, origin: bytes) -> bool:
        if origin == b"null" or len(origin) > _LONGEST or not origin.isascii() or len(headers(scope, b"origin")) > 1:
            return False
        try:
            return await self._origins.knows_origin(origin.decode())
        except Unavailable:
            return False


@dataclass(frozen=True, slots=True)
class ForAnybody:
    """An endpoint that is there to be read by any page: what it says is public (OpenID Connect Discovery §4.1)."""

    endpoint: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        marks: list[tuple[bytes, bytes]] = scope["state"]["marks"]
        marks.append(_ANYBODY)
        if _is_preflight(scope) and header(scope, b"origin") is not None:
            await _READ(scope, receive, send)
            return
        marks.append(_EXPOSED)
        await self.endpoint(scope, receive, send)


def _is_preflight(scope: Scope) -> bool:
    """Does a browser ask on behalf of a page what it may send (Fetch §3.2.2)?"""
    return scope["method"] == "OPTIONS" and header(scope, b"access-control-request-method") is not None


def _allowed(*methods: str) -> Reply:
    """The answer to a preflight."""
    told: Headers = (
        (b"access-control-allow-methods", ", ".join(methods).encode()),
        (b"access-control-allow-headers", _ASKED),
        _MAX_AGE,
    )
    return Reply(204, headers=told)


_READ: Final = _allowed("GET", "HEAD")
