"""The OpenAPI document as served: whole, cut to the scopes asked for, or to what the token holds."""

from collections.abc import Sequence
from typing import Final

from starlette.types import Receive, Scope

from scopekeeper.api.answers import encode, representation_reply
from scopekeeper.api.extent import Extent
from scopekeeper.api.preconditions import Condition
from scopekeeper.services.kept import Kept
from scopekeeper.surface.openapi import Document, cut
from scopekeeper.wire import Reply

MOST_CUTS: Final = 64
ROOM: Final = 16_000_000
"""Bytes that they may take together."""


class Description:
    """`/api/rest/openapi.json`. Where descriptions are not public, a token is demanded, and shows what it reaches."""

    def __init__(self, document: Document, extent: Extent) -> None:
        self._extent = extent
        self._document = document
        self._whole = encode(self._document)
        self._cuts: Kept[frozenset[str], bytes] = Kept(MOST_CUTS, room=ROOM, weigh=lambda _, body: len(body))

    async def __call__(self, scope: Scope, _: Receive, __: Sequence[str]) -> Reply:
        """The document, or 304. Raises Refused, and MalformedScope for a scope that does not exist."""
        shown = await self._extent.of(scope)
        body = self._whole if shown is None else self._cuts.of(shown, self._cut)
        return representation_reply(body, Condition.of(scope, b"if-none-match"))

    def _cut(self, shown: frozenset[str]) -> bytes:
        return encode(cut(self._document, shown))
