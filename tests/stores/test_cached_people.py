"""What the cache promises about people: read once, never old, and a busy session never looks idle."""

import asyncio
from collections import Counter

import pytest

from scopekeeper.oauth.people import Session, User
from scopekeeper.services.ports import Use
from scopekeeper.store import CachedStore, MemoryStore
from tests.fixtures import NOON, FixedClock
from tests.stores.people import a_session, a_user
from tests.stores.records import an_act
from tests.stores.stronger import a_passkey, a_recovery_code, a_totp
from tests.stores.test_conformance_factors import CHANGES


class CountedStore(MemoryStore):
    """Counts what it is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: Counter[str] = Counter()

    async def user(self, name: str) -> User | None:
        self.asked["user"] += 1
        return await super().user(name)

    async def session(self, row_id: int) -> Session | None:
        self.asked["session"] += 1
        return await super().session(row_id)


async def stocked() -> tuple[CountedStore, CachedStore, FixedClock]:
    store, clock = CountedStore(), FixedClock()
    await store.add_user(a_user(), an_act())
    await store.begin_session(a_session(10), a_user(), None, an_act())
    return store, CachedStore(store, clock), clock


async def test_a_page_that_is_asked_for_again_does_not_ask_the_store_again() -> None:
    store, cached, clock = await stocked()
    for _ in range(10):
        assert await cached.session(10) == a_session(10)
        assert await cached.user("alice") == a_user()
        clock.advance(0.1)
    assert (store.asked["session"], store.asked["user"]) == (1, 1)


async def test_what_another_process_does_to_people_is_seen_when_a_quarter_of_a_second_has_gone_by() -> None:
    store, cached, clock = await stocked()
    assert await cached.session(10) == a_session(10)
    assert await cached.user("alice") == a_user()
    edited = a_user(enabled=False, revision=1)
    await store.save_user(edited, an_act(), end_sessions=True)
    clock.advance(0.25)
    assert await cached.session(10) is None
    assert await cached.user("alice") == edited


async def test_a_sign_in_does_not_empty_the_cache() -> None:
    store, cached, clock = await stocked()
    await cached.session(10)
    await cached.begin_session(a_session(11), a_user(), None, an_act())
    clock.advance(0.25)
    await cached.session(10)
    assert store.asked["session"] == 1


async def test_a_session_that_ends_here_is_gone_at_once() -> None:
    _, cached, _ = await stocked()
    await cached.begin_session(a_session(11), a_user(), None, an_act())
    await cached.begin_session(a_session(12), a_user(), None, an_act())
    for row_id in (10, 11, 12):
        assert await cached.session(row_id) is not None
    await cached.end_session(12, an_act())
    assert await cached.session(12) is None
    await cached.begin_session(a_session(13), a_user(), 11, an_act())
    assert await cached.session(11) is None
    await cached.save_user(a_user(revision=1), an_act(), end_sessions=True, keep=13)
    assert await cached.session(10) is None
    assert await cached.user("alice") == a_user(revision=1)


@pytest.mark.parametrize("how", CHANGES)
async def test_what_changes_factors_here_or_elsewhere_is_known_at_the_next_sign_in(how: str) -> None:
    store, cached, clock = await stocked()
    for passkey in (a_passkey(10), a_passkey(12)):
        await store.add_passkey(passkey, 9, an_act())
    await store.save_totp(a_totp(), an_act())
    clock.advance(0.25)
    assert await cached.user("alice") == a_user(revision=3)
    await CHANGES[how](cached)
    assert await cached.user("alice") == a_user(revision=4)
    await store.add_passkey(a_passkey(13), 9, an_act())
    clock.advance(0.25)
    assert await cached.user("alice") == a_user(revision=5)


async def test_when_all_factors_are_forgotten_here_no_session_is_remembered() -> None:
    store, cached, _ = await stocked()
    await store.save_totp(a_totp(), an_act())
    assert await cached.session(10) == a_session(10)
    await cached.remove_factors(1, an_act())
    assert await cached.session(10) is None


async def test_with_a_first_factor_here_no_session_is_remembered_that_ended_with_it() -> None:
    for add in ("passkey", "totp"):
        store, cached, _ = await stocked()
        await store.begin_session(a_session(11), a_user(), None, an_act())
        assert await cached.session(10) == a_session(10)
        if add == "passkey":
            await cached.add_passkey(a_passkey(10), 9, an_act(), first=True, keep=11)
        else:
            await cached.save_totp(a_totp(), an_act(), first=True, keep=11)
        assert await cached.session(10) is None
        assert await cached.session(11) is not None


async def test_what_is_used_and_spent_does_not_empty_the_cache() -> None:
    store, cached, clock = await stocked()
    await store.save_totp(a_totp(), an_act())
    await store.replace_recovery_codes(1, (a_recovery_code(20),), an_act())
    clock.advance(0.25)
    await cached.user("alice")
    asked = store.asked["user"]
    assert await cached.use_totp(1, 1, NOON)
    assert await cached.use_recovery_code(1, a_recovery_code(20).digest, NOON, an_act())
    assert await cached.spend(b"one", NOON)
    clock.advance(0.25)
    await cached.user("alice")
    assert store.asked["user"] == asked


async def test_a_session_that_goes_on_under_another_cookie_is_not_remembered_under_the_old_one() -> None:
    store, cached, clock = await stocked()
    assert await cached.session(10) == a_session(10)
    here = a_session(10, digest=b"here", signed_in_at=NOON + 1)
    await cached.begin_session(here, a_user(), 10, an_act())
    assert await cached.session(10) == here
    elsewhere = a_session(10, digest=b"elsewhere", signed_in_at=NOON + 2)
    await store.begin_session(elsewhere, a_user(), 10, an_act())
    clock.advance(0.25)
    assert await cached.session(10) == elsewhere


async def test_that_a_person_was_seen_is_known_here_though_no_change_tells_of_it() -> None:
    store, cached, _ = await stocked()
    await cached.session(10)
    await cached.seen([Use(10, NOON + 60, None)])
    assert await cached.session(10) == a_session(10, last_seen_at=NOON + 60)
    assert store.asked["session"] == 1


async def test_a_session_that_is_read_while_it_ends_is_not_remembered() -> None:
    _, cached, _ = await stocked()
    await asyncio.gather(cached.session(10), cached.end_session(10, an_act()))
    assert await cached.session(10) is None


async def test_of_people_too_the_cache_keeps_no_more_than_its_bound() -> None:
    store, clock = CountedStore(), FixedClock()
    for number in range(1, 4):
        await store.add_user(a_user(number, f"user{number}"), an_act())
    cached = CachedStore(store, clock, users=2)
    for number in (1, 2, 3, 2, 3):
        await cached.user(f"user{number}")
    assert store.asked["user"] == 3
    await cached.user("user1")
    assert store.asked["user"] == 4
