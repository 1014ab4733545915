"""On PostgreSQL: a redemption that is half-way when its session or its person ends. What it buys ends, too.

A redemption is no serializable transaction there, so nobody but its own statements sees to that.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from scopekeeper.oauth.granted import Family
from scopekeeper.services.ports import Gone
from scopekeeper.settings import PostgresDatabase
from scopekeeper.store import SqlStore, open_store
from scopekeeper.store.grant_rows import family_row
from scopekeeper.store.postgres.connection import DIALECT
from scopekeeper.store.statements import statements_in
from tests.altered import replace
from tests.fixtures import NOON
from tests.postgres import a_database, tell
from tests.stores.families import ALICE, a_code, a_device, a_family
from tests.stores.people import a_link, a_session
from tests.stores.records import a_client, a_token, an_act

SQL = statements_in(DIALECT)
CODE, DEVICE, FAMILY, SESSION = 10, 20, 30, 40

_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"

Task = asyncio.Future[Any]
End = Callable[[SqlStore], Awaitable[object]]

EDITED = replace(ALICE, revision=1)

OF_SESSIONS: dict[str, End] = {
    "signed out": lambda store: store.end_session(SESSION, an_act()),
    "signed in anew": lambda store: store.begin_session(a_session(41), ALICE, SESSION, an_act()),
    "signed out everywhere": lambda store: store.save_user(EDITED, an_act(), end_sessions=True),
    "factors forgotten": lambda store: store.remove_factors(ALICE.id, an_act()),
    "another password": lambda store: store.spend_link(a_link(1), EDITED, an_act()),
}
OF_ALL: dict[str, End] = {
    "removed": lambda store: store.remove_user("alice", an_act()),
    "access taken back": lambda store: store.withdraw(ALICE.id, None, NOON, an_act()),
}


@asynccontextmanager
async def two_stores() -> AsyncIterator[tuple[SqlStore, SqlStore, PostgresDatabase]]:
    """Two processes on one database, in which Alice is signed in and has granted something."""
    with a_database() as database:
        stores = open_store(database), open_store(database)
        try:
            await stores[0].add_client(a_client("book", backchannel_logout_uri="https://book.example/bye"), an_act())
            await stores[0].add_user(ALICE, an_act())
            tell(database, "INSERT INTO recovery_codes (id, user_id, digest, created_at) VALUES (1, 1, '', 1)")
            await stores[0].add_link(a_link(1), None, alone=False)
            await stores[0].begin_session(a_session(SESSION), ALICE, None, an_act())
            await stores[0].add_code(a_code(CODE, session_id=SESSION), None, None)
            device = {"user_id": ALICE.id, "user": "alice", "auth_time": NOON, "session_id": SESSION, "approved": True}
            await stores[0].add_device(a_device(DEVICE, **device))
            yield *stores, database
        finally:
            for store in stores:
                await store.close()


@asynccontextmanager
async def held_up(database: PostgresDatabase, family: Family) -> AsyncIterator[Callable[[int, Task], Awaitable[None]]]:
    """Nobody can insert this family before the block is left. What is given waits until so many wait, or it is done."""
    connection = await asyncpg.connect(database.url)
    looking = await asyncpg.connect(database.url)

    async def until_waiting(count: int, task: Task) -> None:
        while not task.done() and await looking.fetchval(_WAITING) < count:  # noqa: ASYNC110 - it happens elsewhere
            await asyncio.sleep(0.01)

    try:
        await connection.execute("BEGIN")
        await connection.execute(SQL.grants.add_family.text, *family_row(family))
        async with asyncio.timeout(60):
            yield until_waiting
        await connection.execute("ROLLBACK")
    finally:
        connection.terminate()
        looking.terminate()


def redemption(store: SqlStore, of: str, family: Family) -> Awaitable[None]:
    token = a_token(family.id, family_id=family.id)
    if of == "code":
        return store.redeem_code(a_code(CODE), family, token, None)
    return store.redeem_device(a_device(DEVICE), family, token, None)


@pytest.mark.parametrize("of", ["code", "device"])
@pytest.mark.parametrize("how", [*OF_SESSIONS, *OF_ALL])
async def test_what_is_redeemed_while_its_session_or_person_ends_is_dead(of: str, how: str) -> None:
    family = a_family(FAMILY, session_id=SESSION, offline=False)
    async with two_stores() as (store, other, database):
        async with held_up(database, family) as until_waiting:
            redeeming = asyncio.ensure_future(redemption(store, of, family))
            await until_waiting(1, redeeming)
            ending = asyncio.ensure_future({**OF_SESSIONS, **OF_ALL}[how](other))
            await until_waiting(2, ending)
        await asyncio.gather(redeeming, ending)
        found = await store.family(FAMILY)
        assert found is not None
        assert found.revoked_at is not None


@pytest.mark.parametrize("of", ["code", "device"])
@pytest.mark.parametrize("how", OF_ALL)
async def test_what_depends_on_no_session_is_dead_if_it_is_redeemed_while_its_person_ends(of: str, how: str) -> None:
    family = a_family(FAMILY)
    async with two_stores() as (store, other, database):
        async with held_up(database, family) as until_waiting:
            redeeming = asyncio.ensure_future(redemption(store, of, family))
            await until_waiting(1, redeeming)
            ending = asyncio.ensure_future(OF_ALL[how](other))
            await until_waiting(2, ending)
        await asyncio.gather(redeeming, ending)
        found = await store.family(FAMILY)
        assert found is not None
        assert found.revoked_at is not None


@pytest.mark.parametrize("how", OF_SESSIONS)
async def test_of_what_outlives_a_session_that_ends_meanwhile_its_application_hears(how: str) -> None:
    family = a_family(FAMILY, session_id=SESSION, scope=("openid",))
    async with two_stores() as (store, other, database):
        async with held_up(database, family) as until_waiting:
            redeeming = asyncio.ensure_future(redemption(store, "code", family))
            await until_waiting(1, redeeming)
            ending = asyncio.ensure_future(OF_SESSIONS[how](other))
            await until_waiting(2, ending)
        await asyncio.gather(redeeming, ending)
        assert [each.session_id for each in await store.farewells(NOON * 2, (10,), 9)] == [SESSION]
        found = await store.family(FAMILY)
        assert found is not None
        assert found.revoked_at is None


@pytest.mark.parametrize("of", ["code", "device"])
async def test_who_comes_while_the_session_is_just_being_ended_gets_nothing(of: str) -> None:
    family = a_family(FAMILY, session_id=SESSION, offline=False)
    async with two_stores() as (store, other, database):
        connection = await asyncpg.connect(database.url)
        looking = await asyncpg.connect(database.url)
        try:
            await connection.execute(f"BEGIN; DELETE FROM sessions WHERE id = {SESSION}")
            redeeming = asyncio.ensure_future(redemption(store, of, family))
            async with asyncio.timeout(60):
                while not await looking.fetchval(_WAITING):  # noqa: ASYNC110 - it happens elsewhere
                    await asyncio.sleep(0.01)
            await connection.execute("COMMIT")
            with pytest.raises(Gone):
                await redeeming
        finally:
            connection.terminate()
            looking.terminate()
        assert await other.family(FAMILY) is None
