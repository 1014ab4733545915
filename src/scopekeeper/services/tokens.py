"""The tokens that hold, as whoever keeps the server sees them: listed, counted, and revoked one, many or all."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from scopekeeper.oauth.granted import Family, RefreshToken
from scopekeeper.oauth.records import Token
from scopekeeper.services.lists import MOST_COUNTED, TokensAsked
from scopekeeper.services.ports import Act, Clock, Entropy, Gone, Store

STEP: Final = 500
"""Rows that are read, or revoked, at a time: well under 50 ms of the writer."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Access tokens and refresh tokens. No id that is told can be used as a token."""

    store: Store
    clock: Clock
    entropy: Entropy

    async def page(self, asked: TokensAsked, *, before: int | None = None, limit: int = 50) -> Sequence[Token]:
        """Access tokens that hold, newest first."""
        return await self.store.find_tokens(asked, now=self.clock.now(), before=before, limit=limit)

    async def count(self, asked: TokensAsked) -> int:
        """How many; at most MOST_COUNTED + 1."""
        return await self.store.count_tokens(asked, now=self.clock.now())

    async def every(self, asked: TokensAsked) -> AsyncIterator[Token]:
        """All of them, newest first, read as they are taken."""
        before: int | None = None
        while page := await self.page(asked, before=before, limit=STEP):
            for token in page:
                yield token
            before = page[-1].id

    async def refresh_page(
        self, asked: TokensAsked, *, before: int | None = None, limit: int = 50
    ) -> Sequence[tuple[RefreshToken, Family]]:
        """Refresh tokens that work, each with its family, newest first."""
        return await self.store.find_refresh_tokens(asked, now=self.clock.now(), before=before, limit=limit)

    async def refresh(self, row_id: int) -> tuple[RefreshToken, Family]:
        """The refresh token with this row id, if it works, and its family. Raises Gone."""
        found = await self.store.refresh_token(row_id)
        if found is not None:
            token, family = found
            if token.spent_at is None and self.clock.now() < token.expires_at and await self.lives(family):
                return found
        raise Gone("there is no such refresh token")

    async def refresh_count(self, asked: TokensAsked) -> int:
        """How many; at most MOST_COUNTED + 1."""
        return await self.store.count_refresh_tokens(asked, now=self.clock.now())

    async def refresh_every(self, asked: TokensAsked) -> AsyncIterator[tuple[RefreshToken, Family]]:
        """All of them, newest first, read as they are taken."""
        before: int | None = None
        while page := await self.refresh_page(asked, before=before, limit=STEP):
            for found in page:
                yield found
            before = page[-1][0].id

    async def get(self, row_id: int) -> Token:
        """The access token with this row id, dead or alive. Raises Gone."""
        token = await self.store.token(row_id)
        if token is None:
            raise Gone("there is no such access token")
        return token

    async def family(self, family_id: int) -> Family:
        """The family with this row id, dead or alive. Raises Gone."""
        family = await self.store.family(family_id)
        if family is None:
            raise Gone("there is no such refresh token")
        return family

    async def holds(self, token: Token) -> bool:
        """Is it one that is listed: neither expired nor revoked, of its application's generation?"""
        client = await self.store.client(token.client_id)
        of_now = client is not None and client.generation == token.generation
        return of_now and token.revoked_at is None and self.clock.now() < token.expires_at

    async def lives(self, family: Family) -> bool:
        """The same of a family."""
        client = await self.store.client(family.client_id)
        of_now = client is not None and client.generation == family.generation
        return of_now and family.revoked_at is None and self.clock.now() < family.expires_at

    async def those(self, row_ids: Sequence[int]) -> Sequence[Token]:
        """Those of these access tokens that hold, each once."""
        found = [await self.store.token(row_id) for row_id in dict.fromkeys(row_ids)]
        return [token for token in found if token is not None and await self.holds(token)]

    async def those_families(self, family_ids: Sequence[int]) -> Sequence[Family]:
        """Those of these families that are alive, each once."""
        found = [await self.store.family(family_id) for family_id in dict.fromkeys(family_ids)]
        return [family for family in found if family is not None and await self.lives(family)]

    async def of_family(self, family: Family) -> tuple[Sequence[Token], RefreshToken | None]:
        """What holds of this family: access tokens, the newest 500 at most, and the refresh token."""
        asked = TokensAsked(client_id=family.client_id, user=family.user, family=family.id)
        renewing = await self.refresh_page(asked, limit=1)
        return await self.page(asked, limit=STEP), renewing[0][0] if renewing else None

    async def revoke(self, row_ids: Sequence[int], actor: str, address: str | None = None) -> int:
        """Revoke these access tokens, and whole the families that they are of (RFC 7009 §2.1); how many held.

        What does not hold, or was never there, is passed over. One audit record for each token, or family of them.
        """
        now, held = self.clock.now(), await self.those(row_ids)
        for token in held:
            details = {"client_id": token.client_id, "user": token.user}
            act = self._act(actor, "token.revoke", str(token.id), address, **details)
            if token.family_id is None:
                await self.store.revoke([token.id], now, act)
            else:
                await self.store.revoke_family(token.family_id, now, act)
        return len(held)

    async def revoke_families(self, family_ids: Sequence[int], actor: str, address: str | None = None) -> int:
        """Revoke these families: their refresh tokens and every access token of them; how many were alive."""
        now, ended = self.clock.now(), 0
        for family in await self.those_families(family_ids):
            details = {"client_id": family.client_id, "user": family.user}
            act = self._act(actor, "family.revoke", str(family.id), address, **details)
            ended += await self.store.revoke_family(family.id, now, act)
        return ended

    async def revoke_matching(
        self, asked: TokensAsked, actor: str, address: str | None = None, *, refresh: bool = False
    ) -> int:
        """Revoke all access tokens (or refresh tokens) that match, with their families; how many held.

        In steps, so that nobody waits for it; what is issued meanwhile is not looked for. The audit record, of which
        were asked for and how many there were, is committed before the first step: what is done has been noted, also
        where a later step fails and it has to be done again.
        """
        now = self.clock.now()
        there = await (self.refresh_count(asked) if refresh else self.count(asked))
        if not there:
            return 0
        question = {name: value for name, value in asdict(asked).items() if value is not None}
        action = "family.revoke_matching" if refresh else "token.revoke_matching"
        target = asked.client_id or asked.user or "all"
        matched = there if there <= MOST_COUNTED else f"more than {MOST_COUNTED}"
        act = self._act(actor, action, target, address, asked=question, matched=matched)
        await self.store.revoke([], now, act)
        return await (self._end_refresh(asked, now) if refresh else self._end(asked, now))

    async def _end(self, asked: TokensAsked, now: int) -> int:
        ended, before = 0, self.entropy.row_id()
        while page := await self.store.find_tokens(asked, now=now, before=before, limit=STEP):
            alone = [token.id for token in page if token.family_id is None]
            ended += await self.store.revoke(alone, now, None) if alone else 0
            await self._end_families({token.family_id for token in page if token.family_id is not None}, now)
            ended += len(page) - len(alone)
            before = page[-1].id
        return ended

    async def _end_refresh(self, asked: TokensAsked, now: int) -> int:
        ended, before = 0, self.entropy.row_id()
        while page := await self.store.find_refresh_tokens(asked, now=now, before=before, limit=STEP):
            ended += await self._end_families([family.id for _, family in page], now)
            before = page[-1][0].id
        return ended

    async def _end_families(self, family_ids: Iterable[int], now: int) -> int:
        """End a page of them; how many were alive. They are asked for at once, so the disk is waited for once."""
        return sum(await asyncio.gather(*[self.store.revoke_family(each, now, None) for each in family_ids]))

    def _act(self, actor: str, action: str, target: str, address: str | None, **details: object) -> Act:
        told = {name: value for name, value in details.items() if value is not None}
        return Act(self.entropy.row_id(), self.clock.now(), actor, action, target, address, told)
