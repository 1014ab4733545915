"""Modules' data: kept as it is, found by key, and committed whole or not at all."""

import asyncio
import datetime
import math

import pytest

from scopekeeper.sdk import InUse, Invalid, NotFound
from scopekeeper.sdk.data import Changed, Data, Report, Taken, Work, Write
from scopekeeper.settings import Database
from tests.stores.modules import (
    Colour,
    Everything,
    Forward,
    Lamp,
    Note,
    Phone,
    Ring,
    everything,
    forwards,
    keys_in,
    notes,
    open_data,
    phones,
    put,
    remove,
    rings,
)

FULL = Everything(
    key="§ 'quoted' “…” end",
    whole=-(2**63),
    real=0.1,
    yes=True,
    at=datetime.datetime(2026, 1, 1, 12, 0, 0, 5, tzinfo=datetime.UTC),
    colour=Colour.BLUE,
    lamp=Lamp(Colour.RED, 2.5),
    words=["a", "b c", ""],
    lamps=[Lamp(Colour.BLUE)],
    limit=2**63 - 1,
    order="desc",
    perhaps=Lamp(Colour.BLUE, 0.0),
    whose=False,
)
EMPTY = Everything("", 0, 0.0, False, datetime.datetime(2026, 1, 1), Colour.RED, Lamp(Colour.RED), [], [])  # noqa: DTZ001


async def version(data: Data, key: str) -> int:
    found = await data.exists("phones", key, None)
    assert found is not None
    return found


@pytest.mark.parametrize("row", [FULL, EMPTY], ids=["full", "empty"])
async def test_a_record_is_read_as_it_was_put_whatever_its_fields(database: Database, row: Everything) -> None:
    async with open_data(database) as data:
        await put(data, row)
        found = await data.get(everything, row.key, None)
        assert found is not None
        assert found.record == row
        assert await data.page(everything, None, {}, None, 10) == [(row.key, found)]


@pytest.mark.parametrize(
    ("field", "value"), [("whole", 2**63), ("limit", 10**30), ("real", math.nan), ("real", math.inf)]
)
async def test_a_number_that_no_column_can_hold_is_invalid(database: Database, field: str, value: float) -> None:
    told = {name: getattr(FULL, name) for name in Everything.__slots__} | {field: value}  # type: ignore[attr-defined]
    async with open_data(database) as data:
        with pytest.raises(Invalid) as refused:
            await put(data, Everything(**told))
        assert refused.value.path == field


async def test_what_is_not_there_is_none(database: Database) -> None:
    async with open_data(database) as data:
        assert await data.get(phones, "1", None) is None
        assert await data.exists("phones", "1", None) is None
        assert await data.page(phones, None, {}, None, 10) == []
        assert await data.count(phones, None, {}) == 0


async def test_pages_follow_one_another_in_the_order_of_their_keys(database: Database) -> None:
    async with open_data(database) as data:
        await put(data, *(Phone(key) for key in ("2", "10", "1", "é", "Z", "a")))
        assert await keys_in(data, phones) == ["1", "10", "2", "Z", "a", "é"]
        assert [key for key, _ in await data.page(phones, None, {}, "10", 2)] == ["2", "Z"]
        assert [key for key, _ in await data.page(phones, None, {}, "11", 2)] == ["2", "Z"]
        assert await data.page(phones, None, {}, "é", 2) == []


async def test_a_filter_keeps_those_whose_field_equals_the_value(database: Database) -> None:
    async with open_data(database) as data:
        await put(data, Phone("1", "alice", "x"), Phone("2", None, "x"), Phone("3", "alice"))
        assert await keys_in(data, phones, owner="alice") == ["1", "3"]
        assert await keys_in(data, phones, owner=None) == ["2"]
        assert await keys_in(data, phones, label="x", owner="alice") == ["1"]
        assert await data.count(phones, None, {"label": "x"}) == 2
        await put(data, FULL)
        assert await keys_in(data, everything, colour=Colour.BLUE, yes=True, at=FULL.at, lamp=FULL.lamp) == [FULL.key]


async def test_a_filter_on_what_is_no_field_is_a_mistake_in_the_module(database: Database) -> None:
    async with open_data(database) as data:
        for name in ("row_version", "nothing", "owner = 'x' OR 1 --"):
            with pytest.raises(TypeError):
                await data.page(phones, None, {name: "x"}, None, 10)
            with pytest.raises(TypeError):
                await data.count(phones, None, {name: "x"})


async def test_a_cursor_is_a_value_and_nothing_that_is_carried_out(database: Database) -> None:
    async with open_data(database) as data:
        await put(data, Phone("1"), Phone("2"))
        assert await data.page(phones, None, {}, "9' OR '1'='1", 10) == []


async def test_a_commit_is_whole_or_not_at_all(database: Database) -> None:
    async with open_data(database) as data:
        with pytest.raises(NotFound):
            await put(data, Phone("1"), Forward("1"), Forward("404"))
        assert await keys_in(data, phones) == []
        assert await keys_in(data, forwards) == []


async def test_each_version_of_a_row_is_new(database: Database) -> None:
    async with open_data(database) as data:
        seen = []
        for _ in range(3):
            await put(data, Phone("1"))
            seen.append(await version(data, "1"))
        await remove(data, phones, "1")
        await put(data, Phone("1"))
        seen.append(await version(data, "1"))
        assert seen == sorted(set(seen))


@pytest.mark.parametrize("meanwhile", ["edited", "removed", "appeared"])
async def test_work_that_relies_on_what_has_changed_is_not_done(database: Database, meanwhile: str) -> None:
    async with open_data(database) as data:
        await put(data, Phone("1"), Phone("2"))
        work = Work(writes=[Write(phones, "2", Phone("2", label="done"), None)])
        work.saw("phones", "1", await version(data, "1"))
        work.saw("phones", "3", None)
        if meanwhile == "edited":
            await put(data, Phone("1"))
        elif meanwhile == "removed":
            await remove(data, phones, "1")
        else:
            await put(data, Phone("3"))
        with pytest.raises(Changed):
            await data.commit(work)
        found = await data.get(phones, "2", None)
        assert found is not None
        assert found.record == Phone("2")


async def test_of_many_who_read_the_same_and_write_one_comes_first(database: Database) -> None:
    async with open_data(database) as data:
        await put(data, Phone("1"))
        seen = await version(data, "1")
        works = [
            Work(reads={("phones", "1"): seen}, writes=[Write(phones, "1", Phone("1", label=str(each)), None)])
            for each in range(50)
        ]
        results = await asyncio.gather(*(data.commit(work) for work in works), return_exceptions=True)
        assert sum(isinstance(result, Report) for result in results) == 1
        assert sum(isinstance(result, Changed) for result in results) == 49


async def test_of_many_who_found_nothing_there_one_makes_the_row(database: Database) -> None:
    async with open_data(database) as data:
        works = [
            Work(reads={("phones", "1"): None}, writes=[Write(phones, "1", Phone("1", label=str(each)), None)])
            for each in range(50)
        ]
        results = await asyncio.gather(*(data.commit(work) for work in works), return_exceptions=True)
        assert [type(result) for result in results].count(Report) == 1


async def test_a_reference_to_what_does_not_exist_is_not_found(database: Database) -> None:
    async with open_data(database) as data:
        with pytest.raises(NotFound, match="'404'"):
            await put(data, Ring("all", "404"))
        await put(data, Ring("all"), Phone("404"), Ring("some", "404"))


async def test_a_removal_takes_along_what_hangs_on_the_row_and_tells(database: Database) -> None:
    async with open_data(database) as data:
        await put(
            data, Phone("1"), Phone("2"), Forward("1"), Forward("2"), Note("b", "1"), Note("a", "1"), Note("c", "2")
        )
        assert await remove(data, phones, "1") == Report(
            (Taken("forwards", "forwards", ("1",)), Taken("forwards", "forwards.notes", ("a", "b")))
        )
        assert await keys_in(data, forwards) == ["2"]
        assert await keys_in(data, notes) == ["c"]
        assert await remove(data, phones, "404") == Report()
        assert await remove(data, notes, "c") == Report()


async def test_what_others_hold_on_to_cannot_be_removed_and_the_refusal_names_them_by_module(
    database: Database,
) -> None:
    async with open_data(database) as data:
        await put(data, Phone("1"), Phone("2"), Forward("1"), Forward("2"), Ring("a", "1"), Ring("b", "1"))
        await put(data, Note("x", "2", about="1"), Note("y", "1", about="1"))
        with pytest.raises(InUse, match=r"1 is in use: forwards x; rings a, b\."):
            await remove(data, phones, "1")
        assert await keys_in(data, forwards) == ["1", "2"]
        await remove(data, rings, "a")
        await put(data, Ring("b"))
        await remove(data, notes, "x")
        assert await remove(data, phones, "1") == Report(
            (Taken("forwards", "forwards", ("1",)), Taken("forwards", "forwards.notes", ("y",)))
        )  # the note that goes along holds nothing any more


async def test_rows_that_hold_on_may_go_in_the_same_work(database: Database) -> None:
    async with open_data(database) as data:
        await put(data, Phone("1"), Ring("a", "1"))
        await data.commit(Work(writes=[Write(rings, "a", None, None), Write(phones, "1", None, None)]))
        assert await keys_in(data, phones) == []


async def test_the_data_of_a_module_that_is_switched_off_still_holds_on_and_goes_along(database: Database) -> None:
    async with open_data(database) as data:
        await put(data, Phone("1"), Phone("2"), Forward("1"), Ring("a", "2"))
    async with open_data(database, phones) as data:
        assert await remove(data, phones, "1") == Report()
        with pytest.raises(InUse):
            await remove(data, phones, "2")
    async with open_data(database) as data:
        assert await keys_in(data, forwards) == []


async def test_a_record_under_another_key_than_its_own_is_a_mistake(database: Database) -> None:
    async with open_data(database) as data:
        with pytest.raises(TypeError):
            await data.commit(Work(writes=[Write(phones, "1", Phone("2"), None)]))


async def test_work_without_writes_is_nothing(database: Database) -> None:
    async with open_data(database) as data:
        assert await data.commit(Work(reads={("phones", "1"): 404})) == Report()
