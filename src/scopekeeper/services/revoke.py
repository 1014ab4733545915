"""Revocation as an act (RFC 7009). A token that a person granted takes its whole family with it."""

from dataclasses import dataclass

from scopekeeper.oauth.clients import Credentials
from scopekeeper.oauth.records import Client, Token
from scopekeeper.oauth.revoke import revocable, revocable_family
from scopekeeper.oauth.secrets import Kind
from scopekeeper.services.bearer import Bearer
from scopekeeper.services.clients import Authentication
from scopekeeper.services.ports import Act, Clock, Entropy, Store
from scopekeeper.services.presented import refresh_token_with


@dataclass(frozen=True, slots=True)
class Revocation:
    """Revokes the tokens that clients give back, and those that operators take away."""

    bearer: Bearer
    store: Store
    authenticate: Authentication
    clock: Clock
    entropy: Entropy

    async def __call__(self, presented: str, credentials: Credentials, address: str | None) -> None:
        """Revoke the client's own token. Raises OAuthError for another client's token; unknown ones are no error."""
        caller = await self.authenticate(credentials, address)
        if presented.startswith(Kind.REFRESH_TOKEN.value):
            await self._give_back(presented, caller)
            return
        token = revocable(caller, await self.bearer.known(presented))
        if token is not None:
            await self._end(token, self.clock.now(), None)

    async def by_operator(self, row_id: int, actor: str, address: str | None = None) -> bool:
        """Revoke the token with this row id; was there a live one?"""
        token, now = await self.store.token(row_id), self.clock.now()
        if token is None or token.revoked_at is not None:
            return False
        act = Act(self.entropy.row_id(), now, actor, "token.revoke", str(row_id), address)
        return await self._end(token, now, act)

    async def _give_back(self, refresh_token: str, caller: Client) -> None:
        found = await refresh_token_with(refresh_token, self.store)
        family = None if found is None else revocable_family(caller, found[1])
        if family is not None:
            await self.store.revoke_family(family.id, self.clock.now(), None)

    async def _end(self, token: Token, now: int, act: Act | None) -> bool:
        """The token is dead, and its refresh token with it (RFC 7009 §2.1): they are one grant."""
        if token.family_id is None:
            return await self.store.revoke([token.id], now, act) > 0
        return await self.store.revoke_family(token.family_id, now, act)
