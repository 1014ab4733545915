"""Introspection as an act (RFC 7662)."""

from dataclasses import dataclass

from scopekeeper.oauth import introspect as rule
from scopekeeper.oauth.clients import Credentials
from scopekeeper.oauth.errors import OAuthError
from scopekeeper.services.bearer import Bearer
from scopekeeper.services.clients import Authentication
from scopekeeper.services.ports import Clients, Clock


@dataclass(frozen=True, slots=True)
class Introspection:
    """Tells a proven client what a token is worth."""

    bearer: Bearer
    clients: Clients
    authenticate: Authentication
    clock: Clock
    issuer: str

    async def __call__(self, presented: str, credentials: Credentials, address: str | None) -> dict[str, object]:
        """The answer of RFC 7662 §2.2. Raises OAuthError; public clients may not ask (§2.1)."""
        caller = await self.authenticate(credentials, address)
        if not caller.confidential:
            raise OAuthError.invalid_client("a public client asked to introspect")
        token = await self.bearer.known(presented)
        owner = None
        if token is not None:
            owner = caller if token.client_id == caller.client_id else await self.clients.client(token.client_id)
        return rule.introspect(caller, token, owner, self.issuer, self.clock.now())
