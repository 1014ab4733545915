"""The four promises of a group commit: losers, errors, failing commits and cancelled waiters, each by itself."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from scopekeeper.services.ports import Gone, Stale, Taken, Unavailable
from scopekeeper.settings import Database, SqliteFile
from scopekeeper.store import SqlStore, open_sqlite, open_store
from scopekeeper.store.connection import DIALECT, connect
from scopekeeper.store.rows import secret_row, token_row
from scopekeeper.store.schema import ready
from scopekeeper.store.sqlite_transaction import SqliteTransaction
from scopekeeper.store.statements import Statements
from scopekeeper.store.transaction import Transaction
from scopekeeper.store.writer import Writer
from tests.fixtures import NOON
from tests.postgres import tell
from tests.stores.families import a_device, a_family, a_refresh_token, grant
from tests.stores.records import a_client, a_secret, a_token, an_act


def a_writer(path: Path) -> Writer:
    ready(path)
    return Writer(SqliteTransaction(connect(path, wait=1), Statements(DIALECT)))


def connection_of(t: Transaction) -> sqlite3.Connection:
    assert isinstance(t, SqliteTransaction)
    return t.connection


def rows_in(database: Database, table: str) -> int:
    query = f"SELECT count(*) FROM {table}"
    if not isinstance(database, SqliteFile):
        ((count,),) = tell(database, query)
        return int(count)
    with closing(connect(database.path, wait=1, read_only=True)) as connection:
        (count,) = connection.execute(query).fetchone()
        return int(count)


async def test_a_loser_in_a_group_writes_nothing(database: Database) -> None:
    store = open_store(database)
    await store.add_client(a_client(), an_act("application.add"))
    winner, loser, token = await asyncio.gather(
        store.save_client(a_client(name="winner", revision=1), an_act("won")),
        store.save_client(a_client(name="loser", revision=1), an_act("lost")),
        store.issue(a_token(1)),
        return_exceptions=True,
    )
    assert (winner, type(loser), token) == (None, Stale, None)
    assert await store.client("night-shift") == a_client(name="winner", revision=1)
    assert [act.action for act in await store.acts()] == ["won", "application.add"]
    await store.close()


async def test_an_unexpected_error_rolls_back_what_its_own_decision_wrote_and_no_more(database: Database) -> None:
    store = open_store(database)
    twice = an_act("application.add")
    before = await store.changes()
    results = await asyncio.gather(
        store.add_client(a_client("first"), twice),
        store.add_client(a_client("second", a_secret(2, "second")), twice),  # its last statement is refused
        store.add_client(a_client("third"), an_act()),
        store.issue(a_token(1)),
        return_exceptions=True,
    )
    assert [type(result).__name__ for result in results] == ["NoneType", "AssertionError", "NoneType", "NoneType"]
    assert [client.client_id for client in await store.clients()] == ["first", "third"]
    assert rows_in(database, "secrets") == 0
    assert await store.changes() == before + 2
    assert await store.token(1) is not None
    await store.close()


async def test_a_commit_that_fails_fails_every_waiter_and_nothing_is_answered(tmp_path: Path) -> None:
    path = tmp_path / "it.db"
    writer = a_writer(path)

    def break_the_commit(t: Transaction) -> None:
        """A secret of nobody, which the database finds out when it commits."""
        connection_of(t).execute("PRAGMA defer_foreign_keys = ON")
        t.run(t.sql.add_secret, **secret_row(a_secret(1, "nobody")))

    def raise_stale(_: Transaction) -> None:
        raise Stale

    results = await asyncio.gather(
        writer.insert(token_row(a_token(1))),
        writer.commit(lambda t: t.run(t.sql.raise_changes)),
        writer.commit(break_the_commit),
        writer.commit(raise_stale),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [Unavailable] * 4
    assert (rows_in(SqliteFile(path), "tokens"), rows_in(SqliteFile(path), "secrets")) == (0, 0)
    await writer.insert(token_row(a_token(2)))
    assert rows_in(SqliteFile(path), "tokens") == 1
    await writer.close()


async def test_a_transaction_that_the_database_gives_up_is_lost_for_everybody(tmp_path: Path) -> None:
    path = tmp_path / "it.db"
    writer = a_writer(path)

    def give_up(t: Transaction) -> None:
        connection_of(t).execute("ROLLBACK")
        raise RuntimeError("as it happens where the disk is full")

    results = await asyncio.gather(writer.insert(token_row(a_token(1))), writer.commit(give_up), return_exceptions=True)
    assert [type(result) for result in results] == [Unavailable] * 2
    assert rows_in(SqliteFile(path), "tokens") == 0
    await writer.close()


async def test_a_cancelled_waiter_disturbs_nobody_and_its_commit_is_whole(database: Database) -> None:
    store = open_store(database)
    tasks = [asyncio.create_task(store.issue(a_token(row_id))) for row_id in range(1, 6)]
    change = asyncio.create_task(store.add_client(a_client("night-shift", a_secret(1)), an_act()))
    await asyncio.sleep(0)
    tasks[2].cancel()
    change.cancel()
    results = await asyncio.gather(*tasks, change, return_exceptions=True)
    assert [type(result) for result in results] == [
        *[type(None)] * 2,
        asyncio.CancelledError,
        *[type(None)] * 2,
        asyncio.CancelledError,
    ]
    await store.issue(a_token(9))
    assert len(await store.tokens(now=NOON)) == 6
    assert await store.client("night-shift") == a_client("night-shift", a_secret(1))
    await store.close()


async def test_what_gathers_in_one_turn_of_the_loop_is_one_transaction(tmp_path: Path) -> None:
    writer = a_writer(tmp_path / "it.db")
    seen = await asyncio.gather(
        *(writer.commit(lambda t: (t.run(t.sql.raise_changes), t.rows(t.sql.changes))[1]) for _ in range(5)),
        writer.commit(lambda t: connection_of(t).in_transaction),
    )
    assert seen == [[(each,)] for each in range(2, 7)] + [True]
    await writer.close()


@pytest.mark.parametrize("many", [1, 64, 65, 500])
async def test_a_crowd_of_tokens_larger_than_one_statement_is_inserted_whole(database: Database, many: int) -> None:
    store: SqlStore = open_store(database)
    await asyncio.gather(*(store.issue(a_token(row_id)) for row_id in range(1, many + 1)))
    assert rows_in(database, "tokens") == many
    await store.close()


def test_a_loop_that_ends_under_its_waiters_leaves_a_writer_that_goes_on(tmp_path: Path) -> None:
    store = open_sqlite(tmp_path / "it.db")

    async def leave_at_once() -> None:
        asyncio.get_running_loop().call_soon(asyncio.create_task(store.issue(a_token(1))).cancel)
        await asyncio.sleep(0)

    asyncio.run(leave_at_once())

    async def come_again() -> None:
        await store.close()

    asyncio.run(come_again())


async def test_a_row_that_is_there_already_is_told_to_whoever_added_it_and_others_are_kept(
    database: Database,
) -> None:
    store = open_store(database)
    await grant(store, a_family(2))
    results = await asyncio.gather(
        grant(store, a_family(1)),
        grant(store, a_family(2)),
        store.rotate(a_refresh_token(404, 404), 1, a_refresh_token(9, 404), b"", a_token(9)),  # it lost, and is told
        grant(store, a_family(3)),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [type(None), Taken, Gone, type(None)]
    assert (rows_in(database, "families"), rows_in(database, "tokens")) == (3, 3)
    await store.close()


async def test_what_decisions_of_one_group_add_is_there_for_those_that_look_for_it(database: Database) -> None:
    store = open_store(database)
    _, revoked, _ = await asyncio.gather(
        grant(store, a_family(1)), store.revoke_family(1, NOON, None), grant(store, a_family(2))
    )
    assert revoked is True
    family = await store.family(1)
    assert family
    assert family.revoked_at == NOON
    await store.close()


async def test_what_a_decision_wrote_before_it_was_refused_is_undone_whatever_others_add(database: Database) -> None:
    store = open_store(database)
    await store.add_client(a_client("night-shift", a_secret(1)), an_act())
    results = await asyncio.gather(
        store.add_device(a_device(7)),  # as many rows as the next one changes
        store.end_secret("night-shift", 1, NOON, an_act()),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [type(None), Stale]
    assert await store.client("night-shift") == a_client("night-shift", a_secret(1))
    assert await store.device(7) == a_device(7)
    await store.close()


@pytest.mark.parametrize("many", [64, 65, 200])
async def test_a_crowd_of_grants_larger_than_one_statement_is_kept_whole(database: Database, many: int) -> None:
    store = open_store(database)
    await asyncio.gather(*(grant(store, a_family(row_id)) for row_id in range(1, many + 1)))
    assert (rows_in(database, "families"), rows_in(database, "tokens")) == (many, many)
    await store.close()
