"""The ladder of how well somebody proved who they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopekeeper.oauth.authentication import (
    ACR_VALUES,
    FEDERATED,
    MFA,
    OTP,
    PASSWORD,
    POP,
    USER,
    Demand,
    acr_of,
    reachable,
    satisfied,
    strictest,
    takes_more,
    together,
)

METHODS = st.frozensets(st.sampled_from([PASSWORD, OTP, POP, USER, MFA, FEDERATED, "hwk"]))
RUNGS = st.lists(st.sampled_from([*ACR_VALUES, "phr", "0", ""]), max_size=4)


LOW, HIGH = "urn:scopekeeper:acr:password", "urn:scopekeeper:acr:mfa"


def test_a_password_reaches_the_rung_that_is_named_after_it_and_two_factors_the_one_above() -> None:
    """RFC 8176 §2: `pwd`, `mfa`."""
    assert ACR_VALUES == (LOW, HIGH)
    assert acr_of({PASSWORD}) == LOW
    assert acr_of({PASSWORD, OTP, MFA}) == acr_of({POP, USER, MFA}) == HIGH
    assert acr_of(()) is acr_of({OTP}) is acr_of({FEDERATED}) is None


def test_who_reaches_a_rung_reaches_all_below_it_whatever_they_used() -> None:
    assert satisfied([LOW], (POP, USER, MFA))
    assert satisfied([HIGH, LOW], (PASSWORD,))
    assert not satisfied([HIGH], (PASSWORD,))


@pytest.mark.parametrize(
    ("first", "further", "amr"),
    [
        ((PASSWORD,), (OTP,), (PASSWORD, OTP, MFA)),
        ((PASSWORD,), (POP,), (PASSWORD, POP, MFA)),
        ((PASSWORD,), (POP, USER, MFA), (PASSWORD, POP, USER, MFA)),
        ((FEDERATED,), (OTP,), (FEDERATED, OTP, MFA)),
        ((POP, USER, MFA), (), (POP, USER, MFA)),
    ],
)
def test_two_steps_are_more_than_one_factor(
    first: tuple[str, ...], further: tuple[str, ...], amr: tuple[str, ...]
) -> None:
    assert together(first, further) == amr


@pytest.mark.parametrize(
    ("first", "further"),
    [((PASSWORD,), ()), ((PASSWORD,), (PASSWORD,)), ((POP,), (POP, USER)), ((), (OTP,)), ((PASSWORD,), (USER,))],
)
def test_row_52_a_step_that_shows_nothing_new_makes_no_second_factor(
    first: tuple[str, ...], further: tuple[str, ...]
) -> None:
    assert MFA not in together(first, further)


@pytest.mark.parametrize(
    ("wanted", "more"), [((), False), ((LOW,), False), ((HIGH,), True), ((HIGH, LOW), False), (("phr",), False)]
)
def test_a_rung_takes_more_than_one_step_where_no_lower_one_will_do(wanted: tuple[str, ...], more: bool) -> None:
    assert takes_more(wanted) is more


@given(METHODS, METHODS)
def test_more_methods_never_reach_less(some: frozenset[str], more: frozenset[str]) -> None:
    reached, higher = acr_of(some), acr_of(some | more)
    if reached is not None:
        assert higher is not None
        assert ACR_VALUES.index(higher) >= ACR_VALUES.index(reached)


@given(RUNGS, METHODS, METHODS)
def test_whatever_is_satisfied_stays_so_with_more_methods(
    wanted: list[str], some: frozenset[str], more: frozenset[str]
) -> None:
    assert not satisfied(wanted, some) or satisfied(wanted, some | more)


@given(RUNGS, METHODS)
def test_one_of_those_that_are_wanted_is_enough_and_an_unknown_one_never_is(
    wanted: list[str], amr: frozenset[str]
) -> None:
    reached = acr_of(amr)
    below = () if reached is None else ACR_VALUES[: ACR_VALUES.index(reached) + 1]
    assert satisfied(wanted, amr) == (not wanted or any(acr in below for acr in wanted))
    assert not satisfied(["phr"], amr)


def test_only_rungs_that_there_are_can_be_reached() -> None:
    assert reachable(["phr", LOW, "0"]) == (LOW,)
    assert reachable(["phr"]) == reachable([]) == ()


@pytest.mark.parametrize(
    ("demand", "auth_time", "amr", "met"),
    [
        (Demand(), 0, (), True),
        (Demand(max_age=300), 700, (), True),
        (Demand(max_age=300), 699, (PASSWORD,), False),
        (Demand(acr=(LOW,)), 0, (PASSWORD,), True),
        (Demand(acr=(LOW,)), 1_000, (), False),
        (Demand(300, (LOW,)), 1_000, (), False),
        (Demand(300, (LOW,)), 0, (PASSWORD,), False),
        (Demand(300, (LOW,)), 1_000, (PASSWORD, OTP), True),
        (Demand(300, (HIGH,)), 1_000, (PASSWORD, OTP), False),
        (Demand(300, (HIGH,)), 1_000, (PASSWORD, OTP, MFA), True),
        (Demand(300, (LOW,)), 1_000, (POP, USER, MFA), True),
    ],
)
def test_a_demand_is_met_by_a_sign_in_that_is_recent_and_strong_enough(
    demand: Demand, auth_time: int, amr: tuple[str, ...], met: bool
) -> None:
    """RFC 9470 §3: max_age is the elapsed time that is allowable, and one of the acr_values is required."""
    assert demand.met(auth_time, amr, 1_000) is met


def test_of_no_demands_none_is_the_strictest() -> None:
    assert strictest([]) is None


SOME = st.builds(
    Demand,
    st.none() | st.integers(1, 500),
    st.lists(st.sampled_from([LOW, HIGH]), max_size=2, unique=True).map(tuple),
)
AMR = st.sampled_from([(), (PASSWORD,), (OTP,), (PASSWORD, OTP, MFA), (POP, USER, MFA), (FEDERATED,)])


@given(st.lists(SOME, min_size=1, max_size=4), AMR, st.integers(0, 600))
def test_the_strictest_is_met_exactly_where_all_are(demands: list[Demand], amr: tuple[str, ...], now: int) -> None:
    found = strictest(demands)
    assert found is not None
    assert found.met(0, amr, now) == all(each.met(0, amr, now) for each in demands)
