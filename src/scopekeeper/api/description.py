"""The OpenAPI document as served: whole, cut to the scopes asked for, or to what the token holds."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from starlette.types import Receive, Scope

from scopekeeper.api.answers import encode, representation_reply
from scopekeeper.api.extent import Extent
from scopekeeper.api.modules import Modules
from scopekeeper.api.preconditions import Condition
from scopekeeper.surface.binding import Binding
from scopekeeper.surface.openapi import cut, openapi
from scopekeeper.wire import Reply

MOST_CUTS: Final = 64


class Description:
    """`/api/rest/openapi.json`. Where descriptions are not public, a token is demanded, and shows what it reaches."""

    def __init__(self, modules: Modules, extent: Extent, *, issuer: str) -> None:
        bindings = [Binding.of(operation) for operation in modules.operations]
        self._extent = extent
        self._document = openapi(modules.modules, bindings, modules.catalogue, issuer=issuer)
        self._whole = encode(self._document)
        self._cuts: OrderedDict[frozenset[str], bytes] = OrderedDict()

    async def __call__(self, scope: Scope, _: Receive, __: Sequence[str]) -> Reply:
        """The document, or 304. Raises Refused, and MalformedScope for a scope that does not exist."""
        shown = await self._extent.of(scope)
        body = self._whole if shown is None else self._cut(shown)
        return representation_reply(body, Condition.of(scope, b"if-none-match"))

    def _cut(self, shown: frozenset[str]) -> bytes:
        """The document cut to these scopes, remembered for as long as it is among those last asked for."""
        body = self._cuts.pop(shown, None) or encode(cut(self._document, shown))
        self._cuts[shown] = body
        if len(self._cuts) > MOST_CUTS:
            self._cuts.popitem(last=False)
        return body
