"""A token as presented, and what is known of it: the one look-up that guard, introspection and revocation share."""

import binascii
import hmac
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from typing import Final

import msgspec

from scopekeeper.oauth.granted import acts_for
from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import Client, Token, holds
from scopekeeper.oauth.secrets import Kind, digest_of, id_of, row_of
from scopekeeper.services.ports import Clients, Clock, Tokens, Users
from scopekeeper.services.uses import Uses

LONGEST: Final = 32_768
"""Characters of a token: one with a thousand scopes has fewer, and fits into a request's head."""


class _Claims(msgspec.Struct):
    jti: str


_claims = msgspec.json.Decoder(_Claims)

_INVALID: Final = ("invalid_token",)


@dataclass(frozen=True, slots=True)
class Bearer:
    """Finds tokens by what was presented."""

    tokens: Tokens
    clients: Clients
    users: Users
    clock: Clock
    uses: Uses

    async def find(self, presented: str, address: str | None) -> tuple[Token, Client, User | None] | None:
        """The token, its application and its person if it holds at this moment; else None. Either is noted.

        An application's own token has no person, and costs no look for one.
        """
        token = await self.known(presented)
        if token is None:
            self._refused(None)
            return None
        stands, client, person = await self._standing(token)
        if not stands and await self.clients.catch_up():
            # Another process may have begun a generation, or enabled somebody, just now.
            stands, client, person = await self._standing(token)
        if client is None or not stands:
            self._refused(client)
            return None
        self.uses.token(token, self.clock.now(), address)
        return token, client, person

    async def _standing(self, token: Token) -> tuple[bool, Client | None, User | None]:
        """Does the token hold at this moment; and its application and its person, if they are there."""
        client = await self.clients.client(token.client_id)
        if client is None or not holds(token, client, self.clock.now()):
            return False, client, None
        if token.user is None:
            return True, client, None
        person = await self.users.user(token.user)
        return acts_for(token, client, person), client, person

    async def known(self, presented: str) -> Token | None:
        """The token that this is, dead or alive. Garbage does not touch the store."""
        row = _row(presented)
        if row is None:
            return None
        token = await self.tokens.token(row)
        if token is None or not hmac.compare_digest(token.digest, digest_of(presented)):
            return None
        return token

    def _refused(self, client: Client | None) -> None:
        """Note that a token does not hold: against its application, where that is known."""
        self.uses.tally.denial(None if client is None else client.client_id, _INVALID)


def _row(presented: str) -> int | None:
    if presented.startswith(Kind.ACCESS_TOKEN.value):
        return row_of(presented, Kind.ACCESS_TOKEN)
    return _row_of_jwt(presented)


def _row_of_jwt(presented: str) -> int | None:
    """The row that a JWT claims to be (by its jti).

    The signature is not looked at: the row holds the digest of the whole JWT as it was issued, and only that very text,
    signature included, has it.
    """
    if len(presented) > LONGEST or presented.count(".") != 2:
        return None
    payload = presented.split(".")[1]
    try:
        return id_of(_claims.decode(urlsafe_b64decode(payload + "=" * (-len(payload) % 4))).jti)
    except (binascii.Error, ValueError, RecursionError, msgspec.DecodeError):
        return None
