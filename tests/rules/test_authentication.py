"""The ladder of how well somebody proved who they are."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from scopekeeper.oauth.authentication import ACR_VALUES, LADDER, PASSWORD, acr_of, satisfied

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
