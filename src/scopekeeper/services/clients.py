"""Client authentication as an act: load the client, prove it, note the use or the refusal."""

from dataclasses import dataclass

from scopekeeper.oauth.clients import Credentials, authenticate
from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.records import Client
from scopekeeper.services.ports import Clients, Clock
from scopekeeper.services.uses import Uses


@dataclass(frozen=True, slots=True)
class Authentication:
    """Proves who is asking, at every endpoint that must know."""

    clients: Clients
    clock: Clock
    uses: Uses

    async def __call__(self, credentials: Credentials, address: str | None) -> Client:
        """The client, proven. Raises OAuthError invalid_client."""
        client, now = await self.clients.client(credentials.client_id), self.clock.now()
        try:
            try:
                proven = authenticate(credentials, client, now)
            except OAuthError:
                if not await self.clients.catch_up():
                    raise
                # Another process may have made the secret, or enabled the application, just now.
                client = await self.clients.client(credentials.client_id)
                proven = authenticate(credentials, client, now)
        except OAuthError as refused:
            self.uses.refused(credentials.client_id if client else "unknown", address, refused.reason)
            raise
        if proven.secret is not None:
            self.uses.secret(proven.secret, now, address)
        return proven.client
