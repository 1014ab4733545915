"""Lists of modules' data: every page of every order, narrowed by every condition, is just what is meant."""

import asyncio
import datetime
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scopekeeper.sdk import AnyOf, Begins, Between, Either, Invalid, Order
from scopekeeper.sdk.listing import MOST_VALUES, Condition
from scopekeeper.settings import Database
from tests.fixtures_data import meets
from tests.stores.calls import EPOCH, Call, Outcome, call, calls, pages
from tests.stores.modules import open_data

ALL = [call(number) for number in range(240)]

SORTS = ["id", "caller", "seconds", "started", "cost", "loud", "outcome"]

numbers = st.sampled_from(["1000", "1001", "1003", "1009", "9999"])
outcomes = st.sampled_from(list(Outcome))
seconds = st.integers(0, 12)
moments = st.integers(0, 45).map(lambda each: EPOCH + datetime.timedelta(seconds=each))

conditions = st.one_of(
    st.builds(Between, st.just("seconds"), st.none() | seconds, st.none() | seconds),
    st.builds(Between, st.just("started"), st.none() | moments, st.none() | moments),
    st.builds(Between, st.just("id"), st.none(), st.sampled_from(["20260302", "20260303-00000210", "3"])),
    st.builds(Between, st.just("cost"), st.floats(0, 2.5), st.none()),
    st.builds(Begins, st.just("id"), st.sampled_from(["", "20260301", "20260302-000001", "x", "\U0010ffff"])),
    st.builds(Begins, st.just("caller"), st.sampled_from(["", "10", "1001", "2"])),
    st.builds(Either, st.just(("caller", "callee")), st.none() | numbers),
    st.builds(AnyOf, st.just("outcome"), st.lists(outcomes, max_size=4)),
    st.builds(AnyOf, st.just("caller"), st.lists(st.none() | numbers, max_size=5)),
    st.builds(AnyOf, st.just("cost"), st.lists(st.sampled_from([0.0, 0.25, 0.5, 9.0]), max_size=3)),
)
equalities = st.fixed_dictionaries(
    {}, optional={"caller": st.none() | numbers, "outcome": outcomes, "loud": st.none() | st.booleans()}
)


def meant(
    asked: Sequence[Condition], whose: str | None, where: dict[str, object], sort: str, order: Order
) -> list[Call]:
    """What should be found, as plain Python finds it."""
    chosen = [
        each
        for each in ALL
        if all(meets(each, condition) for condition in asked)
        and all(getattr(each, name) == value for name, value in where.items())
        and (whose is None or whose in (each.caller_owner, each.callee_owner))
    ]

    def rank(each: Call) -> tuple[Any, ...]:
        value = getattr(each, sort)
        return (value is not None, value.value if isinstance(value, Outcome) else value, each.id)

    filled = sorted((each for each in chosen if getattr(each, sort) is not None), key=rank)
    empty = sorted((each for each in chosen if getattr(each, sort) is None), key=lambda each: each.id)
    return [*empty, *filled] if order is Order.ASC else [*reversed(filled), *reversed(empty)]


def with_all(database: Database, check: Callable[[asyncio.Runner, Any], None]) -> None:
    """Look at a database in which all the calls are."""
    with asyncio.Runner() as runner:
        opening = open_data(database, calls)
        data = runner.run(opening.__aenter__())
        try:
            assert runner.run(data.append(calls, ALL)) == len(ALL)
            check(runner, data)
        finally:
            runner.run(opening.__aexit__(None, None, None))


def test_the_pages_together_are_all_that_is_meant_each_once_and_in_order(database: Database) -> None:
    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        asked=st.lists(conditions, max_size=3),
        where=equalities,
        whose=st.sampled_from([None, None, "alice", "carol", "nobody"]),
        sort=st.sampled_from(SORTS),
        order=st.sampled_from(list(Order)),
        limit=st.sampled_from([1, 2, 7, 50, 500]),
    )
    def check(
        asked: list[Condition], where: dict[str, object], whose: str | None, sort: str, order: Order, limit: int
    ) -> None:
        expected = meant(asked, whose, where, sort, order)
        told = {"whose": whose, "where": where, "sort": sort, "order": order}
        # Where little is meant, it is read a row at a time: then every row is a place behind which a page begins.
        found = runner_of.run(pages(data_of, *asked, **told, limit=limit if len(expected) > 40 else min(limit, 3)))  # type: ignore[arg-type]  # one of each
        assert [each.id for each in found] == [each.id for each in expected]
        assert found == expected
        assert runner_of.run(data_of.count(calls, whose, where, asked)) == len(expected)

    runner_of: asyncio.Runner
    data_of: Any

    def look(runner: asyncio.Runner, data: Any) -> None:
        nonlocal runner_of, data_of
        runner_of, data_of = runner, data
        check()

    with_all(database, look)


def test_rows_are_counted_by_the_beginning_of_their_keys_and_by_fields(database: Database) -> None:
    def look(runner: asyncio.Runner, data: Any) -> None:
        for whose in (None, "alice"):
            for asked in ([], [Begins("id", "20260302")], [Either(("caller", "callee"), "1003")]):
                found = runner.run(data.counts(calls, whose, {}, asked, 8, ["outcome", "caller"], ["seconds", "cost"]))
                expected: dict[tuple[str, Any], list[Call]] = {}
                for each in meant(asked, whose, {}, "id", Order.ASC):
                    expected.setdefault((each.id[:8], (each.outcome, each.caller)), []).append(each)
                assert {(each.prefix, each.by): (each.count, each.sums) for each in found} == {
                    alike: (len(some), (sum(one.seconds or 0 for one in some), sum(one.cost for one in some)))
                    for alike, some in expected.items()
                }
                assert [(each.prefix, each.by[0].value, each.by[1] or "") for each in found] == sorted(
                    (each.prefix, each.by[0].value, each.by[1] or "") for each in found
                )
        ((prefix, by, count, sums),) = [
            (each.prefix, each.by, each.count, each.sums)
            for each in runner.run(data.counts(calls, None, {}, [], 0, [], []))
        ]
        assert (prefix, by, count, sums) == ("", (), len(ALL), ())
        assert runner.run(data.counts(calls, "nobody", {}, [], 0, [], ["seconds"])) == ()

    with_all(database, look)


async def test_a_list_goes_on_where_it_was_though_rows_come_and_go(database: Database) -> None:
    async with open_data(database, calls) as data:
        await data.append(calls, [Call(str(each), seconds=each) for each in range(9)])
        first = await data.page(calls, None, {}, None, 3, sort="seconds")
        assert [each.record.id for _, each in first] == ["0", "1", "2"]
        await data.append(calls, [Call("x", seconds=0), Call("y", seconds=3)])
        second = await data.page(calls, None, {}, first[-1][0], 3, sort="seconds")
        assert [each.record.id for _, each in second] == ["3", "y", "4"]


@pytest.mark.parametrize(
    ("sort", "descending"), [("seconds", False), ("id", True), ("caller", True), ("started", False), ("loud", False)]
)
async def test_row_56_a_place_in_another_order_is_refused(database: Database, sort: str, descending: bool) -> None:
    async with open_data(database, calls) as data:
        await data.append(calls, ALL[:30])
        (*_, (place, _)) = await data.page(calls, None, {}, None, 9, sort="seconds", descending=True)
        with pytest.raises(Invalid) as refused:
            await data.page(calls, None, {}, place, 9, sort=sort, descending=descending)
        assert refused.value.path == "after"


@pytest.mark.parametrize(
    "place",
    [
        "1",
        "\x1f",
        "\x1fnull",
        '\x1f["+seconds","1"]',
        '\x1f["+seconds","1","2"]',
        '\x1f["+seconds","1",1e99]',
        '\x1f["+seconds","1",99999999999999999999999999]',
        '\x1f["+seconds",1,1]',
        '\x1f["+seconds","1",{"a":1}]',
        '\x1f["+seconds","1",' + "[" * 3_000,
        '\x1f["+seconds","\\ud800",1]',
    ],
)
async def test_row_56_a_made_up_place_is_refused(database: Database, place: str) -> None:
    async with open_data(database, calls) as data:
        with pytest.raises(Invalid) as refused:
            await data.page(calls, None, {}, place, 9, sort="seconds")
        assert refused.value.path == "after"


@pytest.mark.parametrize("value", ["1" * 400, "1e999", "true", '"1"'])
async def test_row_56_a_made_up_place_among_fractions_is_refused(database: Database, value: str) -> None:
    async with open_data(database, calls) as data:
        with pytest.raises(Invalid) as refused:
            await data.page(calls, None, {}, f'\x1f["+cost","1",{value}]', 9, sort="cost")
        assert refused.value.path == "after"


async def test_a_key_that_looks_like_a_place_is_a_key(database: Database) -> None:
    async with open_data(database, calls) as data:
        await data.append(calls, [Call('\x1f["-id","2",null]'), Call("\x1f"), Call("1")])
        assert [each.id for each in await pages(data, limit=1)] == ["\x1f", '\x1f["-id","2",null]', "1"]


@pytest.mark.parametrize(
    "asked",
    [
        {"sort": "callee_owner2"},
        {"sort": "row_version"},
        {"conditions": [Between("nothing", 1, 2)]},
        {"conditions": [Begins("seconds", "1")]},
        {"conditions": [Either((), "1")]},
        {"conditions": [AnyOf("row_version", [1])]},
    ],
)
async def test_what_a_module_cannot_mean_is_its_mistake(database: Database, asked: dict[str, Any]) -> None:
    async with open_data(database, calls) as data:
        with pytest.raises(TypeError):
            await data.page(calls, None, {}, None, 9, **asked)


async def test_more_values_than_anybody_looks_for_are_refused(database: Database) -> None:
    async with open_data(database, calls) as data:
        await data.append(calls, ALL)
        many = [str(each) for each in range(1000, 1000 + MOST_VALUES)]
        assert len(await pages(data, AnyOf("caller", many))) == sum(each.caller is not None for each in ALL)
        with pytest.raises(Invalid) as refused:
            await pages(data, AnyOf("caller", [*many, "0"]))
        assert refused.value.path == "caller"


async def test_a_sum_is_of_numbers_and_by_fields_that_there_are(database: Database) -> None:
    async with open_data(database, calls) as data:
        for by, sums in (([], ["caller"]), (["nothing"], []), ([], ["loud"])):
            with pytest.raises(TypeError):
                await data.counts(calls, None, {}, [], 0, by, sums)


async def test_what_is_there_already_is_left_as_it_is_when_rows_are_appended(database: Database) -> None:
    async with open_data(database, calls) as data:
        assert await data.append(calls, []) == 0
        assert await data.append(calls, [replace(ALL[3], callee="before"), ALL[5], ALL[5]]) == 2
        assert await data.append(calls, ALL) == len(ALL) - 2
        assert await data.append(calls, ALL) == 0
        found = await data.get(calls, ALL[3].id, None)
        assert found is not None
        assert found.record.callee == "before"
        assert len(await pages(data)) == len(ALL)


async def test_what_no_column_can_hold_is_not_appended_nor_what_came_before_it(database: Database) -> None:
    async with open_data(database, calls) as data:
        with pytest.raises(Invalid):
            await data.append(calls, [*ALL, Call("x", seconds=2**63)])
        assert await pages(data) == []


@pytest.mark.parametrize(
    "moment",
    [
        datetime.datetime(2026, 3, 1, 12, 0, 0, 5, tzinfo=datetime.timezone(datetime.timedelta(hours=-3, minutes=-30))),
        datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.timezone(datetime.timedelta(hours=2))),
        datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC),
        datetime.datetime(2026, 3, 1, 12),  # noqa: DTZ001
        datetime.datetime(1, 1, 1, tzinfo=datetime.UTC),
    ],
)
async def test_a_moment_is_read_as_it_was_told(database: Database, moment: datetime.datetime) -> None:
    async with open_data(database, calls) as data:
        await data.append(calls, [Call("1", started=moment)])
        found = await data.get(calls, "1", None)
        assert found is not None
        assert found.record.started.isoformat() == moment.isoformat()


async def test_moments_are_in_the_order_of_time_whoever_told_them(database: Database) -> None:
    east, west = (datetime.timezone(datetime.timedelta(hours=hours)) for hours in (10, -10))
    async with open_data(database, calls) as data:
        told = [
            (EPOCH + datetime.timedelta(microseconds=each)).astimezone(zone)
            for each, zone in ((0, east), (1, west), (500_000, datetime.UTC), (1_000_000, west), (1_000_001, east))
        ]
        await data.append(calls, [Call(str(9 - place), started=each) for place, each in enumerate(told)])
        assert [each.id for each in await pages(data, sort="started")] == ["9", "8", "7", "6", "5"]
        since = told[1].astimezone(east)
        until = told[3].astimezone(datetime.UTC)
        assert [each.id for each in await pages(data, Between("started", since, until), sort="started")] == ["8", "7"]


async def test_a_moment_beyond_all_calendars_is_invalid(database: Database) -> None:
    late = datetime.datetime.max.replace(tzinfo=datetime.timezone(datetime.timedelta(hours=-1)))
    async with open_data(database, calls) as data:
        with pytest.raises(Invalid):
            await data.append(calls, [Call("1", started=late)])
