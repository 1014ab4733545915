"""device_code as an act (RFC 8628 §3.4, §3.5)."""

from dataclasses import dataclass

from scopekeeper.oauth.errors import OAuthError, Replayed
from scopekeeper.oauth.grants.device_code import approved_by, asked, decide, waits
from scopekeeper.oauth.records import Client
from scopekeeper.oauth.secrets import Kind
from scopekeeper.oauth.token import Issue, TokenRequest
from scopekeeper.services.issuing import Issuing
from scopekeeper.services.ports import Gone, Grants, Spent, Users
from scopekeeper.services.presented import redeemable
from scopekeeper.services.replays import Replays


@dataclass(frozen=True, slots=True)
class DeviceCodes:
    """Answers a device that polls, and redeems its code once somebody has let it in."""

    grants: Grants
    users: Users
    issuing: Issuing
    replays: Replays

    async def __call__(self, request: TokenRequest, client: Client) -> Issue:
        device = await redeemable(asked(request, client), Kind.DEVICE_CODE, self.grants.device)
        now = self.issuing.clock.now()
        try:
            grantor = approved_by(client, device, now)
            if grantor is None:
                raise waits(in_time=await self.grants.poll_device(device.id, now))
            user = await self.users.user(grantor.user)
            issue = decide(request, client, device, grantor, user, self.issuing.mint_for_person())
            issue = await self.issuing.signed(issue, client)
            await self.grants.redeem_device(device, issue.grant, issue.token, issue.refresh)
        except (Replayed, Spent) as again:
            raise await self.replays("device", again.family_id, request) from None
        except Gone:
            raise OAuthError.invalid_grant("the device code is gone, or its session has been ended") from None
        return issue
