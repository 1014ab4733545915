"""Refusals counted: who guesses too often is told to wait, and whatever is right passes (issue: failures only)."""

import pytest

from scopekeeper.oauth.errors import OAuthError
from scopekeeper.services.attempts import Attempts
from scopekeeper.services.refusals import Refusals
from tests.fixtures import FixedClock

WRONG = OAuthError.invalid_client("wrong client_secret")
ADDRESS = "203.0.113.7"


def told(refusals: Refusals, refused: OAuthError = WRONG, client: str = "abc", address: str = ADDRESS) -> int:
    return refusals.told(refused, client, address).status


@pytest.mark.parametrize("refused", [WRONG, OAuthError.invalid_grant("unknown")], ids=["client", "grant"])
def test_row_52_after_so_many_failures_the_refusal_says_how_long_to_wait(refused: OAuthError) -> None:
    """RFC 6585 §4: 429, and Retry-After."""
    clock = FixedClock()
    refusals = Refusals(Attempts(a_minute=10, burst=30), clock)
    assert [told(refusals, refused) for _ in range(30)] == [refused.status] * 30
    many = refusals.told(refused, "abc", ADDRESS)
    assert (many.status, many.error, many.retry_after) == (429, "temporarily_unavailable", 6)
    assert many.description == "Too many attempts failed. Try again in 6 seconds."
    clock.advance(6)
    assert [told(refusals, refused) for _ in range(2)] == [refused.status, 429]


@pytest.mark.parametrize(
    "refused",
    [
        OAuthError.authorization_pending(),
        OAuthError.slow_down(),
        OAuthError.invalid_scope("x"),
        OAuthError.invalid_request("x"),
        OAuthError.wrong_password(),
        OAuthError.too_many(6),
    ],
    ids=lambda refused: refused.error,
)
def test_what_is_no_guess_never_counts_and_is_told_as_it_is(refused: OAuthError) -> None:
    refusals = Refusals(Attempts(burst=1), FixedClock())
    assert all(refusals.told(refused, "abc", ADDRESS) is refused for _ in range(5))
    assert told(refusals) == 401
    assert refusals.told(refused, "abc", ADDRESS) is refused


def test_row_52_nobody_waits_for_what_others_do_elsewhere() -> None:
    refusals = Refusals(Attempts(burst=1), FixedClock())
    assert [told(refusals), told(refusals), told(refusals, client="other")] == [401, 429, 429]
    assert told(refusals, address="198.51.100.1") == 401


def test_switched_off_it_counts_nothing() -> None:
    refusals = Refusals(Attempts(burst=1, on=False), FixedClock())
    assert {told(refusals) for _ in range(100)} == {401}


def test_row_57_a_name_without_end_is_kept_in_part_only() -> None:
    refusals = Refusals(Attempts(burst=2), FixedClock())
    assert told(refusals, client="a" * 60_000) == 401
    (known, _) = refusals.attempts._empty_at  # what it keeps is nowhere else to be seen
    assert len(known[0]) < 200
