"""The guard at the door of the API: the token by the Authorization header alone, then its scopes (RFC 6750)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from starlette.types import Scope

from scopekeeper.api.noting import Noted, written
from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import Client, Token
from scopekeeper.scopes import Api, cut, missing
from scopekeeper.sdk import Operation
from scopekeeper.services.ports import Unavailable
from scopekeeper.wire import address_of
from scopekeeper.wire.bearer import Refused, presented_in

MOST_REMEMBERED: Final = 10_000


class Bearers(Protocol):
    """What the guard asks: whose token is this?"""

    async def find(self, presented: str, address: str | None) -> tuple[Token, Client, User | None] | None:
        """The token, its application and its person, if it holds at this moment; else None. Notes the use.

        Raises Unavailable where nobody can tell just now.
        """
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

    def __init__(self, bearers: Bearers, noted: Noted) -> None:
        self._bearers = bearers
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

    async def admit(self, scope: Scope, *needed: str) -> Admitted:
        """Whoever sent this call of REST, if it holds all that is needed. Raises Refused: as `identify`, or 403."""
        admitted = await self.identify(scope)
        self.let_in(admitted, "rest", needed, missing(admitted.scopes, needed), scope)
        return admitted

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
