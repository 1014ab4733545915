"""The guard at the door of the API: the token by the Authorization header alone, then its scopes (RFC 6750).

Then, where an operation demands it, how its person signed in (RFC 9470): last, because whoever lacks a scope would
still lack it after signing in again, and because it alone costs a look that others need not pay.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from starlette.types import Scope

from scopekeeper.api.noting import Noted, written
from scopekeeper.oauth.authentication import Demand
from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import Client, Token
from scopekeeper.scopes import Api, cut, missing
from scopekeeper.sdk import Operation
from scopekeeper.services.ports import Gone, Unavailable
from scopekeeper.wire import address_of
from scopekeeper.wire.bearer import Refused, presented_in

MOST_REMEMBERED: Final = 10_000

# As what such refusals are counted.
_SIGN_IN: Final = ("insufficient_user_authentication",)
_GONE: Final = ("invalid_token",)


class Bearers(Protocol):
    """What the guard asks: whose token is this?"""

    async def find(self, presented: str, address: str | None) -> tuple[Token, Client, User | None] | None:
        """The token, its application and its person, if it holds at this moment; else None. Notes the use.

        Raises Unavailable where nobody can tell just now.
        """
        ...


class SignIns(Protocol):
    """What it asks where an operation demands it: of which sign-in is this token?"""

    async def meets(self, token: Token, demand: Demand) -> bool:
        """Of one that meets this? Raises Gone where what the token came of is no more, and Unavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Admitted:
    """Who was let in."""

    token: Token
    client: Client
    scopes: frozenset[str]
    """The token's scopes, cut to the application's present ceiling."""
    person: User | None = None
    """In whose name, as their account is now; None where an application acts for itself."""

    @property
    def system(self) -> bool:
        """Does it act for the whole system? A token in a person's name does only if that is an administrator."""
        return self.token.user is None or (self.person is not None and self.person.admin)


class Guard:
    """Lets in whoever presents a token that holds and has the scopes that are needed, and notes it."""

    def __init__(self, bearers: Bearers, sign_ins: SignIns, noted: Noted) -> None:
        self._bearers = bearers
        self._sign_ins = sign_ins
        self._noted = noted
        self._admitted: dict[int, Admitted] = {}

    async def identify(self, scope: Scope) -> Admitted:
        """Whoever sent this request. Raises Refused: 400, 401, or 503."""
        presented = presented_in(scope)
        if presented is None:
            raise Refused.unauthenticated()
        try:
            found = await self._bearers.find(presented, address_of(scope))
        except Unavailable:
            raise Refused.unavailable() from None
        if found is None:
            raise Refused.invalid_token()
        return self._admit(*found)

    async def admit(self, scope: Scope, *needed: str, demand: Demand | None = None) -> Admitted:
        """Whoever sent this call of REST, if it holds all that is needed, and is of such a sign-in.

        Raises Refused: as `identify`, 403, or 401 as `require_sign_in`.
        """
        admitted = await self.identify(scope)
        lacking = missing(admitted.scopes, needed)
        if demand is not None and not lacking:
            await self.require_sign_in(admitted, demand)
        self.let_in(admitted, "rest", needed, lacking, scope)
        return admitted

    async def require_still(self, scope: Scope, admitted: Admitted, *needed: str, demand: Demand | None = None) -> None:
        """See that whoever was admitted still would be, and see as much. It is no call of its own. Raises Refused."""
        again = await self.identify(scope)
        if lacking := missing(again.scopes, needed):
            raise self.refused(again, lacking)
        if (again.system, again.token.user) != (admitted.system, admitted.token.user):
            raise Refused.invalid_token()
        if demand is not None:
            await self.require_sign_in(again, demand)

    async def require_sign_in(self, admitted: Admitted, demand: Demand) -> None:
        """See that a token in a person's name is of a sign-in that meets this. Raises Refused: 401, or 503."""
        if not await self.meets(admitted, demand):
            self._noted.denial(admitted.client.client_id, _SIGN_IN)
            raise Refused.insufficient_user_authentication(demand.acr, demand.max_age)

    async def meets(self, admitted: Admitted, demand: Demand) -> bool:
        """Is a token in a person's name of a sign-in that meets this? Raises Refused: 401 where it is of none, or 503.

        What acts in nobody's name has no sign-in, and passes.
        """
        if admitted.token.user is None:
            return True
        try:
            return await self._sign_ins.meets(admitted.token, demand)
        except Gone:
            self._noted.denial(admitted.client.client_id, _GONE)
            raise Refused.invalid_token() from None
        except Unavailable:
            raise Refused.unavailable() from None

    def let_in(
        self, admitted: Admitted, api: Api, needed: tuple[str, ...], lacking: tuple[str, ...], scope: Scope
    ) -> None:
        """See that a call lacks nothing of what it needs. Raises Refused: 403.

        Here it is a call: whatever it comes to afterwards, it was let in once, or refused.
        """
        if lacking:
            raise self.refused(admitted, lacking)
        self._noted.call(admitted.client.client_id, api, needed, address_of(scope))

    def refused(self, admitted: Admitted, lacking: tuple[str, ...]) -> Refused:
        """The refusal of one who lacks these scopes."""
        self._noted.denial(admitted.client.client_id, lacking)
        return Refused.insufficient_scope(lacking)

    def wrote(self, admitted: Admitted, operation: Operation, arguments: Mapping[str, Any], result: Any) -> None:
        """Note what a call wrote, once it is committed."""
        self._noted.write(admitted.client.client_id, written(operation, arguments, result))

    def _admit(self, token: Token, client: Client, person: User | None) -> Admitted:
        """The same answer for the same records: anything edited or loaded anew is another object."""
        admitted = self._admitted.get(token.id)
        if (
            admitted is None
            or admitted.token is not token
            or admitted.client is not client
            or admitted.person is not person
        ):
            if len(self._admitted) >= MOST_REMEMBERED:
                self._admitted.clear()
            admitted = Admitted(token, client, frozenset(cut(token.scope, frozenset(client.scope))), person)
            self._admitted[token.id] = admitted
        return admitted
