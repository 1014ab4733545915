"""The OpenAPI document as served: whole, cut to the scopes asked for, or to what the token holds."""

from collections import OrderedDict
from collections.abc import Collection, Sequence
from typing import Final

from starlette.types import Receive, Scope

from scopekeeper import scopes
from scopekeeper.api.answers import encode, representation_reply
from scopekeeper.api.guard import Guard
from scopekeeper.api.modules import Modules
from scopekeeper.api.preconditions import Condition
from scopekeeper.scopes import MalformedScope
from scopekeeper.sdk import Invalid
from scopekeeper.surface.binding import Binding
from scopekeeper.surface.openapi import cut, openapi
from scopekeeper.wire import Reply, parse_form, query_of

MOST_CUTS: Final = 64


class Description:
    """`/api/rest/openapi.json`. Where descriptions are not public, a token is demanded, and shows what it reaches."""

    def __init__(self, modules: Modules, guard: Guard, *, issuer: str, public: bool) -> None:
        bindings = [Binding.of(operation) for operation in modules.operations]
        self._catalogue = modules.catalogue
        self._guard = guard
        self._public = public
        self._document = openapi(modules.modules, bindings, modules.catalogue, issuer=issuer)
        self._whole = encode(self._document)
        self._cuts: OrderedDict[frozenset[str], bytes] = OrderedDict()

    async def __call__(self, scope: Scope, _: Receive, __: Sequence[str]) -> Reply:
        """The document, or 304. Raises Refused, and MalformedScope for a scope that does not exist."""
        held: Collection[str] | None = None if self._public else (await self._guard.identify(scope)).scopes
        asked = self._asked(scope)
        if asked is not None:
            held = asked if held is None else scopes.cut(asked, held)
        body = self._whole if held is None else self._cut(held)
        return representation_reply(body, Condition.of(scope, b"if-none-match"))

    def _asked(self, scope: Scope) -> tuple[str, ...] | None:
        query = parse_form(query_of(scope))
        text = query.pop("scope", None)
        for unknown in query:
            raise Invalid(unknown[:100], "There is no such parameter.")
        if text is None:
            return None
        asked = scopes.words(text)
        for each in asked:
            if each not in self._catalogue:
                raise MalformedScope(f"There is no scope {each[:100]!r}.")
        return asked

    def _cut(self, held: Collection[str]) -> bytes:
        """The document cut to these scopes, remembered for as long as it is among those last asked for."""
        known = frozenset(held)
        body = self._cuts.pop(known, None) or encode(cut(self._document, known))
        self._cuts[known] = body
        if len(self._cuts) > MOST_CUTS:
            self._cuts.popitem(last=False)
        return body
