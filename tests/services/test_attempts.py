"""Guessing is slowed down, and nobody is shut out for what others do elsewhere."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopekeeper.services.attempts import A_MINUTE, BURST, Attempts, TooMany
from tests.building import built

NOW = 1_800_000_000
HERE, ELSEWHERE = "203.0.113.7", "198.51.100.1"


def failures_until_shut(attempts: Attempts, whose: str, address: str | None, now: int = NOW) -> int:
    for failed in range(1_000):
        if shut(attempts, whose, address, now):
            return failed
        attempts.failed(whose, address, now)
    raise AssertionError("never shut")


def shut(attempts: Attempts, whose: str, address: str | None, now: int = NOW) -> int:
    """Seconds until it opens, or 0."""
    try:
        attempts.require(whose, address, now)
    except TooMany as too_many:
        return too_many.retry_after
    return 0


def test_row_52_thirty_failures_pass_at_once_and_then_ten_a_minute() -> None:
    attempts = Attempts()
    assert failures_until_shut(attempts, "user:alice", HERE) == BURST == 30
    assert shut(attempts, "user:alice", HERE) == 6
    assert shut(attempts, "user:alice", HERE, NOW + 5) == 1
    passed = 0
    for second in range(60):
        if not shut(attempts, "user:alice", HERE, NOW + 1 + second):
            attempts.failed("user:alice", HERE, NOW + 1 + second)
            passed += 1
    assert passed == A_MINUTE == 10


def test_whoever_waits_as_long_as_told_is_let_in() -> None:
    attempts = Attempts(a_minute=7, burst=3)
    failures_until_shut(attempts, "user:alice", HERE)
    wait = shut(attempts, "user:alice", HERE)
    assert shut(attempts, "user:alice", HERE, NOW + wait) == 0


def test_an_emptied_bucket_holds_a_whole_burst_again_and_no_more() -> None:
    attempts = Attempts()
    failures_until_shut(attempts, "user:alice", HERE)
    for later in (180, 10_000_000):
        assert failures_until_shut(attempts, "user:alice", HERE, NOW + later) == 30


def test_row_52_the_owner_elsewhere_is_not_shut_out_by_who_guesses_here() -> None:
    attempts = Attempts()
    failures_until_shut(attempts, "user:alice", HERE)
    assert not shut(attempts, "user:alice", ELSEWHERE)
    assert not shut(attempts, "user:alice", None)


def test_one_address_is_slowed_down_whosoever_names_it_tries() -> None:
    attempts = Attempts()
    for number in range(BURST):
        attempts.failed(f"user:{number}", HERE, NOW)
    assert shut(attempts, "user:alice", HERE)
    assert shut(attempts, "client:night-shift", HERE)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8:0:0:ffff:ffff:ffff:ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:203.0.113.7", "203.0.113.7", True),
        ("fe80::1%eth0", "fe80::2", True),
        ("203.0.113.7", "203.0.113.8", False),
        ("unix", "unix", True),
        (None, "", True),
    ],
)
def test_a_network_that_one_household_has_is_one_address(one: str | None, other: str | None, same: bool) -> None:
    attempts = Attempts(burst=1)
    attempts.failed("user:alice", one, NOW)
    assert bool(shut(attempts, "user:bob", other)) is same


def test_a_clock_that_is_set_back_shuts_nobody_out_for_long() -> None:
    attempts = Attempts()
    failures_until_shut(attempts, "user:alice", HERE)
    assert shut(attempts, "user:alice", HERE, NOW - 86_400) == 6


async def test_the_setting_switches_them_off(tmp_path: Path) -> None:
    async with built(tmp_path, {"SCOPEKEEPER_RATE_LIMITS": "off"}) as house:
        for _ in range(100):
            house.house.attempts.failed("user:alice", HERE, NOW)
        assert not shut(house.house.attempts, "user:alice", HERE)


def test_switched_off_all_pass() -> None:
    attempts = Attempts(on=False)
    for _ in range(1_000):
        attempts.failed("user:alice", HERE, NOW)
    assert not shut(attempts, "user:alice", HERE)


def test_row_57_the_number_of_buckets_is_bounded_and_those_used_last_are_kept() -> None:
    attempts = Attempts(burst=1, most=100)
    for number in range(10_000):
        attempts.failed(f"user:{number}", f"10.0.{number // 256}.{number % 256}", NOW)
    assert len(attempts._empty_at) == 100
    assert shut(attempts, "user:9999", "10.0.39.15")


@given(st.lists(st.integers(0, 600), max_size=200), st.integers(1, 60), st.integers(1, 50))
def test_no_more_pass_than_the_burst_and_what_drained_since(seconds: list[int], a_minute: int, burst: int) -> None:
    attempts, passed = Attempts(a_minute=a_minute, burst=burst), 0
    start = NOW
    for second in seconds:
        now = start = start + second % 30
        if not shut(attempts, "user:alice", HERE, now):
            attempts.failed("user:alice", HERE, now)
            passed += 1
    assert passed <= burst + (start - NOW) * a_minute / 60 + 1e-6
