"""A lock that another process holds never keeps the event loop waiting."""

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from scopekeeper.services.ports import Unavailable
from scopekeeper.store import open_sqlite
from scopekeeper.store.reader import Reader
from scopekeeper.store.slow import SLOW
from scopekeeper.store.statement import Statement
from tests.stores.records import a_client, a_token, an_act

HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute(sys.argv[2])
print("held", flush=True)
sys.stdin.read()
"""

COUNT = Statement("SELECT count(*) FROM it", ())

_NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers)"
ENDLESS = Statement(f"{_NUMBERS} SELECT count(*) FROM numbers", ())
FINITE = Statement(f"{_NUMBERS} SELECT count(*) FROM (SELECT n FROM numbers LIMIT 10)", ())


@contextmanager
def held(path: Path, begin: str) -> Iterator[subprocess.Popen[str]]:
    """Another process has begun a transaction on the database, until its standard input ends."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path), begin], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdin is not None
    assert holder.stdout is not None
    try:
        assert holder.stdout.readline() == "held\n"
        yield holder
    finally:
        holder.stdin.close()
        holder.wait()
        holder.stdout.close()


async def turns_until(task: "asyncio.Task[object]") -> int:
    """How often the loop goes round while the task is not done."""
    turns = 0
    while not task.done():
        await asyncio.sleep(0)
        turns += 1
    return turns


async def test_reads_go_on_while_another_process_writes_and_a_write_is_unavailable_in_the_end(tmp_path: Path) -> None:
    store = open_sqlite(tmp_path / "it.db", wait=0.2)
    await store.add_client(a_client(), an_act())
    await store.issue(a_token(1))
    with held(tmp_path / "it.db", "BEGIN IMMEDIATE"):
        writing = asyncio.create_task(store.issue(a_token(2)))
        changing = asyncio.create_task(store.save_client(a_client(revision=1), an_act()))
        for _ in range(100):
            assert await store.token(1) == a_token(1)
            assert await store.client("night-shift") == a_client()
        assert not writing.done()
        assert await turns_until(writing) > 100
        for task in (writing, changing):
            with pytest.raises(Unavailable):
                await task
    await store.issue(a_token(2))
    await store.close()


async def test_a_commit_that_waited_long_for_a_lock_is_told_with_what_was_in_it(tmp_path: Path) -> None:
    store = open_sqlite(tmp_path / "it.db", wait=2 * SLOW)
    with capture_logs() as logged, held(tmp_path / "it.db", "BEGIN IMMEDIATE"):
        writing = [store.issue(a_token(1)), store.add_client(a_client(), an_act()), store.revoke([1], 1, None)]
        refused = await asyncio.gather(*writing, return_exceptions=True)
    assert [type(each) for each in refused] == [Unavailable] * 3
    [slow] = logged
    assert (slow["event"], slow["rows"], slow["work"]) == ("slow commit", 1, {"add_client": 1, "revoke": 1})
    assert slow["milliseconds"] >= SLOW * 1_000
    await store.close()


async def test_a_write_that_waits_for_another_process_is_made_when_that_is_done(tmp_path: Path) -> None:
    store = open_sqlite(tmp_path / "it.db", wait=30)
    with held(tmp_path / "it.db", "BEGIN IMMEDIATE"):
        writing = asyncio.create_task(store.issue(a_token(1)))
        for _ in range(100):
            await asyncio.sleep(0)
        assert not writing.done()
    await writing
    assert await store.token(1) == a_token(1)
    await store.close()


def a_file_that_can_be_shut_to_readers(path: Path) -> Path:
    """Without WAL, who writes can shut readers out."""
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE it (id INTEGER)")
    connection.close()
    return path


async def test_a_read_that_finds_the_database_shut_is_asked_again_off_the_loop(tmp_path: Path) -> None:
    reader = Reader(a_file_that_can_be_shut_to_readers(tmp_path / "it.db"), wait=30)
    with held(tmp_path / "it.db", "BEGIN EXCLUSIVE"):
        reading = asyncio.create_task(reader.at_once(COUNT))
        for _ in range(100):
            await asyncio.sleep(0)
        assert not reading.done()
    assert await reading == [(0,)]
    await reader.close()


async def test_a_read_that_finds_the_database_shut_for_too_long_is_unavailable(tmp_path: Path) -> None:
    reader = Reader(a_file_that_can_be_shut_to_readers(tmp_path / "it.db"), wait=0.1)
    with held(tmp_path / "it.db", "BEGIN EXCLUSIVE"):
        reading = asyncio.create_task(reader.at_once(COUNT))
        assert await turns_until(reading) > 10
        with pytest.raises(Unavailable):
            await reading
    await reader.close()


async def test_what_another_process_committed_is_read_at_once(tmp_path: Path) -> None:
    here, there = open_sqlite(tmp_path / "it.db"), open_sqlite(tmp_path / "it.db")
    await there.add_client(a_client(), an_act())
    await there.issue(a_token(1))
    assert await here.client("night-shift") == a_client()
    assert await here.token(1) == a_token(1)
    await asyncio.gather(*(store.issue(a_token(id)) for id in range(2, 40) for store in ((here, there)[id % 2],)))
    assert [row_id for row_id in range(1, 40) if await here.token(row_id) is None] == []
    await here.close()
    await there.close()


async def test_a_damaged_database_is_unavailable_and_not_a_mistake_of_ours(tmp_path: Path) -> None:
    store = open_sqlite(tmp_path / "it.db")
    with sqlite3.connect(tmp_path / "it.db") as connection:
        connection.execute("DROP TABLE tokens")
    connection.close()
    with pytest.raises(Unavailable):
        await store.token(1)
    with pytest.raises(Unavailable):
        await store.issue(a_token(1))
    await store.close()


async def test_a_search_that_takes_too_long_is_given_up_and_the_next_is_answered(tmp_path: Path) -> None:
    await open_sqlite(tmp_path / "it.db").close()
    reader = Reader(tmp_path / "it.db", patience=0.05)
    for _ in range(3):
        with pytest.raises(Unavailable, match="ask for less"):
            await reader.search(ENDLESS)
    assert await reader.search(FINITE) == await reader.aside(FINITE) == [(10,)]
    await reader.close()
