"""Passwords are hashed with argon2id, beside the event loop, and never more of them than the machine can bear."""

import asyncio
import threading
from unicodedata import normalize

import pytest
from argon2 import Parameters, PasswordHasher, extract_parameters
from argon2.profiles import CHEAPEST

from scopekeeper.oauth.people import LONGEST_PASSWORD
from scopekeeper.services.passwords import AT_ONCE, OWASP, WAITING, Passwords, Verified
from scopekeeper.services.ports import Unavailable
from tests.altered import replace

RIGHT, RIGHT_BUT_OLD, WRONG = Verified(True), Verified(True, rehash=True), Verified(False)


def cheap(at_once: int = AT_ONCE, waiting: int = WAITING) -> Passwords:
    return Passwords(at_once=at_once, waiting=waiting, parameters=CHEAPEST)


class Stopped(PasswordHasher):
    """Hashes when it is let; counts what it was asked to verify."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.let = threading.Event()
        self.verified: list[str | bytes] = []

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        assert self.let.wait(10)
        return "hashed"

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # type: ignore[override]  # Literal[True]
        self.verified.append(hash)
        return super().verify(hash, password)


def with_hasher(hasher: PasswordHasher, passwords: Passwords) -> Passwords:
    passwords._hasher = hasher
    return passwords


async def test_a_password_is_right_and_another_is_not() -> None:
    passwords = cheap()
    hashed = await passwords.hash("correct horse")
    assert await passwords.verify(hashed, "correct horse") == RIGHT
    for other in ("Correct horse", "correct horse ", "", "correct\x00horse"):
        assert await passwords.verify(hashed, other) == WRONG
    assert await passwords.hash("correct horse") != hashed


async def test_what_is_kept_is_argon2id_with_the_parameters_that_were_chosen() -> None:
    """RFC 9106."""
    hashed = await Passwords().hash("correct horse")
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert extract_parameters(hashed) == OWASP


async def test_the_same_characters_typed_on_another_keyboard_are_the_same_password() -> None:
    passwords = cheap()
    hashed = await passwords.hash(normalize("NFC", "Käse und Brötchen"))
    assert await passwords.verify(hashed, normalize("NFD", "Käse und Brötchen")) == RIGHT


@pytest.mark.parametrize("kept", [replace(CHEAPEST, time_cost=2), replace(CHEAPEST, hash_len=16)])
async def test_a_hash_of_other_parameters_is_right_and_says_that_it_is_old(kept: Parameters) -> None:
    hashed = await Passwords(parameters=kept).hash("correct horse")
    assert await cheap().verify(hashed, "correct horse") == RIGHT_BUT_OLD
    assert await cheap().verify(hashed, "wrong horse") == WRONG


async def test_row_54_without_a_hash_the_same_work_is_done_and_nothing_is_right() -> None:
    hasher = Stopped()
    passwords = with_hasher(hasher, cheap())
    for presented in ("", "correct horse"):
        assert await passwords.verify(None, presented) == WRONG
    assert [extract_parameters(str(each)) for each in hasher.verified] == [CHEAPEST, CHEAPEST]
    assert extract_parameters(Passwords()._nobodys) == OWASP
    assert await Passwords().verify(None, "correct horse") == WRONG


@pytest.mark.parametrize("presented", ["a" * (LONGEST_PASSWORD + 1), "ü" * LONGEST_PASSWORD, "x" * 10**7, "\udcff" * 9])
async def test_row_54_what_can_be_no_password_is_wrong_before_it_is_hashed(presented: str) -> None:
    hasher = Stopped()
    passwords = with_hasher(hasher, cheap())
    for hashed in (None, PasswordHasher.from_parameters(CHEAPEST).hash("correct horse")):
        assert await passwords.verify(hashed, presented) == WRONG
    assert hasher.verified == []


@pytest.mark.parametrize("kept", ["", "correct horse", "$argon2id$v=19$m=8,t=1,p=1$broken", "$2b$12$bcrypt"])
async def test_row_27_what_is_no_hash_lets_nobody_in(kept: str) -> None:
    assert await cheap().verify(kept, "correct horse") == WRONG
    assert await cheap().verify(kept, kept) == WRONG


async def test_row_54_more_than_may_wait_are_turned_away_and_the_others_are_served() -> None:
    hasher = Stopped()
    passwords = with_hasher(hasher, cheap(at_once=1, waiting=3))
    waiting = [asyncio.create_task(passwords.hash("correct horse")) for _ in range(4)]
    await asyncio.sleep(0)
    for _ in range(10):
        with pytest.raises(Unavailable):
            await passwords.verify(None, "correct horse")
    hasher.let.set()
    assert await asyncio.gather(*waiting) == ["hashed"] * 4
    assert await passwords.hash("correct horse") == "hashed"


async def test_who_goes_away_frees_a_place_only_when_the_work_is_done() -> None:
    hasher = Stopped()
    passwords = with_hasher(hasher, cheap(at_once=1, waiting=1))
    under_way, waiting = (asyncio.create_task(passwords.hash("correct horse")) for _ in range(2))
    await asyncio.sleep(0)
    for task in (under_way, waiting):
        task.cancel()
    await asyncio.gather(under_way, waiting, return_exceptions=True)
    second = asyncio.create_task(passwords.hash("correct horse"))  # the place of the one that only waited
    await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await passwords.hash("correct horse")
    hasher.let.set()
    assert await second == "hashed"


async def test_the_event_loop_goes_on_while_a_password_is_hashed() -> None:
    hasher = Stopped()
    passwords = with_hasher(hasher, cheap())
    hashing = asyncio.create_task(passwords.hash("correct horse"))
    for _ in range(100):
        await asyncio.sleep(0)
    assert not hashing.done()
    hasher.let.set()
    assert await hashing == "hashed"


@pytest.mark.parametrize(("processes", "each", "waiting"), [(1, 2, 32), (2, 1, 16), (4, 1, 8), (64, 1, 4)])
async def test_of_several_processes_each_hashes_its_share_and_at_least_one(
    processes: int, each: int, waiting: int
) -> None:
    passwords = with_hasher(hasher := Stopped(), Passwords.of_one_in(processes))
    assert passwords._threads._max_workers == each
    taken = [asyncio.create_task(passwords.hash("correct horse")) for _ in range(each + waiting)]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await passwords.hash("one more")
    hasher.let.set()
    assert set(await asyncio.gather(*taken)) == {"hashed"}
