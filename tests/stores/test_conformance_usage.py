"""What every store promises about what is counted by the hour, and about when applications were last used."""

import asyncio

import pytest

from scopekeeper.services.lists import HOUR, SYSTEM, Count, Kind, Sum
from scopekeeper.services.ports import Store, Unavailable
from scopekeeper.settings import Database
from scopekeeper.store import open_store
from tests.altered import replace
from tests.fixtures import NOON
from tests.stores.conftest import Opened
from tests.stores.records import a_client, a_count, an_act

LATER = NOON + HOUR


async def every(store: Store, client_id: str = "night-shift") -> list[Count]:
    return list(await store.counts(client_id, 0, NOON + 999 * HOUR, tuple(Kind)))


async def test_what_happens_again_is_added(opened: Opened) -> None:
    async with opened() as store:
        await store.add_client(a_client(), an_act())
        await store.count([a_count(times=2), a_count(kind=Kind.TOKENS)], {})
        await store.count([a_count(times=3), a_count(times=4), a_count(what="gql"), a_count(hour=LATER)], {})
        assert await every(store) == [
            a_count(what="gql"),
            a_count(times=9),
            a_count(kind=Kind.TOKENS),
            a_count(hour=LATER),
        ]


async def test_counts_are_read_of_one_application_some_kinds_and_hours(opened: Opened) -> None:
    counts = [
        a_count(client_id, hour=hour, kind=kind)
        for client_id in (SYSTEM, "book", "night-shift")
        for hour in (NOON, LATER)
        for kind in Kind
    ]
    async with opened() as store:
        for client_id in ("night-shift", "book"):
            await store.add_client(a_client(client_id), an_act())
        await store.count(list(reversed(counts)), {})
        assert await store.counts("book", NOON, LATER, [Kind.TOKENS, Kind.CALLS]) == (
            a_count("book", kind=Kind.CALLS),
            a_count("book", kind=Kind.TOKENS),
        )
        assert await store.counts(SYSTEM, LATER, LATER + 1, [Kind.DENIALS, Kind.DENIALS]) == (
            a_count(SYSTEM, hour=LATER, kind=Kind.DENIALS),
        )
        assert await store.counts("book", NOON, LATER, []) == ()
        assert await store.counts("nobody", 0, LATER + HOUR, tuple(Kind)) == ()
        assert len(await every(store, "book")) == 2 * len(Kind)


async def test_counts_are_summed_up_over_the_hours_the_most_frequent_first(opened: Opened) -> None:
    calls, writes = Kind.CALLS, Kind.WRITES
    async with opened() as store:
        for client_id in ("night-shift", "book"):
            await store.add_client(a_client(client_id), an_act())
        counts = [
            *(a_count(what="rest", times=2, hour=hour) for hour in (NOON, LATER, LATER + HOUR)),
            *(a_count(what=what, times=3, hour=LATER) for what in ("gql", "rest")),
            *(a_count(what=what, kind=writes, hour=NOON) for what in ("é", "z")),
            a_count("book", times=9),
            a_count(kind=Kind.TOKENS),
        ]
        await store.count(counts, {})
        until = LATER + HOUR
        assert await store.sums("night-shift", NOON, until, [writes, calls, calls]) == (
            Sum(calls, "rest", 7, NOON, LATER),
            Sum(calls, "gql", 3, LATER, LATER),
            Sum(writes, "z", 1, NOON, NOON),
            Sum(writes, "é", 1, NOON, NOON),
        )
        assert await store.sums("night-shift", NOON, until, []) == ()
        assert await store.sums("nobody", NOON, until, tuple(Kind)) == ()


async def test_an_application_was_used_when_it_was_used_last(opened: Opened) -> None:
    async with opened() as store:
        for client_id in ("night-shift", "book"):
            await store.add_client(a_client(client_id), an_act())
        changes = await store.changes()
        for at in (NOON, NOON + 60, NOON + 30):
            await store.count([], {"night-shift": at, "unknown": at})
        used = {client.client_id: client.last_used_at for client in await store.clients()}
        assert used == {"night-shift": NOON + 60, "book": None}
        assert await store.changes() == changes


async def test_no_edit_sets_back_when_an_application_was_used(opened: Opened) -> None:
    async with opened() as store:
        await store.add_client(a_client(), an_act())
        await store.count([], {"night-shift": NOON})
        await store.save_client(a_client(revision=1, name="Day shift", last_used_at=NOON - 9), an_act())
        assert await store.client("night-shift") == a_client(revision=1, name="Day shift", last_used_at=NOON)
        await store.compromise("night-shift", None, an_act())
        client = await store.client("night-shift")
        assert client
        assert client.last_used_at == NOON


async def test_nothing_is_counted_of_an_application_that_is_not_there(opened: Opened) -> None:
    async with opened() as store:
        await store.add_client(a_client(), an_act())
        await store.remove_client("night-shift", an_act())
        await store.count([a_count(), a_count("unknown"), a_count(SYSTEM)], {"night-shift": NOON})
        assert [await every(store, client_id) for client_id in ("night-shift", "unknown")] == [[], []]
        assert await every(store, SYSTEM) == [a_count(SYSTEM)]


async def test_old_counts_are_swept_in_steps(opened: Opened) -> None:
    hours = [NOON - each * HOUR for each in range(6)]
    async with opened() as store:
        await store.add_client(a_client(), an_act())
        await store.count(
            [a_count(client_id, hour=hour) for client_id in (SYSTEM, "night-shift") for hour in hours], {}
        )
        assert await store.sweep_counts(NOON - 2 * HOUR, 4) == 4
        assert await store.sweep_counts(NOON - 2 * HOUR, 4) == 2
        assert await store.sweep_counts(NOON - 2 * HOUR, 4) == 0
        for client_id in (SYSTEM, "night-shift"):
            assert [count.hour for count in await every(store, client_id)] == [NOON - 2 * HOUR, NOON - HOUR, NOON]


async def test_what_was_counted_of_a_removed_application_is_swept(opened: Opened) -> None:
    async with opened() as store:
        for client_id in ("night-shift", "book"):
            await store.add_client(a_client(client_id), an_act())
        await store.count([a_count(what=str(each)) for each in range(5)] + [a_count("book"), a_count(SYSTEM)], {})
        await store.remove_client("night-shift", an_act())
        assert [await store.sweep_counts(0, 3) for _ in range(3)] == [3, 2, 0]
        assert (await every(store, "book"), await every(store, SYSTEM)) == ([a_count("book")], [a_count(SYSTEM)])


async def test_a_later_application_of_the_same_name_inherits_no_count(opened: Opened) -> None:
    async with opened() as store:
        await store.add_client(a_client(), an_act())
        await store.count([a_count(what=str(each)) for each in range(5)], {"night-shift": NOON})
        await store.remove_client("night-shift", an_act())
        while await store.sweep(0, 3):
            pass
        await store.add_client(a_client(), an_act())
        assert (await every(store), await store.client("night-shift")) == ([], a_client())


async def test_whoever_counts_at_once_is_added_up(opened: Opened) -> None:
    async with opened() as store:
        await store.add_client(a_client(), an_act())
        await asyncio.gather(*[store.count([a_count()], {"night-shift": NOON + each}) for each in range(20)])
        assert await every(store) == [a_count(times=20)]
        client = await store.client("night-shift")
        assert client
        assert client.last_used_at == NOON + 19


async def test_two_processes_count_into_one_database(database: Database) -> None:
    one, other = open_store(database), open_store(database)
    await one.add_client(a_client(), an_act())
    counts = [a_count(what=str(each)) for each in range(50)]
    await asyncio.gather(*[store.count(counts, {"night-shift": NOON}) for _ in range(10) for store in (one, other)])
    assert {count.times for count in await every(one)} == {20}
    assert (
        await every(one)
        == await every(other)
        == sorted([replace(count, times=20) for count in counts], key=lambda count: count.what)
    )
    for store in (one, other):
        await store.close()


async def test_nothing_is_counted_after_the_end(opened: Opened) -> None:
    async with opened() as store:
        await store.close()
        with pytest.raises(Unavailable):
            await store.count([a_count()], {})
        with pytest.raises(Unavailable):
            await store.counts(SYSTEM, 0, NOON, [Kind.CALLS])
