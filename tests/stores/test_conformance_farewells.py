"""What every store promises about who hears that a session has ended (OpenID Connect Back-Channel Logout §2.5)."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from scopekeeper.oauth.people import Purpose
from scopekeeper.oauth.records import Client
from scopekeeper.services.ports import Act, Farewell, Gone, Stale, Store, Taken
from tests.altered import replace
from tests.fixtures import NOON
from tests.stores.conftest import Opened
from tests.stores.families import ALICE, BOB, READ, a_family, grant
from tests.stores.people import a_link, a_session
from tests.stores.records import a_client, an_act

OPENID = ("openid", READ)
WAITS = (10, 60, 300)
CROWD = 50

LINK = a_link(20, purpose=Purpose.PASSWORD)
Done = Callable[[Store], Awaitable[object]]


def later() -> Act:
    return an_act(at=NOON + 1)


async def many_sign_ins(store: Store) -> None:
    for row_id in range(100, 200):
        await store.begin_session(a_session(row_id), ALICE, None, later())


ENDS: dict[str, Done] = {
    "somebody signs out": lambda store: store.end_session(10, later()),
    "somebody else signs in": lambda store: store.begin_session(a_session(12, 2, "bob"), BOB, 10, later()),
    "the password is changed": lambda store: store.save_user(replace(ALICE, revision=1), later(), end_sessions=True),
    "a link is used": lambda store: store.spend_link(LINK, replace(ALICE, revision=1), later()),
    "the account is removed": lambda store: store.remove_user("alice", later()),
    "a hundred more sign in": many_sign_ins,
}

STAYS: dict[str, Done] = {
    "the person signs in anew": lambda store: store.begin_session(a_session(10), ALICE, 10, later()),
    "a session that is not there ends": lambda store: store.end_session(404, later()),
    "the account is edited": lambda store: store.save_user(replace(ALICE, revision=1), later(), end_sessions=False),
    "it is the session that is kept": lambda store: store.save_user(
        replace(ALICE, revision=1), later(), end_sessions=True, keep=10
    ),
    "its grants are withdrawn": lambda store: store.withdraw(ALICE.id, None, NOON, later()),
    "it grows old": lambda store: store.sweep_sessions(NOON + 99_999, 10),
}


def a_listener(client_id: str) -> Client:
    """An application that hears of the end of a session."""
    return a_client(client_id, backchannel_logout_uri=f"https://{client_id}.example/bye")


async def stock(store: Store) -> None:
    """Alice is in session 10, where `book` and `clock` were given id_tokens."""
    for client_id in ("book", "clock"):
        await store.add_client(a_listener(client_id), an_act())
    for user in (ALICE, BOB):
        await store.add_user(user, an_act())
    await store.add_link(LINK, None, alone=True)
    await store.begin_session(a_session(10), ALICE, None, an_act())
    await grant(store, a_family(1, "book", offline=False, session_id=10, scope=OPENID))
    await grant(store, a_family(2, "clock", session_id=10, scope=OPENID))


async def due(store: Store, now: int = NOON + 1, limit: int = 100) -> list[Farewell]:
    return sorted(await store.farewells(now, WAITS, limit), key=lambda each: each.client_id)


@pytest.mark.parametrize("end", ENDS)
async def test_each_application_that_was_given_an_id_token_hears_once_of_the_end(opened: Opened, end: str) -> None:
    async with opened() as store:
        await stock(store)
        assert await due(store) == []
        await ENDS[end](store)
        assert await due(store) == [
            Farewell("book", ALICE.id, 10, NOON + 1, 1),
            Farewell("clock", ALICE.id, 10, NOON + 1, 1),
        ]
        assert await store.session(10) is None


@pytest.mark.parametrize("act", STAYS)
async def test_nobody_hears_of_what_is_no_end(opened: Opened, act: str) -> None:
    async with opened() as store:
        await stock(store)
        await STAYS[act](store)
        assert await due(store, NOON + 99_999) == []


async def test_whoever_had_several_grants_or_a_dead_one_hears_once(opened: Opened) -> None:
    async with opened() as store:
        await stock(store)
        await grant(store, a_family(3, "book", offline=False, session_id=10, scope=OPENID))
        await store.revoke_family(1, NOON, None)
        await store.revoke_family(2, NOON, None)
        await store.end_session(10, later())
        assert [each.client_id for each in await due(store)] == ["book", "clock"]


async def test_only_those_hear_that_know_the_session_and_have_an_address(opened: Opened) -> None:
    async with opened() as store:
        await stock(store)
        for client_id in ("removed", "access"):
            await store.add_client(a_listener(client_id), an_act())
        await store.add_client(a_client("deaf"), an_act())
        await store.begin_session(a_session(11), ALICE, None, an_act())
        for row_id, client_id, facts in (
            (3, "removed", {"scope": OPENID}),
            (4, "access", {"scope": (READ, "openids", "xopenid")}),
            (5, "deaf", {"scope": OPENID}),
        ):
            await grant(store, a_family(row_id, client_id, session_id=10, **facts))
        for row_id, session_id in ((6, 11), (7, None)):
            await grant(store, a_family(row_id, "access", session_id=session_id, scope=OPENID))
        await store.remove_client("removed", an_act())
        await store.end_session(10, later())
        assert [each.client_id for each in await due(store)] == ["book", "clock"]


async def test_who_is_given_an_id_token_after_the_session_has_ended_hears_of_it_at_once(opened: Opened) -> None:
    """A code, or a device's, is redeemed a while after it was granted: somebody may sign out in between."""
    async with opened() as store:
        await stock(store)
        for client_id in ("late", "access"):
            await store.add_client(a_listener(client_id), an_act())
        await store.end_session(10, later())
        await store.farewell_told([(10, "book"), (10, "clock")])
        await grant(store, a_family(3, "late", session_id=10, scope=OPENID, offline=True))
        await grant(store, a_family(4, "access", session_id=10, offline=True))
        [farewell] = await due(store, NOON + 99)
        assert (farewell.client_id, farewell.session_id, farewell.user_id) == ("late", 10, ALICE.id)


async def test_who_was_given_an_id_token_in_a_session_is_told_before_and_after_its_end(opened: Opened) -> None:
    async with opened() as store:
        await stock(store)
        await store.add_client(a_client("access"), an_act())
        await grant(store, a_family(3, "access", session_id=10))
        await grant(store, a_family(4, "book", session_id=10, scope=("openid",)))
        assert await store.session_clients(10) == ("book", "clock")
        assert await store.session_clients(404) == ()
        await store.end_session(10, later())
        assert await store.session_clients(10) == ("book", "clock")


async def test_one_that_is_not_told_comes_again_later_and_later(opened: Opened) -> None:
    async with opened() as store:
        await stock(store)
        await store.end_session(10, later())
        at = NOON + 1
        for tries, wait in enumerate((10, 60, 300, 300), 1):
            assert [each.tries for each in await due(store, at)] == [tries, tries]
            assert await due(store, at + wait - 1) == []
            at += wait
        await store.farewell_told([(10, "book"), (10, "book"), (404, "clock"), (10, "nobody")])
        assert await due(store, at) == [Farewell("clock", ALICE.id, 10, NOON + 1, 5)]
        await store.farewell_told([(10, "clock")])
        assert await due(store, at + 99_999) == []


async def test_the_longest_due_comes_first_and_no_more_than_are_asked_for(opened: Opened) -> None:
    async with opened() as store:
        await stock(store)
        for row_id in (11, 12, 13):
            await store.begin_session(a_session(row_id), ALICE, None, an_act())
            await grant(store, a_family(row_id, "book", session_id=row_id, scope=OPENID))
        for at, row_id in enumerate((12, 11, 13), 1):
            await store.end_session(row_id, an_act(at=NOON + at))
        assert [each.session_id for each in await store.farewells(NOON + 1, WAITS, 100)] == [12]
        assert [each.session_id for each in await store.farewells(NOON + 2, WAITS, 100)] == [11]
        taken = [await store.farewells(NOON + 12, WAITS, 2) for _ in range(3)]
        assert [[each.session_id for each in some] for some in taken] == [[13, 12], [11], []]


async def test_a_session_that_is_ended_twice_at_once_leaves_one_for_each(opened: Opened) -> None:
    async with opened() as store:
        await stock(store)
        await asyncio.gather(
            *(store.end_session(10, later()) for _ in range(CROWD)),
            *(store.begin_session(a_session(50 + each, 2, "bob"), BOB, 10, later()) for each in range(5)),
            store.save_user(replace(ALICE, revision=1), later(), end_sessions=True),
        )
        assert [each.client_id for each in await due(store)] == ["book", "clock"]
        assert await due(store) == []


async def test_of_a_crowd_that_asks_at_once_each_farewell_goes_to_one(opened: Opened) -> None:
    async with opened() as store:
        await stock(store)
        for row_id in range(100, 130):
            await store.begin_session(a_session(row_id), ALICE, None, an_act())
            await grant(store, a_family(row_id, "book", session_id=row_id, scope=OPENID))
        await store.save_user(replace(ALICE, revision=1), later(), end_sessions=True)
        taken = await asyncio.gather(*(store.farewells(NOON + 1, WAITS, 3) for _ in range(CROWD)))
        told = [(each.session_id, each.client_id) for some in taken for each in some]
        assert sorted(told) == [(10, "book"), (10, "clock"), *((row_id, "book") for row_id in range(100, 130))]
        assert {len(some) for some in taken} <= {0, 1, 2, 3}


async def test_a_grant_meets_the_end_of_its_session_and_whoever_was_identified_hears_of_it(opened: Opened) -> None:
    async with opened() as store:
        await stock(store)
        begun = (grant(store, a_family(each, "book", offline=False, session_id=10, scope=OPENID)) for each in (5, 6))
        told = await asyncio.gather(next(begun), store.end_session(10, later()), next(begun), return_exceptions=True)
        assert {type(each) for each in told} <= {type(None), Gone}
        assert [each.client_id for each in await due(store)] == ["book", "clock"]
        families = [await store.family(row_id) for row_id in (1, 5, 6)]
        assert {each.revoked_at for each in families if each is not None} == {NOON + 1}
        assert await due(store) == []


async def test_an_application_that_is_removed_is_owed_nothing_and_its_next_bearer_hears_nothing(opened: Opened) -> None:
    async with opened() as store:
        await stock(store)
        await store.end_session(10, later())
        await store.remove_client("book", an_act())
        with pytest.raises(Taken):
            await store.add_client(a_listener("book"), an_act())
        while await store.sweep(NOON, 1):
            pass
        await store.add_client(a_listener("book"), an_act())
        assert [each.client_id for each in await due(store)] == ["clock"]


async def test_whoever_is_refused_ends_nothing_and_nobody_hears_of_it(opened: Opened) -> None:
    async with opened() as store:
        await stock(store)
        with pytest.raises(Stale):
            await store.save_user(ALICE, later(), end_sessions=True)
        with pytest.raises(Stale):
            await store.begin_session(a_session(12, 2, "bob"), replace(BOB, revision=5), 10, later())
        with pytest.raises(Taken):
            await store.begin_session(a_session(10, 2, "bob"), BOB, 404, later())
        assert await due(store) == []
        assert await store.session(10) == a_session(10)


async def test_farewells_are_no_change_that_a_cache_could_hide(opened: Opened) -> None:
    async with opened() as store:
        await stock(store)
        await store.end_session(10, later())
        before = await store.changes()
        await due(store)
        await store.farewell_told([(10, "book")])
        await store.session_clients(10)
        assert await store.changes() == before
