"""What people allow applications, as whoever keeps the server sees it: listed, and taken back."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final

from scopekeeper.oauth.granted import Consent, Family
from scopekeeper.services.lists import ConsentsAsked
from scopekeeper.services.ports import Act, Clock, Entropy, Gone, Store

STEP: Final = 500
TOGETHER: Final = 25
"""Consents that are taken back in one commit: a few milliseconds of the writer."""


@dataclass(frozen=True, slots=True)
class Consents:
    """Consents that are remembered, each with its person's name."""

    store: Store
    clock: Clock
    entropy: Entropy

    async def page(
        self, asked: ConsentsAsked, *, after: tuple[str, str] | None = None, limit: int = 50
    ) -> Sequence[tuple[Consent, str]]:
        """By person and application, from behind this (name, client_id)."""
        return await self.store.find_consents(asked, after=after, limit=limit)

    async def count(self, asked: ConsentsAsked) -> int:
        """How many; at most MOST_COUNTED + 1."""
        return await self.store.count_consents(asked)

    async def every(self, asked: ConsentsAsked) -> AsyncIterator[tuple[Consent, str]]:
        """All of them, read as they are taken."""
        after: tuple[str, str] | None = None
        while page := await self.page(asked, after=after, limit=STEP):
            for found in page:
                yield found
            after = (page[-1][1], page[-1][0].client_id)

    async def get(self, user: str, client_id: str) -> Consent:
        """What this person allows this application. Raises Gone."""
        found = await self.page(ConsentsAsked(client_id, user), limit=1)
        if not found:
            raise Gone(f"{user!r} allows {client_id!r} nothing")
        return found[0][0]

    async def those(self, named: Sequence[tuple[str, str]]) -> Sequence[tuple[Consent, str]]:
        """Those of these (name, client_id) that are remembered, each once."""
        found = [await self.page(ConsentsAsked(client_id, user), limit=1) for user, client_id in dict.fromkeys(named)]
        return [each for page in found for each in page]

    async def families(self, consent: Consent) -> Sequence[Family]:
        """The grants that live of it, and end when it is taken back. Among the person's newest 500."""
        families = await self.store.families(consent.user_id, self.clock.now())
        return [
            each for each in families if (each.client_id, each.generation) == (consent.client_id, consent.generation)
        ]

    async def withdraw(self, user: str, client_id: str, actor: str, address: str | None = None) -> int:
        """Take it back in that person's stead: codes, refresh tokens and access tokens of it die. How many families.

        Raises Gone.
        """
        consent = await self.get(user, client_id)
        now = self.clock.now()
        details = {"user": user, "scope": " ".join(consent.scope)}
        act = Act(self.entropy.row_id(), now, actor, "consent.withdraw", client_id, address, details)
        return await self.store.withdraw(consent.user_id, client_id, now, act)

    async def withdraw_those(self, named: Sequence[tuple[str, str]], actor: str, address: str | None = None) -> int:
        """Take these (name, client_id) back; how many were there. What is not there any more is passed over."""
        ended = 0
        for user, client_id in dict.fromkeys(named):
            try:
                await self.withdraw(user, client_id, actor, address)
            except Gone:
                continue
            ended += 1
        return ended

    async def withdraw_matching(self, asked: ConsentsAsked, before: int, actor: str, address: str | None = None) -> int:
        """Take back all that match and were given, or changed, before this moment; how many.

        A few at once, so that nobody waits for it, and each with an audit record of its own: it says what was taken
        from whom.
        """
        ended, due = 0, list[tuple[str, str]]()

        async def withdrawn() -> int:
            few = [self.withdraw_those([due.pop()], actor, address) for _ in range(len(due))]
            return sum(await asyncio.gather(*few))

        async for consent, user in self.every(asked):
            if consent.updated_at < before:
                due.append((user, consent.client_id))
            if len(due) == TOGETHER:
                ended += await withdrawn()
        return ended + await withdrawn()
