"""The token request as an act: prove the client, then let it redeem what it presents."""

from collections.abc import Mapping
from dataclasses import dataclass

from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.token import Answer, Issue, TokenRequest
from scopekeeper.services.clients import Authentication
from scopekeeper.services.grants import Redeem
from scopekeeper.services.uses import Uses


@dataclass(frozen=True, slots=True)
class Exchange:
    """Turns a grant into a token: one read for the client, then what the grant costs."""

    authenticate: Authentication
    redeemers: Mapping[str, Redeem]
    uses: Uses

    async def __call__(self, request: TokenRequest) -> Answer:
        """The token, remembered. Raises OAuthError; `Unavailable` where it could not be remembered."""
        client = await self.authenticate(request.credentials, request.address)
        redeem = self.redeemers.get(request.grant_type)
        if redeem is None:
            raise OAuthError.unsupported_grant_type()
        answer = await redeem(request, client)
        if isinstance(answer, Issue):  # a retry that hears the same again was issued nothing
            self.uses.issued(client, request.grant_type)
        return answer
