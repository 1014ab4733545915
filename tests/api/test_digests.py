"""What people choose and modules keep: digested as passwords are, and guessed at slowly."""

import asyncio

import pytest
from argon2.profiles import CHEAPEST

from scopekeeper.api.digests import MOST_WAITING, HouseDigests
from scopekeeper.sdk import TooManyTries
from scopekeeper.services.passwords import Passwords
from scopekeeper.services.ports import Unavailable
from scopekeeper.store import MemoryStore
from tests.fixtures import FixedClock

DOOR, WINDOW = "house 1", "house 2"


def digests(clock: FixedClock | None = None, *, on: bool = True) -> HouseDigests:
    return HouseDigests.over(Passwords(parameters=CHEAPEST), MemoryStore(), clock or FixedClock(), on=on)


async def tried(house: HouseDigests, digest: str | None, secret: str, opening: str | None = DOOR) -> bool | int:
    """Is it right? Where that is not looked at: in how many seconds it is."""
    try:
        return await house.matches(digest, secret, opening)
    except TooManyTries as many:
        return many.retry_after


async def test_a_digest_is_of_its_secret_and_of_no_other() -> None:
    house = digests()
    one, other = await house.made("8350"), await house.made("8350")
    assert one.startswith("$argon2id$")
    assert one != other
    for digest in (one, other):
        assert await tried(house, digest, "8350")
        assert not await tried(house, digest, "8351")
    assert not await tried(house, None, "8350")


async def test_a_secret_is_the_same_on_whichever_keyboard_it_is_typed() -> None:
    house = digests()
    assert await tried(house, await house.made("cafe\u0301"), "caf\u00e9")


async def test_ten_wrong_ones_are_looked_at_and_then_two_a_minute() -> None:
    clock = FixedClock()
    house = digests(clock)
    digest = await house.made("8350")
    assert [await tried(house, digest, "0") for _ in range(10)] == [False] * 10
    assert await tried(house, digest, "8350") == 30
    clock.advance(29)
    assert await tried(house, digest, "8350") == 1
    clock.advance(1)
    assert await tried(house, digest, "0") is False
    assert await tried(house, digest, "8350") == 30
    clock.advance(300)
    assert [await tried(house, digest, "0") for _ in range(11)] == [False] * 10 + [30]


async def test_what_is_right_counts_for_nothing() -> None:
    house = digests()
    digest = await house.made("8350")
    for _ in range(3):
        assert [await tried(house, digest, "8350") for _ in range(10)] == [True] * 10
    assert [await tried(house, digest, "0") for _ in range(10)] == [False] * 10


async def test_it_is_counted_for_what_is_opened_and_for_nothing_else() -> None:
    house = digests()
    digest = await house.made("8350")
    for _ in range(10):
        await tried(house, None, "0")
    assert await tried(house, digest, "8350") == 30
    assert await tried(house, digest, "8350", WINDOW) is True
    assert await tried(house, digest, "8350", None) is True


@pytest.mark.parametrize(("on", "opening"), [(False, DOOR), (True, None)])
async def test_nothing_is_counted_where_that_is_switched_off_or_not_asked_for(on: bool, opening: str | None) -> None:
    house = digests(on=on)
    digest = await house.made("8350")
    assert [await tried(house, digest, "0", opening) for _ in range(12)] == [False] * 12
    assert await tried(house, digest, "8350", opening) is True


async def test_however_many_are_set_people_sign_in_and_others_have_theirs_looked_at() -> None:
    passwords = Passwords(at_once=1, waiting=2)
    house = HouseDigests.over(passwords, MemoryStore(), FixedClock())
    digest = await house.made("8350")
    setting = [asyncio.create_task(house.made("8350")) for _ in range(5)]
    await asyncio.sleep(0)
    assert await passwords.hash("a password")
    assert await house.matches(digest, "8350", DOOR)
    assert len(await asyncio.gather(*setting)) == 5


async def test_more_than_can_wait_are_told_so() -> None:
    house = digests()
    setting = (house.made("8350") for _ in range(MOST_WAITING + 3))
    done = await asyncio.gather(*setting, return_exceptions=True)
    assert [type(each) for each in done] == [str] * (MOST_WAITING + 1) + [Unavailable] * 2
    assert await house.made("8350")
