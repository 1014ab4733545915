"""Revocation as an act (RFC 7009)."""

from dataclasses import dataclass

from scopekeeper.oauth.clients import Credentials
from scopekeeper.oauth.revoke import revocable
from scopekeeper.services.bearer import Bearer
from scopekeeper.services.clients import Authentication
from scopekeeper.services.ports import Act, Clock, Entropy, Tokens


@dataclass(frozen=True, slots=True)
class Revocation:
    """Revokes the tokens that clients give back, and those that operators take away."""

    bearer: Bearer
    tokens: Tokens
    authenticate: Authentication
    clock: Clock
    entropy: Entropy

    async def __call__(self, presented: str, credentials: Credentials, address: str | None) -> None:
        """Revoke the client's own token. Raises OAuthError for another client's token; unknown ones are no error."""
        caller = await self.authenticate(credentials, address)
        token = revocable(caller, await self.bearer.known(presented))
        if token is not None:
            await self.tokens.revoke([token.id], self.clock.now(), None)

    async def by_operator(self, row_id: int, actor: str, address: str | None = None) -> bool:
        """Revoke the token with this row id; was there a live one?"""
        now = self.clock.now()
        act = Act(self.entropy.row_id(), now, actor, "token.revoke", str(row_id), address)
        return await self.tokens.revoke([row_id], now, act) > 0
