"""Refusals at the protocol's endpoints, counted: whoever guesses too often is told to wait."""

from dataclasses import dataclass
from typing import Final

from scopekeeper.oauth.errors import OAuthError
from scopekeeper.services.attempts import Attempts, TooMany
from scopekeeper.services.ports import Clock

_LONGEST: Final = 100
"""Characters of a client_id that are told apart: a stranger may send any number."""


@dataclass(frozen=True, slots=True)
class Refusals:
    """Counts guesses that failed, by client with address, and by address.

    What succeeds never comes here, so nothing that is right is ever limited: machine secrets have 190 bits, which
    nobody guesses. The limit keeps those who try from costing anything.
    """

    attempts: Attempts
    clock: Clock

    def told(self, refused: OAuthError, client_id: str, address: str | None) -> OAuthError:
        """What this client hears: the refusal itself, or that there were too many (RFC 6585 §4)."""
        if not refused.guess:
            return refused
        whose, now = f"client:{client_id[:_LONGEST]}", self.clock.now()
        try:
            self.attempts.require(whose, address, now)
        except TooMany as many:
            return OAuthError.too_many(many.retry_after)
        self.attempts.failed(whose, address, now)
        return refused
