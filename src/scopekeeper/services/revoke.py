"""Revocation as an act (RFC 7009). A token that a person granted takes its whole family with it."""

from dataclasses import dataclass

from scopekeeper.oauth.clients import Credentials
from scopekeeper.oauth.records import Client, Token
from scopekeeper.oauth.revoke import revocable, revocable_family
from scopekeeper.oauth.secrets import Kind
from scopekeeper.services.bearer import Bearer
from scopekeeper.services.clients import Authentication
from scopekeeper.services.ports import Clock, Store
from scopekeeper.services.presented import refresh_token_with


@dataclass(frozen=True, slots=True)
class Revocation:
    """Revokes the tokens that clients give back."""

    bearer: Bearer
    store: Store
    authenticate: Authentication
    clock: Clock

    async def __call__(self, presented: str, credentials: Credentials, address: str | None) -> None:
        """Revoke the client's own token. Raises OAuthError for another client's token; unknown ones are no error."""
        caller = await self.authenticate(credentials, address)
        if presented.startswith(Kind.REFRESH_TOKEN.value):
            await self._give_back(presented, caller)
            return
        token = revocable(caller, await self.bearer.known(presented))
        if token is not None:
            await self._end(token)

    async def _give_back(self, refresh_token: str, caller: Client) -> None:
        found = await refresh_token_with(refresh_token, self.store)
        family = None if found is None else revocable_family(caller, found[1])
        if family is not None:
            await self.store.revoke_family(family.id, self.clock.now(), None)

    async def _end(self, token: Token) -> None:
        """The token is dead, and its refresh token with it (RFC 7009 §2.1): they are one grant."""
        now = self.clock.now()
        if token.family_id is None:
            await self.store.revoke([token.id], now, None)
        else:
            await self.store.revoke_family(token.family_id, now, None)
