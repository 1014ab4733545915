"""client_credentials as an act (RFC 6749 §4.4)."""

from dataclasses import dataclass

from scopekeeper.oauth.grants.client_credentials import decide
from scopekeeper.oauth.records import Client
from scopekeeper.oauth.token import Issue, TokenRequest
from scopekeeper.services.issuing import Issuing
from scopekeeper.services.ports import Tokens


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """A token for the application itself: nothing is read, one commit."""

    tokens: Tokens
    issuing: Issuing

    async def __call__(self, request: TokenRequest, client: Client) -> Issue:
        issue = await self.issuing.signed(decide(request, client, self.issuing.mint()), client)
        await self.tokens.issue(issue.token)
        return issue
