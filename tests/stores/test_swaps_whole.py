"""On PostgreSQL rotations that wait together are one statement with all that they add: whole, or not at all."""

import asyncio
from typing import Any

import msgspec
import pytest

from scopekeeper.services.ports import Gone, Spent, Taken, Unavailable
from scopekeeper.settings import PostgresDatabase
from scopekeeper.store import SqlStore
from scopekeeper.store.grants import rotate
from scopekeeper.store.postgres.schema import ready
from scopekeeper.store.postgres.store import PostgresEngine
from scopekeeper.store.transaction import Again, Swap, Transaction
from tests.fixtures import NOON
from tests.postgres import a_database
from tests.stores.families import a_family, a_refresh_token
from tests.stores.records import a_token, an_act

FAMILIES = range(1, 9)
KEEPING = {"as a server has it": None, "behind a pooler": 0}


def rotation(of: int, **tokens: Any) -> Swap:
    """The next of a family: its ids are those of the family, and a hundred."""
    next = 100 + of
    token = a_token(tokens.get("token", next), family_id=of)
    return rotate(a_refresh_token(of, of), NOON, a_refresh_token(next, of), b"answer %d" % of, token)


class Opened(SqlStore):
    """A store, and the writer that it has."""

    def __init__(self, database: PostgresDatabase) -> None:
        engine = PostgresEngine(database, ready(database))
        super().__init__(engine)
        self.writer = engine.writer


async def begun(database: PostgresDatabase) -> Opened:
    store = Opened(database)
    for each in FAMILIES:
        await store.begin_family(a_family(each), a_token(each, family_id=each), a_refresh_token(each, each), None, None)
    return store


async def heard(store: Opened, *swaps: Swap) -> list[object]:
    """What they heard who came together."""
    return await asyncio.gather(*map(store.writer.commit, swaps), return_exceptions=True)


async def living(store: Opened) -> set[int]:
    """The refresh tokens, of those that the families have or may have, that are not spent."""
    found = {each: await store.refresh_token(each) for first in FAMILIES for each in (first, 100 + first)}
    return {each for each, it in found.items() if it is not None and it[0].spent_at is None}


async def test_each_of_a_crowd_hears_what_became_of_its_own(made: PostgresDatabase) -> None:
    store = await begun(made)
    await heard(store, rotation(2))
    await store.revoke_family(3, NOON, an_act())
    told = await heard(store, *map(rotation, FAMILIES))
    assert [type(each) for each in told] == [type(None), Spent, Gone] + [type(None)] * 5
    assert isinstance(told[1], Spent)
    assert told[1].family_id == 2
    assert await living(store) == {3, *(100 + each for each in FAMILIES if each != 3)}
    assert [bool(await store.token(100 + each)) for each in FAMILIES] == [each != 3 for each in FAMILIES]
    sealed = [await store.refresh_token(100 + each) for each in (1, 8)]
    assert [each[0].digest for each in sealed if each] == [(101).to_bytes(32), (108).to_bytes(32)]
    await store.close()


async def test_of_two_that_come_with_the_same_token_one_goes_on(made: PostgresDatabase) -> None:
    store = await begun(made)
    other = rotate(a_refresh_token(1, 1), NOON, a_refresh_token(201, 1), None, a_token(201, family_id=1))
    told = await heard(store, rotation(1), other, rotation(4))
    assert [type(each) for each in told] == [type(None), Spent, type(None)]
    assert (await store.token(201), await store.refresh_token(201)) == (None, None)
    assert await living(store) == {2, 3, 5, 6, 7, 8, 101, 104}
    await store.close()


async def test_whose_row_id_is_taken_keeps_what_it_had_and_the_others_go_on(made: PostgresDatabase) -> None:
    store = await begun(made)
    told = await heard(store, rotation(1), rotation(2, token=7), rotation(3))
    assert [type(each) for each in told] == [type(None), Taken, type(None)]
    assert await living(store) == {2, 4, 5, 6, 7, 8, 101, 103}
    await store.close()


async def test_what_cannot_be_kept_spoils_nobody_elses(made: PostgresDatabase) -> None:
    store = await begun(made)
    told = await heard(store, rotation(1), rotation(2, token=1 << 70), rotation(3))
    assert [type(each) for each in told] == [type(None), AssertionError, type(None)]
    assert await living(store) == {2, 4, 5, 6, 7, 8, 101, 103}
    await store.close()


async def test_who_won_hears_so_though_nobody_can_tell_why_others_lost(made: PostgresDatabase) -> None:
    """It is committed before that is asked: were it carried out again, they would hear that theirs is spent."""

    def lost(_: Transaction) -> Exception:
        raise Again("the connection is gone")

    store = await begun(made)
    await heard(store, rotation(2))
    told = await heard(store, rotation(1), msgspec.structs.replace(rotation(2), lost=lost), rotation(3))
    assert [type(each) for each in told] == [type(None), Unavailable, type(None)]
    assert await living(store) == {4, 5, 6, 7, 8, 101, 102, 103}
    assert await heard(store, rotation(4)) == [None]
    await store.close()


@pytest.mark.parametrize("keeping", KEEPING.values(), ids=KEEPING)
async def test_it_is_the_same_where_no_statement_is_kept(keeping: int | None) -> None:
    with a_database() as database:
        store = await begun(PostgresDatabase(database.url, keeping))
        await heard(store, rotation(2))
        told = await heard(store, *map(rotation, (1, 2, 3)))
        assert [type(each) for each in told] == [type(None), Spent, type(None)]
        assert await living(store) == {4, 5, 6, 7, 8, 101, 102, 103}
        await store.close()
