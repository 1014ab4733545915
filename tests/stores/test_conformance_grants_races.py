"""What every store promises when many redeem the same thing at once, over many connections: one wins."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path

import pytest

from scopekeeper.services.ports import Gone, Spent, Store
from scopekeeper.settings import Database, SqliteFile
from scopekeeper.store import CachedStore, MemoryStore, open_store
from tests.fixtures import NOON, FixedClock
from tests.postgres import a_database
from tests.stores.families import a_code, a_device, a_family, a_refresh_token
from tests.stores.records import a_token, an_act

CROWD = 100
CONNECTIONS = 5

Redeem = Callable[[Store, int], Awaitable[None]]


@asynccontextmanager
async def opened_many(kind: str, folder: Path) -> AsyncIterator[list[Store]]:
    """Several stores on one database, as so many processes have it; or the one there is in memory, so many times."""
    if kind == "memory":
        yield [MemoryStore()] * CONNECTIONS
        return
    with a_database() if kind == "postgresql" else nullcontext(SqliteFile(folder / "it.db")) as database:
        stores: list[Store] = [open_store(database) for _ in range(CONNECTIONS)]
        try:
            yield [CachedStore(store, FixedClock()) for store in stores] if kind == "cached" else stores
        finally:
            for store in stores:
                await store.close()


async def told_to_a_crowd(stores: list[Store], redeem: Redeem) -> list[object]:
    """What each of a crowd heard: None, or the family that the thing had bought already."""
    crowd = (redeem(stores[each % CONNECTIONS], 1_000 + each) for each in range(CROWD))
    heard = await asyncio.gather(*crowd, return_exceptions=True)
    return [each.family_id if isinstance(each, Spent) else each for each in heard]


async def purchases(store: Store) -> list[int]:
    """The families, and access tokens, that there are of those that the crowd came for."""
    ids = range(1_000, 1_000 + CROWD)
    families = [row_id for row_id in ids if await store.family(row_id) is not None]
    tokens = [row_id for row_id in ids if await store.token(row_id) is not None]
    assert families in (tokens, [])
    return tokens


@pytest.mark.parametrize("kind", ["memory", "sqlite", "cached", "postgresql"])
async def test_row_11_a_code_is_redeemed_by_one_of_a_crowd(kind: str, tmp_path: Path) -> None:
    async with opened_many(kind, tmp_path) as stores:
        await stores[0].add_code(a_code(1), None, None)

        async def redeem(store: Store, id: int) -> None:
            await store.redeem_code(a_code(1), a_family(id), a_token(id, family_id=id), a_refresh_token(id, id))

        heard = await told_to_a_crowd(stores, redeem)
        (winner,) = await purchases(stores[0])
        assert heard[winner - 1_000] is None
        assert heard.count(winner) == CROWD - 1


@pytest.mark.parametrize("kind", ["memory", "sqlite", "cached", "postgresql"])
async def test_row_15_a_device_code_is_redeemed_by_one_of_a_crowd(kind: str, tmp_path: Path) -> None:
    async with opened_many(kind, tmp_path) as stores:
        device = a_device(1, user_id=1, user="alice", auth_time=NOON, approved=True)
        await stores[0].add_device(device)

        async def redeem(store: Store, id: int) -> None:
            await store.redeem_device(device, a_family(id), a_token(id, family_id=id), None)

        heard = await told_to_a_crowd(stores, redeem)
        (winner,) = await purchases(stores[0])
        assert heard[winner - 1_000] is None
        assert heard.count(winner) == CROWD - 1


async def begin(store: Store) -> None:
    await store.begin_family(a_family(1), a_token(1, family_id=1), a_refresh_token(1, 1), None, None)


async def rotate(store: Store, id: int) -> None:
    await store.rotate(a_refresh_token(1, 1), NOON, a_refresh_token(id, 1), b"%d" % id, a_token(id, family_id=1))


@pytest.mark.parametrize("kind", ["memory", "sqlite", "cached", "postgresql"])
async def test_row_19_a_refresh_token_is_spent_by_one_of_a_crowd(kind: str, tmp_path: Path) -> None:
    async with opened_many(kind, tmp_path) as stores:
        await begin(stores[0])
        heard = await told_to_a_crowd(stores, rotate)
        (winner,) = await purchases(stores[0])
        assert heard[winner - 1_000] is None
        assert heard.count(1) == CROWD - 1
        found = await stores[0].refresh_token(1)
        assert found
        assert (found[0].spent_at, found[0].successor) == (NOON, winner)


@pytest.mark.parametrize("kind", ["memory", "sqlite", "cached", "postgresql"])
async def test_a_family_that_is_revoked_while_it_goes_on_has_no_token_that_lives(kind: str, tmp_path: Path) -> None:
    async with opened_many(kind, tmp_path) as stores:
        await begin(stores[0])
        crowd = [rotate(stores[each % CONNECTIONS], 1_000 + each) for each in range(20)]
        heard = await asyncio.gather(
            *crowd[:10], stores[-1].revoke_family(1, NOON, an_act()), *crowd[10:], return_exceptions=True
        )
        assert heard[10] is True
        assert {type(each) for each in heard} <= {type(None), bool, Spent, Gone}
        assert await stores[0].tokens(now=NOON) == ()
        for row_id in await purchases(stores[0]):
            token = await stores[0].token(row_id)
            assert token
            assert token.revoked_at == NOON


ROTATE_UNTIL_KILLED = """
import asyncio, sys
from scopekeeper.settings.values import database
from scopekeeper.store import open_store
from tests.stores.families import a_family, a_refresh_token
from scopekeeper.web.logbook import open_logbook
from tests.stores.records import a_token

open_logbook("error", "text")  # to standard error: standard output is for what was done

async def main():
    store = open_store(database(sys.argv[1]))
    await store.begin_family(a_family(1), a_token(1, family_id=1), a_refresh_token(1, 1), None, None)
    id = 1
    while True:
        next = a_refresh_token(id + 1, 1)
        await store.rotate(a_refresh_token(id, 1), 1, next, b"answer", a_token(id + 1, family_id=1))
        id += 1
        print(id, flush=True)

asyncio.run(main())
"""


def url_of(database: Database) -> str:
    return str(database) if isinstance(database, SqliteFile) else database.url


def rotated_until_killed(database: Database) -> int:
    """The last refresh token that another process was answered before it was killed."""
    with subprocess.Popen(
        [sys.executable, "-c", ROTATE_UNTIL_KILLED, url_of(database)], stdout=subprocess.PIPE
    ) as program:
        assert program.stdout is not None
        answered = [int(program.stdout.readline()) for _ in range(50)]
        program.kill()
        return [*answered, *map(int, program.stdout.read().split())][-1]


async def test_what_was_answered_survives_kill_9_and_a_rotation_is_whole_or_not_at_all(database: Database) -> None:
    last = rotated_until_killed(database)
    store = open_store(database)
    spent, present = await store.refresh_token(last - 1), await store.refresh_token(last)
    assert spent
    assert spent[0].spent_at == 1
    assert present
    after = await store.refresh_token(last + 1)
    assert (present[0].spent_at is None) == (after is None)
    assert (await store.token(last + 1) is None) == (after is None)
    await store.close()
