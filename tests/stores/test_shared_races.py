"""What holds over all processes, tried by several connections and by two processes at once, on either database."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager

import pytest

from scopekeeper.services.ports import Store
from scopekeeper.settings import Database, PostgresDatabase, SqliteFile
from scopekeeper.store import open_store
from tests.fixtures import NOON
from tests.stores.people import a_session, a_user
from tests.stores.records import an_act

NOW = NOON * 1_000
ONE, MOST = 6_000, 180_000
"""Thirty fit in."""

LENGTH = 10_000

RUNNER = f"""
import asyncio, os, sys
from pathlib import Path
from scopekeeper.settings import PostgresDatabase, SqliteFile
from scopekeeper.store import open_store
from scopekeeper.web.logbook import open_logbook

open_logbook("error", "text")  # to standard error: standard output is for what was done

def tries_of(store, what):
    if what == "turns":
        return [store.turn(f"turn {{each}}", str(os.getpid()), {NOW}, {LENGTH}) for each in range(40)]
    if what == "spend":
        return [store.spend(bytes([each]), {NOON}) for each in range(40)]
    fills = [store.fill("a", {NOW}, {ONE}, {MOST}) for _ in range(200)]
    return fills if what == "fill" else fills + [store.sweep_buckets({NOW}, 10) for _ in range(5)]

async def main(kind, where, what):
    store = open_store(SqliteFile(Path(where)) if kind == "file" else PostgresDatabase(where))
    await store.changes()
    print("ready", flush=True)
    sys.stdin.readline()
    told = await asyncio.gather(*tries_of(store, what))
    print(*[int(getattr(each, "done", each)) for each in told])
    await store.close()

asyncio.run(main(*sys.argv[1:]))
"""


@asynccontextmanager
async def several(database: Database) -> AsyncIterator[Sequence[Store]]:
    """Four stores on one database, each with connections of its own."""
    stores = [open_store(database) for _ in range(4)]
    try:
        yield stores
    finally:
        for store in stores:
            await store.close()


def two_processes(database: Database, what: str) -> list[list[int]]:
    """What these tries were told in each of two processes, which begin together."""
    asyncio.run(open_store(database).close())
    if isinstance(database, PostgresDatabase):
        given = ("server", database.url)
    else:
        assert isinstance(database, SqliteFile)
        given = ("file", str(database.path))
    with ExitStack() as stack:
        both = [stack.enter_context(begun(*given, what)) for _ in range(2)]
        assert [each.stdout.readline() for each in both if each.stdout] == ["ready\n"] * 2
        for each in both:
            assert each.stdin
            each.stdin.write("go\n")
            each.stdin.flush()
        return [[int(word) for word in each.communicate(timeout=60)[0].split()] for each in both]


@contextmanager
def begun(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", RUNNER, *arguments], stdin=pipe, stdout=pipe, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


async def test_of_a_crowd_on_several_connections_as_many_pass_as_there_is_room(database: Database) -> None:
    async with several(database) as stores:
        told = await asyncio.gather(*(stores[each % 4].fill("a", NOW, ONE, MOST) for each in range(200)))
        assert sum(each.done for each in told) == 30
        await asyncio.gather(*(store.give_back("a", ONE) for store in stores))
        told = await asyncio.gather(*(stores[each % 4].fill("a", NOW, ONE, MOST) for each in range(200)))
        assert sum(each.done for each in told) == 4


async def test_of_a_crowd_on_several_connections_one_has_the_turn(database: Database) -> None:
    async with several(database) as stores:
        for round in range(5):
            now = NOW + round * LENGTH
            turns = (stores[each % 4].turn("caretaker", f"{each}", now, LENGTH) for each in range(40))
            assert (await asyncio.gather(*turns)).count(True) == 1


async def test_row_51_a_session_guesses_five_times_on_all_connections_together(database: Database) -> None:
    async with several(database) as stores:
        await stores[0].add_user(a_user(), an_act())
        await stores[0].begin_session(a_session(10), a_user(), None, an_act())
        assert (await asyncio.gather(*(stores[each % 4].guess(10, 5) for each in range(80)))).count(True) == 5


@pytest.mark.parametrize("what", ["fill", "fill and sweep"])
def test_row_52_of_two_processes_that_try_at_once_as_many_pass_as_there_is_room(database: Database, what: str) -> None:
    one, other = two_processes(database, what)
    assert (len(one[:200]), len(other[:200])) == (200, 200)
    assert sum(one[:200] + other[:200]) == 30


def test_of_two_processes_one_has_each_turn(database: Database) -> None:
    one, other = two_processes(database, "turns")
    assert [mine + theirs for mine, theirs in zip(one, other, strict=True)] == [1] * 40
