"""What every store promises about consents, codes and families."""

from typing import Any

import pytest

from scopekeeper.oauth.granted import Family, RefreshToken
from scopekeeper.oauth.records import ApplicationType, Token
from scopekeeper.services.lists import ConsentsAsked
from scopekeeper.services.ports import Gone, Spent, Store, Taken
from tests.altered import replace
from tests.fixtures import NOON
from tests.stores.conftest import Opened
from tests.stores.families import (
    ALICE,
    BOB,
    ONE_BY_ONE,
    STRONGER,
    WRITE,
    a_code,
    a_consent,
    a_device,
    a_family,
    a_refresh_token,
    grant,
)
from tests.stores.records import a_client, a_token, an_act


async def stock(store: Store) -> None:
    await store.add_user(ALICE, an_act())
    await store.add_user(BOB, an_act())
    for client_id in ("book", "panel"):
        await store.add_client(a_client(client_id), an_act())


def a_purchase(id: int, **facts: Any) -> tuple[Family, Token, RefreshToken]:
    token = a_token(id, "book", user="alice", user_id=1, family_id=id)
    return a_family(id, **facts), token, a_refresh_token(id, id)


async def test_a_code_comes_back_as_it_was(opened: Opened) -> None:
    async with opened() as store:
        full: dict[str, Any] = {
            "session_id": 7,
            "code_challenge": "c" * 43,
            "nonce": "n",
            "claims": ONE_BY_ONE,
            "amr": STRONGER,
        }
        for code in (a_code(1), a_code(2, scope=("openid", WRITE), **full)):
            await store.add_code(code, None, None)
            assert await store.code(code.id) == code
        assert await store.code(3) is None


async def test_a_code_is_added_with_the_consent_that_it_comes_of(opened: Opened) -> None:
    async with opened() as store:
        await stock(store)
        act = an_act("consent.grant")
        await store.add_code(a_code(1), a_consent(), act)
        assert await store.consent(1, "book") == a_consent()
        assert (await store.acts())[0] == act
        with pytest.raises(Taken):
            await store.add_code(a_code(1), a_consent(scope=(WRITE,)), an_act())
        assert await store.consent(1, "book") == a_consent()


async def test_a_newer_consent_takes_the_place_of_the_older_and_keeps_the_day_it_began(opened: Opened) -> None:
    async with opened() as store:
        await stock(store)
        await store.add_code(a_code(1), a_consent(), None)
        newer = a_consent(scope=(WRITE,), granted_at=NOON, updated_at=NOON, generation=1, claims=("email", "name"))
        await store.add_code(a_code(2), newer, None)
        assert await store.consent(1, "book") == replace(newer, granted_at=a_consent().granted_at)


async def test_nothing_is_remembered_of_somebody_who_is_gone(opened: Opened) -> None:
    async with opened() as store:
        with pytest.raises(Gone):
            await store.add_code(a_code(1), a_consent(), an_act())
        with pytest.raises(Gone):
            await grant(store, a_family(1), a_consent())
        assert (await store.code(1), await store.family(1), await store.acts()) == (None, None, ())


async def test_consents_are_listed_by_application_and_are_one_persons(opened: Opened) -> None:
    async with opened() as store:
        await stock(store)
        for id, consent in enumerate((a_consent("panel"), a_consent("book"), a_consent("book", BOB))):
            await store.add_code(a_code(id), consent, None)
        assert await store.consents(1) == (a_consent("book"), a_consent("panel"))
        assert await store.consents(2) == (a_consent("book", BOB),)


async def test_a_code_is_redeemed_once_and_the_second_hears_what_it_bought(opened: Opened) -> None:
    async with opened() as store:
        before = await store.changes()
        await store.add_code(a_code(1), None, None)
        family, token, refresh = a_purchase(10)
        await store.redeem_code(a_code(1), family, token, refresh)
        assert await store.code(1) == a_code(1, family_id=10)
        assert await store.family(10) == family
        assert await store.token(10) == token
        assert await store.refresh_token(10) == (refresh, family)
        with pytest.raises(Spent) as spent:
            await store.redeem_code(a_code(1), *a_purchase(11))
        assert spent.value.family_id == 10
        assert (await store.family(11), await store.token(11), await store.refresh_token(11)) == (None, None, None)
        assert await store.changes() == before


async def test_a_code_that_is_not_there_buys_nothing(opened: Opened) -> None:
    async with opened() as store:
        with pytest.raises(Gone):
            await store.redeem_code(a_code(1), *a_purchase(10))
        assert await store.family(10) is None


async def test_a_purchase_that_cannot_be_kept_leaves_the_code_as_it_was(opened: Opened) -> None:
    async with opened() as store:
        await store.add_code(a_code(1), None, None)
        family, token, refresh = a_purchase(10)
        await store.issue(a_token(10))
        with pytest.raises(Taken):
            await store.redeem_code(a_code(1), family, token, refresh)
        assert (await store.code(1), await store.family(10)) == (a_code(1), None)


async def test_a_grant_without_refresh_token_is_a_family_too(opened: Opened) -> None:
    async with opened() as store:
        await stock(store)
        await grant(store, a_family(1), a_consent())
        assert await store.family(1) == a_family(1)
        assert await store.consent(1, "book") == a_consent()
        with pytest.raises(Taken):
            await grant(store, a_family(1))


async def test_what_was_granted_one_by_one_and_how_somebody_signed_in_stay_with_the_family(opened: Opened) -> None:
    async with opened() as store:
        await stock(store)
        family = a_family(4, claims=ONE_BY_ONE, amr=STRONGER)
        await grant(store, family, a_consent(claims=("email",)))
        assert await store.family(4) == family
        assert list(await store.families(ALICE.id, NOON)) == [family]
        assert [consent.claims for consent in await store.consents(ALICE.id)] == [("email",)]
        [(found, name)] = await store.find_consents(ConsentsAsked())
        assert (found, name) == (a_consent(claims=("email",)), "alice")
        await store.add_code(a_code(1), None, None)
        bought = a_family(5, claims=ONE_BY_ONE, amr=STRONGER)
        token = a_token(5, "book", user="alice", user_id=1, family_id=5)
        await store.redeem_code(a_code(1), bought, token, a_refresh_token(6, 5))
        assert await store.refresh_token(6) == (a_refresh_token(6, 5), bought)


async def test_families_are_listed_while_they_live_newest_first(opened: Opened) -> None:
    async with opened() as store:
        for family in (a_family(1), a_family(2, expires_at=NOON), a_family(3), a_family(4), a_family(5, "book", BOB)):
            await grant(store, family)
        await store.revoke_family(3, NOON, None)
        assert await store.families(1, NOON) == (a_family(4), a_family(1))


async def test_all_tokens_of_a_revoked_family_are_revoked_with_it(opened: Opened) -> None:
    async with opened() as store:
        await stock(store)
        await grant(store, a_family(1))
        await store.issue(a_token(2, "book", user="alice", family_id=1))
        await grant(store, a_family(3))
        before, act = await store.changes(), an_act("grant.revoke")
        assert await store.revoke_family(1, NOON + 5, act) is True
        assert await store.changes() == before + 1
        told = [await store.token(row_id) for row_id in (1, 2, 3)]
        assert [token and token.revoked_at for token in told] == [NOON + 5, NOON + 5, None]
        assert [token.id for token in await store.tokens(now=NOON)] == [3]
        assert [token.id for token in await store.tokens(now=NOON, user="alice")] == [3]
        assert (await store.activity("book", 0, NOON)).tokens_live == 1
        assert await store.revoke_family(1, NOON + 9, an_act()) is False
        assert await store.revoke_family(404, NOON, an_act()) is False
        assert (await store.acts())[0] == act
        assert await store.changes() == before + 1


async def test_a_token_that_was_revoked_before_its_family_keeps_its_own_end(opened: Opened) -> None:
    async with opened() as store:
        await grant(store, a_family(1))
        await store.revoke([1], NOON + 1, None)
        await store.revoke_family(1, NOON + 5, None)
        token = await store.token(1)
        assert token
        assert token.revoked_at == NOON + 1


async def test_a_token_whose_family_is_not_there_is_revoked(opened: Opened) -> None:
    async with opened() as store:
        await stock(store)
        await store.issue(a_token(1, "book", family_id=404))
        token = await store.token(1)
        assert token
        assert token.revoked_at is not None
        assert await store.tokens(now=NOON) == ()


async def test_withdrawing_takes_back_consent_and_families_and_all_that_waits(opened: Opened) -> None:
    async with opened() as store:
        await stock(store)
        await grant(store, a_family(1), a_consent())
        await grant(store, a_family(2, "panel"), a_consent("panel"))
        await grant(store, a_family(3, "book", BOB), a_consent("book", BOB))
        await store.add_code(a_code(4), None, None)
        await store.redeem_code(a_code(4), *a_purchase(4))
        await store.add_code(a_code(5), None, None)
        await store.add_code(a_code(6, user_id=2, user="bob"), None, None)
        await store.add_device(a_device(7, user_id=1, user="alice", auth_time=NOON, approved=True))
        before, act = await store.changes(), an_act("consent.withdraw")
        assert await store.withdraw(1, "book", NOON, act) == 2
        assert await store.changes() > before
        assert (await store.acts())[0] == act
        assert await store.consents(1) == (a_consent("panel"),)
        assert await store.consent(2, "book") == a_consent("book", BOB)
        assert await store.families(1, NOON) == (a_family(2, "panel"),)
        assert [await store.code(5), await store.device(7)] == [None, None]
        assert await store.code(6) is not None
        with pytest.raises(Spent):  # what was redeemed is remembered: who comes with it again is caught
            await store.redeem_code(a_code(4), *a_purchase(9))
        assert await store.withdraw(1, None, NOON, an_act()) == 1
        assert (await store.consents(1), await store.families(1, NOON)) == ((), ())


async def test_any_number_of_families_is_withdrawn(opened: Opened) -> None:
    async with opened() as store:
        await stock(store)
        for row_id in range(1, 1_002):
            await grant(store, a_family(row_id))
        assert await store.withdraw(1, "book", NOON, an_act()) == 1_001
        assert await store.tokens(now=NOON) == ()


async def test_what_an_account_granted_ends_with_it(opened: Opened) -> None:
    async with opened() as store:
        await stock(store)
        await grant(store, a_family(1), a_consent())
        await store.add_code(a_code(2), None, None)
        await store.remove_user("alice", an_act(at=NOON + 1))
        family = await store.family(1)
        assert family
        assert family.revoked_at == NOON + 1
        assert (await store.consents(1), await store.code(2)) == ((), None)


async def test_a_later_application_of_the_same_name_inherits_nothing(opened: Opened) -> None:
    async with opened() as store:
        await stock(store)
        await grant(store, a_family(1), a_consent())
        await store.add_code(a_code(2), None, None)
        await store.add_device(a_device(3))
        await store.remove_client("book", an_act())
        assert (await store.consent(1, "book"), await store.consents(1)) == (None, ())
        with pytest.raises(Taken):
            await store.add_client(a_client("book"), an_act())
        while await store.sweep(0, 1):
            pass
        await store.add_client(a_client("book"), an_act())
        assert [await store.consent(1, "book"), await store.family(1)] == [None, None]
        assert [await store.code(2), await store.device(3), await store.token(1)] == [None, None, None]


async def test_what_waited_is_swept_by_its_end_and_its_row_id(opened: Opened) -> None:
    async with opened() as store:
        for row_id in range(1, 5):
            await store.add_code(a_code(row_id, expires_at=NOON + row_id), None, None)
            await store.add_device(a_device(row_id, expires_at=NOON + row_id))
        assert await store.sweep_waiting(NOON + 4, 3, 3) == 3
        assert await store.sweep_waiting(NOON + 4, 3, 3) == 1
        assert await store.sweep_waiting(NOON + 4, 3, 3) == 0
        assert [bool(await store.code(row_id)) for row_id in range(1, 5)] == [False, False, True, True]
        assert await store.sweep_waiting(NOON + 4, 9, 9) == 2
        assert await store.code(4) is not None


async def test_what_nobody_redeemed_is_swept_soon_after_its_end_and_what_was_redeemed_is_not(opened: Opened) -> None:
    async with opened() as store:
        for row_id in range(1, 4):
            await store.add_code(a_code(row_id, expires_at=NOON + row_id), None, None)
            await store.add_device(a_device(row_id, expires_at=NOON + row_id))
        await store.redeem_code(a_code(1), *a_purchase(7))
        assert await store.sweep_unredeemed(NOON + 3, 2) == 2
        assert await store.sweep_unredeemed(NOON + 3, 2) == 1
        assert await store.sweep_unredeemed(NOON + 3, 2) == 0
        assert [bool(await store.code(row_id)) for row_id in range(1, 4)] == [True, False, True]
        assert [bool(await store.device(row_id)) for row_id in range(1, 4)] == [False, False, True]


async def test_grants_are_swept_by_their_end_and_their_row_id(opened: Opened) -> None:
    async with opened() as store:
        for row_id in range(1, 4):
            end = NOON + row_id
            family, token, refresh = a_purchase(row_id, expires_at=end)
            await store.begin_family(family, token, replace(refresh, expires_at=end), None, None)
        assert await store.sweep_grants(NOON + 3, 2, 9) == 2
        assert await store.sweep_grants(NOON + 3, 9, 1) == 1
        assert await store.sweep_grants(NOON + 3, 9, 9) == 1
        assert [bool(await store.family(row_id)) for row_id in (1, 2, 3)] == [False, False, True]


async def test_web_pages_call_from_where_an_enabled_single_page_application_lives(opened: Opened) -> None:
    async with opened() as store:
        uris = ("https://Book.example:443/a", "https://book.example/b", "https://old.example/")
        spa = a_client("book", type=ApplicationType.SPA, redirect_uris=uris)
        await store.add_client(spa, an_act())
        await store.add_client(a_client("web", redirect_uris=("https://web.example/",)), an_act())
        assert await store.knows_origin("https://book.example")
        assert await store.knows_origin("https://old.example")
        assert not await store.knows_origin("https://web.example")
        moved = replace(spa, redirect_uris=uris[:2], revision=1)
        await store.save_client(moved, an_act())
        assert await store.knows_origin("https://book.example")
        assert not await store.knows_origin("https://old.example")
        await store.save_client(replace(moved, enabled=False, revision=2), an_act())
        assert not await store.knows_origin("https://book.example")
        await store.save_client(replace(moved, revision=3), an_act())
        await store.remove_client("book", an_act())
        assert not await store.knows_origin("https://book.example")
