"""What is redeemed twice costs all that it bought (RFC 6749 §4.1.2, RFC 9700 §4.14.2)."""

from dataclasses import dataclass
from typing import Literal

from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.token import TokenRequest
from scopekeeper.services.ports import Act, Clock, Entropy, Grants

What = Literal["code", "refresh", "device"]


@dataclass(frozen=True, slots=True)
class Replays:
    """Ends the family of what was presented a second time, whichever of the two was the thief."""

    grants: Grants
    clock: Clock
    entropy: Entropy

    async def __call__(self, what: What, family_id: int, request: TokenRequest) -> OAuthError:
        """The family is dead, the audit log says why, and this is the refusal. Steps: one, however large the family."""
        now, client_id = self.clock.now(), request.credentials.client_id
        act = Act(
            self.entropy.row_id(),
            now,
            f"client:{client_id}",
            f"{what}.replayed",
            client_id,
            request.address,
            {"family": str(family_id)},
        )
        await self.grants.revoke_family(family_id, now, act)
        return OAuthError.invalid_grant(f"a {what} was presented that had been redeemed: its family is revoked")
