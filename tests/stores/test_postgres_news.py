"""Processes that share a PostgreSQL database tell each other of changes; and nothing depends on that."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

import pytest
from structlog.testing import capture_logs

from scopekeeper.services.ports import Unavailable
from scopekeeper.settings import PostgresDatabase
from scopekeeper.store import CachedStore, SqlStore, open_store
from scopekeeper.store.postgres.news import News
from tests.between import between
from tests.fixtures import NOON, FixedClock
from tests.postgres import Postgres, name_of, postgres
from tests.stores.records import a_client, a_token, an_act

PATIENCE: Final = 20.0
"""Seconds that something may take that happens by itself."""

AT_ONCE: Final = 2.0
"""Seconds: less than anybody is patient with a connection."""

UNHEARD: Final = "this database tells nobody of changes: they are looked for"


class Ear:
    """Counts what it hears."""

    def __init__(self) -> None:
        self.heard = 0

    def __call__(self) -> None:
        self.heard += 1

    async def hears(self, times: int) -> None:
        """Wait until it has heard so often."""
        await eventually(lambda: self.heard >= times)


async def eventually(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110 - what is logged sets no event
            await asyncio.sleep(0.005)


@asynccontextmanager
async def listening(database: PostgresDatabase) -> AsyncIterator[tuple[SqlStore, Ear]]:
    """A store that listens. It has heard something by then: whatever was told before it could hear."""
    store, ear = open_store(database), Ear()
    store.hear(ear)
    try:
        await ear.hears(1)
        yield store, ear
    finally:
        await store.close()


@asynccontextmanager
async def deaf(database: PostgresDatabase) -> AsyncIterator[SqlStore]:
    """A store that tried to listen in vain, and said so."""
    store, ear = open_store(database), Ear()
    with capture_logs() as logged:
        store.hear(ear)
        await eventually(lambda: bool(logged))
    assert [(each["event"], each["log_level"]) for each in logged] == [(UNHEARD, "info")]
    try:
        yield store
    finally:
        await store.close()
    assert ear.heard == 0


async def change(store: SqlStore) -> None:
    """Change something that a cache could hide."""
    keys = await store.keys()
    await store.save_keys(keys, keys, None)


def send_away(database: PostgresDatabase) -> int:
    """End every connection of all stores; how many there were."""
    return len(
        postgres().tell(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name_of(database)}'",
            to="postgres",
        )
    )


async def test_a_change_in_one_process_is_heard_in_each_other_and_not_in_itself(made: PostgresDatabase) -> None:
    async with AsyncExitStack() as stack:
        (one, own), *others = [await stack.enter_async_context(listening(made)) for _ in range(3)]
        await change(one)
        for _, ear in others:
            await ear.hears(2)
        assert own.heard == 1


async def test_nothing_is_told_of_what_no_cache_hides(made: PostgresDatabase) -> None:
    async with listening(made) as (one, _), listening(made) as (_, ear):
        await asyncio.gather(*(one.issue(a_token(row_id)) for row_id in range(1, 50)))
        await one.used([], [], [an_act()])
        await asyncio.sleep(0.1)
        assert ear.heard == 1
        await change(one)
        await ear.hears(2)


async def test_a_token_revoked_elsewhere_is_dead_as_soon_as_it_is_heard(made: PostgresDatabase) -> None:
    clock = FixedClock()
    async with listening(made) as (one, _), listening(made) as (other, ear):
        cached = CachedStore(other, clock)
        await one.issue(a_token(1))
        assert await cached.token(1) == a_token(1)
        await one.revoke([1], NOON, None)
        await ear.hears(2)
        clock.advance(0.025)
        assert await cached.token(1) == a_token(1)  # nobody told the cache, and its time has not come
        cached.hear()
        assert await cached.token(1) == a_token(1, revoked_at=NOON)


async def test_many_changes_are_told_by_few_notices(made: PostgresDatabase) -> None:
    async with listening(made) as (one, _), listening(made) as (_, ear):
        began = time.monotonic()
        for _ in range(100):
            await change(one)
        await ear.hears(2)
        await asyncio.sleep(0.1)
        assert ear.heard <= 3 + (time.monotonic() - began) / 0.01
        assert ear.heard < 100


async def test_what_is_changed_last_before_the_end_is_told(made: PostgresDatabase) -> None:
    async with listening(made) as (_, ear):
        for times in range(2, 7):
            async with listening(made) as (one, _):
                await change(one)
            await ear.hears(times)


async def test_a_connection_that_was_ended_is_made_again_and_hears_again(made: PostgresDatabase) -> None:
    async with listening(made) as (one, own), listening(made) as (_, ear):
        for _ in range(3):
            before = own.heard, ear.heard
            assert await asyncio.to_thread(send_away, made) >= 2
            await own.hears(before[0] + 1)
            await ear.hears(before[1] + 1)
            await change(one)
            await ear.hears(before[1] + 2)


async def test_while_the_database_is_away_nothing_is_kept_waiting_and_afterwards_it_is_heard_again() -> None:
    server = Postgres()
    try:
        server.start()
        server.make_template()
        made = server.make()
        async with listening(made) as (one, own), listening(made) as (_, ear), listening(made) as (third, _):
            with capture_logs() as logged:
                await asyncio.to_thread(server.stop)
                for store in (one, third):
                    with pytest.raises(Unavailable):
                        await store.changes()
                await asyncio.sleep(1)
            assert {each["log_level"] for each in logged} == {"info"}
            assert len(logged) == 3  # each says it once, however often it tries
            async with asyncio.timeout(AT_ONCE):
                await third.close()
            await asyncio.to_thread(server.start)
            await own.hears(2)
            await ear.hears(2)
            await change(one)
            await ear.hears(3)
    finally:
        server.remove()


async def test_a_line_that_is_dead_keeps_no_close_waiting(made: PostgresDatabase) -> None:
    with between(made) as line:
        news, ear = News(line.database, pinned=False), Ear()
        news.hear(ear)
        await ear.hears(1)
        line.dead = True
        news.tell()
        await asyncio.sleep(0.05)
        async with asyncio.timeout(AT_ONCE):
            await news.close()


async def test_a_store_that_is_closed_while_it_connects_is_closed_at_once(made: PostgresDatabase) -> None:
    with between(made) as line:
        store = open_store(line.database)
        line.dead = True
        store.hear(Ear())
        await asyncio.sleep(0.05)
        async with asyncio.timeout(AT_ONCE):
            await store.close()


async def test_a_database_that_knows_no_listen_is_as_good_as_before(made: PostgresDatabase) -> None:
    with between(made) as line:
        line.deaf = True
        async with deaf(line.database) as store:
            for _ in range(3):
                await change(store)
            await store.add_client(a_client(), an_act())
            assert await store.client("night-shift") == a_client()
        assert sum(b"LISTEN" in said for said in line.asked) == 1
        assert not any(b"NOTIFY" in said for said in line.asked)


async def test_where_every_statement_is_in_a_transaction_nobody_listens(made: PostgresDatabase) -> None:
    pinned = PostgresDatabase(made.url, 0)
    async with deaf(pinned) as store, listening(made) as (_, ear):
        await change(store)
        await asyncio.sleep(0.1)
        assert ear.heard == 1
