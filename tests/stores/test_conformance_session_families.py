"""What every store promises about a session and the families that began in it: ended by somebody, they end with it."""

import pytest

from scopekeeper.oauth.people import Purpose
from scopekeeper.oauth.records import GrantType
from scopekeeper.services.ports import Gone, Store, Taken
from tests.altered import replace
from tests.fixtures import NOON
from tests.stores.conftest import Opened
from tests.stores.families import ALICE, BOB, a_code, a_device, a_family, grant
from tests.stores.people import a_link, a_session
from tests.stores.records import a_client, a_token, an_act

BOUND, OFFLINE, ELSEWHERE = 1, 2, 3


async def stock(store: Store) -> None:
    """Alice is in session 10, where two families began, and in 11, where one did."""
    await store.add_client(a_client("book"), an_act())
    await store.add_user(ALICE, an_act())
    await store.add_user(BOB, an_act())
    for row_id in (10, 11):
        await store.begin_session(a_session(row_id), ALICE, None, an_act())
    await grant(store, a_family(BOUND, offline=False, session_id=10))
    await grant(store, a_family(OFFLINE, offline=True, session_id=10))
    await grant(store, a_family(ELSEWHERE, offline=False, session_id=11))


async def ended(store: Store) -> dict[int, int]:
    """Which families were revoked, and when; the tokens say the same."""
    families = {row_id: await store.family(row_id) for row_id in (BOUND, OFFLINE, ELSEWHERE)}
    told = {row_id: family.revoked_at for row_id, family in families.items() if family and family.revoked_at}
    tokens = {row_id: await store.token(row_id) for row_id in families}
    assert told == {row_id: token.revoked_at for row_id, token in tokens.items() if token and token.revoked_at}
    return told


async def test_ending_a_session_ends_what_may_not_outlive_it(opened: Opened) -> None:
    async with opened() as store:
        await stock(store)
        assert await ended(store) == {}
        before = await store.changes()
        await store.end_session(10, an_act(at=NOON + 1))
        assert await ended(store) == {BOUND: NOON + 1}
        assert await store.changes() > before
        await store.end_session(10, an_act(at=NOON + 2))
        assert await ended(store) == {BOUND: NOON + 1}


async def test_a_changed_password_ends_what_began_in_the_sessions_it_ends(opened: Opened) -> None:
    async with opened() as store:
        await stock(store)
        await store.save_user(replace(ALICE, revision=1), an_act(at=NOON + 1), end_sessions=True, keep=11)
        assert await ended(store) == {BOUND: NOON + 1}
        await store.save_user(replace(ALICE, revision=2), an_act(at=NOON + 2), end_sessions=False)
        assert await ended(store) == {BOUND: NOON + 1}
        await store.save_user(replace(ALICE, revision=3), an_act(at=NOON + 3), end_sessions=True)
        assert await ended(store) == {BOUND: NOON + 1, ELSEWHERE: NOON + 3}


async def test_a_changed_password_ends_what_the_password_itself_bought(opened: Opened) -> None:
    async with opened() as store:
        await stock(store)
        bought = a_family(40, grant_type=GrantType.PASSWORD, session_id=None, offline=True)
        await grant(store, bought)
        await store.save_user(replace(ALICE, revision=1), an_act(at=NOON + 1), end_sessions=True, keep=11)
        family = await store.family(40)
        assert family
        assert family.revoked_at == NOON + 1


async def test_a_link_that_sets_a_password_ends_them_too(opened: Opened) -> None:
    async with opened() as store:
        await stock(store)
        link = a_link(20, purpose=Purpose.PASSWORD)
        await store.add_link(link, None, alone=True)
        await store.spend_link(link, replace(ALICE, revision=1), an_act(at=NOON + 1))
        assert await ended(store) == {BOUND: NOON + 1, ELSEWHERE: NOON + 1}


async def test_whoever_signs_in_anew_goes_on_with_what_they_began(opened: Opened) -> None:
    async with opened() as store:
        await stock(store)
        await store.begin_session(a_session(10, digest=b"new"), ALICE, 10, an_act(at=NOON + 1))
        assert await ended(store) == {}
        await grant(store, a_family(40, offline=False, session_id=10))
        await store.end_session(10, an_act(at=NOON + 2))
        assert await ended(store) == {BOUND: NOON + 2}


async def test_a_session_in_the_place_of_another_goes_on_with_nothing(opened: Opened) -> None:
    async with opened() as store:
        await stock(store)
        await store.begin_session(a_session(12), ALICE, 10, an_act(at=NOON + 1))
        assert await ended(store) == {BOUND: NOON + 1}


async def test_somebody_else_who_signs_in_at_the_same_browser_does_not(opened: Opened) -> None:
    async with opened() as store:
        await stock(store)
        await store.begin_session(a_session(12, 2, "bob"), BOB, 10, an_act(at=NOON + 1))
        assert await ended(store) == {BOUND: NOON + 1}


async def test_the_oldest_of_too_many_sessions_ends_with_what_began_in_it(opened: Opened) -> None:
    async with opened() as store:
        await stock(store)
        for row_id in range(100, 199):
            await store.begin_session(a_session(row_id), ALICE, None, an_act(at=NOON + 1))
        assert await store.session(10) is None
        assert await ended(store) == {BOUND: NOON + 1}


async def test_a_session_that_only_grows_old_ends_nothing(opened: Opened) -> None:
    async with opened() as store:
        await stock(store)
        assert await store.sweep_sessions(NOON + 99_999, 10) == 2
        assert await ended(store) == {}


async def test_nothing_begins_in_a_session_that_was_ended_meanwhile(opened: Opened) -> None:
    async with opened() as store:
        await stock(store)
        await store.add_code(a_code(5, session_id=10), None, None)
        await store.add_code(a_code(6, session_id=10), None, None)
        await store.add_device(a_device(7, user_id=1, user="alice", auth_time=NOON, session_id=10, approved=True))
        await store.end_session(10, an_act())
        bound = a_family(50, offline=False, session_id=10)
        with pytest.raises(Gone):
            await store.redeem_code(a_code(5), bound, a_token(50, family_id=50), None)
        with pytest.raises(Gone):
            await store.redeem_device(a_device(7), bound, a_token(50, family_id=50), None)
        with pytest.raises(Gone):
            await grant(store, bound)
        assert (await store.family(50), await store.token(50)) == (None, None)
        await store.redeem_code(a_code(6), replace(bound, offline=True), a_token(50, family_id=50), None)
        assert await store.family(50) == replace(bound, offline=True)


async def test_a_grant_may_take_the_place_of_others_and_they_end_with_its_beginning(opened: Opened) -> None:
    async with opened() as store:
        await stock(store)
        assert await store.token(BOUND) is not None
        before = await store.changes()
        family, token = a_family(4, offline=False, session_id=10, issued_at=NOON + 5), a_token(4, "book", family_id=4)
        await store.begin_family(family, token, None, None, None, ends=(BOUND, ELSEWHERE, 99))
        assert await ended(store) == {BOUND: NOON + 5, ELSEWHERE: NOON + 5}
        assert await store.changes() > before
        assert await store.family(4) == family
        before = await store.changes()
        again = replace(family, id=5)
        await store.begin_family(again, replace(token, id=5, family_id=5), None, None, None, ends=(BOUND, 99))
        assert await store.changes() == before


async def test_where_it_cannot_begin_none_of_them_ends(opened: Opened) -> None:
    async with opened() as store:
        await stock(store)
        token = a_token(4, "book", family_id=4)
        with pytest.raises(Gone):
            await store.begin_family(
                a_family(4, offline=False, session_id=12), token, None, None, None, ends=(BOUND, OFFLINE)
            )
        with pytest.raises(Taken):
            await store.begin_family(
                a_family(ELSEWHERE, offline=False, session_id=10), token, None, None, None, ends=(BOUND, OFFLINE)
            )
        assert await ended(store) == {}


async def test_a_family_that_began_by_no_grant_comes_back_as_it_was(opened: Opened) -> None:
    async with opened() as store:
        await stock(store)
        family = a_family(4, offline=False, session_id=10, grant_type=None)
        await grant(store, family)
        assert await store.family(4) == family
        assert family in await store.families(ALICE.id, NOON)
