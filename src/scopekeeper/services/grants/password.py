"""password as an act (RFC 6749 §4.3)."""

from dataclasses import dataclass

from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.grants.password import asked, decide
from scopekeeper.oauth.records import Client
from scopekeeper.oauth.token import Issue, TokenRequest
from scopekeeper.services.attempts import TooMany
from scopekeeper.services.factors import FactorBook
from scopekeeper.services.issuing import Issuing
from scopekeeper.services.passwords import WrongPassword
from scopekeeper.services.ports import Grants
from scopekeeper.services.proof import Proof


@dataclass(frozen=True, slots=True)
class Password:
    """Proves a person as the sign-in page does, by the same lock-out. Consent is not remembered by it."""

    grants: Grants
    issuing: Issuing
    prove: Proof
    factors: FactorBook

    async def __call__(self, request: TokenRequest, client: Client) -> Issue:
        name, password = asked(request, client)
        try:
            user = await self.prove(name, password, request.address)
        except TooMany as many:
            raise OAuthError.too_many(many.retry_after) from None
        except WrongPassword:
            raise OAuthError.wrong_password() from None
        issue = decide(request, client, user, self.issuing.mint_for_person(), more=await self.factors.takes_more(user))
        issue = await self.issuing.signed(issue, client)
        await self.grants.begin_family(issue.grant, issue.token, issue.refresh, None, None)
        return issue
