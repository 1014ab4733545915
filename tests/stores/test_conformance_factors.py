"""What every store promises of what people prove who they are by besides a password."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from scopekeeper.oauth.factors import NO_FACTORS, Factors
from scopekeeper.oauth.granted import Family
from scopekeeper.oauth.records import GrantType
from scopekeeper.services.ports import Gone, Stale, Store, Taken
from tests.altered import replace
from tests.fixtures import NOON
from tests.stores.conftest import Opened
from tests.stores.families import a_family, grant
from tests.stores.people import a_link, a_session, a_user
from tests.stores.records import a_client, an_act
from tests.stores.stronger import a_passkey, a_recovery_code, a_totp

MOST = 3
CODES = tuple(a_recovery_code(each) for each in (20, 21, 22))


async def with_people(store: Store) -> None:
    """Alice has one of each, Bob nothing."""
    await store.add_user(a_user(), an_act())
    await store.add_user(a_user(2, "bob"), an_act())
    await store.add_passkey(a_passkey(10), MOST, an_act())
    await store.save_totp(a_totp(), an_act())
    await store.replace_recovery_codes(1, CODES, an_act())


async def alice(store: Store) -> Any:
    user = await store.user("alice")
    assert user is not None
    return user


async def test_all_that_somebody_has_is_found_as_it_was_remembered_and_nobody_elses(opened: Opened) -> None:
    async with opened() as store:
        await with_people(store)
        full = a_passkey(
            9, sign_count=2**32 - 1, name="Ключ", last_used_at=NOON + 1, synced=True, transports=("hybrid", "internal")
        )
        await store.add_passkey(full, MOST, an_act())
        await store.add_passkey(a_passkey(11, 2), MOST, an_act())
        assert await store.factors(1) == Factors((full, a_passkey(10)), a_totp(), CODES)
        assert await store.factors(2) == Factors((a_passkey(11, 2),))
        assert await store.factors(404) == NO_FACTORS


async def test_a_passkey_is_found_by_its_credential_id_whosever_it_is(opened: Opened) -> None:
    async with opened() as store:
        await with_people(store)
        await store.add_passkey(a_passkey(11, 2), MOST, an_act())
        for passkey in (a_passkey(10), a_passkey(11, 2)):
            assert await store.passkey(passkey.credential_id) == passkey
        assert await store.passkey(b"nobody's") is None


async def test_a_credential_id_is_one_persons_and_nobody_has_more_passkeys_than_may_be(opened: Opened) -> None:
    async with opened() as store:
        await with_people(store)
        acts, changes = await store.acts(), await store.changes()
        again = a_passkey(11, 2, credential_id=a_passkey(10).credential_id)
        for passkey, most in ((again, MOST), (a_passkey(10, 2, credential_id=b"other"), MOST), (a_passkey(12), 1)):
            with pytest.raises(Taken):
                await store.add_passkey(passkey, most, an_act())
        with pytest.raises(Gone):
            await store.add_passkey(a_passkey(13, 404), MOST, an_act())
        assert await store.factors(1) == Factors((a_passkey(10),), a_totp(), CODES)
        assert await store.factors(2) == NO_FACTORS
        assert (await store.acts(), await store.changes()) == (acts, changes)


async def test_a_passkey_gets_another_name_from_its_own_person_alone_and_no_sign_in_is_stale_for_it(
    opened: Opened,
) -> None:
    async with opened() as store:
        await with_people(store)
        user, changes = await alice(store), await store.changes()
        await store.rename_passkey(1, 10, "Laptop", an_act("passkey.rename"))
        assert (await store.factors(1)).passkeys == (a_passkey(10, name="Laptop"),)
        for whose, which in ((2, 10), (1, 404)):
            with pytest.raises(Gone):
                await store.rename_passkey(whose, which, "Mine", an_act())
        assert (await alice(store), await store.changes()) == (user, changes)
        assert [act.action for act in await store.acts(limit=1)] == ["passkey.rename"]


async def test_a_passkey_is_forgotten_by_its_own_person_alone(opened: Opened) -> None:
    async with opened() as store:
        await with_people(store)
        for whose, which in ((2, 10), (1, 404)):
            with pytest.raises(Gone):
                await store.remove_passkey(whose, which, an_act())
        await store.remove_passkey(1, 10, an_act())
        assert await store.factors(1) == Factors((), a_totp(), CODES)
        assert await store.passkey(a_passkey(10).credential_id) is None


async def test_a_use_of_a_passkey_is_noted_if_its_count_is_the_one_that_was_seen(opened: Opened) -> None:
    async with opened() as store:
        await with_people(store)
        user, changes, acts = await alice(store), await store.changes(), await store.acts()
        assert await store.use_passkey(a_passkey(10), 5, True, NOON + 1)
        used = a_passkey(10, sign_count=5, synced=True, last_used_at=NOON + 1)
        assert await store.passkey(used.credential_id) == used
        assert not await store.use_passkey(a_passkey(10), 6, False, NOON + 2)
        assert not await store.use_passkey(a_passkey(404), 1, False, NOON + 2)
        assert await store.passkey(used.credential_id) == used
        assert (await alice(store), await store.changes(), await store.acts()) == (user, changes, acts)


async def test_a_passkey_that_keeps_no_count_is_used_as_often_as_one_likes(opened: Opened) -> None:
    async with opened() as store:
        await with_people(store)
        for later in (1, 2):
            assert await store.use_passkey(a_passkey(10), 0, False, NOON + later)
        assert (await store.factors(1)).passkeys[0].last_used_at == NOON + 2


async def test_a_shared_secret_takes_the_place_of_the_one_before_and_begins_anew(opened: Opened) -> None:
    async with opened() as store:
        await with_people(store)
        assert await store.use_totp(1, 7, NOON + 1)
        other = a_totp(sealed=b"other", created_at=NOON + 2)
        await store.save_totp(other, an_act())
        assert (await store.factors(1)).totp == other
        with pytest.raises(Gone):
            await store.save_totp(a_totp(404), an_act())


async def test_a_code_by_time_is_taken_once_and_none_before_it_afterwards(opened: Opened) -> None:
    async with opened() as store:
        await with_people(store)
        user, changes, acts = await alice(store), await store.changes(), await store.acts()
        told = [await store.use_totp(1, step, NOON + step) for step in (7, 7, 6, 8, 8)]
        assert told == [True, False, False, True, False]
        assert (await store.factors(1)).totp == a_totp(last_step=8, last_used_at=NOON + 8)
        assert not await store.use_totp(2, 9, NOON)
        assert (await alice(store), await store.changes(), await store.acts()) == (user, changes, acts)


async def test_recovery_codes_are_replaced_all_together(opened: Opened) -> None:
    async with opened() as store:
        await with_people(store)
        await store.replace_recovery_codes(2, (a_recovery_code(30, 2),), an_act())
        new = (a_recovery_code(40), a_recovery_code(41))
        await store.replace_recovery_codes(1, new, an_act())
        assert (await store.factors(1)).recovery_codes == new
        assert (await store.factors(2)).recovery_codes == (a_recovery_code(30, 2),)
        assert not await store.use_recovery_code(1, CODES[0].digest, NOON, an_act())
        with pytest.raises(Gone):
            await store.replace_recovery_codes(404, (a_recovery_code(50, 404),), an_act())


async def test_a_recovery_code_is_used_up_by_its_own_person_once_and_is_known_to_be(opened: Opened) -> None:
    async with opened() as store:
        await with_people(store)
        user, changes = await alice(store), await store.changes()
        tries = ((2, CODES[1].digest), (1, CODES[1].digest), (1, CODES[1].digest), (1, b"none"))
        told = [await store.use_recovery_code(whose, digest, NOON + 1, an_act("code.use")) for whose, digest in tries]
        assert told == [False, True, False, False]
        factors = await store.factors(1)
        assert factors.recovery_codes == (CODES[0], replace(CODES[1], used_at=NOON + 1), CODES[2])
        assert factors.left == 2
        assert [act.action for act in await store.acts()].count("code.use") == 1
        assert (await alice(store), await store.changes()) == (user, changes)


async def test_recovery_codes_go_with_the_last_factor_and_not_before(opened: Opened) -> None:
    async with opened() as store:
        await with_people(store)
        await store.remove_totp(1, an_act())
        assert await store.factors(1) == Factors((a_passkey(10),), None, CODES)
        await store.remove_passkey(1, 10, an_act())
        assert await store.factors(1) == NO_FACTORS
        await store.save_totp(a_totp(2), an_act())
        await store.replace_recovery_codes(2, (a_recovery_code(30, 2),), an_act())
        await store.remove_totp(2, an_act())
        assert await store.factors(2) == NO_FACTORS
        with pytest.raises(Gone):
            await store.remove_totp(2, an_act())


Change = Callable[[Store], Awaitable[object]]

CHANGES: dict[str, Change] = {
    "a passkey more": lambda store: store.add_passkey(a_passkey(11), MOST, an_act()),
    "a passkey less": lambda store: store.remove_passkey(1, 10, an_act()),
    "another shared secret": lambda store: store.save_totp(a_totp(sealed=b"other"), an_act()),
    "no shared secret": lambda store: store.remove_totp(1, an_act()),
    "other recovery codes": lambda store: store.replace_recovery_codes(1, (a_recovery_code(40),), an_act()),
    "none at all": lambda store: store.remove_factors(1, an_act()),
}


@pytest.mark.parametrize("how", CHANGES)
async def test_a_sign_in_that_is_under_way_begins_anew_when_factors_change(opened: Opened, how: str) -> None:
    async with opened() as store:
        await with_people(store)
        before, changes, acts = await alice(store), await store.changes(), len(await store.acts())
        await CHANGES[how](store)
        with pytest.raises(Stale):
            await store.begin_session(a_session(50), before, None, an_act())
        after = await alice(store)
        assert after == replace(before, revision=before.revision + 1)
        assert await store.changes() > changes
        assert len(await store.acts()) == acts + 1
        await store.begin_session(a_session(50), after, None, an_act())
        with pytest.raises(Stale):
            await store.save_user(replace(before, revision=before.revision + 1), an_act(), end_sessions=False)


async def test_when_all_factors_are_forgotten_all_sessions_end_and_links_and_other_people_stay(opened: Opened) -> None:
    async with opened() as store:
        await store.add_client(a_client("book", backchannel_logout_uri="https://book.example/bye"), an_act())
        await with_people(store)
        await store.save_totp(a_totp(2), an_act())
        bob = await store.user("bob")
        assert bob is not None
        await store.begin_session(a_session(50), await alice(store), None, an_act())
        await store.begin_session(a_session(60, 2, "bob"), bob, None, an_act())
        await store.add_link(a_link(80), None, alone=True)
        await grant(store, a_family(100, session_id=50, offline=False, scope=("openid",)))
        assert await store.remove_factors(1, an_act("factors.reset", at=NOON + 1))
        assert await store.factors(1) == NO_FACTORS
        assert (await store.sessions(1), await store.session(50)) == ((), None)
        family = await store.family(100)
        assert family is not None
        assert family.revoked_at == NOON + 1
        assert [each.session_id for each in await store.farewells(NOON + 1, (10,), 9)] == [50]
        assert await store.link(80) is not None
        assert (await store.factors(2)).totp == a_totp(2)
        assert await store.session(60) is not None
        assert [act.action for act in await store.acts(limit=1)] == ["factors.reset"]


FIRST: dict[str, Change] = {
    "a passkey": lambda store: store.add_passkey(a_passkey(11), MOST, an_act(at=NOON + 1), first=True, keep=51),
    "one-time codes": lambda store: store.save_totp(a_totp(), an_act(at=NOON + 1), first=True, keep=51),
}


@pytest.mark.parametrize("what", FIRST)
async def test_with_the_first_factor_all_sessions_end_but_the_one_in_which_it_is_set_up(
    opened: Opened, what: str
) -> None:
    async with opened() as store:
        await store.add_client(a_client("book", backchannel_logout_uri="https://book.example/bye"), an_act())
        for user in (a_user(), a_user(2, "bob")):
            await store.add_user(user, an_act())
        for session in (a_session(50), a_session(51)):
            await store.begin_session(session, a_user(), None, an_act())
        await store.begin_session(a_session(60, 2, "bob"), a_user(2, "bob"), None, an_act())
        await grant(store, a_family(100, session_id=50, offline=False, scope=("openid",)))
        for each, user in ((200, a_user()), (300, a_user(2, "bob"))):
            await grant(store, a_family(each, user=user, grant_type=GrantType.PASSWORD))
        await grant(store, a_family(400))
        await store.add_link(a_link(80), None, alone=True)
        await FIRST[what](store)
        assert (await store.sessions(1), await store.session(50)) == ((a_session(51),), None)
        assert await store.session(60) is not None
        ended = [each for each in (100, 200, 300, 400) if (await family(store, each)).revoked_at == NOON + 1]
        assert ended == [100, 200], "what the password bought by its own grant, and what ends with its session"
        assert await store.link(80) is not None
        assert [each.session_id for each in await store.farewells(NOON + 1, (10,), 9)] == [50]


async def family(store: Store, row_id: int) -> Family:
    found = await store.family(row_id)
    assert found is not None
    return found


@pytest.mark.parametrize("what", FIRST)
@pytest.mark.parametrize("had", ["a passkey", "one-time codes"])
async def test_what_is_added_as_the_first_factor_is_nothing_where_there_is_one(
    opened: Opened, what: str, had: str
) -> None:
    async with opened() as store:
        await with_people(store)
        await (store.remove_totp(1, an_act()) if had == "a passkey" else store.remove_passkey(1, 10, an_act()))
        await store.begin_session(a_session(50), await alice(store), None, an_act())
        before = await store.factors(1), await alice(store), await store.acts(), await store.changes()
        with pytest.raises(Stale):
            await FIRST[what](store)
        assert (await store.factors(1), await alice(store), await store.acts(), await store.changes()) == before
        assert await store.session(50) == a_session(50)


async def test_who_has_no_factor_goes_on_as_before_when_all_are_forgotten(opened: Opened) -> None:
    async with opened() as store:
        await with_people(store)
        await store.begin_session(a_session(60, 2, "bob"), a_user(2, "bob"), None, an_act())
        acts, changes = await store.acts(), await store.changes()
        assert not await store.remove_factors(2, an_act())
        assert not await store.remove_factors(404, an_act())
        assert await store.session(60) is not None
        assert await store.user("bob") == a_user(2, "bob")
        assert (await store.acts(), await store.changes()) == (acts, changes)


async def test_recovery_codes_alone_are_forgotten_too(opened: Opened) -> None:
    async with opened() as store:
        await with_people(store)
        await store.replace_recovery_codes(2, (a_recovery_code(30, 2),), an_act())
        assert await store.remove_factors(2, an_act())
        assert await store.factors(2) == NO_FACTORS


async def test_factors_go_with_the_account_and_the_next_of_its_name_has_none(opened: Opened) -> None:
    async with opened() as store:
        await with_people(store)
        await store.remove_user("alice", an_act())
        assert await store.factors(1) == NO_FACTORS
        assert await store.passkey(a_passkey(10).credential_id) is None
        await store.add_user(a_user(3), an_act())
        assert await store.factors(3) == NO_FACTORS
        await store.add_passkey(a_passkey(10, 3), MOST, an_act())
        assert not await store.use_recovery_code(1, CODES[0].digest, NOON, an_act())
        assert not await store.use_totp(1, 9, NOON)
