"""Time never runs back, whatever becomes of the machine's clock."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from scopekeeper.services.clock import SystemClock
from scopekeeper.services.mint import LeasedMint
from scopekeeper.services.ports import Lease
from tests.fixtures import NOON

A_SECOND = 1_000_000_000
AN_HOUR = 3_600.0


@dataclass(slots=True)
class Machine:
    """A wall clock that anybody may set, and a monotonic one that nobody can. Both in nanoseconds."""

    wall: int = NOON * A_SECOND
    monotonic: int = 7 * A_SECOND

    def clock(self) -> SystemClock:
        return SystemClock(lambda: self.wall, lambda: self.monotonic)

    def passes(self, seconds: float) -> None:
        self.wall += round(seconds * A_SECOND)
        self.monotonic += round(seconds * A_SECOND)

    def is_set(self, seconds: float) -> None:
        """Forward, or back where it is negative."""
        self.wall += round(seconds * A_SECOND)


def test_the_machines_own_clock_tells_the_same_time_in_seconds_and_milliseconds() -> None:
    clock = SystemClock()
    seconds, milliseconds, later = clock.now(), clock.milliseconds(), clock.now()
    assert seconds <= milliseconds // 1000 <= later


def test_it_says_what_the_wall_clock_says() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.passes(90.25)
    assert (clock.now(), clock.milliseconds()) == (NOON + 90, NOON * 1000 + 90_250)


def test_a_wall_clock_that_is_set_back_takes_nobody_back() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.passes(60)
    machine.is_set(-AN_HOUR)
    assert NOON + 59 <= clock.now() <= NOON + 60


def test_nor_one_that_was_set_back_while_nobody_asked() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.passes(2 * AN_HOUR)
    machine.is_set(-AN_HOUR)
    assert NOON + 2 * AN_HOUR * 0.99 <= clock.now() <= NOON + 2 * AN_HOUR


def test_it_goes_on_a_hundredth_slower_until_the_wall_clock_has_caught_up() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.is_set(-30)
    clock.now()
    machine.passes(1_000)
    assert clock.now() == NOON + 990
    machine.passes(2_000)
    assert clock.now() == NOON + 2_970
    machine.passes(1)
    assert clock.now() == NOON + 2_971


def test_a_wall_clock_that_was_set_back_and_is_set_right_is_believed_at_once() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.is_set(-AN_HOUR)
    clock.now()
    machine.passes(10)
    machine.is_set(AN_HOUR)
    assert clock.now() == NOON + 10


def test_a_wall_clock_that_is_set_forward_is_believed() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.is_set(AN_HOUR)
    assert clock.now() == NOON + AN_HOUR


@pytest.mark.parametrize("a_million", [-500, 500])
def test_a_wall_clock_that_ntp_slews_is_followed(a_million: int) -> None:
    machine = Machine()
    clock = machine.clock()
    for _ in range(10_000):
        machine.passes(1)
        machine.is_set(a_million / 1_000_000)
        clock.now()
    assert clock.milliseconds() == machine.wall // 1_000_000


def test_each_jump_back_is_told_once() -> None:
    machine = Machine()
    clock = machine.clock()
    with capture_logs() as logged:
        for _ in range(2):
            machine.is_set(-AN_HOUR)
            for _ in range(5):
                machine.passes(1)
                clock.now()
    assert [(each["log_level"], round(each["seconds"])) for each in logged] == [
        ("warning", AN_HOUR),
        ("warning", 2 * AN_HOUR),
    ]


def test_what_is_less_than_half_a_second_is_not_worth_a_word() -> None:
    machine = Machine()
    clock = machine.clock()
    with capture_logs() as logged:
        machine.is_set(-0.4)
        assert clock.milliseconds() == NOON * 1000
    assert logged == []


def test_who_is_held_up_between_its_two_readings_neither_runs_ahead_nor_complains() -> None:
    machine = Machine()

    def monotonic() -> int:
        machine.passes(AN_HOUR)
        return machine.monotonic

    clock = SystemClock(lambda: machine.wall, monotonic)
    with capture_logs() as logged:
        for _ in range(5):
            assert clock.milliseconds() <= machine.wall // 1_000_000
    assert logged == []


def test_it_is_taken_forward_to_a_moment_that_others_have_seen_and_to_no_earlier_one() -> None:
    machine = Machine()
    clock = machine.clock()
    with capture_logs() as logged:
        clock.take_forward((NOON + 90) * 1000)
        clock.take_forward((NOON + 30) * 1000)
        assert clock.now() == NOON + 90
        machine.passes(100)
        assert clock.now() == NOON + 189
    assert logged == []


@given(st.lists(st.tuples(st.floats(0, 100_000), st.floats(-100_000, 100_000)), max_size=30))
def test_whatever_is_done_to_the_wall_clock_time_goes_on_and_no_id_is_made_twice(
    happenings: list[tuple[float, float]],
) -> None:
    machine = Machine()
    clock = machine.clock()
    mint = LeasedMint(Lease(5, 0, 1 << 62), clock)
    told, made = [clock.milliseconds()], [mint.row_id()]
    for passes, jumps in happenings:
        machine.passes(passes)
        machine.is_set(jumps)
        told.append(clock.milliseconds())
        made.append(mint.row_id())
        assert told[-1] - told[-2] >= passes * 990 - 1
    assert told == sorted(told)
    assert made == sorted(set(made))
