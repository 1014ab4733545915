"""What the cache promises about grants: whatever ends a family here ends its tokens at once, and soon everywhere."""

from collections.abc import Awaitable, Callable

import pytest

from scopekeeper.oauth.people import Purpose
from scopekeeper.services.ports import Store
from scopekeeper.store import CachedStore, MemoryStore
from scopekeeper.store.cached import LOOK_EVERY
from tests.altered import replace
from tests.fixtures import NOON, FixedClock
from tests.stores.families import ALICE, BOB, a_consent, a_family, grant
from tests.stores.people import a_link, a_session
from tests.stores.records import a_client, an_act

LINK = a_link(20, purpose=Purpose.PASSWORD)

ENDS: dict[str, Callable[[Store], Awaitable[object]]] = {
    "it is revoked": lambda store: store.revoke_family(1, NOON, None),
    "it is withdrawn": lambda store: store.withdraw(1, "book", NOON, an_act()),
    "its session is ended": lambda store: store.end_session(10, an_act()),
    "somebody else signs in": lambda store: store.begin_session(a_session(11, 2, "bob"), BOB, 10, an_act()),
    "the password is changed": lambda store: store.save_user(replace(ALICE, revision=1), an_act(), end_sessions=True),
    "a link is used": lambda store: store.spend_link(LINK, replace(ALICE, revision=1), an_act()),
    "the account is removed": lambda store: store.remove_user("alice", an_act()),
}


async def stocked() -> tuple[MemoryStore, CachedStore, FixedClock]:
    store, clock = MemoryStore(), FixedClock()
    await store.add_client(a_client("book"), an_act())
    for user in (ALICE, BOB):
        await store.add_user(user, an_act())
    await store.begin_session(a_session(10), ALICE, None, an_act())
    await store.add_link(LINK, None, alone=True)
    await grant(store, a_family(1, offline=False, session_id=10), a_consent())
    return store, CachedStore(store, clock), clock


async def is_dead(store: Store) -> bool:
    token = await store.token(1)
    return token is None or token.revoked_at is not None


@pytest.mark.parametrize("end", ENDS)
async def test_a_token_is_dead_at_once_where_its_family_was_ended_here(end: str) -> None:
    _, cached, _ = await stocked()
    assert not await is_dead(cached)
    await ENDS[end](cached)
    assert await is_dead(cached)


@pytest.mark.parametrize("end", ENDS)
async def test_a_token_is_dead_at_the_next_look_where_its_family_was_ended_elsewhere(end: str) -> None:
    store, cached, clock = await stocked()
    assert not await is_dead(cached)
    await ENDS[end](store)
    clock.advance(1)
    assert LOOK_EVERY <= 1_000
    assert await is_dead(cached)


async def test_consents_and_origins_are_never_old() -> None:
    store, cached, _ = await stocked()
    assert await cached.consent(1, "book") == a_consent()
    await store.withdraw(1, "book", NOON, an_act())
    assert await cached.consent(1, "book") is None
