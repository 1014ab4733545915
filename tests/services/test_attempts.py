"""Guessing is slowed down, in whatever process it is tried, and nobody is shut out for what others do elsewhere."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopekeeper.services.attempts import A_MINUTE, BURST, Attempts, Limits, TooMany
from scopekeeper.services.ports import Filling, Unavailable
from scopekeeper.store import CachedStore, MemoryStore
from tests.building import built
from tests.fixtures import FixedClock
from tests.services.asked import Asked, as_store

HERE, ELSEWHERE = "203.0.113.7", "198.51.100.1"


class Wrong(Exception):
    pass


class Desk:
    """Where attempts are made: one process's counting of them, with its clock, on a store."""

    def __init__(
        self, store: MemoryStore | CachedStore | None = None, clock: FixedClock | None = None, **limits: Any
    ) -> None:
        self.clock = clock or FixedClock()
        self.asked = Asked(store or MemoryStore())
        self.attempts = Attempts(as_store(self.asked), self.clock, "person", Limits(**limits))
        self.looked_at = 0

    async def fails(self, address: str | None = HERE) -> bool:
        """A wrong attempt; was it looked at?"""
        try:
            async with self.attempts.attempt(address, Wrong):
                self.looked_at += 1
                await asyncio.sleep(0)
                raise Wrong
        except Wrong:
            return True
        except TooMany:
            return False

    async def succeeds(self, address: str | None = HERE, *, after: float = 0) -> None:
        """A right attempt. Raises TooMany."""
        async with self.attempts.attempt(address, Wrong):
            await asyncio.sleep(after)

    async def shut(self, address: str | None = HERE) -> int:
        """Seconds until it opens, or 0."""
        try:
            await self.succeeds(address)
        except TooMany as too_many:
            return too_many.retry_after
        return 0

    async def failures_until_shut(self, address: str | None = HERE) -> int:
        for failed in range(1_000):
            if not await self.fails(address):
                return failed
        raise AssertionError("never shut")


async def test_row_52_thirty_failures_pass_at_once_and_then_ten_a_minute() -> None:
    desk = Desk()
    assert await desk.failures_until_shut() == BURST == 30
    assert await desk.shut() == 6
    desk.clock.advance(5)
    assert await desk.shut() == 1
    passed = 0
    desk.clock.advance(-4)
    for _ in range(60):
        passed += await desk.fails()
        desk.clock.advance(1)
    assert passed == A_MINUTE == 10


async def test_whoever_waits_as_long_as_told_is_let_in() -> None:
    desk = Desk(a_minute=7, burst=3)
    await desk.failures_until_shut()
    desk.clock.advance(await desk.shut())
    assert await desk.shut() == 0


async def test_an_emptied_bucket_holds_a_whole_burst_again_and_no_more() -> None:
    desk = Desk()
    await desk.failures_until_shut()
    for later in (180, 10_000_000):
        desk.clock.advance(later)
        assert await desk.failures_until_shut() == 30


async def test_row_52_the_owner_elsewhere_is_not_shut_out_by_who_guesses_here() -> None:
    desk = Desk()
    await desk.failures_until_shut()
    assert not await desk.shut(ELSEWHERE)
    assert not await desk.shut(None)


async def test_applications_that_guess_keep_nobody_from_signing_in() -> None:
    store, clock = MemoryStore(), FixedClock()
    people, clients = (
        Attempts(store, clock, "person", Limits(burst=1)),
        Attempts(store, clock, "client", Limits(burst=1)),
    )
    await clients.failed(HERE)
    with pytest.raises(TooMany):
        await clients.failed(HERE)
    async with people.attempt(HERE, Wrong):
        pass


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8:0:0:ffff:ffff:ffff:ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:203.0.113.7", "203.0.113.7", True),
        ("64:ff9b::203.0.113.7", "203.0.113.7", True),
        ("64:ff9b::203.0.113.7", "64:ff9b::203.0.113.8", False),
        ("fe80::1%eth0", "fe80::2", True),
        ("203.0.113.7", "203.0.113.8", False),
        ("unix", "unix", True),
        ("unix", "here", False),
        (None, "", True),
    ],
)
async def test_a_network_that_one_household_has_is_one_address(one: str | None, other: str | None, same: bool) -> None:
    """IPv6 counts by /64; IPv4 that is mapped or translated into IPv6 (RFC 6052 §2.1) by its own address."""
    desk = Desk(burst=1)
    assert await desk.fails(one)
    assert bool(await desk.shut(other)) is same


async def test_a_clock_that_is_set_back_shuts_nobody_out_for_long() -> None:
    desk = Desk()
    await desk.failures_until_shut()
    desk.clock.advance(-86_400)
    assert await desk.shut() == 6
    desk.clock.advance(6)
    assert await desk.shut() == 0


async def test_row_52_what_is_right_costs_nothing_however_often() -> None:
    desk = Desk(burst=1)
    for _ in range(100):
        await desk.succeeds()
    assert await desk.fails()
    assert await desk.shut() == 6


async def test_what_could_not_be_looked_at_costs_nothing() -> None:
    desk = Desk(burst=1)
    for _ in range(10):
        with pytest.raises(Unavailable):
            async with desk.attempts.attempt(HERE, Wrong):
                raise Unavailable("disk gone")
    task = asyncio.create_task(desk.succeeds(after=60))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not await desk.shut()


async def test_row_52_of_a_crowd_no_more_are_looked_at_than_the_burst_in_all_processes_together() -> None:
    store, clock = MemoryStore(), FixedClock()
    desks = [Desk(CachedStore(store, clock), clock) for _ in range(3)]
    told = await asyncio.gather(*(desk.fails() for desk in desks for _ in range(100)))
    assert told.count(True) == sum(desk.looked_at for desk in desks) == BURST
    assert {await desk.shut() for desk in desks} == {6}


async def test_row_52_who_is_right_waits_for_others_who_are_just_looked_at_and_is_not_refused() -> None:
    desk = Desk(burst=2)
    await asyncio.gather(*(desk.succeeds(after=0.001) for _ in range(50)))
    assert await desk.failures_until_shut() == 2


async def test_who_waits_for_others_is_refused_when_those_were_wrong() -> None:
    desk = Desk(burst=3)
    told = await asyncio.gather(*(desk.shut() if each > 2 else desk.fails() for each in range(20)))
    assert told == [True] * 3 + [6] * 17
    assert desk.looked_at == 3


async def test_who_is_right_is_let_in_by_the_place_that_another_gives_back() -> None:
    desk = Desk(burst=2)
    right = asyncio.create_task(desk.succeeds(after=0.05))
    await asyncio.sleep(0)
    assert await desk.fails()
    await asyncio.gather(right, desk.succeeds())
    assert [await desk.fails(), await desk.fails()] == [True, False]


async def test_a_place_that_is_held_in_another_process_is_waited_for_a_moment() -> None:
    store, clock = MemoryStore(), FixedClock()
    one, other = Desk(store, clock, burst=1), Desk(store, clock, burst=1)
    right = asyncio.create_task(one.succeeds(after=0.05))
    await asyncio.sleep(0)
    await other.succeeds()
    await right


async def test_row_52_a_flood_from_one_address_costs_no_work_of_the_database() -> None:
    desk = Desk(burst=3)
    await desk.failures_until_shut()
    desk.asked.log.clear()
    for _ in range(5):
        assert not any(await asyncio.gather(*(desk.fails() for _ in range(200))))
    assert desk.asked.log == []
    desk.clock.advance(6)
    assert await desk.fails()


async def test_right_attempts_cost_two_commits_and_wrong_ones_one() -> None:
    desk = Desk()
    await desk.succeeds()
    assert desk.asked.log == ["fill", "give_back"]
    desk.asked.log.clear()
    await desk.fails()
    assert desk.asked.log == ["fill"]


async def test_row_57_those_of_one_address_who_wait_are_bounded() -> None:
    desk = Desk(burst=1)
    first = asyncio.create_task(desk.succeeds(after=0.05))
    await asyncio.sleep(0)
    told = await asyncio.gather(*(desk.fails() for _ in range(500)))
    await first
    assert told.count(True) == 1
    assert desk.asked.log.count("fill") < 10
    assert not desk.attempts._lines


async def test_row_57_the_number_of_full_buckets_that_are_remembered_is_bounded() -> None:
    attempts = Attempts(MemoryStore(), FixedClock(), "client", Limits(burst=1))
    for number in range(10_100):
        address = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
        await attempts.failed(address)
        with pytest.raises(TooMany):
            await attempts.failed(address)
    assert len(attempts._full) == 10_000
    with pytest.raises(TooMany):
        await attempts.failed("10.0.0.0")


class Keeping(MemoryStore):
    """Gives nothing back."""

    def __init__(self) -> None:
        super().__init__()

        async def give_back(key: str, by: int) -> None:
            raise Unavailable("disk full")

        self.give_back = give_back


async def test_who_was_right_is_let_in_even_if_their_place_cannot_be_given_back_and_it_drains() -> None:
    desk = Desk(Keeping(), burst=1)
    await desk.succeeds()
    assert await desk.shut() == 6
    desk.clock.advance(6)
    assert await desk.shut() == 0


class Telling(MemoryStore):
    """Tells which keys there are."""

    def __init__(self) -> None:
        super().__init__()
        self.keys_filled: list[str] = []
        inner = self.fill

        async def fill(key: str, now: int, by: int, most: int) -> Filling:
            self.keys_filled.append(key)
            return await inner(key, now, by, most)

        self.fill = fill


async def test_row_57_whatever_an_address_is_said_to_be_its_key_is_short_and_says_nothing_of_it() -> None:
    store = Telling()
    desk = Desk(store)
    for address in ("hunter2" * 10_000, "\ud800", "a\0b", HERE, None):
        assert await desk.fails(address)
    assert all(len(key) < 60 and "hunter2" not in key and key.isascii() for key in store.keys_filled)
    assert store.keys_filled[3:] == ["person 203.0.113.7", "person here"]
    assert len(set(store.keys_filled)) == 5


async def test_where_the_database_is_away_nobody_guesses() -> None:
    store = MemoryStore()
    desk = Desk(store)
    await store.close()
    with pytest.raises(Unavailable):
        await desk.succeeds()
    with pytest.raises(Unavailable):
        await desk.attempts.failed(HERE)
    assert desk.looked_at == 0


async def test_what_has_drained_meanwhile_is_not_given_back_a_second_time() -> None:
    desk = Desk(burst=2)
    async with desk.attempts.attempt(HERE, Wrong):
        desk.clock.advance(60)
        assert [await desk.fails(), await desk.fails()] == [True, True]
    assert await desk.shut() == 6


async def test_the_setting_switches_them_off_and_asks_the_database_nothing(tmp_path: Path) -> None:
    async with built(tmp_path, {"SCOPEKEEPER_RATE_LIMITS": "off"}) as house:
        for _ in range(100):
            with pytest.raises(Wrong):
                async with house.house.attempts.attempt(HERE, Wrong):
                    raise Wrong
    desk = Desk(on=False)
    for _ in range(1_000):
        assert await desk.fails()
        await desk.attempts.failed(HERE)
    assert desk.asked.log == []


@given(st.lists(st.integers(0, 600), max_size=200), st.integers(1, 60), st.integers(1, 50))
def test_no_more_pass_than_the_burst_and_what_drained_since(seconds: list[int], a_minute: int, burst: int) -> None:
    async def passed() -> tuple[int, int]:
        clock = FixedClock()
        attempts, count, start = Attempts(MemoryStore(), clock, "client", Limits(a_minute, burst)), 0, clock.now()
        for second in seconds:
            clock.advance(second % 30)
            try:
                await attempts.failed(HERE)
                count += 1
            except TooMany:
                continue
        return count, clock.now() - start

    count, lasted = asyncio.run(passed())
    assert count <= burst + lasted * a_minute / 60 + 1e-6
