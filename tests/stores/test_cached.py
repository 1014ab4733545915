"""What the cache promises: nothing old, nothing unconfirmed, and few questions to the store behind it."""

import asyncio
from collections import Counter, defaultdict

import pytest

from scopekeeper.oauth.records import Client, Token
from scopekeeper.services.ports import Unavailable
from scopekeeper.store import CachedStore, MemoryStore
from tests.fixtures import NOON, FixedClock
from tests.stores.records import a_client, a_token, an_act


class WatchedStore(MemoryStore):
    """A store in memory that counts what it is asked, can be away, can be slow, and can be stopped in a read."""

    def __init__(self, clock: FixedClock) -> None:
        super().__init__()
        self.asked: Counter[str] = Counter()
        self.heard: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.away = False
        self.slow_by = 0.0
        self.gate: asyncio.Event | None = None
        self._clock = clock

    async def changes(self) -> int:
        self._hear("changes")
        await asyncio.sleep(0)
        self._clock.advance(self.slow_by)
        if self.away:
            raise Unavailable
        return await super().changes()

    async def client(self, client_id: str) -> Client | None:
        self._hear("client")
        found = await super().client(client_id)
        if self.gate is not None:
            await self.gate.wait()
        return found

    async def token(self, row_id: int) -> Token | None:
        self._hear("token")
        return await super().token(row_id)

    def _hear(self, what: str) -> None:
        self.asked[what] += 1
        self.heard[what].set()


async def a_stocked_store() -> tuple[WatchedStore, FixedClock]:
    clock = FixedClock()
    store = WatchedStore(clock)
    await store.add_client(a_client(), an_act())
    await store.issue(a_token(1))
    return store, clock


async def test_what_was_read_once_is_not_asked_for_again() -> None:
    store, clock = await a_stocked_store()
    cached = CachedStore(store, clock)
    for _ in range(10):
        assert await cached.client("night-shift") == a_client()
        assert await cached.token(1) == a_token(1)
        clock.advance(0.1)
    assert (store.asked["client"], store.asked["token"]) == (1, 1)
    assert store.asked["changes"] == 4


async def test_the_change_of_another_process_is_seen_when_a_quarter_of_a_second_has_gone_by() -> None:
    store, clock = await a_stocked_store()
    cached = CachedStore(store, clock)
    assert await cached.token(1) == a_token(1)
    assert await cached.client("night-shift") == a_client()
    await store.revoke([1], NOON, None)
    await store.save_client(a_client(enabled=False, revision=1), an_act())
    clock.advance(0.249)
    assert await cached.token(1) == a_token(1)
    clock.advance(0.001)
    assert await cached.token(1) == a_token(1, revoked_at=NOON)
    assert await cached.client("night-shift") == a_client(enabled=False, revision=1)


async def test_a_change_of_another_process_that_is_heard_of_is_seen_at_the_next_request() -> None:
    store, clock = await a_stocked_store()
    cached = CachedStore(store, clock)
    assert await cached.token(1) == a_token(1)
    clock.advance(0.1)
    await store.revoke([1], NOON, None)
    cached.hear()
    assert await cached.token(1) == a_token(1, revoked_at=NOON)


async def test_who_hears_of_changes_all_the_time_looks_every_25_ms() -> None:
    store, clock = await a_stocked_store()
    cached = CachedStore(store, clock)
    for _ in range(1_000):
        cached.hear()
        await cached.token(1)
        clock.advance(0.001)
    assert store.asked["changes"] == 40
    await cached.token(1)
    for _ in range(10):
        clock.advance(0.024)
        await cached.token(1)
    assert store.asked["changes"] == 41


async def test_a_change_that_is_heard_of_during_a_look_is_looked_for_again() -> None:
    store, clock = await a_stocked_store()
    cached = CachedStore(store, clock)
    await cached.token(1)
    clock.advance(0.25)
    looking = asyncio.create_task(cached.token(1))
    store.heard["changes"].clear()
    await store.heard["changes"].wait()
    cached.hear()
    assert await looking == a_token(1)
    await store.revoke([1], NOON, None)
    clock.advance(0.025)
    assert await cached.token(1) == a_token(1, revoked_at=NOON)


async def test_who_is_about_to_refuse_does_not_rely_on_a_look_that_began_before() -> None:
    class Late(WatchedStore):
        """What it answers of changes is on its way for a while."""

        on_its_way: asyncio.Event | None = None

        async def changes(self) -> int:
            found = await super().changes()
            if self.on_its_way is not None:
                await self.on_its_way.wait()
            return found

    clock = FixedClock()
    store = Late(clock)
    cached = CachedStore(store, clock)
    assert await cached.client("night-shift") is None
    clock.advance(0.3)
    store.on_its_way = asyncio.Event()
    store.heard["changes"].clear()
    looking = asyncio.create_task(cached.client("night-shift"))
    await store.heard["changes"].wait()
    await asyncio.sleep(0)
    await store.add_client(a_client(), an_act())
    caught_up = asyncio.create_task(cached.catch_up())
    await asyncio.sleep(0)
    store.on_its_way.set()
    assert await caught_up
    await looking


async def test_a_look_that_fails_is_taken_again_though_nothing_more_is_heard() -> None:
    store, clock = await a_stocked_store()
    cached = CachedStore(store, clock)
    await cached.token(1)
    clock.advance(0.025)
    cached.hear()
    store.away = True
    with pytest.raises(Unavailable):
        await cached.token(1)
    store.away = False
    await store.revoke([1], NOON, None)
    assert await cached.token(1) == a_token(1, revoked_at=NOON)


async def test_a_change_of_ones_own_is_seen_at_once() -> None:
    store, clock = await a_stocked_store()
    cached = CachedStore(store, clock)
    await store.issue(a_token(2))
    assert await cached.token(1) == a_token(1)
    assert await cached.token(2) == a_token(2)
    assert await cached.client("night-shift") == a_client()
    await cached.revoke([1], NOON, None)
    assert await cached.token(1) == a_token(1, revoked_at=NOON)
    await cached.save_client(a_client(name="new", revision=1), an_act())
    assert await cached.client("night-shift") == a_client(name="new", revision=1)
    await cached.compromise("night-shift", None, an_act())
    found = await cached.client("night-shift")
    assert found is not None
    assert found.generation == 1
    await cached.remove_client("night-shift", an_act())
    assert await cached.client("night-shift") is None
    assert await cached.token(2) is None


async def test_a_change_that_fails_is_forgotten_too_for_nobody_knows_how_far_it_got() -> None:
    store, clock = await a_stocked_store()
    cached = CachedStore(store, clock)
    await cached.client("night-shift")
    await store.save_client(a_client(name="new", revision=1), an_act())
    with pytest.raises(Exception, match="edited meanwhile"):
        await cached.save_client(a_client(revision=1), an_act())
    assert await cached.client("night-shift") == a_client(name="new", revision=1)


async def test_nothing_is_served_that_cannot_be_confirmed() -> None:
    store, clock = await a_stocked_store()
    cached = CachedStore(store, clock)
    await cached.token(1)
    store.away = True
    clock.advance(0.249)
    assert await cached.token(1) == a_token(1)
    clock.advance(0.001)
    for _ in range(2):
        with pytest.raises(Unavailable):
            await cached.token(1)
        with pytest.raises(Unavailable):
            await cached.client("night-shift")
    store.away = False
    assert await cached.token(1) == a_token(1)


async def test_nothing_is_served_that_was_confirmed_a_second_ago() -> None:
    store, clock = await a_stocked_store()
    cached = CachedStore(store, clock)
    await cached.token(1)
    clock.advance(0.25)
    store.slow_by = 0.9
    assert await cached.token(1) == a_token(1)
    store.slow_by = 1.0
    with pytest.raises(Unavailable):
        await cached.token(1)


async def test_a_clock_that_is_set_back_is_not_believed() -> None:
    store, clock = await a_stocked_store()
    cached = CachedStore(store, clock)
    await cached.token(1)
    await store.revoke([1], NOON, None)
    clock.advance(-3600)
    assert await cached.token(1) == a_token(1, revoked_at=NOON)


async def test_that_something_is_not_there_is_not_remembered() -> None:
    store, clock = await a_stocked_store()
    cached = CachedStore(store, clock)
    assert await cached.token(2) is None
    assert await cached.client("new") is None
    await store.issue(a_token(2))
    await store.add_client(a_client("new"), an_act())
    assert await cached.token(2) == a_token(2)
    assert await cached.client("new") == a_client("new")


async def test_what_was_read_before_a_change_is_not_remembered_after_it() -> None:
    store, clock = await a_stocked_store()
    cached = CachedStore(store, clock)
    store.gate = asyncio.Event()
    reading = asyncio.create_task(cached.client("night-shift"))
    await store.heard["client"].wait()
    await cached.save_client(a_client(name="new", revision=1), an_act())
    store.gate.set()
    assert await reading == a_client()
    assert await cached.client("night-shift") == a_client(name="new", revision=1)


async def test_a_crowd_that_comes_together_looks_once() -> None:
    store, clock = await a_stocked_store()
    cached = CachedStore(store, clock)
    await asyncio.gather(*(cached.token(1) for _ in range(50)))
    assert store.asked["changes"] == 1
    store.away = True
    clock.advance(1)
    results = await asyncio.gather(*(cached.token(1) for _ in range(50)), return_exceptions=True)
    assert {type(result) for result in results} == {Unavailable}
    assert store.asked["changes"] == 2


async def test_a_request_that_is_cancelled_leaves_the_look_to_the_others() -> None:
    store, clock = await a_stocked_store()
    cached = CachedStore(store, clock)
    first, second = (asyncio.create_task(cached.token(1)) for _ in range(2))
    await store.heard["changes"].wait()
    first.cancel()
    assert await second == a_token(1)


async def test_row_57_the_cache_keeps_what_was_used_last_and_no_more_than_its_bound() -> None:
    store, clock = await a_stocked_store()
    cached = CachedStore(store, clock, clients=2, tokens=2)
    for row_id in (2, 3):
        await store.issue(a_token(row_id))
        await store.add_client(a_client(str(row_id)), an_act())
    for row_id in (1, 2, 1, 3, 1):
        await cached.token(row_id)
    assert store.asked["token"] == 3
    await cached.token(2)
    assert store.asked["token"] == 4
    for client_id in ("night-shift", "2", "3", "night-shift"):
        await cached.client(client_id)
    assert store.asked["client"] == 4
