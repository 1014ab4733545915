"""What every store promises when many come with one factor at once, or while it changes."""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Any

import pytest

from scopekeeper.services.ports import Gone, Stale, Store, Taken
from scopekeeper.settings import Database
from tests.altered import replace
from tests.fixtures import NOON
from tests.stores.conftest import Opened
from tests.stores.people import a_session, a_user
from tests.stores.records import an_act
from tests.stores.stronger import a_mail, a_passkey, a_recovery_code, a_totp, an_identity, an_upstream
from tests.stores.test_shared_races import several, two_processes

CROWD = 40


async def outcomes(*acts: Awaitable[Any]) -> list[Any]:
    """What each was told: its result, or the type of what it raised."""
    told = await asyncio.gather(*acts, return_exceptions=True)
    return [type(each) if isinstance(each, BaseException) else each for each in told]


async def require_once(stores: Sequence[Store]) -> None:
    """See that of a crowd on these stores, which are one database, each thing is used by one."""
    store = stores[0]
    await store.add_user(a_user(), an_act())
    await store.add_passkey(a_passkey(10, sign_count=3), 5, an_act())
    await store.save_totp(a_totp(), an_act())
    await store.replace_recovery_codes(1, (a_recovery_code(20), a_recovery_code(21)), an_act())
    some = [stores[each % len(stores)] for each in range(CROWD)]
    acts = len(await store.acts())
    told = {
        "spent": await outcomes(*(each.spend(b"one", NOON) for each in some)),
        "time step": await outcomes(*(each.use_totp(1, 7, NOON) for each in some)),
        "recovery code": await outcomes(
            *(each.use_recovery_code(1, a_recovery_code(20).digest, NOON, an_act()) for each in some)
        ),
        "passkey": await outcomes(*(each.use_passkey(a_passkey(10, sign_count=3), 4, False, NOON) for each in some)),
    }
    assert {what: (each.count(True), each.count(False)) for what, each in told.items()} == dict.fromkeys(
        told, (1, CROWD - 1)
    )
    assert len(await store.acts()) == acts + 1
    assert (await store.factors(1)).left == 1


async def test_of_a_crowd_with_one_code_or_count_exactly_one_is_let_in(opened: Opened) -> None:
    async with opened() as store:
        await require_once([store])


async def test_of_a_crowd_on_several_connections_exactly_one_is_let_in(database: Database) -> None:
    async with several(database) as stores:
        await require_once(stores)


def test_row_53_what_two_processes_present_at_once_is_spent_once(database: Database) -> None:
    one, other = two_processes(database, "spend")
    assert [mine + theirs for mine, theirs in zip(one, other, strict=True)] == [1] * 40


async def test_of_time_steps_at_once_none_is_taken_twice_and_the_last_stays(opened: Opened) -> None:
    async with opened() as store:
        await store.add_user(a_user(), an_act())
        await store.save_totp(a_totp(), an_act())
        steps = [each % 8 + 1 for each in range(CROWD)]
        told = await outcomes(*(store.use_totp(1, step, NOON) for step in steps))
        taken = [step for step, yes in zip(steps, told, strict=True) if yes]
        assert taken == sorted(set(taken))
        totp = (await store.factors(1)).totp
        assert totp is not None
        assert (totp.last_step, taken[-1]) == (8, 8)


async def test_a_passkey_that_keeps_no_count_lets_all_in_at_once(opened: Opened) -> None:
    async with opened() as store:
        await store.add_user(a_user(), an_act())
        await store.add_passkey(a_passkey(10), 5, an_act())
        told = await outcomes(*(store.use_passkey(a_passkey(10), 0, False, NOON) for _ in range(CROWD)))
        assert told == [True] * CROWD


async def require_at_most(stores: Sequence[Store]) -> None:
    """See that nobody has more passkeys than may be, and a credential id is one's, however many come."""
    await stores[0].add_user(a_user(), an_act())
    await stores[0].add_user(a_user(2, "bob"), an_act())
    some = [stores[each % len(stores)] for each in range(CROWD)]
    told = await outcomes(*(each.add_passkey(a_passkey(100 + at), 5, an_act()) for at, each in enumerate(some)))
    assert (told.count(None), told.count(Taken)) == (5, CROWD - 5)
    assert len((await stores[0].factors(1)).passkeys) == 5
    user = await stores[0].user("alice")
    assert user is not None
    assert user.revision == 5
    told = await outcomes(
        *(
            each.add_passkey(a_passkey(200 + at, 2, credential_id=b"one"), CROWD, an_act())
            for at, each in enumerate(some)
        )
    )
    assert (told.count(None), told.count(Taken)) == (1, CROWD - 1)
    assert len((await stores[0].factors(2)).passkeys) == 1


async def test_of_a_crowd_no_more_passkeys_are_added_than_there_may_be(opened: Opened) -> None:
    async with opened() as store:
        await require_at_most([store])


async def test_of_a_crowd_on_several_connections_no_more_passkeys_are_added_than_there_may_be(
    database: Database,
) -> None:
    async with several(database) as stores:
        await require_at_most(stores)


async def require_one_first(stores: Sequence[Store]) -> None:
    """See that of a crowd that adds a first factor of either kind one does."""
    await stores[0].add_user(a_user(), an_act())
    some = [stores[each % len(stores)] for each in range(CROWD)]
    told = await outcomes(
        *(
            each.add_passkey(a_passkey(100 + at), 5, an_act(), first=True)
            if at % 3
            else each.save_totp(a_totp(), an_act(), first=True)
            for at, each in enumerate(some)
        )
    )
    assert (told.count(None), told.count(Stale)) == (1, CROWD - 1)
    kept = await stores[0].factors(1)
    assert len(kept.passkeys) + (kept.totp is not None) == 1


async def test_of_a_crowd_that_adds_a_first_factor_one_does(opened: Opened) -> None:
    async with opened() as store:
        await require_one_first([store])


async def test_of_a_crowd_on_several_connections_that_adds_a_first_factor_one_does(database: Database) -> None:
    async with several(database) as stores:
        await require_one_first(stores)


@pytest.mark.parametrize("how", ["a factor more", "none any more"])
async def test_no_session_begins_by_what_was_asked_before_factors_changed(database: Database, how: str) -> None:
    """Who signs in looked at the account when it had no second factor, and comes on another connection."""
    async with several(database) as stores:
        await stores[0].add_user(a_user(), an_act())
        await stores[0].save_totp(a_totp(), an_act())
        before = a_user(revision=1)

        async def changed() -> None:
            if how == "a factor more":
                await stores[1].add_passkey(a_passkey(10), 5, an_act())
            else:
                await stores[1].remove_factors(1, an_act())

        crowd = [stores[each % 4].begin_session(a_session(each), before, None, an_act()) for each in range(1, 21)]
        told = await outcomes(*crowd[:10], changed(), *crowd[10:])
        assert set(told) <= {None, Stale}
        if how == "none any more":
            assert await stores[0].sessions(1) == ()
        with pytest.raises(Stale):
            await stores[0].begin_session(a_session(99), before, None, an_act())


async def test_of_recovery_codes_that_are_made_at_once_one_set_is_left(database: Database) -> None:
    async with several(database) as stores:
        await stores[0].add_user(a_user(), an_act())
        sets = [tuple(a_recovery_code(100 * each + at) for at in range(3)) for each in range(1, 13)]
        told = await outcomes(
            *(stores[at % 4].replace_recovery_codes(1, codes, an_act()) for at, codes in enumerate(sets))
        )
        assert told == [None] * 12
        assert (await stores[0].factors(1)).recovery_codes in sets


async def test_a_removal_meets_new_factors_identities_and_mails_and_nothing_of_them_is_left(
    database: Database,
) -> None:
    async with several(database) as stores:
        await stores[0].add_user(a_user(), an_act())
        await stores[0].add_upstream(an_upstream(), an_act())
        told = await outcomes(
            *(
                act
                for each in range(8)
                for act in (
                    stores[each % 4].add_passkey(a_passkey(100 + each), 99, an_act()),
                    stores[each % 4].save_totp(a_totp(), an_act()),
                    stores[each % 4].replace_recovery_codes(1, (a_recovery_code(200 + each),), an_act()),
                    stores[each % 4].add_identity(an_identity(str(each)), an_act()),
                    stores[each % 4].add_mail(a_mail(300 + each, user_id=1)),
                    *([stores[3].remove_user("alice", an_act())] if each == 4 else []),
                )
            )
        )
        assert set(told) <= {None, Gone}
        factors = await stores[0].factors(1)
        assert (factors.passkeys, factors.totp, factors.recovery_codes) == ((), None, ())
        assert await stores[0].identities(1) == ()
        assert await stores[0].waiting_mails() == 0


async def test_a_subject_that_many_bring_at_once_is_one_persons(database: Database) -> None:
    async with several(database) as stores:
        await stores[0].add_upstream(an_upstream(), an_act())
        for number in range(1, 13):
            await stores[0].add_user(a_user(number, f"user{number}"), an_act())
        told = await outcomes(*(stores[at % 4].add_identity(an_identity(user_id=at), an_act()) for at in range(1, 13)))
        assert (told.count(None), told.count(Taken)) == (1, 11)


async def test_whoever_is_brought_while_their_provider_is_removed_is_not_left_behind(database: Database) -> None:
    async with several(database) as stores:
        await stores[0].add_user(a_user(), an_act())
        await stores[0].add_upstream(an_upstream(), an_act())
        told = await outcomes(
            *(stores[at % 3].add_identity(an_identity(str(at)), an_act()) for at in range(12)),
            stores[3].remove_upstream(70, an_act()),
            *(stores[at % 3].add_identity(an_identity(str(at)), an_act()) for at in range(12, 24)),
        )
        assert set(told) <= {None, Gone}
        assert await stores[0].identities(1) == ()


async def test_an_external_id_is_given_to_one_of_a_crowd(database: Database) -> None:
    async with several(database) as stores:
        told = await outcomes(
            *(stores[at % 4].add_user(a_user(at, f"user{at}", external_id="one"), an_act()) for at in range(1, 13))
        )
        assert (told.count(None), told.count(Taken)) == (1, 11)
        others = [user for at in range(1, 13) if (user := await stores[0].user(f"user{at}")) is None]
        assert len(others) == 11
        found = await stores[0].user_with_external_id("one")
        assert found is not None
        assert found == replace(a_user(found.id, found.name), external_id="one")
