"""Link tables: made when the house opens, filled from the rows that are there, and seen to by the database itself."""

import asyncio
from contextlib import closing
from dataclasses import field
from pathlib import Path
from typing import Annotated, Any

import pytest

from scopekeeper.sdk import ApiModule, InUse, Invalid, Ref, Table, record
from scopekeeper.sdk.data import Data, Work, Write
from scopekeeper.settings import Database, PostgresDatabase, SqliteFile
from scopekeeper.store import SchemaError
from scopekeeper.store.connection import DIALECT, connect
from scopekeeper.store.link_tables import LinkStatements, holders_of
from scopekeeper.store.moving.between import move
from scopekeeper.store.shapes import shapes_of
from tests.postgres import tell
from tests.stores.plans import plan_of
from tests.stores.referring import (
    TABLES,
    Follow,
    Group,
    Phone,
    PhoneRef,
    Target,
    a_put,
    a_removal,
    groups,
    named,
    open_data,
    phones,
    put,
    remove,
    to,
)


async def test_the_database_itself_sees_to_it(database: Database) -> None:
    async with open_data(database) as data:
        await put(data, Phone("1"), Group("g", to("1")))
    for wrong in (
        "DELETE FROM module_phones",
        "INSERT INTO link_groups__phones VALUES ('g', '404')",
        "INSERT INTO link_groups__phones VALUES ('nobody', '1')",
    ):
        with pytest.raises(Exception, match=r"(?i)foreign key"):
            beneath(database, wrong)
    beneath(database, "DELETE FROM module_groups")
    assert beneath(database, "SELECT count(*) FROM link_groups__phones") == [(0,)]


def beneath(database: Database, statement: str) -> list[Any]:
    """What the database says to a statement."""
    if isinstance(database, PostgresDatabase):
        return tell(database, statement)
    with closing(connect(database.path, wait=1)) as connection:
        return connection.execute(statement).fetchall()


async def test_who_names_a_row_and_what_a_record_names_is_found_by_an_index(tmp_path: Path) -> None:
    file = SqliteFile(tmp_path / "it.db")
    async with open_data(file):
        [link] = [each for each in shapes_of(TABLES)["groups"].link_tables if each.target == "phones"]
    for statement, key in ((holders_of(link, DIALECT), "held=?"), (LinkStatements(link, DIALECT).held, "holder=?")):
        [step] = plan_of(file.path, statement)
        assert step.startswith("SEARCH link_groups__phones USING")
        assert step.endswith(f"({key})")


async def test_of_a_module_that_is_switched_off_nothing_new_can_be_named(database: Database) -> None:
    without = tuple(table for table in TABLES if table is not groups)
    async with open_data(database, *without) as data:
        await put(data, Phone("1"))
        with pytest.raises(Invalid) as refused:
            await put(data, Follow("1", [Target(group="g")]))
        assert refused.value.path == "targets[0].group"
    async with open_data(database) as data:
        await put(data, Group("g"), Group("h"), Follow("1", [Target(group="g"), Target(group="h")]))
    async with open_data(database, *without) as data:
        await put(data, Follow("1", [*to("1"), Target(group="h")]))
        with pytest.raises(Invalid):
            await put(data, Follow("1", [Target(group="g")]))
    async with open_data(database) as data:
        await remove(data, groups, "g")
        with pytest.raises(InUse):
            await remove(data, groups, "h")


async def test_what_a_module_names_that_is_switched_off_is_held_though_nobody_can_say_by_whom(
    database: Database,
) -> None:
    async with open_data(database) as data:
        await put(data, Phone("1"), Group("g", to("1")))
    async with open_data(database, phones) as data:
        with pytest.raises(InUse) as refused:
            await remove(data, phones, "1")
        assert (refused.value.detail, refused.value.holders) == ("1 is in use.", ())


@record
class PlainGroup:
    """A group that names telephones in text alone."""

    name: str
    members: list[str] = field(default_factory=list)
    boss: str | None = None


@record
class BossedGroup:
    """The same, of which the boss is a telephone that there is."""

    name: str
    members: list[str] = field(default_factory=list)
    boss: PhoneRef | None = None


@record
class WholeGroup:
    """The same, of which all are."""

    name: str
    members: list[Annotated[str, Ref("phones")]] = field(default_factory=list)
    boss: PhoneRef | None = None


def groups_of(kind: type[Any]) -> Table[Any]:
    return ApiModule("groups", title="Groups", read="See", write="Change").table(kind, key="name")


async def keep(data: Data, table: Table[Any], *rows: Any) -> None:
    await data.commit(Work(writes=[Write(table, table.key_of(row), row, None) for row in rows]))


async def test_what_rows_name_that_were_there_before_is_held_from_then_on(database: Database) -> None:
    plain = groups_of(PlainGroup)
    async with open_data(database, plain, phones) as data:
        await put(data, *(Phone(str(number)) for number in range(5)))
        await keep(data, plain, *(PlainGroup(f"{number:04}", ["1", "1"], "0") for number in range(1_100)))
        await keep(data, plain, PlainGroup("z", ["3"]))
    for kind, held in ((BossedGroup, {"0"}), (WholeGroup, {"0", "1", "3"}), (BossedGroup, {"0", "1", "3"})):
        async with open_data(database, groups_of(kind), phones) as data:
            for number in map(str, range(5)):
                work = Work(writes=[a_removal(phones, number), a_put(Phone(number))])
                if number in held:
                    with pytest.raises(InUse):
                        await data.commit(work)
                else:
                    await data.commit(work)


async def test_rows_that_name_what_is_not_there_stop_the_start_and_are_named(database: Database) -> None:
    plain, whole = groups_of(PlainGroup), groups_of(WholeGroup)
    async with open_data(database, plain, phones) as data:
        await put(data, Phone("1"))
        await keep(data, plain, PlainGroup("g", ["1", "404"]))
    with pytest.raises(SchemaError, match=r"'g' names '404' at members\[1\], which is not there in phones"):
        async with open_data(database, whole, phones):
            raise AssertionError("it was opened")
    async with open_data(database, plain, phones) as data:
        await keep(data, plain, PlainGroup("g", ["1"]))
    async with open_data(database, whole, phones) as data:
        with pytest.raises(InUse):
            await remove(data, phones, "1")


@record
class Numbered:
    """A record that names a telephone by a number."""

    name: str
    phone: Annotated[int, Ref("phones")]


async def test_what_names_a_row_is_a_string(database: Database) -> None:
    with pytest.raises(SchemaError, match="groups: phone names a row, so it must be a string"):
        async with open_data(database, groups_of(Numbered), phones):
            raise AssertionError("it was opened")


class Unwatched:
    """Implements `Watcher`."""

    def begin(self, act: str, table: str, rows: int) -> None:
        """Nobody looks."""

    def advance(self, rows: int) -> None:
        """Nobody looks."""


def test_what_is_held_is_held_in_the_database_to_which_all_is_moved(tmp_path: Path, empty: PostgresDatabase) -> None:
    source = SqliteFile(tmp_path / "it.db")

    async def fill() -> None:
        async with open_data(source) as data:
            await put(data, Phone("1"), Phone("2"), Group("g", to("1")))

    async def look() -> None:
        async with open_data(empty) as data:
            with pytest.raises(InUse) as refused:
                await remove(data, phones, "1")
            assert named(refused.value.holders) == [("groups", ("g",))]
            await remove(data, phones, "2")

    asyncio.run(fill())
    move(source, empty, TABLES, (), Unwatched())
    assert tell(empty, "SELECT * FROM link_groups__phones") == [("g", "1")]
    asyncio.run(look())
