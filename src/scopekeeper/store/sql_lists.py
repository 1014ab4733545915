"""What is listed a page at a time, and counted, on an SQL database."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from scopekeeper.oauth.applications import LONGEST_LIFETIME
from scopekeeper.oauth.granted import Consent, Family, RefreshToken
from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import Client, Token
from scopekeeper.oauth.secrets import LARGEST_ID
from scopekeeper.services.lists import (
    EVERY_ACT,
    HOUR,
    MOST_COUNTED,
    ActsAsked,
    ClientOrder,
    ClientsAsked,
    ConsentsAsked,
    Count,
    Kind,
    Sum,
    TokensAsked,
    UsersAsked,
    folded,
)
from scopekeeper.services.mint import EPOCH, first_row_id
from scopekeeper.services.ports import Act
from scopekeeper.store import counting
from scopekeeper.store.asked import Asked, acts_asked, clients_asked, consents_asked, tokens_asked, users_asked
from scopekeeper.store.engine import Reading, Writing
from scopekeeper.store.grant_rows import FAMILY_WIDTH, consent_of, family_of, refresh_token_of
from scopekeeper.store.list_statements import KINDS, ListStatements
from scopekeeper.store.listing import Listing
from scopekeeper.store.rows import Row, act_of, clients_of, count_of, sum_of, token_of, user_of
from scopekeeper.store.statement import Statement

_MINUTE: Final = 60
_FEW: Final = 100_000
_AN_HOUR: Final = first_row_id(EPOCH // 1_000 + HOUR)
"""What row ids grow by in an hour."""


class SqlLists:
    """The ports `Lists` and `Usage` and the audit log, on the readers and the writer of a store."""

    def __init__(self, sql: ListStatements, reader: Reading, writer: Writing) -> None:
        self._sql = sql
        self._reader = reader
        self._writer = writer
        self._oldest_found = (0, -_MINUTE)

    async def find_clients(
        self, asked: ClientsAsked, *, after: Client | None = None, limit: int = 50
    ) -> Sequence[Client]:
        narrowed = clients_asked(asked)
        if after is not None:
            newest = asked.order is ClientOrder.NEWEST
            place = after.created_at if newest else folded(after.name)
            narrowed = {**narrowed, "place": place, "after": after.client_id}
        return tuple(clients_of(await self._page(self._clients(asked), narrowed, limit)))

    async def count_clients(self, asked: ClientsAsked) -> int:
        return await self._count(self._sql.clients[asked.order], clients_asked(asked))

    async def find_tokens(
        self, asked: TokensAsked, *, now: int, before: int | None = None, limit: int = 50
    ) -> Sequence[Token]:
        narrowed = {**tokens_asked(asked), "now": now, "oldest": await self._oldest(now), "before": before}
        return tuple(map(token_of, await self._page(self._sql.tokens, narrowed, limit)))

    async def count_tokens(self, asked: TokensAsked, *, now: int) -> int:
        narrowed = {**tokens_asked(asked), "now": now, "oldest": await self._oldest(now)}
        return await self._count(self._sql.tokens, narrowed)

    async def find_refresh_tokens(
        self, asked: TokensAsked, *, now: int, before: int | None = None, limit: int = 50
    ) -> Sequence[tuple[RefreshToken, Family]]:
        narrowed = {**tokens_asked(asked), "now": now, "before": before}
        listing = self._sql.refresh_tokens_of if await self._few_renew(asked, now) else self._sql.refresh_tokens
        rows = await self._page(listing, narrowed, limit)
        return tuple((refresh_token_of(row[FAMILY_WIDTH:]), family_of(row[:FAMILY_WIDTH])) for row in rows)

    async def count_refresh_tokens(self, asked: TokensAsked, *, now: int) -> int:
        listing = self._sql.refresh_tokens_of if _of_one(asked) else self._sql.refresh_tokens
        return await self._count(listing, {**tokens_asked(asked), "now": now})

    async def find_consents(
        self, asked: ConsentsAsked, *, after: tuple[str, str] | None = None, limit: int = 50
    ) -> Sequence[tuple[Consent, str]]:
        name, client_id = after or (None, None)
        narrowed = {**consents_asked(asked), "after": name, "after_client": client_id}
        many = asked.client_id is not None and asked.user is None and await self.count_consents(asked) > MOST_COUNTED
        listing = self._sql.consents_of_many if many else self._sql.consents
        return tuple((consent_of(row[:-1]), row[-1]) for row in await self._page(listing, narrowed, limit))

    async def count_consents(self, asked: ConsentsAsked) -> int:
        return await self._count(self._sql.consents, consents_asked(asked))

    async def find_users(self, asked: UsersAsked, *, after: str | None = None, limit: int = 50) -> Sequence[User]:
        rows = await self._page(self._sql.users, {**users_asked(asked), "after": after}, limit)
        return tuple(map(user_of, rows))

    async def count_users(self, asked: UsersAsked) -> int:
        return await self._count(self._sql.users, users_asked(asked))

    async def act(self, row_id: int) -> Act | None:
        rows = await self._reader.at_once(self._sql.act, _bounded(row_id))
        return act_of(rows[0]) if rows else None

    async def acts(self, asked: ActsAsked = EVERY_ACT, *, before: int | None = None, limit: int = 500) -> Sequence[Act]:
        rows = await self._page(self._sql.acts, {**acts_asked(asked), "before": before}, limit)
        return tuple(map(act_of, rows))

    async def count_acts(self, asked: ActsAsked) -> int:
        return await self._count(self._sql.acts, acts_asked(asked))

    async def count(self, counts: Sequence[Count], used: Mapping[str, int]) -> None:
        await self._writer.commit(partial(counting.count, counts=counts, used=used))

    async def counts(self, client_id: str, since: int, until: int, kinds: Sequence[Kind]) -> Sequence[Count]:
        return tuple(map(count_of, await self._counted(self._sql.counts, client_id, since, until, kinds)))

    async def sums(self, client_id: str, since: int, until: int, kinds: Sequence[Kind]) -> Sequence[Sum]:
        return tuple(map(sum_of, await self._counted(self._sql.sums, client_id, since, until, kinds)))

    async def sweep_counts(self, before: int, limit: int) -> int:
        return await self._writer.commit(partial(counting.sweep_counts, before=before, limit=limit))

    async def _counted(
        self, by_width: Mapping[int, Statement], client_id: str, since: int, until: int, kinds: Sequence[Kind]
    ) -> list[Row]:
        if not kinds:
            return []
        of_kinds = {name: kind.value for name, kind in zip(KINDS, set(kinds), strict=False)}
        statement = by_width[len(of_kinds)]
        asked = {"client_id": client_id, "since": since, "until": until, **of_kinds}
        return await self._reader.aside(statement, *statement.places(asked))

    async def _oldest(self, now: int) -> int:
        """No token that lives at this time has a lesser row id.

        To find it every token that lives is looked at, if they are no more than _FEW: of many a page is soon found. It
        is kept for a minute: the oldest then is no younger later, and what is issued meanwhile lies behind it, by an
        hour at most where clocks differ.
        """
        found, then = self._oldest_found
        if not then <= now < then + _MINUTE:
            oldest = self._sql.oldest_token
            ((living, found),) = await self._reader.search(oldest, *oldest.places({"now": now, "most": _FEW + 1}))
            if found is None:
                return LARGEST_ID
            if living > _FEW:
                found = first_row_id(max(now - LONGEST_LIFETIME, 0))
            found -= _AN_HOUR
            self._oldest_found = found, now
        return found

    async def _few_renew(self, asked: TokensAsked, now: int) -> bool:
        """Are the refresh tokens asked for few enough to sort them? Of many a page is soon found among all."""
        if asked.family is not None or asked.user is not None:
            return True
        if asked.client_id is None:
            return False
        return await self.count_refresh_tokens(TokensAsked(client_id=asked.client_id), now=now) <= MOST_COUNTED

    def _clients(self, asked: ClientsAsked) -> Listing:
        by_name = asked.order is ClientOrder.NAME
        return self._sql.clients_sought if by_name and _few(asked) else self._sql.clients[asked.order]

    async def _page(self, listing: Listing, asked: Asked, limit: int) -> list[Row]:
        statement = listing.page([name for name, value in asked.items() if value is not None])
        return await self._reader.search(statement, *map(_bounded, statement.places({**asked, "limit": limit})))

    async def _count(self, listing: Listing, asked: Asked) -> int:
        statement = listing.count([name for name, value in asked.items() if value is not None])
        ((count,),) = await self._reader.search(statement, *map(_bounded, statement.places(asked)))
        return int(count)


def _of_one(asked: TokensAsked) -> bool:
    """Is something asked for by which families are found?"""
    return not (asked.family is None and asked.client_id is None and asked.user is None)


def _few(asked: ClientsAsked) -> bool:
    """Is something asked for that few applications have?"""
    return bool(asked.text or asked.owner or asked.scope)


def _bounded(value: object) -> object:
    """The same, as far as 64 bits go: no row has a number beyond them, so the same rows lie before and behind it."""
    return max(-LARGEST_ID, min(LARGEST_ID, value)) if isinstance(value, int) else value
