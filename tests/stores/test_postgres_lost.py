"""Connections to PostgreSQL that are lost, refused or slow: Unavailable, then well again without a restart."""

import asyncio
from collections.abc import AsyncIterator, Sized
from contextlib import asynccontextmanager

import pytest

from scopekeeper.services.ports import Unavailable
from scopekeeper.settings import PostgresDatabase
from scopekeeper.store import SqlStore, open_store
from scopekeeper.store.postgres.connection import Connections, connect
from scopekeeper.store.postgres.reader import PostgresReader
from scopekeeper.store.statement import Statement
from tests.fixtures import NOON
from tests.postgres import Postgres, name_of, postgres, tell
from tests.stores.families import a_family, a_refresh_token, grant
from tests.stores.records import a_client, a_token, an_act
from tests.waiting import until

SLEEP = Statement("SELECT pg_sleep(30)", ())
ONE = Statement("SELECT 1", ())


async def _grown(issued: Sized) -> None:
    """Wait until some more are there."""
    goal = len(issued) + 20
    await asyncio.to_thread(until, lambda: len(issued) >= goal)


@asynccontextmanager
async def opened(database: PostgresDatabase) -> AsyncIterator[SqlStore]:
    store = open_store(database)
    try:
        yield store
    finally:
        await store.close()


def send_away(database: PostgresDatabase) -> None:
    """End every connection of a store, as an administrator may."""
    postgres().tell(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        f" WHERE datname = '{name_of(database)}' AND application_name = 'scopekeeper'",
        to="postgres",
    )


async def test_connections_that_were_ended_while_nobody_used_them_are_made_anew(made: PostgresDatabase) -> None:
    async with opened(made) as store:
        await store.issue(a_token(1))
        await asyncio.gather(*(store.token(1) for _ in range(8)))
        await asyncio.to_thread(send_away, made)
        assert await store.token(1) == a_token(1)
        await store.issue(a_token(2))
        await grant(store, a_family(3))


async def test_under_load_each_answer_holds_and_each_refusal_is_unavailable(made: PostgresDatabase) -> None:
    async with opened(made) as store:
        await store.begin_family(a_family(1), a_token(1, family_id=1), a_refresh_token(1, 1), None, None)
        issued: list[int] = []
        refused: list[Exception] = []
        done = asyncio.Event()

        async def issue(first: int) -> None:
            row_id = first
            while not done.is_set():
                row_id += 8
                try:
                    await store.issue(a_token(row_id))
                    issued.append(row_id)
                    assert await store.token(row_id) is not None
                except Unavailable as away:
                    refused.append(away)

        async def rotate() -> int:
            row_id = 1
            while not done.is_set():
                following = a_refresh_token(1_000_000 + row_id, 1)
                try:
                    await store.rotate(
                        a_refresh_token(row_id, 1), NOON, following, b"", a_token(following.id, family_id=1)
                    )
                except Unavailable:
                    found = await store.refresh_token(row_id)
                    assert found is not None
                    if found[0].successor is None:
                        continue
                row_id = following.id
            return row_id

        rotating = asyncio.create_task(rotate())
        issuing = [asyncio.create_task(issue(100 + each)) for each in range(8)]
        for _ in range(5):
            await _grown(issued)
            await asyncio.to_thread(send_away, made)
        await _grown(issued)
        done.set()
        await asyncio.gather(*issuing)
        last = await rotating
        rows = {row_id for (row_id,) in tell(made, "SELECT id FROM tokens WHERE id < 1000000")}
        assert rows >= set(issued)
        unspent = "SELECT id FROM refresh_tokens WHERE spent_at IS NULL AND family_id = 1"
        assert tell(made, unspent) == [(last,)]  # the last: none was spent twice, none was lost on the way


async def test_a_server_that_is_away_is_unavailable_until_it_is_back() -> None:
    server = Postgres()
    try:
        server.start()
        server.make_template()
        store = open_store(server.make())
        await store.issue(a_token(1))
        await asyncio.to_thread(server.stop)
        for _ in range(2):
            with pytest.raises(Unavailable):
                await store.token(1)
            with pytest.raises(Unavailable):
                await store.issue(a_token(2))
            with pytest.raises(Unavailable):
                await store.changes()
        await asyncio.to_thread(server.start)
        assert await store.token(1) == a_token(1)
        await store.issue(a_token(2))
        await store.close()
    finally:
        server.remove()


async def test_a_database_that_takes_nobody_in_is_unavailable(made: PostgresDatabase) -> None:
    async with opened(made) as store:
        await store.issue(a_token(1))
        postgres().tell(f"ALTER DATABASE {name_of(made)} ALLOW_CONNECTIONS false", to="postgres")
        await asyncio.to_thread(send_away, made)
        with pytest.raises(Unavailable, match="not currently accepting connections"):
            await store.token(1)
        postgres().tell(f"ALTER DATABASE {name_of(made)} ALLOW_CONNECTIONS true", to="postgres")
        assert await store.token(1) == a_token(1)


async def test_a_search_that_takes_too_long_is_given_up_and_the_next_is_answered(made: PostgresDatabase) -> None:
    connections = Connections(made, 100, 2)
    reader = PostgresReader(connections, patience=0.05)
    for _ in range(3):
        with pytest.raises(Unavailable, match="ask for less"):
            await reader.search(SLEEP)
    assert [tuple(row) for row in await reader.search(ONE)] == [(1,)]
    await reader.close()


async def test_a_reader_whose_request_is_cancelled_leaves_no_connection_in_doubt(made: PostgresDatabase) -> None:
    reader = PostgresReader(Connections(made, 100, 1))
    for _ in range(3):
        waiting = asyncio.create_task(reader.aside(SLEEP))
        await asyncio.sleep(0.05)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert [tuple(row) for row in await reader.at_once(ONE)] == [(1,)]
    await reader.close()


async def test_a_table_that_is_gone_is_unavailable_and_not_a_mistake_of_ours(made: PostgresDatabase) -> None:
    async with opened(made) as store:
        await store.issue(a_token(1))
        tell(made, "DROP TABLE tokens")
        with pytest.raises(Unavailable):
            await store.token(1)
        with pytest.raises(Unavailable):
            await store.issue(a_token(2))


async def test_a_table_that_changes_while_statements_are_kept_is_read_on(made: PostgresDatabase) -> None:
    async with opened(made) as store:
        await store.add_client(a_client(), an_act())
        for _ in range(3):
            assert await store.client("night-shift") == a_client()
        tell(made, "ALTER TABLE applications ADD COLUMN later TEXT")
        assert await store.client("night-shift") == a_client()
        await store.save_client(a_client(name="new", revision=1), an_act())


async def test_a_row_that_another_transaction_holds_is_waited_for(made: PostgresDatabase) -> None:
    async with opened(made) as store:
        await store.add_client(a_client(), an_act())
        other = await connect(made)
        async with other.transaction():
            await other.execute("UPDATE changes SET number = number + 1")
            saving = asyncio.create_task(store.save_client(a_client(name="new", revision=1), an_act()))
            await asyncio.sleep(0.1)
            assert not saving.done()
            assert await store.client("night-shift") == a_client()
        await saving  # the other one came between: it was done again
        await other.close()


async def test_text_that_postgresql_cannot_keep_is_found_nowhere(made: PostgresDatabase) -> None:
    async with opened(made) as store:
        await store.add_client(a_client("a"), an_act())
        assert await store.client("a\0") is None
        assert await store.user("a\0b") is None
        assert await store.clients(after="a\0") == ()
        assert [each.client_id for each in await store.clients(after="\0")] == ["a"]
