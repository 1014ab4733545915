"""What a record names by `Ref` is there, and stays while it is named: on either database, and on the dicts of tests."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from scopekeeper.sdk import InUse, Invalid
from scopekeeper.sdk.data import Data, Owned, Report, Taken, Work
from scopekeeper.settings import Database, SqliteFile
from tests.fixtures_data import DictData
from tests.postgres import a_database
from tests.stores.conftest import DATABASES
from tests.stores.referring import (
    TABLES,
    Box,
    Follow,
    Group,
    Phone,
    Target,
    a_put,
    a_removal,
    boxes,
    follows,
    groups,
    named,
    open_data,
    phones,
    put,
    record_of,
    remove,
    to,
)

Kept = Callable[[], AbstractAsyncContextManager[Data]]


@pytest.fixture(params=[*DATABASES, "dicts"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kept]:
    """Opens the data under test, in which there are three telephones: two of alice's, and bob's."""
    if request.param == "postgresql":
        with a_database() as made:
            yield lambda: _furnished(open_data(made))
    elif request.param == "sqlite":
        yield lambda: _furnished(open_data(SqliteFile(tmp_path / "it.db")))
    else:
        yield lambda: _furnished(nullcontext(DictData(TABLES)))


@asynccontextmanager
async def _furnished(opening: AbstractAsyncContextManager[Data]) -> AsyncIterator[Data]:
    async with opening as data:
        await put(data, Phone("1", "alice"), Phone("2", "alice"), Phone("3", "bob"))
        yield data


@pytest.mark.parametrize(
    ("row", "path"),
    [
        (Group("g", boss="404"), "boss"),
        (Group("g", members=[*to("1"), Target(outside="404"), *to("404")]), "members[2].phone"),
        (Group("g", then=Target(group="nowhere")), "then.group"),
        (Follow("1", to("1", "404")), "targets[1].phone"),
    ],
)
async def test_what_is_named_must_be_there_and_the_refusal_says_where_it_is_named(
    kept: Kept, row: Any, path: str
) -> None:
    async with kept() as data:
        with pytest.raises(Invalid, match="There is no '") as refused:
            await put(data, Phone("4"), row)
        assert refused.value.path == path
        assert await record_of(data, phones, "4") is None


async def test_what_is_named_cannot_be_removed_and_the_refusal_says_by_whom(kept: Kept) -> None:
    async with kept() as data:
        await put(
            data, Group("b", to("1"), boss="1"), Group("a", then=Target(phone="1")), Follow("2", to("3", "1", "1"))
        )
        with pytest.raises(InUse) as refused:
            await remove(data, phones, "1")
        assert sorted(named(refused.value.holders)) == [("follows", ("2",)), ("groups", ("a", "b"))]
        assert [each.count for each in refused.value.holders] == [len(each.keys) for each in refused.value.holders]
        assert "1 is in use: follows 2; groups a, b." in refused.value.detail
        assert await record_of(data, phones, "1") == Phone("1", "alice")


async def test_what_is_named_no_more_can_be_removed_and_what_is_named_instead_cannot(kept: Kept) -> None:
    async with kept() as data:
        await put(data, Group("g", to("1", "2")))
        await put(data, Group("g", to("2", "3")))
        assert await remove(data, phones, "1") == Report()
        for number in ("2", "3"):
            with pytest.raises(InUse):
                await remove(data, phones, number)
        await remove(data, groups, "g")
        await remove(data, phones, "2")
        assert await record_of(data, phones, "2") is None


async def test_a_work_that_fails_leaves_what_is_named_as_it_was(kept: Kept) -> None:
    async with kept() as data:
        await put(data, Group("g", to("1")))
        with pytest.raises(Invalid):
            await put(data, Group("g", to("2")), Group("h", to("404")))
        await remove(data, phones, "2")
        with pytest.raises(InUse):
            await remove(data, phones, "1")


async def test_a_reference_and_the_removal_of_what_it_named_may_be_one_work(kept: Kept) -> None:
    async with kept() as data:
        await put(data, Group("g", to("1", "2")))
        await data.commit(Work(writes=[a_put(Group("g", to("2"))), a_removal(phones, "1")]))
        assert await record_of(data, phones, "1") is None
        await data.commit(Work(writes=[a_put(Phone("9")), a_put(Group("g", to("9")))]))
        assert await record_of(data, groups, "g") == Group("g", to("9"))


async def test_what_goes_along_holds_nothing(kept: Kept) -> None:
    async with kept() as data:
        await put(data, Box("1"), Follow("1", [*to("1", "3"), Target(box="1")]))
        assert sorted(await _taken(data, "1")) == [("boxes", ("1",)), ("follows", ("1",))]
        assert await remove(data, phones, "3") == Report()


async def _taken(data: Data, number: str) -> list[tuple[str, tuple[str, ...]]]:
    report = await remove(data, phones, number)
    return [(each.module, each.keys) for each in report.taken]


async def test_what_goes_along_cannot_where_it_is_named_by_what_stays(kept: Kept) -> None:
    async with kept() as data:
        await put(data, Box("1"), Group("g", [Target(box="1")]))
        with pytest.raises(InUse) as refused:
            await remove(data, phones, "1")
        assert named(refused.value.holders) == [("groups", ("g",))]
        assert await record_of(data, boxes, "1") == Box("1")


async def test_a_record_that_names_itself_can_be_removed(kept: Kept) -> None:
    async with kept() as data:
        await put(data, Group("g", then=Target(group="g")))
        await put(data, Group("g", to("1"), then=Target(group="g")))
        await remove(data, groups, "g")
        assert await record_of(data, groups, "g") is None


async def test_for_a_person_what_is_not_theirs_might_as_well_not_exist(kept: Kept) -> None:
    async with kept() as data:
        await put(data, Group("g"))
        await put(data, Follow("1", to("2")), whose="alice")
        for target, where in ((Target(phone="3"), "phone"), (Target(group="g"), "group")):
            heard = []
            for nowhere in (target, Target(**{where: "404"})):
                with pytest.raises(Invalid) as refused:
                    await put(data, Follow("1", [nowhere]), whose="alice")
                heard.append((refused.value.path, refused.value.detail.replace("404", getattr(target, where))))
            assert heard == [(f"targets[0].{where}", f"There is no {getattr(target, where)!r} here.")] * 2
        assert await record_of(data, follows, "1") == Follow("1", to("2"))


async def test_what_was_named_for_a_person_they_may_go_on_naming(kept: Kept) -> None:
    async with kept() as data:
        await put(data, Group("g"))
        by_others = [*to("3"), Target(group="g")]
        await put(data, Follow("1", by_others))
        await put(data, Follow("1", [*to("2"), *by_others]), whose="alice")
        await put(data, Follow("1", to("2")), whose="alice")
        with pytest.raises(Invalid):
            await put(data, Follow("1", to("3")), whose="alice")


async def test_whose_a_row_is_can_be_asked(kept: Kept) -> None:
    async with kept() as data:
        await put(data, Phone("4"), Box("1"), Box("4"), Group("g"))
        for table, key, owner in (
            ("phones", "1", "alice"),
            ("phones", "4", None),
            ("boxes", "1", "alice"),
            ("boxes", "4", None),
            ("groups", "g", None),
        ):
            assert await data.owner(table, key) == Owned(await data.exists(table, key, None) or 0, owner)
        assert await data.owner("phones", "404") is None
        with pytest.raises(LookupError):
            await data.owner("elsewhere", "1")


async def test_whichever_was_asked_for_first_is_done_where_both_wait_together(database: Database) -> None:
    async with open_data(database) as data:
        await put(data, *(Phone(str(number)) for number in range(20)))
        for number in map(str, range(20)):
            naming, removing = Work(writes=[a_put(Group(number, to(number)))]), Work(writes=[a_removal(phones, number)])
            works = [naming, removing] if int(number) % 2 else [removing, naming]
            heard = await asyncio.gather(*map(data.commit, works), return_exceptions=True)
            assert [type(each) for each in heard] == [Report, InUse if int(number) % 2 else Invalid]


async def test_of_a_removal_and_a_reference_made_at_the_same_moment_exactly_one_is_done(database: Database) -> None:
    """By two processes, each with a writer of its own."""
    async with open_data(database) as one, open_data(database) as other:
        for round_ in range(40):
            number = str(round_)
            await put(one, Phone(number), Phone(f"{number}-2"))
            group = Group(number, to(f"{number}-2", number))
            first, second = (one, other) if round_ % 2 else (other, one)
            heard = await asyncio.gather(put(first, group), remove(second, phones, number), return_exceptions=True)
            kinds = [type(each) for each in heard]
            assert kinds in ([Report, InUse], [Invalid, Report])
            there = await record_of(one, phones, number), await record_of(one, groups, number)
            assert there == ((Phone(number), group) if kinds[0] is Report else (None, None))


@pytest.mark.parametrize("backwards", [False, True], ids=["holder first", "held first"])
async def test_what_goes_along_may_go_in_any_order(database: Database, backwards: bool) -> None:
    tables = (phones, groups, boxes, follows) if backwards else TABLES
    async with open_data(database, *tables) as data:
        await put(data, Phone("1"), Box("1"), Follow("1", [Target(box="1")]))
        report = await remove(data, phones, "1")
        assert set(report.taken) == {Taken("boxes", "boxes", ("1",)), Taken("follows", "follows", ("1",))}
