"""What every store promises when many change the same people at once."""

import asyncio
from collections.abc import Awaitable
from typing import Any

from scopekeeper.services.ports import Gone, Stale, Taken
from tests.stores.conftest import Opened
from tests.stores.people import a_link, a_session, a_user, an_admin
from tests.stores.records import a_client, a_token, an_act

CROWD = 40


async def outcomes(*acts: Awaitable[Any]) -> list[type]:
    return [type(result) for result in await asyncio.gather(*acts, return_exceptions=True)]


async def test_row_60_of_a_crowd_with_one_set_up_link_exactly_one_becomes_administrator(opened: Opened) -> None:
    async with opened() as store:
        link = a_link(20, None)
        await store.add_link(link, None, alone=True)
        told = await outcomes(
            *(store.spend_link(link, an_admin(100 + each, f"root{each}"), an_act()) for each in range(CROWD))
        )
        assert told.count(type(None)) == 1
        assert told.count(Gone) == CROWD - 1
        assert [user.admin for user in await store.users()] == [True]
        assert len(await store.acts()) == 1


async def test_row_60_of_a_crowd_with_a_set_up_link_each_exactly_one_becomes_administrator(opened: Opened) -> None:
    async with opened() as store:
        for each in range(CROWD):
            await store.add_link(a_link(each, None), None, alone=False)
        told = await outcomes(
            *(
                store.spend_link(a_link(each, None), an_admin(100 + each, f"root{each}"), an_act())
                for each in range(CROWD)
            )
        )
        assert told.count(type(None)) == 1
        assert set(told) <= {type(None), Gone, Taken}
        assert len(await store.users()) == 1
        assert [each for each in range(CROWD) if await store.link(each)] == []


async def test_a_name_is_given_to_one_of_a_crowd(opened: Opened) -> None:
    async with opened() as store:
        told = await outcomes(*(store.add_user(a_user(each), an_act()) for each in range(1, CROWD + 1)))
        assert (told.count(type(None)), told.count(Taken)) == (1, CROWD - 1)
        assert len(await store.users()) == 1


async def test_of_edits_at_once_one_is_kept(opened: Opened) -> None:
    async with opened() as store:
        await store.add_user(a_user(), an_act())
        told = await outcomes(
            *(
                store.save_user(a_user(password=str(each), revision=1), an_act(), end_sessions=True)
                for each in range(CROWD)
            )
        )
        assert (told.count(type(None)), told.count(Stale)) == (1, CROWD - 1)


async def test_no_session_survives_a_change_of_password_however_they_meet(opened: Opened) -> None:
    async with opened() as store:
        await store.add_user(a_user(), an_act())
        changed = a_user(password="new", revision=1)
        told = await outcomes(
            *(store.begin_session(a_session(each), a_user(), None, an_act()) for each in range(20)),
            store.save_user(changed, an_act(), end_sessions=True),
            *(store.begin_session(a_session(each), a_user(), None, an_act()) for each in range(20, 40)),
        )
        assert set(told) == {type(None), Stale}
        assert await store.sessions(1) == ()


async def test_of_those_who_sign_in_anew_at_once_the_last_one_stays_and_nobody_is_refused(opened: Opened) -> None:
    async with opened() as store:
        await store.add_user(a_user(), an_act())
        await store.begin_session(a_session(1), a_user(), None, an_act())
        digests = [bytes([each]) for each in range(CROWD)]
        told = await outcomes(
            *(store.begin_session(a_session(1, digest=each), a_user(), 1, an_act()) for each in digests)
        )
        assert set(told) == {type(None)}
        [left] = await store.sessions(1)
        assert (left.id, left.digest in digests) == (1, True)


async def test_a_sign_in_anew_meets_the_end_of_its_session_and_never_brings_it_back(opened: Opened) -> None:
    async with opened() as store:
        await store.add_user(a_user(), an_act())
        await store.begin_session(a_session(1), a_user(), None, an_act())
        told = await outcomes(
            *(store.begin_session(a_session(1, digest=bytes([each])), a_user(), 1, an_act()) for each in range(10)),
            store.end_session(1, an_act()),
            *(store.begin_session(a_session(1, digest=bytes([each])), a_user(), 1, an_act()) for each in range(10)),
        )
        assert set(told) <= {type(None), Gone}
        assert await store.session(1) is None


async def test_a_rotation_by_many_leaves_what_they_began_and_not_what_they_ended(opened: Opened) -> None:
    async with opened() as store:
        await store.add_user(a_user(), an_act())
        await store.begin_session(a_session(1), a_user(), None, an_act())
        told = await outcomes(
            *(store.begin_session(a_session(each), a_user(), 1, an_act()) for each in range(10, 10 + CROWD))
        )
        assert set(told) == {type(None)}
        assert await store.session(1) is None
        assert len(await store.sessions(1)) == CROWD


async def test_a_removal_meets_sign_ins_and_nothing_of_the_account_is_left(opened: Opened) -> None:
    async with opened() as store:
        await store.add_user(a_user(), an_act())
        await store.add_client(a_client(), an_act())
        for each in range(100, 600):
            await store.issue(a_token(each, user="alice"))
        told = await outcomes(
            *(store.begin_session(a_session(each), a_user(), None, an_act()) for each in range(10)),
            store.remove_user("alice", an_act()),
            store.remove_user("alice", an_act()),
            store.add_link(a_link(20), None, alone=True),
            *(store.begin_session(a_session(each), a_user(), None, an_act()) for each in range(10, 20)),
        )
        assert told.count(Gone) >= 1
        assert set(told) <= {type(None), Stale, Gone}
        assert await store.user("alice") is None
        assert await store.sessions(1) == ()
        assert await store.link(20) is None
        assert await store.tokens(now=0) == ()
