"""What every store promises about devices that wait to be let in."""

import pytest

from scopekeeper.oauth.granted import Grantor
from scopekeeper.services.ports import Gone, Spent, Store, Taken
from tests.altered import replace
from tests.fixtures import NOON
from tests.stores.conftest import Opened
from tests.stores.families import ALICE, READ, STRONGER, WRITE, a_consent, a_device, a_family
from tests.stores.records import a_token, an_act

HERS = Grantor(1, "alice", NOON - 60, 7, STRONGER)
CLAIMED = a_device(1, user_id=1, user="alice", auth_time=NOON - 60, session_id=7, amr=STRONGER)


async def claim(store: Store) -> None:
    await store.add_user(ALICE, an_act())
    await store.add_device(a_device(1))
    await store.claim_device(1, HERS)


async def test_a_device_is_found_by_its_row_and_by_its_user_code(opened: Opened) -> None:
    async with opened() as store:
        await store.add_device(a_device(1))
        assert await store.device(1) == await store.device_with("CODE1") == a_device(1)
        assert (await store.device(2), await store.device_with("CODE2")) == (None, None)


async def test_a_user_code_waits_once(opened: Opened) -> None:
    async with opened() as store:
        await store.add_device(a_device(1))
        for again in (a_device(1, user_code="OTHER"), a_device(2, user_code="CODE1")):
            with pytest.raises(Taken):
                await store.add_device(again)


async def test_whoever_claims_a_device_alone_decides_on_it(opened: Opened) -> None:
    async with opened() as store:
        await claim(store)
        assert await store.device(1) == CLAIMED
        with pytest.raises(Gone):
            await store.claim_device(1, Grantor(2, "bob", NOON, 8))
        await store.claim_device(1, replace(HERS, session_id=9))
        assert await store.device(1) == replace(CLAIMED, session_id=9)
        with pytest.raises(Gone):
            await store.claim_device(404, HERS)


async def test_a_device_is_decided_on_once_with_what_was_seen(opened: Opened) -> None:
    async with opened() as store:
        await claim(store)
        decided = replace(CLAIMED, approved=True, scope=(WRITE,))
        act = an_act("device.approve")
        await store.decide_device(decided, a_consent(scope=(READ, WRITE)), act)
        assert await store.device(1) == decided
        assert await store.consent(1, "book") == a_consent(scope=(READ, WRITE))
        assert (await store.acts())[0] == act
        with pytest.raises(Gone):
            await store.decide_device(replace(CLAIMED, approved=False), None, an_act())
        with pytest.raises(Gone):
            await store.claim_device(1, HERS)
        assert await store.device(1) == decided
        assert (await store.acts())[0] == act


async def test_nobody_decides_from_another_session_or_for_somebody_else(opened: Opened) -> None:
    async with opened() as store:
        await claim(store)
        for wrong in ({"session_id": 8}, {"session_id": None}, {"user_id": 2}, {"id": 404}):
            with pytest.raises(Gone):
                await store.decide_device(replace(CLAIMED, approved=True, **wrong), a_consent(), an_act())
        assert await store.device(1) == CLAIMED
        assert await store.consents(1) == ()


async def test_a_device_without_a_session_behind_it_is_decided_on(opened: Opened) -> None:
    async with opened() as store:
        await store.add_device(a_device(1))
        await store.claim_device(1, replace(HERS, session_id=None))
        denied = replace(CLAIMED, session_id=None, approved=False)
        await store.decide_device(denied, None, an_act())
        assert await store.device(1) == denied


async def test_whoever_polls_too_early_is_slowed_down(opened: Opened) -> None:
    """Each poll that comes too early adds five seconds (RFC 8628 §3.5)."""
    async with opened() as store:
        await store.add_device(a_device(1))
        told = [await store.poll_device(1, NOON + at) for at in (0, 5, 9, 19, 28, 43)]
        assert told == [True, True, False, True, False, True]
        device = await store.device(1)
        assert device
        assert (device.polled_at, device.interval) == (NOON + 43, 15)
        assert await store.poll_device(404, NOON) is True


async def test_an_approved_device_is_redeemed_once(opened: Opened) -> None:
    async with opened() as store:
        await claim(store)
        with pytest.raises(Gone):
            await store.redeem_device(CLAIMED, a_family(1), a_token(1, family_id=1), None)
        await store.decide_device(replace(CLAIMED, approved=True), None, an_act())
        await store.redeem_device(CLAIMED, a_family(1), a_token(1, family_id=1), None)
        assert await store.device(1) == replace(CLAIMED, approved=True, family_id=1)
        assert (await store.family(1), await store.token(1)) == (a_family(1), a_token(1, family_id=1))
        with pytest.raises(Spent) as spent:
            await store.redeem_device(CLAIMED, a_family(2), a_token(2, family_id=2), None)
        assert spent.value.family_id == 1
        assert await store.family(2) is None


async def test_a_denied_device_is_never_redeemed(opened: Opened) -> None:
    async with opened() as store:
        await claim(store)
        await store.decide_device(replace(CLAIMED, approved=False), None, an_act())
        with pytest.raises(Gone):
            await store.redeem_device(CLAIMED, a_family(1), a_token(1, family_id=1), None)
        with pytest.raises(Gone):
            await store.redeem_device(a_device(404), a_family(1), a_token(1, family_id=1), None)
