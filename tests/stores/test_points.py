"""Point reads on PostgreSQL that wait at the same time: one question, and to each the answer to its own."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

import pytest

from scopekeeper.services.ports import Unavailable
from scopekeeper.store import open_store
from scopekeeper.store.postgres.points import Places, Points
from scopekeeper.store.statement import Statement
from tests.postgres import a_database
from tests.stores.families import ALICE, BOB, a_code, a_consent, a_device, a_family, a_refresh_token
from tests.stores.people import a_link, a_session
from tests.stores.records import a_client, a_secret, a_token, an_act

DOUBLE = Statement("SELECT $1::BIGINT * 2", ("number",))


class Database:
    """Doubles numbers, when it is let; and tells what it was asked."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []
        self.away = False
        self._was_asked = asyncio.Event()
        self._let = asyncio.Event()
        self._let.set()

    def hold(self) -> None:
        self._let.clear()

    def let_go(self) -> None:
        self._let.set()

    async def until_asked(self) -> None:
        await self._was_asked.wait()

    async def ask(self, text: str, places: Sequence[object]) -> list[Any]:
        numbers = [int(each) for each in _flat(places)]
        self.asked.append(numbers)
        self._was_asked.set()
        await self._let.wait()
        if self.away:
            raise Unavailable("nobody is there")
        if 13 in numbers:
            raise AssertionError("a number that it does not like")
        if text == DOUBLE.text:
            return [(numbers[0] * 2,)]
        return [(place, number * 2) for place, number in enumerate(numbers, 1)]


def _flat(places: Sequence[Any]) -> list[Any]:
    (asked,) = places
    return asked if isinstance(asked, list) else [asked]


async def told(points: Points, *numbers: int) -> list[object]:
    asked = (points.rows(DOUBLE, _places(number)) for number in numbers)
    heard = await asyncio.gather(*asked, return_exceptions=True)
    return [[tuple(row) for row in each] if isinstance(each, list) else type(each) for each in heard]


def _places(*places: object) -> Places:
    return places


async def test_those_who_wait_at_the_same_time_are_one_question_and_the_same_is_asked_once() -> None:
    database = Database()
    assert await told(Points(database.ask), 1, 2, 1, 3) == [[(2,)], [(4,)], [(2,)], [(6,)]]
    assert database.asked == [[1, 2, 3]]


async def test_who_comes_while_a_question_is_under_way_is_in_the_next() -> None:
    database = Database()
    points = Points(database.ask)
    database.hold()
    first = asyncio.create_task(told(points, 1))
    await database.until_asked()
    others = asyncio.create_task(told(points, 1, 2))  # what the first one hears may be older than the question
    await asyncio.sleep(0)
    database.let_go()
    assert (await first, await others) == ([[(2,)]], [[(2,)], [(4,)]])
    assert database.asked == [[1], [1, 2]]


async def test_what_is_wrong_with_one_is_told_to_that_one_alone() -> None:
    assert await told(Points(Database().ask), 1, 13, 2) == [[(2,)], AssertionError, [(4,)]]


async def test_a_database_that_is_away_is_asked_once_for_all_and_again_later() -> None:
    database = Database()
    points = Points(database.ask)
    database.away = True
    assert await told(points, 1, 2) == [Unavailable, Unavailable]
    assert database.asked == [[1, 2]]
    database.away = False
    assert await told(points, 1, 2) == [[(2,)], [(4,)]]


async def test_who_is_cancelled_leaves_and_the_others_are_told() -> None:
    database = Database()
    points = Points(database.ask)
    database.hold()
    first, second = (asyncio.create_task(told(points, 1)) for _ in range(2))
    await database.until_asked()
    first.cancel()
    with suppress(asyncio.CancelledError):
        await first
    database.let_go()
    assert await second == [[(2,)]]


async def test_many_who_ask_for_different_things_hear_of_their_own() -> None:
    with a_database() as database:
        store = open_store(database)
        two = a_client("two", a_secret(1, "two"), a_secret(2, "two"))
        await store.add_client(two, an_act())
        await store.add_client(a_client("none"), an_act())
        for row_id in (1, 2, 3):
            await store.issue(a_token(row_id))
        tokens = [store.token(row_id) for row_id in (3, 1, 9, 2, 1)]
        clients = [store.client(name) for name in ("none", "two", "nobody", "no\0body", "two")]
        unknown = store.token(2**70)
        *found, refused = await asyncio.gather(*tokens, *clients, unknown, return_exceptions=True)
        assert found == [a_token(3), a_token(1), None, a_token(2), a_token(1), a_client("none"), two, None, None, two]
        assert isinstance(refused, AssertionError)
        await store.close()


@pytest.mark.parametrize(
    "text", ["SELECT 1", "SELECT a FROM t LIMIT $1", "SELECT a FROM t WHERE b = $1::BIGINT LIMIT $2"]
)
def test_what_has_no_parameter_or_one_without_a_type_is_asked_one_by_one(text: str) -> None:
    assert Statement(text, ()).rows_of_arrays is None


async def test_what_is_read_together_is_what_is_read_alone_of_every_kind() -> None:
    with a_database() as database:
        store = open_store(database)
        for user, row_id in ((ALICE, 1), (BOB, 2)):
            await store.add_user(user, an_act())
            await store.begin_session(a_session(row_id, user.id, user.name), user, None, an_act())
            await store.add_link(a_link(row_id, user.id), None, alone=False)
            await store.add_code(a_code(row_id, claims=("userinfo:email",)), a_consent("book", user), None)
            await store.add_device(a_device(row_id))
            family, refresh = a_family(row_id, user=user), a_refresh_token(row_id, row_id)
            await store.begin_family(family, a_token(row_id, family_id=row_id), refresh, None, None)
        by_id = (store.user_with, store.link, store.session, store.sessions, store.code, store.family)
        more = (store.refresh_token, store.device, store.token)
        reads: list[tuple[Callable[..., Awaitable[object]], Sequence[tuple[object, ...]]]] = [
            (store.user, [("alice",), ("bob",), ("eve",)]),
            (store.consent, [(1, "book"), (2, "book"), (2, "cook")]),
            (store.device_with, [("CODE1",), ("CODE2",), ("CODE3",)]),
            *((read, [(1,), (2,), (3,)]) for read in (*by_id, *more)),
        ]
        for read, asked in reads:
            alone = [await read(*each) for each in asked]
            assert await asyncio.gather(*(read(*each) for each in asked)) == alone
            assert [bool(each) for each in alone] == [True, True, False]
        await store.close()
