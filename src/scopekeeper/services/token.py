"""The token request as an act: prove the client, let the grant decide, commit the issue, answer."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from scopekeeper.oauth.claims import ACCESS_TOKEN_TYPE
from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.grants import GRANTS
from scopekeeper.oauth.records import Client
from scopekeeper.oauth.secrets import digest_of
from scopekeeper.oauth.token import Issue, Mint, TokenRequest
from scopekeeper.services.bearer import LONGEST
from scopekeeper.services.clients import Authentication
from scopekeeper.services.keys import Signer
from scopekeeper.services.ports import Clock, Entropy, Tokens


@dataclass(frozen=True, slots=True)
class Exchange:
    """Turns a grant into a token: one read (the client), one commit."""

    tokens: Tokens
    authenticate: Authentication
    signer: Signer
    clock: Clock
    entropy: Entropy
    issuer: str
    lifetime: int
    """Seconds that an access token lives, where the application does not say."""
    known: Callable[[str], bool]
    """Does this scope exist?"""

    async def __call__(self, request: TokenRequest) -> Issue:
        """The token, remembered. Raises OAuthError; `Unavailable` where it could not be remembered."""
        client = await self.authenticate(request.credentials, request.address)
        decide = GRANTS.get(request.grant_type)
        if decide is None:
            raise OAuthError.unsupported_grant_type()
        issue = await self._signed(decide(request, client, self._mint()), client)
        await self.tokens.issue(issue.token)
        return issue

    def _mint(self) -> Mint:
        return Mint(
            self.clock.now(), self.entropy.row_id(), self.entropy.entropy(), self.issuer, self.lifetime, self.known
        )

    async def _signed(self, issue: Issue, client: Client) -> Issue:
        if issue.claims is None:
            return issue
        jwt = await self.signer.sign(issue.claims, client.signing_alg, ACCESS_TOKEN_TYPE)
        if len(jwt) > LONGEST:
            raise OAuthError.invalid_scope("The scope is too long for a JWT.")
        return replace(issue, access_token=jwt, token=replace(issue.token, digest=digest_of(jwt)))
