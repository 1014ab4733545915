"""The store in memory, that part of it which lists a page at a time, and counts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from scopekeeper.oauth.granted import Consent, Family, RefreshToken
from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import Client, Token
from scopekeeper.scopes import covers
from scopekeeper.services.lists import (
    EVERY_ACT,
    MOST_COUNTED,
    SYSTEM,
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
from scopekeeper.services.looks import AS_PERSON
from scopekeeper.services.ports import Act
from scopekeeper.store.folding import sought_of_act, sought_of_client, sought_of_user
from scopekeeper.store.memory_grants import MemoryGrants
from scopekeeper.store.rows import json_of


class MemoryLists:
    """The ports `Lists` and `Usage` and the audit log, on the dictionaries of the store around it."""

    def __init__(
        self,
        clients: dict[str, Client],
        users: dict[str, User],
        acts: dict[int, Act],
        grants: MemoryGrants,
        require_open: Callable[[], None],
    ) -> None:
        self._clients = clients
        self._users = users
        self._acts = acts
        self._grants = grants
        self._require_open = require_open
        self._counts: dict[tuple[str, int, Kind, str], int] = {}

    def lives(self, token: Token, now: int) -> bool:
        """Does this token hold, as far as its application's generation and its family go?"""
        known = self._grants.token(token.id)
        alive = known is not None and known.revoked_at is None
        return alive and now < token.expires_at and self._is_of_generation(token)

    async def find_clients(
        self, asked: ClientsAsked, *, after: Client | None = None, limit: int = 50
    ) -> Sequence[Client]:
        self._require_open()
        newest = asked.order is ClientOrder.NEWEST
        place = _age_of if newest else _name_of
        chosen = sorted(self._asked_clients(asked), key=place, reverse=newest)
        if after is not None:
            behind = place(after)
            chosen = [each for each in chosen if (place(each) < behind if newest else place(each) > behind)]
        return tuple(chosen[:limit])

    async def count_clients(self, asked: ClientsAsked) -> int:
        self._require_open()
        return _counted(self._asked_clients(asked))

    async def find_tokens(
        self, asked: TokensAsked, *, now: int, before: int | None = None, limit: int = 50
    ) -> Sequence[Token]:
        self._require_open()
        chosen = (each for each in self._asked_tokens(asked, now) if before is None or each.id < before)
        return tuple(sorted(chosen, key=lambda token: -token.id)[:limit])

    async def count_tokens(self, asked: TokensAsked, *, now: int) -> int:
        self._require_open()
        return _counted(self._asked_tokens(asked, now))

    async def find_refresh_tokens(
        self, asked: TokensAsked, *, now: int, before: int | None = None, limit: int = 50
    ) -> Sequence[tuple[RefreshToken, Family]]:
        self._require_open()
        chosen = (each for each in self._asked_refresh_tokens(asked, now) if before is None or each[0].id < before)
        return tuple(sorted(chosen, key=lambda each: -each[0].id)[:limit])

    async def count_refresh_tokens(self, asked: TokensAsked, *, now: int) -> int:
        self._require_open()
        return _counted(self._asked_refresh_tokens(asked, now))

    async def find_consents(
        self, asked: ConsentsAsked, *, after: tuple[str, str] | None = None, limit: int = 50
    ) -> Sequence[tuple[Consent, str]]:
        self._require_open()
        by_name = {(name, each.client_id): each for each, name in self._asked_consents(asked)}
        following = (place for place in sorted(by_name) if after is None or place > after)
        return tuple((by_name[place], place[0]) for place in islice(following, limit))

    async def count_consents(self, asked: ConsentsAsked) -> int:
        self._require_open()
        return _counted(self._asked_consents(asked))

    async def find_users(self, asked: UsersAsked, *, after: str | None = None, limit: int = 50) -> Sequence[User]:
        self._require_open()
        chosen = (each for each in self._asked_users(asked) if after is None or each.name > after)
        return tuple(sorted(chosen, key=lambda user: user.name)[:limit])

    async def count_users(self, asked: UsersAsked) -> int:
        self._require_open()
        return _counted(self._asked_users(asked))

    async def act(self, row_id: int) -> Act | None:
        self._require_open()
        return self._acts.get(row_id)

    async def acts(self, asked: ActsAsked = EVERY_ACT, *, before: int | None = None, limit: int = 500) -> Sequence[Act]:
        self._require_open()
        chosen = (each for each in self._asked_acts(asked) if before is None or each.id < before)
        return tuple(sorted(chosen, key=lambda act: -act.id)[:limit])

    async def count_acts(self, asked: ActsAsked) -> int:
        self._require_open()
        return _counted(self._asked_acts(asked))

    async def count(self, counts: Sequence[Count], used: Mapping[str, int]) -> None:
        self._require_open()
        for each in counts:
            if each.client_id == SYSTEM or each.client_id in self._clients:
                key = (each.client_id, each.hour, each.kind, each.what)
                self._counts[key] = self._counts.get(key, 0) + each.times
        for client_id, at in used.items():
            client = self._clients.get(client_id)
            if client is not None and (client.last_used_at is None or client.last_used_at < at):
                self._clients[client_id] = replace(client, last_used_at=at)

    async def counts(self, client_id: str, since: int, until: int, kinds: Sequence[Kind]) -> Sequence[Count]:
        self._require_open()
        return tuple(
            Count(of, hour, kind, what, times)
            for (of, hour, kind, what), times in sorted(self._counts.items())
            if of == client_id and since <= hour < until and kind in kinds
        )

    async def sums(self, client_id: str, since: int, until: int, kinds: Sequence[Kind]) -> Sequence[Sum]:
        found: dict[tuple[Kind, str], Sum] = {}
        for each in await self.counts(client_id, since, until, kinds):
            so_far = found.get((each.kind, each.what), Sum(each.kind, each.what, 0, each.hour, each.hour))
            found[each.kind, each.what] = replace(so_far, times=so_far.times + each.times, last=each.hour)
        return tuple(sorted(found.values(), key=lambda each: (each.kind, -each.times, each.what)))

    async def sweep_counts(self, before: int, limit: int) -> int:
        self._require_open()
        due = [key for key in self._counts if key[1] < before or (key[0] != SYSTEM and key[0] not in self._clients)]
        for key in due[:limit]:
            del self._counts[key]
        return len(due[:limit])

    def forget_counts(self, client_id: str) -> int:
        """What was counted of an application that is gone, is gone; how many rows that were."""
        theirs = [key for key in self._counts if key[0] == client_id]
        for key in theirs:
            del self._counts[key]
        return len(theirs)

    def _is_of_generation(self, each: Token | Family | Consent) -> bool:
        """Is its application there, and of the same generation?"""
        client = self._clients.get(each.client_id)
        return client is not None and client.generation == each.generation

    def _asked_clients(self, asked: ClientsAsked) -> Iterable[Client]:
        text = folded(asked.text)
        return (
            each
            for each in self._clients.values()
            if (text in sought_of_client(each) or text in (each.owner or ""))
            and asked.type in (None, each.type)
            and asked.owner in (None, each.owner)
            and asked.enabled in (None, each.enabled)
            and (asked.scope is None or covers(each.scope, asked.scope))
        )

    def _asked_tokens(self, asked: TokensAsked, now: int) -> Iterable[Token]:
        return (
            each
            for each in self._grants.tokens.values()
            if _is_asked(asked, each, each.family_id, each.issued_at) and self.lives(each, now)
        )

    def _asked_refresh_tokens(self, asked: TokensAsked, now: int) -> Iterable[tuple[RefreshToken, Family]]:
        for token in self._grants.refresh_tokens.values():
            family = self._grants.families.get(token.family_id)
            if (
                family is not None
                and token.spent_at is None
                and now < min(token.expires_at, family.expires_at)
                and family.revoked_at is None
                and self._is_of_generation(family)
                and _is_asked(asked, family, family.id, token.issued_at)
            ):
                yield token, family

    def _asked_consents(self, asked: ConsentsAsked) -> Iterable[tuple[Consent, str]]:
        names = {user.id: user.name for user in self._users.values()}
        for each in self._grants.consents.values():
            name = names.get(each.user_id)
            if (
                name is not None
                and self._is_of_generation(each)
                and asked.client_id in (None, each.client_id)
                and asked.user in (None, name)
            ):
                yield each, name

    def _asked_users(self, asked: UsersAsked) -> Iterable[User]:
        text = folded(asked.text)
        return (
            each
            for each in self._users.values()
            if text in sought_of_user(each)
            and asked.admin in (None, each.admin)
            and asked.enabled in (None, each.enabled)
        )

    def _asked_acts(self, asked: ActsAsked) -> Iterable[Act]:
        text = folded(asked.text)
        return (
            each
            for each in self._acts.values()
            if text in sought_of_act(each, json_of(each.details))
            and asked.actor in (None, each.actor)
            and (asked.action is None or f"{each.action}.".startswith(f"{asked.action}."))
            and asked.target in (None, each.target)
            and (asked.since is None or each.at >= asked.since)
            and (asked.until is None or each.at < asked.until)
            and (asked.after is None or each.id > asked.after)
            and (asked.looked_at is None or (each.action, each.target) == (AS_PERSON, asked.looked_at))
        )


def _is_asked(asked: TokensAsked, of: Token | Family, family_id: int | None, issued_at: int) -> bool:
    return (
        asked.client_id in (None, of.client_id)
        and asked.user in (None, of.user)
        and (asked.scope is None or covers(of.scope, asked.scope))
        and (asked.since is None or issued_at >= asked.since)
        and (asked.until is None or issued_at < asked.until)
        and asked.family in (None, family_id)
    )


def _name_of(client: Client) -> tuple[str | int, str]:
    return folded(client.name), client.client_id


def _age_of(client: Client) -> tuple[str | int, str]:
    return client.created_at, client.client_id


def _counted(rows: Iterable[object]) -> int:
    return sum(1 for _ in islice(rows, MOST_COUNTED + 1))
