"""What every store promises when a person takes back what they allowed: nothing of it is left to be redeemed."""

import pytest

from scopekeeper.oauth.granted import DeviceCode
from scopekeeper.services.ports import Gone, Store
from tests.altered import replace
from tests.fixtures import NOON
from tests.stores.conftest import Opened
from tests.stores.families import ALICE, BOB, READ, a_code, a_consent, a_family, grant
from tests.stores.records import a_client, a_token, an_act


def a_device(id: int, **facts: object) -> DeviceCode:
    """A device that alice has let in, and that has not yet heard of it."""
    made = DeviceCode(
        id=id,
        digest=bytes(32),
        user_code=f"BCDFGH{id:02}",
        client_id="book",
        generation=0,
        scope=(READ,),
        issued_at=NOON,
        expires_at=NOON + 600,
        interval=5,
        user_id=1,
        user="alice",
        auth_time=NOON,
        approved=True,
    )
    return replace(made, **facts)


async def inhabited(store: Store) -> None:
    """Alice and bob, and two applications that both of them let in."""
    for user in (ALICE, BOB):
        await store.add_user(user, an_act())
    for client_id in ("book", "clock"):
        await store.add_client(a_client(client_id), an_act())
    for number, user in enumerate((ALICE, BOB)):
        for place, client_id in enumerate(("book", "clock")):
            family = a_family(10 + 2 * number + place, client_id, user)
            await grant(store, family, a_consent(client_id, user))


async def alive(store: Store) -> list[int]:
    """The families that live, by their tokens."""
    tokens = [await store.token(number) for number in (10, 11, 12, 13)]
    return [token.id for token in tokens if token is not None and token.revoked_at is None]


async def test_consent_families_and_tokens_of_one_application_go_and_nothing_else(opened: Opened) -> None:
    async with opened() as store:
        await inhabited(store)
        assert await alive(store) == [10, 11, 12, 13]
        act = an_act("consent.withdraw")
        assert await store.withdraw(ALICE.id, "book", NOON, act) == 1
        assert await alive(store) == [11, 12, 13]
        assert await store.consent(ALICE.id, "book") is None
        assert [each.client_id for each in await store.consents(ALICE.id)] == ["clock"]
        assert len(await store.consents(BOB.id)) == 2
        assert (await store.acts())[0] == act


async def test_the_activity_of_an_application_tells_of_how_many_people_it_has_something(opened: Opened) -> None:
    async with opened() as store:
        await inhabited(store)
        told = await store.activity("book", 0, NOON)
        assert (told.tokens_live, told.people, told.consents) == (2, 2, 2)
        await store.compromise("book", None, an_act())
        told = await store.activity("book", 0, NOON)
        assert (told.tokens_live, told.people, told.consents) == (0, 2, 0)


async def test_of_all_applications_where_none_is_named(opened: Opened) -> None:
    async with opened() as store:
        await inhabited(store)
        assert await store.withdraw(ALICE.id, None, NOON, an_act()) == 2
        assert await alive(store) == [12, 13]
        assert await store.consents(ALICE.id) == ()


async def test_what_waited_to_be_redeemed_is_gone_and_what_was_redeemed_still_catches_a_replay(opened: Opened) -> None:
    async with opened() as store:
        await inhabited(store)
        codes = [a_code(20), a_code(21), replace(a_code(22), client_id="clock"), replace(a_code(23), user_id=2)]
        for code in codes:
            await store.add_code(code, None, None)
        await store.redeem_code(codes[1], a_family(30), a_token(30, "book", user="alice", family_id=30), None)
        for device in (a_device(40), a_device(41, client_id="clock"), a_device(42, user_id=2, user="bob")):
            await store.add_device(device)
        await store.withdraw(ALICE.id, "book", NOON, an_act())
        assert [number for number in (20, 21, 22, 23) if await store.code(number) is not None] == [21, 22, 23]
        assert [number for number in (40, 41, 42) if await store.device(number) is not None] == [41, 42]
        with pytest.raises(Gone):
            await store.redeem_code(codes[0], a_family(31), a_token(31, "book", user="alice", family_id=31), None)
