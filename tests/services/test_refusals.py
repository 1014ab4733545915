"""Refusals counted: who guesses too often is told to wait, and whatever is right passes (issue: failures only)."""

import asyncio
from typing import Any

import pytest

from scopekeeper.oauth.errors import OAuthError
from scopekeeper.services.attempts import Attempts, Limits
from scopekeeper.services.ports import Unavailable
from scopekeeper.services.refusals import Refusals
from scopekeeper.store import MemoryStore
from tests.fixtures import FixedClock
from tests.services.asked import Asked, as_store

WRONG = OAuthError.invalid_client("wrong client_secret")
ADDRESS = "203.0.113.7"


def refusals_on(store: MemoryStore | Asked | None = None, clock: FixedClock | None = None, **limits: Any) -> Refusals:
    asked = store if isinstance(store, Asked) else Asked(store or MemoryStore())
    return Refusals(Attempts(as_store(asked), clock or FixedClock(), "client", Limits(**limits)))


async def told(refusals: Refusals, refused: OAuthError = WRONG, address: str = ADDRESS) -> int:
    return (await refusals.told(refused, address)).status


@pytest.mark.parametrize("refused", [WRONG, OAuthError.invalid_grant("unknown")], ids=["client", "grant"])
async def test_row_52_after_so_many_failures_the_refusal_says_how_long_to_wait(refused: OAuthError) -> None:
    """RFC 6585 §4: 429, and Retry-After."""
    clock = FixedClock()
    refusals = refusals_on(clock=clock, a_minute=10, burst=30)
    assert [await told(refusals, refused) for _ in range(30)] == [refused.status] * 30
    many = await refusals.told(refused, ADDRESS)
    assert (many.status, many.error, many.retry_after) == (429, "temporarily_unavailable", 6)
    assert many.description == "Too many attempts failed. Try again in 6 seconds."
    clock.advance(6)
    assert [await told(refusals, refused) for _ in range(2)] == [refused.status, 429]


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
async def test_what_is_no_guess_never_counts_and_is_told_as_it_is(refused: OAuthError) -> None:
    asked = Asked(MemoryStore())
    refusals = refusals_on(asked, burst=1)
    for _ in range(5):
        assert await refusals.told(refused, ADDRESS) is refused
    assert asked.log == []
    assert await told(refusals) == 401
    assert await refusals.told(refused, ADDRESS) is refused


async def test_row_52_nobody_waits_for_what_others_do_elsewhere() -> None:
    refusals = refusals_on(burst=1)
    assert [await told(refusals), await told(refusals)] == [401, 429]
    assert await told(refusals, address="198.51.100.1") == 401


async def test_row_52_of_a_crowd_as_many_hear_the_refusal_as_the_burst_in_all_processes_together() -> None:
    store = MemoryStore()
    processes = [refusals_on(store, burst=30) for _ in range(2)]
    heard = await asyncio.gather(*(told(processes[each % 2]) for each in range(200)))
    assert (heard.count(401), heard.count(429)) == (30, 170)


async def test_switched_off_it_counts_nothing() -> None:
    asked = Asked(MemoryStore())
    refusals = refusals_on(asked, burst=1, on=False)
    assert {await told(refusals) for _ in range(100)} == {401}
    assert asked.log == []


async def test_where_the_database_is_away_nobody_is_told_whether_it_was_right() -> None:
    store = MemoryStore()
    await store.close()
    with pytest.raises(Unavailable):
        await told(refusals_on(store))
