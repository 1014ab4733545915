"""Refusals at the protocol's endpoints, counted: whoever guesses too often is told to wait."""

from dataclasses import dataclass

from scopekeeper.oauth.errors import OAuthError
from scopekeeper.services.attempts import Attempts, TooMany


@dataclass(frozen=True, slots=True)
class Refusals:
    """Counts guesses that failed, by the network from which they come.

    What succeeds never comes here, so nothing that is right is ever limited: machine secrets have 190 bits, which
    nobody guesses. The limit keeps those who try from costing anything.
    """

    attempts: Attempts

    async def told(self, refused: OAuthError, address: str | None) -> OAuthError:
        """What this client hears: the refusal itself, or that there were too many (RFC 6585 §4). Raises Unavailable."""
        if not refused.guess:
            return refused
        try:
            await self.attempts.failed(address)
        except TooMany as many:
            return OAuthError.too_many(many.retry_after)
        return refused
