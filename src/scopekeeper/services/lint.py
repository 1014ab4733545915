"""Lint as an act: look around an application, then let the rules say what there is to be said of it."""

from dataclasses import dataclass

from scopekeeper.oauth.lint import Finding, findings
from scopekeeper.oauth.records import Client
from scopekeeper.oauth.token import Lifetimes
from scopekeeper.services.ports import Clock, Users
from scopekeeper.services.usage import UsageBook


@dataclass(frozen=True, slots=True)
class Lint:
    """Examines applications with all that is known around them."""

    users: Users
    usage: UsageBook
    lifetimes: Lifetimes
    clock: Clock

    async def __call__(self, client: Client) -> tuple[Finding, ...]:
        """What there is to be said of this application, the worst first."""
        owner = None if client.owner is None else await self.users.user(client.owner)
        return findings(
            client,
            self.clock.now(),
            await self.usage.observed(client),
            token_lifetime=self.lifetimes.access_token,
            owner_there=client.owner is None or (owner is not None and owner.enabled),
        )
