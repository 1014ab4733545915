"""A database is not opened by a clock that is behind what it has seen."""

import pytest
from structlog.testing import capture_logs

from scopekeeper.services.clock import SystemClock
from scopekeeper.services.mint import LeasedMint
from scopekeeper.services.moment import LEASE, MOST, WrongClock, believe, go_on
from scopekeeper.services.ports import Taken
from scopekeeper.store.memory import MemoryStore
from tests.fixtures import NOON

A_YEAR = 365 * 86_400
NOW = NOON * 1000


def standing(seconds: float = 0) -> SystemClock:
    """A machine's clock that stands still so far from noon."""
    return SystemClock(lambda: round((NOON + seconds) * 1_000_000_000), lambda: 0)


async def leased(*seconds: float) -> MemoryStore:
    """A database in which process numbers were leased so far from noon."""
    store = MemoryStore()
    for each in seconds:
        await store.lease(f"at {each}", NOW + round(each * 1000), LEASE)
    return store


async def test_a_new_database_is_opened_at_any_time() -> None:
    clock = standing(-A_YEAR)
    await go_on(clock, await leased())
    assert clock.now() == NOON - A_YEAR


async def test_a_clock_that_is_ahead_is_believed() -> None:
    clock = standing()
    await go_on(clock, await leased(-A_YEAR, -20))
    assert clock.now() == NOON


@pytest.mark.parametrize(("behind", "warned"), [(1, 0), (30, 1), (MOST // 1000, 1)])
async def test_one_that_is_a_little_behind_is_taken_forward_to_what_was_seen(behind: int, warned: int) -> None:
    clock = standing(-behind)
    with capture_logs() as logged:
        await go_on(clock, await leased(-50, 0, -10))
    assert clock.now() == NOON
    assert [each["log_level"] for each in logged] == ["warning"] * warned


async def test_one_that_is_far_behind_is_refused_with_both_times() -> None:
    with pytest.raises(WrongClock) as wrong:
        await go_on(standing(-3600), await leased(0))
    assert "2026-01-01T11:00:00Z" in str(wrong.value)
    assert "2026-01-01T12:00:00Z" in str(wrong.value)


async def test_what_a_wrong_clock_told_may_be_later_than_can_be_written() -> None:
    with pytest.raises(WrongClock, match="9999-12-31T23:59:59Z"):
        await go_on(standing(), await leased(10_000 * A_YEAR))


async def test_a_number_that_was_given_back_tells_it_too() -> None:
    store = await leased(0)
    await store.release("at 0")
    with pytest.raises(WrongClock):
        await go_on(standing(-3600), store)


async def test_an_operator_says_that_another_clock_was_wrong_and_the_log_has_it() -> None:
    store, clock = await leased(A_YEAR, 0), standing()
    with pytest.raises(WrongClock):
        await go_on(clock, store)
    assert await believe(clock, store, "cli:root") == 1
    await go_on(clock, store)
    assert clock.now() == NOON
    (act,) = await store.acts()
    assert (act.actor, act.action, act.at, act.details) == ("cli:root", "clock.believe", NOON, {"leases": 1})


async def test_nothing_is_noted_where_no_clock_was_far_ahead() -> None:
    store = await leased(0, MOST // 1000)
    assert await believe(standing(), store, "cli:root") == 0
    assert await store.latest_lease() == NOW + MOST + LEASE


async def test_the_number_of_a_wrong_clock_is_nobodys_until_its_time_has_come_so_no_id_is_made_twice() -> None:
    store = await leased(A_YEAR)
    wrong = await store.lease(f"at {A_YEAR}", NOW + A_YEAR * 1000, LEASE)
    made = LeasedMint(wrong, standing(A_YEAR)).row_id()
    await believe(standing(), store, "cli:root")
    others = [await store.lease(f"another {each}", NOW, LEASE) for each in range(1023)]
    assert wrong.number not in {each.number for each in others}
    with pytest.raises(Taken):
        await store.lease("one too many", NOW, LEASE)
    later = standing(A_YEAR + LEASE // 1000)
    for each in range(1023):
        await store.lease(f"another {each}", later.milliseconds(), LEASE)
    following = await store.lease("in a year", later.milliseconds(), LEASE)
    assert following.number == wrong.number
    assert LeasedMint(following, later).row_id() > made
