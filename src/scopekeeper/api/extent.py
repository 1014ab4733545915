"""How much of the API a description shows: all of it, the scopes asked for, or what the token holds."""

from dataclasses import dataclass

from starlette.types import Scope

from scopekeeper.api.guard import Guard
from scopekeeper.scopes import Catalogue, MalformedScope, cut, words
from scopekeeper.sdk import Invalid
from scopekeeper.wire import parse_form, query_of


@dataclass(frozen=True, slots=True)
class Extent:
    """Reads `?scope=…`. Where descriptions are not public, a token is demanded, and nobody sees more than it holds."""

    catalogue: Catalogue
    guard: Guard
    public: bool

    async def of(self, scope: Scope) -> frozenset[str] | None:
        """The scopes to cut the description to; None for the whole.

        Raises Refused, and Invalid, MalformedForm or MalformedScope for what was asked.
        """
        held = await self.held(scope)
        asked = self._asked(scope)
        if held is None:
            return None if asked is None else frozenset(asked)
        return held if asked is None else frozenset(cut(asked, held))

    async def held(self, scope: Scope) -> frozenset[str] | None:
        """The most that whoever asks may see; None for all. Raises Refused."""
        return None if self.public else (await self.guard.identify(scope)).scopes

    def _asked(self, scope: Scope) -> tuple[str, ...] | None:
        query = parse_form(query_of(scope))
        text = query.pop("scope", None)
        for unknown in query:
            raise Invalid(unknown[:100], "There is no such parameter.")
        asked = None if text is None else words(text)
        for each in asked or ():
            if each not in self.catalogue:
                raise MalformedScope(f"There is no scope {each[:100]!r}.")
        return asked
