"""What was counted, read: over time without a gap, and in sum."""

from typing import Any

from scopekeeper.oauth.applications import Changes
from scopekeeper.oauth.privilege import Seen
from scopekeeper.oauth.records import Client
from scopekeeper.services.lists import HOUR, SYSTEM, Count, Kind
from scopekeeper.services.usage import A_DAY, MOST_POINTS, UsageBook
from scopekeeper.store import MemoryStore
from tests.fixtures import NOON, FixedClock
from tests.stores.records import a_client, an_act

MIDNIGHT = NOON - 12 * HOUR
READ, WRITE = "rest:callforward:read", "rest:callforward:write"


async def a_book(*counts: Count, **facts: Any) -> tuple[UsageBook, Client]:
    """What was counted of one application that is a year old, at half past twelve."""
    store, client = MemoryStore(), a_client(created_at=NOON - 365 * A_DAY, **facts)
    await store.add_client(client, an_act())
    await store.count(counts, {})
    return UsageBook(store, FixedClock(NOON + HOUR // 2)), client


def counted(kind: Kind, what: str, times: int = 1, *, hours_ago: int = 0, client_id: str = "night-shift") -> Count:
    return Count(client_id, NOON - hours_ago * HOUR, kind, what, times)


async def test_each_hour_has_its_numbers_and_where_nothing_happened_there_is_a_0() -> None:
    book, _ = await a_book(
        counted(Kind.CALLS, "rest", 3, hours_ago=2),
        counted(Kind.CALLS, "gql", 4, hours_ago=2),
        counted(Kind.TOKENS, "password", 2),
        counted(Kind.DENIALS, READ, hours_ago=1),
        counted(Kind.SCOPES, READ, 3, hours_ago=2),
    )
    series = await book.series("night-shift", NOON - 3 * HOUR + 59, NOON + 10)
    assert (series.since, series.step, len(series)) == (NOON - 3 * HOUR, HOUR, 4)
    assert (series.tokens, series.calls, series.denials) == ((0, 0, 0, 2), (0, 7, 0, 0), (0, 0, 1, 0))


async def test_hours_are_summed_up_to_days() -> None:
    calls = [counted(Kind.CALLS, "rest", hours_ago=hours) for hours in range(30)]
    book, _ = await a_book(*calls)
    series = await book.series("night-shift", MIDNIGHT - A_DAY, NOON, A_DAY)
    assert (series.since, series.calls) == (MIDNIGHT - A_DAY, (17, 13))


async def test_all_applications_together_are_asked_for_as_the_system() -> None:
    book, _ = await a_book(counted(Kind.CALLS, "rest"), counted(Kind.CALLS, "rest", 9, client_id=SYSTEM))
    assert (await book.series(SYSTEM, NOON, NOON)).calls == (9,)


async def test_a_series_has_an_end_whatever_is_asked_for() -> None:
    book, _ = await a_book(counted(Kind.CALLS, "rest"))
    series = await book.series("night-shift", 0, NOON)
    assert len(series) == MOST_POINTS
    assert series.calls[-1] == 1


async def test_what_was_seen_is_summed_up_and_told_with_when_it_was_last() -> None:
    book, client = await a_book(
        counted(Kind.SCOPES, READ, 2, hours_ago=5),
        counted(Kind.SCOPES, READ, 3, hours_ago=3),
        counted(Kind.SCOPES, WRITE, 9, hours_ago=8),
        counted(Kind.CALLS, "rest", 14, hours_ago=3),
        counted(Kind.ADDRESSES, "203.0.113.7", 14, hours_ago=3),
        counted(Kind.WRITES, "callforward/1001", 9, hours_ago=8),
        counted(Kind.TOKENS, "client_credentials", 2, hours_ago=3),
        counted(Kind.DENIALS, "gql:callforward:read", hours_ago=3),
        scope=("rest:callforward", "gql", "openid"),
    )
    observed = await book.observed(client)
    assert observed.scopes == (Seen(WRITE, 9, NOON - 8 * HOUR), Seen(READ, 5, NOON - 3 * HOUR))
    assert (observed.calls_in_all, observed.tokens_in_all, observed.denials_in_all) == (14, 2, 1)
    assert [each.what for each in observed.addresses + observed.written] == ["203.0.113.7", "callforward/1001"]
    assert observed.unused == ("gql",)
    assert observed.first == NOON - 8 * HOUR


async def test_what_lies_before_the_time_in_question_is_not_seen() -> None:
    book, client = await a_book(counted(Kind.CALLS, "rest", hours_ago=31 * 24), counted(Kind.CALLS, "gql", hours_ago=2))
    assert [each.what for each in (await book.observed(client)).calls] == ["gql"]
    assert [each.what for each in (await book.observed(client, NOON - HOUR)).calls] == []
    assert {each.what for each in (await book.observed(client, NOON - 40 * A_DAY)).calls} == {"rest", "gql"}


async def test_nobody_is_watched_before_they_are_there() -> None:
    book, client = await a_book()
    assert (await book.observed(client, 0)).since == client.created_at


async def test_the_advice_is_what_was_used() -> None:
    book, client = await a_book(
        counted(Kind.CALLS, "rest", 40, hours_ago=8 * 24), counted(Kind.SCOPES, READ, 40, hours_ago=8 * 24)
    )
    advice = await book.advice(client)
    assert (advice.changes, advice.calls, advice.enough) == (Changes(scope=READ), 40, True)
