"""The ladder of how well somebody proved who they are."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopekeeper.oauth.authentication import (
    ACR_VALUES,
    LADDER,
    PASSWORD,
    Demand,
    acr_of,
    reachable,
    satisfied,
    strictest,
)

METHODS = st.frozensets(st.sampled_from([PASSWORD, "otp", "hwk", "fpt"]))
RUNGS = st.lists(st.sampled_from([*ACR_VALUES, "phr", "0", ""]), max_size=4)


def test_a_password_reaches_the_rung_that_is_named_after_it() -> None:
    """RFC 8176 §2: `pwd`."""
    assert acr_of({PASSWORD}) == "urn:scopekeeper:acr:password"
    assert acr_of(()) is None
    assert acr_of({"otp"}) is None


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
    known = [acr for acr in wanted if acr in LADDER]
    assert satisfied(wanted, amr) == (not wanted or any(LADDER[acr] <= amr for acr in known))
    assert not satisfied(["phr"], amr)


def test_each_rung_takes_all_that_those_below_it_take() -> None:
    takes = list(LADDER.values())
    assert all(below <= above for below, above in pairwise(takes))


LOW, HIGH = ACR_VALUES[0], "urn:example:acr:two"


@pytest.fixture
def two_rungs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A ladder that has a second rung."""
    monkeypatch.setitem(LADDER, HIGH, frozenset({PASSWORD, "otp"}))


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
        (Demand(300, (LOW,)), 1_000, (PASSWORD, "otp"), True),
    ],
)
def test_a_demand_is_met_by_a_sign_in_that_is_recent_and_strong_enough(
    demand: Demand, auth_time: int, amr: tuple[str, ...], met: bool
) -> None:
    """RFC 9470 §3: max_age is the elapsed time that is allowable, and one of the acr_values is required."""
    assert demand.met(auth_time, amr, 1_000) is met


@pytest.mark.usefixtures("two_rungs")
def test_a_second_rung_is_demanded_and_reached_like_the_first() -> None:
    assert not Demand(acr=(HIGH,)).met(0, (PASSWORD,), 0)
    assert Demand(acr=(HIGH,)).met(0, (PASSWORD, "otp"), 0)
    assert Demand(acr=(HIGH, LOW)).met(0, (PASSWORD,), 0)


def test_of_no_demands_none_is_the_strictest() -> None:
    assert strictest([]) is None


SOME = st.builds(
    Demand,
    st.none() | st.integers(1, 500),
    st.lists(st.sampled_from([LOW, HIGH]), max_size=2, unique=True).map(tuple),
)
AMR = st.sampled_from([(), (PASSWORD,), ("otp",), (PASSWORD, "otp")])


@pytest.mark.usefixtures("two_rungs")
@given(st.lists(SOME, min_size=1, max_size=4), AMR, st.integers(0, 600))
def test_the_strictest_is_met_exactly_where_all_are(demands: list[Demand], amr: tuple[str, ...], now: int) -> None:
    found = strictest(demands)
    assert found is not None
    assert found.met(0, amr, now) == all(each.met(0, amr, now) for each in demands)
