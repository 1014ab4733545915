"""Discovery: the metadata document (RFC 8414 §3, OpenID Connect Discovery §4) and the key set (RFC 7517 §5)."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.types import Receive, Scope, Send

from scopekeeper.oauth.keys import JWKS_MAX_AGE
from scopekeeper.services.keys import Signer
from scopekeeper.wire import Reply, json_reply, problem
from scopekeeper.wire.headers import is_known

_CACHED: Final = ((b"cache-control", b"public, max-age=%d" % JWKS_MAX_AGE),)
_ALLOW: Final = ((b"allow", b"GET, HEAD"),)


class MetadataEndpoint:
    """The server's metadata, made once: it cannot change while the server runs."""

    def __init__(self, document: Mapping[str, object]) -> None:
        reply = json_reply(document)
        etag = b'"%s"' % hashlib.sha256(reply.body).hexdigest()[:20].encode()
        common = (*_CACHED, (b"etag", etag))
        self._etag = etag
        self._reply = Reply(200, reply.body, reply.headers + common)
        self._unchanged = Reply(304, b"", common)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        reply = self._unchanged if is_known(scope, self._etag) else self._reply
        await _only_get(scope, reply)(scope, receive, send)


@dataclass(frozen=True, slots=True)
class JwksEndpoint:
    """`/oauth/jwks`: next, active and retiring keys, their public halves."""

    signer: Signer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        reply = json_reply(await self.signer.jwks(), headers=_CACHED)
        await _only_get(scope, reply)(scope, receive, send)


def _only_get(scope: Scope, reply: Reply) -> Reply:
    if scope["method"] in ("GET", "HEAD"):
        return reply
    return problem(405, "Method not allowed", "This address is there to be read.", headers=_ALLOW)
