"""A person sees and touches their own data alone, whatever the statement; what is others' looks as if it were not."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from scopekeeper.sdk import Caller, NotFound
from scopekeeper.sdk.data import Changed, Data, Work, Write
from scopekeeper.settings import Database
from tests.stores.modules import (
    Forward,
    Note,
    Phone,
    Ring,
    forwards,
    keys_in,
    notes,
    open_data,
    phones,
    put,
    remove,
    rings,
)


@asynccontextmanager
async def two_peoples_data(folder: Database) -> AsyncIterator[Data]:
    async with open_data(folder) as data:
        await put(data, Phone("1", "alice"), Phone("2", "bob"), Phone("3"), Phone("4", "alice"))
        await put(data, Forward("1", "11"), Forward("2", "22"), Forward("3", "33"))
        await put(data, Note("a", "1"), Note("b", "2"), Note("c", "3"), Ring("all"))
        yield data


async def test_who_acts_for_the_whole_system_sees_all(database: Database) -> None:
    async with two_peoples_data(database) as data:
        assert await keys_in(data, phones) == ["1", "2", "3", "4"]
        assert await keys_in(data, notes) == ["a", "b", "c"]
        assert await data.count(phones, None, {}) == 4


async def test_a_person_sees_their_own_directly_and_through_what_it_hangs_on(database: Database) -> None:
    async with two_peoples_data(database) as data:
        assert await keys_in(data, phones, "alice") == ["1", "4"]
        assert await keys_in(data, forwards, "alice") == ["1"]
        assert await keys_in(data, notes, "alice") == ["a"]
        assert [await data.count(table, "alice", {}) for table in (phones, forwards, notes)] == [2, 1, 1]
        for table, mine, others in ((phones, "1", "2"), (forwards, "1", "2"), (notes, "a", "b")):
            assert await data.get(table, mine, "alice") is not None
            assert await data.get(table, others, "alice") is None
            assert await data.exists(table.name, mine, "alice") is not None
            assert await data.exists(table.name, others, "alice") is None


async def test_what_is_nobodys_is_no_persons(database: Database) -> None:
    async with two_peoples_data(database) as data:
        for table, key in ((phones, "3"), (forwards, "3"), (notes, "c"), (rings, "all")):
            for whose in ("alice", "", "None"):
                assert await data.get(table, key, whose) is None
        assert await keys_in(data, rings, "alice") == []
        assert await data.count(rings, "alice", {}) == 0
        with pytest.raises(NotFound):
            await put(data, Ring("mine"), whose="alice")
        assert await keys_in(data, rings) == ["all"]


async def test_row_56_a_filter_or_a_cursor_shows_no_more(database: Database) -> None:
    async with two_peoples_data(database) as data:
        assert await keys_in(data, phones, "alice", owner="bob") == []
        assert await keys_in(data, forwards, "alice", to="22") == []
        assert [key for key, _ in await data.page(phones, "alice", {}, "1", 500)] == ["4"]
        assert [key for key, _ in await data.page(phones, "alice", {"owner": "alice"}, "", 1)] == ["1"]


async def test_a_person_changes_their_own(database: Database) -> None:
    async with two_peoples_data(database) as data:
        await put(data, Forward("1", "new"), Note("a", "1", "new"), Note("d", "1"), whose="alice")
        found = await data.get(forwards, "1", "alice")
        assert found is not None
        assert found.record == Forward("1", "new")
        assert await keys_in(data, notes, "alice") == ["a", "d"]
        await remove(data, forwards, "1", "alice")
        assert await keys_in(data, notes) == ["b", "c"]


@pytest.mark.parametrize(
    "row", [Phone("2", "alice"), Phone("3", "alice"), Forward("2"), Forward("3"), Note("b", "1"), Note("c", "1")]
)
async def test_a_person_cannot_write_over_what_is_others(database: Database, row: object) -> None:
    async with two_peoples_data(database) as data:
        with pytest.raises(NotFound):
            await put(data, Phone("1", "alice", "before"), row, whose="alice")
        found = await data.get(phones, "1", None)
        assert found is not None
        assert found.record == Phone("1", "alice")


@pytest.mark.parametrize("row", [Phone("1", "bob"), Phone("1"), Note("a", "2"), Note("a", "3")])
async def test_row_55_a_person_cannot_give_a_row_to_others(database: Database, row: object) -> None:
    async with two_peoples_data(database) as data:
        with pytest.raises(NotFound):
            await put(data, row, whose="alice")
        assert await keys_in(data, phones, "alice") == ["1", "4"]
        assert await keys_in(data, notes, "alice") == ["a"]


@pytest.mark.parametrize("row", [Phone("9", "bob"), Phone("9"), Forward("9"), Note("z", "2"), Note("z", "9")])
async def test_a_person_cannot_make_what_would_be_others(database: Database, row: object) -> None:
    async with two_peoples_data(database) as data:
        with pytest.raises(NotFound):
            await put(data, row, whose="alice")
        assert await keys_in(data, phones) == ["1", "2", "3", "4"]
        assert await keys_in(data, notes) == ["a", "b", "c"]


async def test_a_reference_of_a_persons_row_does_not_tell_what_others_have(database: Database) -> None:
    async with two_peoples_data(database) as data:
        told = []
        for about in ("2", "3", "404"):
            with pytest.raises(NotFound) as refused:
                await put(data, Note("a", "1", about=about), whose="alice")
            told.append(refused.value.detail.replace(about, "…"))
        assert len(set(told)) == 1
        await put(data, Note("a", "1", about="4"), whose="alice")


@pytest.mark.parametrize(
    ("table", "key"), [(phones, "2"), (phones, "3"), (forwards, "2"), (notes, "b"), (rings, "all")]
)
async def test_a_person_cannot_remove_what_is_others(database: Database, table: object, key: str) -> None:
    async with two_peoples_data(database) as data:
        with pytest.raises(NotFound):
            await remove(data, table, key, "alice")  # type: ignore[arg-type]  # parametrised over tables
        assert await data.get(table, key, None) is not None  # type: ignore[arg-type]  # parametrised over tables


def caller_of(data: Data, work: Work, user: str) -> Caller:
    return Caller(client_id="app", scopes=("rest",), api="rest", data=data, work=work, user=user, system=False)


async def test_what_a_person_was_not_shown_is_relied_on_as_such(database: Database) -> None:
    async with two_peoples_data(database) as data:
        work = Work()
        assert await caller_of(data, work, "alice").rows(phones).find("2") is None
        work.writes.append(Write(phones, "1", Phone("1", "alice", "new"), "alice"))
        await data.commit(work)
        await put(data, Phone("2", "alice"))
        with pytest.raises(Changed):
            await data.commit(work)
