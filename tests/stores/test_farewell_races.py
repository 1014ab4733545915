"""Farewells, asked for by several connections and processes at once, of which one is killed, on either database."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from scopekeeper.services.ports import Farewell, Store
from scopekeeper.settings import Database, PostgresDatabase, SqliteFile
from scopekeeper.store import open_store
from tests.altered import replace
from tests.fixtures import NOON
from tests.stores.families import ALICE, a_family, grant
from tests.stores.people import a_session
from tests.stores.records import a_client, an_act

WAITS = (10, 60)
CROWD = 50
SESSIONS = range(100, 160)

RUNNER = f"""
import asyncio, sys
from pathlib import Path
from scopekeeper.settings import PostgresDatabase, SqliteFile
from scopekeeper.store import open_store
from scopekeeper.web.logbook import open_logbook

open_logbook("error", "text")  # to standard error: standard output is for what was done

async def main(kind, where):
    store = open_store(SqliteFile(Path(where)) if kind == "file" else PostgresDatabase(where))
    await store.changes()
    print("ready", flush=True)
    sys.stdin.readline()
    taken = await asyncio.gather(*(store.farewells({NOON + 1}, {WAITS}, 2) for _ in range({CROWD})))
    print(*[each.session_id for some in taken for each in some], flush=True)
    sys.stdin.readline()

asyncio.run(main(*sys.argv[1:]))
"""
"""Takes what is due, says what it took, and then waits to be killed."""


async def ended(store: Store) -> None:
    """Alice was in many sessions, of each of which the same application is to hear."""
    await store.add_client(a_client("book", backchannel_logout_uri="https://book.example/bye"), an_act())
    await store.add_user(ALICE, an_act())
    for row_id in SESSIONS:
        await store.begin_session(a_session(row_id), ALICE, None, an_act())
        await grant(store, a_family(row_id, "book", session_id=row_id, scope=("openid",)))
    await store.save_user(replace(ALICE, revision=1), an_act(at=NOON + 1), end_sessions=True)


async def taken(store: Store, now: int) -> dict[int, Farewell]:
    """All that are due, by the sessions."""
    return {each.session_id: each for each in await store.farewells(now, WAITS, 1_000)}


@contextmanager
def two_processes(database: Database) -> Iterator[Sequence[list[int]]]:
    """What each of two processes took, that began together. They are killed at the end, and have told nobody."""
    place = ["server", database.url] if isinstance(database, PostgresDatabase) else ["file", _path(database)]
    with ExitStack() as stack:
        begun = [stack.enter_context(_begun(*place)) for _ in range(2)]
        assert [each.stdout.readline() for each in begun if each.stdout] == ["ready\n"] * 2
        for each in begun:
            assert each.stdin
            each.stdin.write("go\n")
            each.stdin.flush()
        yield [[int(word) for word in each.stdout.readline().split()] for each in begun if each.stdout]


@contextmanager
def _begun(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", RUNNER, *arguments], stdin=pipe, stdout=pipe, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def _path(database: Database) -> str:
    assert isinstance(database, SqliteFile)
    return str(database.path)


async def test_of_a_crowd_on_several_connections_each_farewell_goes_to_one(database: Database) -> None:
    stores = [open_store(database) for _ in range(4)]
    await ended(stores[0])
    asked = (stores[each % 4].farewells(NOON + 1, WAITS, 2) for each in range(CROWD))
    told = [each.session_id for some in await asyncio.gather(*asked) for each in some]
    assert sorted(told) == list(SESSIONS)
    await asyncio.gather(*(store.farewell_told([(each, "book") for each in SESSIONS]) for store in stores))
    assert await taken(stores[0], NOON + 99_999) == {}
    for store in stores:
        await store.close()


async def test_of_two_processes_each_farewell_goes_to_one_and_comes_again_when_they_are_killed(
    database: Database,
) -> None:
    store = open_store(database)
    await ended(store)
    with two_processes(database) as both:
        assert sorted(both[0] + both[1]) == list(SESSIONS)
    assert await taken(store, NOON + 1 + WAITS[0] - 1) == {}
    again = await taken(store, NOON + 1 + WAITS[0])
    assert sorted(again) == list(SESSIONS)
    assert {each.tries for each in again.values()} == {2}
    await store.close()
