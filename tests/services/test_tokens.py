"""The tokens that hold, as whoever keeps the server sees them: listed, counted, revoked one, many or all."""

import asyncio
from collections.abc import Sequence

import pytest

from scopekeeper.oauth.granted import Family
from scopekeeper.services.lists import TokensAsked
from scopekeeper.services.ports import Act, Gone, Unavailable
from scopekeeper.services.tokens import STEP, Tokens
from scopekeeper.store import MemoryStore
from tests.fixtures import NOON, FixedClock, FixedEntropy
from tests.stores.families import ALICE, BOB, a_family, a_refresh_token
from tests.stores.records import a_client, a_token, an_act

ADDRESS = "203.0.113.7"
BY = "user:root"


async def a_store() -> MemoryStore:
    """Alice and bob, and two applications."""
    store = MemoryStore()
    for user in (ALICE, BOB):
        await store.add_user(user, an_act())
    for client_id in ("book", "clock"):
        await store.add_client(a_client(client_id), an_act())
    return store


def kept(store: MemoryStore) -> Tokens:
    return Tokens(store, FixedClock(), FixedEntropy(first=2_000_000))


async def grant(store: MemoryStore, family: Family) -> None:
    """A family with an access token of its id, and a refresh token of ten thousand more."""
    token = a_token(family.id, family.client_id, user=family.user, user_id=family.user_id, family_id=family.id)
    refresh = a_refresh_token(family.id + 10_000, family.id)
    await store.begin_family(family, token, refresh, None, None)


async def live(store: MemoryStore) -> list[int]:
    """The access tokens that hold."""
    return sorted([token.id async for token in kept(store).every(TokensAsked())])


async def test_all_are_read_however_many_and_counted_newest_first() -> None:
    store = await a_store()
    for number in range(1, STEP + 3):
        await store.issue(a_token(number, "book"))
    tokens = kept(store)
    assert [token.id async for token in tokens.every(TokensAsked())] == list(range(STEP + 2, 0, -1))
    assert await tokens.count(TokensAsked()) == STEP + 2
    assert [token.id for token in await tokens.page(TokensAsked(), before=3)] == [2, 1]


async def test_refresh_tokens_are_read_with_their_families_whether_an_access_token_lives_or_not() -> None:
    store = await a_store()
    for number in (1, 2):
        await grant(store, a_family(number))
    tokens = Tokens(store, FixedClock(NOON + 3_599), FixedEntropy())
    later = Tokens(store, FixedClock(NOON + 3_600), FixedEntropy())
    assert [(refresh.id, family.id) async for refresh, family in tokens.refresh_every(TokensAsked())] == [
        (10_002, 2),
        (10_001, 1),
    ]
    assert (await tokens.refresh_count(TokensAsked()), await later.refresh_count(TokensAsked())) == (2, 0)


async def test_what_is_not_there_is_gone() -> None:
    tokens = kept(await a_store())
    for asked in (tokens.get(404), tokens.family(404)):
        with pytest.raises(Gone):
            await asked


async def test_of_a_family_it_is_told_what_holds() -> None:
    store = await a_store()
    await grant(store, a_family(1))
    await grant(store, a_family(2))
    await store.issue(a_token(3, "book", user="alice", user_id=ALICE.id, family_id=1))
    tokens = kept(store)
    alive, refresh = await tokens.of_family(await tokens.family(1))
    assert [token.id for token in alive] == [3, 1]
    assert refresh is not None
    assert refresh.id == 10_001
    await tokens.revoke_families([1], BY)
    alive, refresh = await tokens.of_family(await tokens.family(1))
    assert (list(alive), refresh) == ([], None)


async def test_what_holds_of_a_family_is_found_beneath_any_number_of_newer_grants() -> None:
    store = await a_store()
    for each in range(1, STEP + 3):
        await grant(store, a_family(each))
    alive, refresh = await kept(store).of_family(a_family(1))
    assert [token.id for token in alive] == [1]
    assert refresh is not None


async def test_a_token_of_a_person_takes_its_whole_family_along_and_each_is_counted() -> None:
    """RFC 7009 §2.1."""
    store = await a_store()
    await grant(store, a_family(1))
    await store.issue(a_token(2, "book", user="alice", user_id=ALICE.id, family_id=1))
    await grant(store, a_family(3, user=BOB))
    await store.issue(a_token(4, "clock"))
    tokens = kept(store)
    assert await tokens.revoke([1, 2, 4, 4, 404], BY, ADDRESS) == 3
    assert await live(store) == [3]
    assert await tokens.refresh_count(TokensAsked()) == 1
    acts = [act for act in await store.acts() if act.action == "token.revoke"]
    assert [(act.actor, act.target, act.address, act.details) for act in acts] == [
        (BY, "4", ADDRESS, {"client_id": "clock"}),
        (BY, "1", ADDRESS, {"client_id": "book", "user": "alice"}),
    ]


async def test_what_does_not_hold_is_passed_over_and_leaves_no_record() -> None:
    store = await a_store()
    await store.issue(a_token(1, "book", expires_at=NOON))
    await store.issue(a_token(2, "book", revoked_at=NOON - 1))
    await store.issue(a_token(3, "book"))
    await store.compromise("book", None, an_act())
    acts = len(await store.acts())
    tokens = kept(store)
    assert await tokens.revoke([1, 2, 3], BY) == 0
    assert len(await store.acts()) == acts
    assert [await tokens.holds(await tokens.get(number)) for number in (1, 2, 3)] == [False] * 3


async def test_families_are_revoked_by_their_id_once() -> None:
    store = await a_store()
    for number in (1, 2):
        await grant(store, a_family(number))
    tokens = kept(store)
    assert await tokens.revoke_families([1, 1, 404], BY, ADDRESS) == 1
    assert await tokens.revoke_families([1], BY, ADDRESS) == 0
    assert await live(store) == [2]
    [act, *_] = await store.acts()
    assert (act.action, act.target, act.details) == ("family.revoke", "1", {"client_id": "book", "user": "alice"})
    assert [await tokens.lives(await tokens.family(number)) for number in (1, 2)] == [False, True]


async def test_all_that_match_are_revoked_and_nothing_else_with_one_record_that_says_which() -> None:
    store = await a_store()
    for number in range(1, STEP + 2):
        await store.issue(a_token(number, "book"))
    await grant(store, a_family(1_001))
    await store.issue(a_token(1_002, "clock"))
    tokens = kept(store)
    asked = TokensAsked(client_id="book", until=NOON + 1)
    assert await tokens.revoke_matching(asked, BY, ADDRESS) == STEP + 2
    assert await live(store) == [1_002]
    assert await tokens.refresh_count(TokensAsked()) == 0
    [act] = [each for each in await store.acts() if each.action == "token.revoke_matching"]
    assert (act.actor, act.target, act.address) == (BY, "book", ADDRESS)
    assert act.details == {"asked": {"client_id": "book", "until": NOON + 1}, "matched": STEP + 2}


async def test_all_refresh_tokens_that_match_are_revoked_with_their_families() -> None:
    store = await a_store()
    for family in (a_family(1), a_family(2, user=BOB), a_family(3)):
        await grant(store, family)
    assert await kept(store).revoke_matching(TokensAsked(user="alice"), BY, refresh=True) == 2
    assert await live(store) == [2]
    [act] = [each for each in await store.acts() if each.action == "family.revoke_matching"]
    assert (act.target, act.details) == ("alice", {"asked": {"user": "alice"}, "matched": 2})


async def test_where_nothing_matches_nothing_is_done_and_nothing_noted() -> None:
    store = await a_store()
    acts = len(await store.acts())
    for refresh in (False, True):
        assert await kept(store).revoke_matching(TokensAsked(), BY, refresh=refresh) == 0
    assert len(await store.acts()) == acts


class FailsAtTheFirstStep(MemoryStore):
    """Notes what it is told to, and then the disk is full."""

    async def revoke(self, row_ids: Sequence[int], now: int, act: Act | None) -> int:
        if row_ids:
            raise Unavailable("disk full")
        return await super().revoke(row_ids, now, act)


async def test_what_is_about_to_be_done_is_noted_before_it_is() -> None:
    store = FailsAtTheFirstStep()
    await store.add_client(a_client("book"), an_act())
    await store.issue(a_token(1, "book"))
    with pytest.raises(Unavailable):
        await kept(store).revoke_matching(TokensAsked(), BY)
    assert [act.action for act in await store.acts()][:1] == ["token.revoke_matching"]
    assert await live(store) == [1]


class Together(MemoryStore):
    """A store that revokes a family only once three of them are asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.three = asyncio.Barrier(3)

    async def revoke_family(self, family_id: int, now: int, act: Act | None) -> bool:
        await self.three.wait()
        return await super().revoke_family(family_id, now, act)


@pytest.mark.parametrize("refresh", [False, True])
async def test_of_all_that_match_the_families_of_a_page_are_revoked_in_one_commit(refresh: bool) -> None:
    store = Together()
    await store.add_user(ALICE, an_act())
    await store.add_client(a_client("book"), an_act())
    for each in (1, 2, 3):
        await grant(store, a_family(each))
    async with asyncio.timeout(5):
        assert await kept(store).revoke_matching(TokensAsked(user="alice"), BY, refresh=refresh) == 3
    assert await live(store) == []
