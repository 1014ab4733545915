"""The owner's door: what whoever owns an application sees of it, and the two things that they may do to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from scopekeeper.oauth.credentials import Standing, standings
from scopekeeper.oauth.lint import Finding, findings
from scopekeeper.oauth.people import User
from scopekeeper.oauth.privilege import Observed
from scopekeeper.oauth.records import Client
from scopekeeper.oauth.token import Lifetimes
from scopekeeper.services.applications import Applications, Compromise, Credential
from scopekeeper.services.audit import AuditLog
from scopekeeper.services.consents import Consents
from scopekeeper.services.lists import ClientsAsked, ConsentsAsked, TokensAsked
from scopekeeper.services.ports import Clock, Gone
from scopekeeper.services.tokens import Tokens


class Watching(Protocol):
    """What was seen of applications."""

    async def observed(self, client: Client) -> Observed:
        """What this one did of late."""
        ...


@dataclass(frozen=True, slots=True)
class Sight:
    """All that an owner sees of an application."""

    client: Client
    standings: tuple[Standing, ...]
    """Its secrets, the newest first, each with its light."""
    observed: Observed
    """What it did of late."""
    findings: tuple[Finding, ...]
    """What lint says of it, the worst first."""


@dataclass(frozen=True, slots=True)
class AtStake:
    """What dies when an application is declared compromised. Each is counted to MOST_COUNTED + 1 at most."""

    client: Client
    secrets: int
    tokens: int
    refresh_tokens: int
    consents: int


@dataclass(frozen=True, slots=True)
class Owned:
    """A person's own applications. One that is not theirs is treated as if it did not exist.

    That it is theirs is looked at again by the commit: whoever loses it, or is shut out, in that very moment does
    nothing to it any more.
    """

    applications: Applications
    tokens: Tokens
    consents: Consents
    log: AuditLog
    usage: Watching
    lifetimes: Lifetimes
    clock: Clock

    async def of(self, user: User, *, after: str | None = None, limit: int = 50) -> Sequence[Client]:
        """This person's, by name, from behind the one with this client_id."""
        return await self.applications.find(ClientsAsked(owner=user.name), after=after, limit=limit)

    async def get(self, user: User, client_id: str) -> Client:
        """One of them. Raises Gone."""
        client = await self.applications.get(client_id)
        if client.owner != user.name:
            raise Gone(f"there is no application {client_id!r}")
        return client

    async def seen(self, user: User, client_id: str) -> Sight:
        """One of them, with what it did in the last 30 days. Raises Gone."""
        client, now = await self.get(user, client_id), self.clock.now()
        observed = await self.usage.observed(client)
        found = findings(client, now, observed, token_lifetime=self.lifetimes.access_token)
        return Sight(client, standings(client, now), observed, found)

    async def at_stake(self, user: User, client_id: str) -> AtStake:
        """What dies when it is declared compromised. Raises Gone."""
        client, now = await self.get(user, client_id), self.clock.now()
        its = TokensAsked(client_id=client_id)
        return AtStake(
            client,
            sum(secret.lives(now) for secret in client.secrets),
            await self.tokens.count(its),
            await self.tokens.refresh_count(its),
            await self.consents.count(ConsentsAsked(client_id=client_id)),
        )

    async def rotate(
        self, user: User, client_id: str, overlap: int, *, newest: int, address: str | None = None
    ) -> Credential:
        """A new secret; the old ones work for `overlap` seconds more. Raises Gone, Stale."""
        await self.get(user, client_id)
        return await self.applications.rotate(
            client_id, overlap, f"user:{user.name}", address, newest=newest, owner=user.id
        )

    async def compromised(
        self, user: User, client_id: str, since: int, *, generation: int, address: str | None = None
    ) -> Compromise:
        """Whatever may have leaked dies, and what it did since then is told. Raises Gone, Stale."""
        await self.get(user, client_id)
        return await self.applications.compromised(
            client_id, since, f"user:{user.name}", address, generation=generation, owner=user.id
        )

    async def report(self, user: User, client_id: str, act_id: int) -> Mapping[str, object]:
        """What had been done with it when this person declared it compromised. Raises Gone."""
        await self.get(user, client_id)
        act = await self.log.get(act_id)
        report = act.details.get("report")
        theirs = (act.action, act.target, act.actor) == ("application.compromised", client_id, f"user:{user.name}")
        if not theirs or not isinstance(report, Mapping):
            raise Gone("there is no such report")
        return report
