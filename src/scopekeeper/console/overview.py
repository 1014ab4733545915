"""`/console/`: how many there are, what was asked of late, what should be looked at, what was done last."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scopekeeper.console.call import Call
from scopekeeper.console.desk import Desk
from scopekeeper.console.door import HOME, Room
from scopekeeper.console.listing import total_of
from scopekeeper.console.naming import Names
from scopekeeper.console.telling import Told, told
from scopekeeper.console.trends import RANGES, range_of, trends
from scopekeeper.oauth.lint import Finding, Severity, findings
from scopekeeper.oauth.records import Client
from scopekeeper.services.lists import SYSTEM, ActsAsked, ClientOrder, ClientsAsked, TokensAsked, UsersAsked
from scopekeeper.wire import Reply

LOOKED_AT: Final = 200
"""Applications that are looked at, the newest first: each page of this one does it anew."""

MOST_MATTERS: Final = 6
LATEST: Final = 6


@dataclass(frozen=True, slots=True)
class Matter:
    """An application that should be looked at: the worst that is to be said of it, and how much else there is."""

    client: Client
    finding: Finding
    more: int


@dataclass(frozen=True, slots=True)
class Overview:
    """The first page of the console."""

    desk: Desk

    async def page(self, call: Call) -> Reply:
        applications, back = await self.desk.applications.count(ClientsAsked()), range_of(call.query.one("range"))
        newest = await self.desk.applications.find(
            ClientsAsked(order=ClientOrder.NEWEST, enabled=True), limit=LOOKED_AT
        )
        matters = matters_of(newest, call.now, self.desk.lifetimes.access_token)
        facts = {
            "counts": await self._counts(applications),
            "trends": await trends(self.desk.usage, SYSTEM, back, call.now),
            "ranges": RANGES,
            "back": back,
            "fresh": applications == 0 or (applications == 1 and await self._is_built_in_there()),
            "matters": matters[:MOST_MATTERS],
            "matters_more": len(matters[MOST_MATTERS:]),
            "looked_at": LOOKED_AT if len(newest) == LOOKED_AT else 0,
            "latest": await self._latest(),
        }
        return self.desk.sheets(call, "overview.html", facts)

    async def _counts(self, applications: int) -> Sequence[tuple[str, str, str]]:
        """What there is, how many, and where."""
        tokens, people = self.desk.tokens, await self.desk.accounts.count(UsersAsked())
        return (
            ("Applications", total_of(applications), "/console/applications"),
            ("Access tokens", total_of(await tokens.count(TokensAsked())), "/console/tokens"),
            ("Refresh tokens", total_of(await tokens.refresh_count(TokensAsked())), "/console/refresh-tokens"),
            ("Users", total_of(people), "/console/users"),
        )

    async def _is_built_in_there(self) -> bool:
        """Is the one that comes with the server among them? It makes no beginning."""
        return any(each.built_in for each in await self.desk.applications.find(ClientsAsked(), limit=1))

    async def _latest(self) -> Sequence[Told]:
        names = Names(self.desk.applications, self.desk.accounts)
        return [await told(act, names) for act in await self.desk.log.page(ActsAsked(), limit=LATEST)]


def matters_of(clients: Sequence[Client], now: int, token_lifetime: int) -> Sequence[Matter]:
    """Those of these applications that are worth a look, the worst first. Advice alone is none."""
    matters = []
    for client in clients:
        found = [
            each
            for each in findings(client, now, token_lifetime=token_lifetime)
            if each.severity is not Severity.ADVICE
        ]
        if found:
            matters.append(Matter(client, found[0], len(found) - 1))
    return sorted(matters, key=lambda matter: matter.finding.severity is not Severity.DANGER)


def rooms(desk: Desk) -> Sequence[Room]:
    """What answers at `/console/` itself."""
    return (Room("GET", HOME, Overview(desk).page),)
