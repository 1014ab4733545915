"""Works on modules' data that wait together: what comes of them is what comes of one after the other."""

import asyncio
import random
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from scopekeeper.sdk import NotFound
from scopekeeper.sdk.data import Changed, Data, Report, Work, Write
from scopekeeper.settings import Database, SqliteFile
from tests.postgres import a_database
from tests.stores.modules import TABLES, Forward, Note, Phone, Ring, forwards, open_data, phones, put, table_of

NUMBERS = ("1", "2", "3", "4")
PEOPLE = (None, "alice", "bob")


def a_put(row: object, whose: str | None = None) -> Write:
    return Write(table_of(row), table_of(row).key_of(row), row, whose)


async def together(data: Data, *works: Work) -> list[object]:
    """What each of these heard, that wait at the same time: nothing, or of what kind the refusal is."""
    heard = await asyncio.gather(*map(data.commit, works), return_exceptions=True)
    return [None if isinstance(each, Report) else type(each) for each in heard]


async def test_of_two_works_that_rely_on_one_row_and_write_it_one_is_done(database: Database) -> None:
    async with open_data(database) as data:
        await put(data, Phone("1"), Phone("2"))
        version = await data.exists("phones", "1", None)
        works = [
            Work(reads={("phones", "1"): version}, writes=[a_put(Phone("1", label=label))]) for label in ("a", "b", "c")
        ]
        other = Work(reads={("phones", "1"): version}, writes=[a_put(Phone("2", label="other"))])
        assert await together(data, *works, other) == [None, Changed, Changed, Changed]
        found = await data.get(phones, "1", None)
        assert found is not None
        assert found.record.label == "a"


async def test_a_work_that_relies_on_there_being_no_row_loses_to_the_one_before_that_makes_it(
    database: Database,
) -> None:
    async with open_data(database) as data:
        await put(data, Phone("1"), Phone("2"))
        first = Work(reads={("forwards", "2"): None}, writes=[a_put(Forward("1", "2"))])
        second = Work(reads={("forwards", "1"): None}, writes=[a_put(Forward("2", "1"))])
        assert await together(data, first, second) == [None, Changed]
        assert await data.get(forwards, "2", None) is None


async def test_each_of_many_new_rows_is_there_and_whoever_refers_to_nothing_hears_so_alone(database: Database) -> None:
    async with open_data(database) as data:
        await put(data, *(Phone(str(number)) for number in range(20)))
        works = [Work(writes=[a_put(Forward(str(number), "x"))]) for number in range(22)]
        assert await together(data, *works) == [None] * 20 + [NotFound] * 2
        assert len(await data.page(forwards, None, {}, None, 100)) == 20


async def test_nobody_writes_what_is_somebody_elses_whoever_else_writes_at_the_same_time(database: Database) -> None:
    async with open_data(database) as data:
        await put(data, Phone("1", "alice"), Phone("2", "bob"), Forward("2", "old"))
        works = [
            Work(writes=[a_put(Forward("1", "new"), "alice")]),
            Work(writes=[a_put(Forward("2", "new"), "alice")]),
            Work(writes=[a_put(Phone("1", "alice", "new"), "alice")]),
            Work(writes=[a_put(Phone("2", "alice"), "alice")]),
            Work(writes=[a_put(Phone("3", "bob"), "alice")]),
        ]
        assert await together(data, *works) == [None, NotFound, None, NotFound, NotFound]
        found = await data.get(forwards, "2", None)
        assert found is not None
        assert found.record.to == "old"
        assert await data.get(phones, "3", None) is None


async def test_who_owns_a_row_no_longer_writes_no_more_below_it(database: Database) -> None:
    async with open_data(database) as data:
        await put(data, Phone("1", "alice"), Forward("1", "old"))
        given_away = Work(writes=[a_put(Phone("1", "bob"))])
        below = Work(writes=[a_put(Forward("1", "new"), "alice")])
        assert await together(data, given_away, below) == [None, NotFound]
        assert await together(data, Work(writes=[a_put(Phone("1", "alice"))]), below) == [None, None]


async def test_who_owns_a_row_by_now_may_write_two_tables_below_it(database: Database) -> None:
    async with open_data(database) as data:
        await put(data, Phone("1", "bob"), Forward("1"))
        given = Work(writes=[a_put(Phone("1", "alice"))])
        below = Work(writes=[a_put(Note("note", "1"), "alice")])
        assert await together(data, below, given) == [NotFound, None]
        await put(data, Phone("1", "bob"))
        assert await together(data, given, below) == [None, None]


def any_works(chance: random.Random, versions: dict[tuple[str, str], int]) -> Sequence[Work]:
    """What people may do to a few telephones at the same time, some of it on what they have seen."""
    return [_any_work(chance, versions) for _ in range(12)]


def _any_work(chance: random.Random, versions: dict[tuple[str, str], int]) -> Work:
    whose = chance.choice(PEOPLE)
    number, other = chance.choice(NUMBERS), chance.choice(NUMBERS)
    row = chance.choice(
        [
            Phone(number, chance.choice(PEOPLE), chance.choice("xyz")),
            Forward(number, other),
            Note(number, other, about=chance.choice((None, number))),
            Ring(number, other),
        ]
    )
    if isinstance(row, Ring):
        whose = None
    writes = [a_put(row, whose)]
    if chance.random() < 0.15:
        writes = [Write(table_of(row), number, None, whose)]
    elif chance.random() < 0.15:
        writes.insert(0, a_put(Phone(other, whose), whose))
    work = Work(writes=writes)
    for _ in range(chance.randrange(3)):
        place = chance.choice(("phones", "forwards")), chance.choice(NUMBERS)
        work.reads[place] = versions.get(place)
    if chance.random() < 0.2:
        work.unseen.add(("phones", chance.choice(NUMBERS), "carol"))
    return work


async def rows_of(data: Data) -> list[object]:
    return [found.record for table in TABLES for _, found in await data.page(table, None, {}, None, 500)]


async def versions_of(data: Data) -> dict[tuple[str, str], int]:
    """Of some rows that which there are."""
    asked = [(name, number) for name in ("phones", "forwards") for number in NUMBERS]
    found = [(place, await data.exists(*place, None)) for place in asked]
    return {place: version for place, version in found if version is not None}


@pytest.mark.parametrize("seed", range(8))
async def test_whatever_waits_together_comes_to_the_same_on_either_database_and_one_by_one(
    seed: int, tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        together_on = await stack.enter_async_context(open_data(stack.enter_context(a_database())))
        alone_on = await stack.enter_async_context(open_data(SqliteFile(tmp_path / "alone.db")))
        chance = random.Random(seed)
        for _ in range(6):
            state = chance.getstate()
            first = any_works(chance, await versions_of(together_on))
            chance.setstate(state)
            second = any_works(chance, await versions_of(alone_on))
            heard = await together(together_on, *first)
            assert heard == [each for work in second for each in await together(alone_on, work)]
            assert await rows_of(together_on) == await rows_of(alone_on)


def test_the_works_above_are_of_every_kind() -> None:
    """Else the comparison would show nothing."""
    chance = random.Random(0)
    works = [work for _ in range(50) for work in any_works(chance, {})]
    assert {len(work.writes) for work in works} == {1, 2}
    assert any(write.record is None for work in works for write in work.writes)
