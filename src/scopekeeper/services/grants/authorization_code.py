"""authorization_code as an act (RFC 6749 §4.1.3)."""

from dataclasses import dataclass

from scopekeeper.oauth.errors import OAuthError, Replayed
from scopekeeper.oauth.grants.authorization_code import asked, decide
from scopekeeper.oauth.records import Client
from scopekeeper.oauth.secrets import Kind
from scopekeeper.oauth.token import Issue, TokenRequest
from scopekeeper.services.issuing import Issuing
from scopekeeper.services.ports import Gone, Grants, Spent, Users
from scopekeeper.services.presented import redeemable
from scopekeeper.services.replays import Replays


@dataclass(frozen=True, slots=True)
class AuthorizationCode:
    """Redeems a code once: of any number who try, one is answered, and the others end what it bought."""

    grants: Grants
    users: Users
    issuing: Issuing
    replays: Replays

    async def __call__(self, request: TokenRequest, client: Client) -> Issue:
        code = await redeemable(asked(request, client), Kind.AUTHORIZATION_CODE, self.grants.code)
        user = await self.users.user(code.user)
        try:
            issue = decide(request, client, code, user, self.issuing.mint_for_person())
            issue = await self.issuing.signed(issue, client)
            await self.grants.redeem_code(code, issue.grant, issue.token, issue.refresh)
        except (Replayed, Spent) as again:
            raise await self.replays("code", again.family_id, request) from None
        except Gone:
            raise OAuthError.invalid_grant("the code is gone, or its session has been ended") from None
        return issue
