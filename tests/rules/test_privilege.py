"""Least privilege from what was seen: never below what is used, and never more than is held (RFC 9700 §2.3)."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from scopekeeper.oauth.applications import Changes
from scopekeeper.oauth.privilege import Advice, Observed, Seen, advice, least_scope, unused
from scopekeeper.scopes import cut, missing
from tests.rules.makers import NOW, client

A_DAY = 86_400
LEAVES = [
    f"{api}:{module}:{access}" for api in ("rest", "gql") for module in ("a", "b") for access in ("read", "write")
]
SCOPES = ["rest", "gql", "rest:a", "rest:b", "gql:a", *LEAVES, "openid", "email"]


def seen(*scopes: str, api: str = "rest", days: int = 30, **more: Any) -> Observed:
    """An application that was watched for so many days, and needed these scopes, each in one call."""
    facts: dict[str, Any] = {
        "calls": (Seen(api, len(scopes) or 1, NOW),),
        "scopes": tuple(Seen(scope, 1, NOW) for scope in scopes),
    }
    return Observed(NOW - days * A_DAY, NOW, NOW - days * A_DAY, **facts | more)


def advised(ceiling: str, *used: str, **more: Any) -> Advice:
    return advice(client(scope=tuple(ceiling.split())), seen(*used, **more))


def test_a_parent_is_replaced_by_what_was_used_of_it() -> None:
    told = advised("rest", "rest:a:read", "rest:b:write")
    assert told.scope == ("rest:a:read", "rest:b:write")
    assert told.changes == Changes(scope="rest:a:read rest:b:write")


def test_what_was_not_used_is_left_out() -> None:
    assert advised("rest:a:read rest:b:read", "rest:a:read").scope == ("rest:a:read",)


def test_identity_scopes_stay_for_no_call_shows_their_use() -> None:
    assert advised("openid rest email", "rest:a:read").scope == ("openid", "email", "rest:a:read")


def test_what_is_used_as_it_is_held_is_left_as_it_is_written() -> None:
    told = advised("rest:b:read rest:a:read", "rest:a:read", "rest:b:read")
    assert (told.scope, told.changes) == (("rest:b:read", "rest:a:read"), None)


def test_it_says_on_what_it_is_founded() -> None:
    told = advised("rest", "rest:a:read", days=9, calls=(Seen("rest", 40, NOW), Seen("gql", 2, NOW)))
    assert (told.since, told.calls, told.enough) == (NOW - 9 * A_DAY, 42, True)


def test_a_few_days_are_not_enough_to_rely_on() -> None:
    assert not advised("rest", "rest:a:read", days=6).enough
    assert advised("rest", "rest:a:read", days=7).enough


def test_of_whom_nothing_was_seen_nothing_is_advised() -> None:
    nothing = advice(client(scope=("rest",)), Observed(NOW - A_DAY, NOW, None))
    assert (nothing.scope, nothing.changes, nothing.since, nothing.enough) == (("rest",), None, None, False)


def test_whoever_only_asked_for_the_schema_keeps_what_it_has_there() -> None:
    both = seen("rest:a:read", calls=(Seen("rest", 1, NOW), Seen("gql", 1, NOW)))
    assert least_scope(("rest", "gql:a:read"), both) == ("gql:a:read", "rest:a:read")


def test_what_was_used_under_a_wider_ceiling_does_not_come_back() -> None:
    assert least_scope(("rest:a:read",), seen("rest:a:read", "rest:b:write")) == ("rest:a:read",)


def test_under_a_parent_that_was_used_in_part_nothing_is_unused() -> None:
    assert unused(("rest:a", "rest:b", "openid"), ["rest:a:read"]) == ("rest:b",)


@given(st.lists(st.sampled_from(SCOPES), unique=True), st.lists(st.sampled_from(LEAVES), unique=True))
def test_never_below_what_is_used_and_never_more_than_is_held(ceiling: list[str], used: list[str]) -> None:
    held = tuple(ceiling)
    least = least_scope(held, seen(*used, calls=(Seen("rest", 1, NOW), Seen("gql", 1, NOW))))
    assert not missing(least, cut(used, held))
    assert not missing(held, least)
