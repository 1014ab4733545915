"""The modules' tables when the house opens: made, extended, or refused with one clear line."""

from contextlib import closing
from dataclasses import field
from enum import IntEnum
from typing import Any

import pytest

from scopekeeper.sdk import ApiModule, Table, record
from scopekeeper.sdk.data import Data, Work, Write
from scopekeeper.settings import Database, SqliteFile
from scopekeeper.store import SchemaError
from scopekeeper.store.connection import connect
from tests.postgres import tell
from tests.stores.modules import open_data


def indexes_in(database: Database) -> set[str]:
    if isinstance(database, SqliteFile):
        with closing(connect(database.path, wait=1, read_only=True)) as connection:
            return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'index'")}
    return {name for (name,) in tell(database, "SELECT indexname FROM pg_indexes WHERE schemaname = 'public'")}


def table_of(kind: type[Any], **told: Any) -> Table[Any]:
    return ApiModule("lamps", title="Lamps", read="See", write="Change").table(kind, key="name", **told)


@record
class Lamp:
    """A lamp as it was at first."""

    name: str
    watts: int = 5


@record
class LargerLamp:
    """A lamp with more fields, each of which the rows that are there already can have."""

    name: str
    watts: int = 5
    room: str = "it's the kitchen"
    lit: bool = True
    owner: str | None = None
    tags: list[str] = field(default_factory=list)
    factor: float = 0.5
    twin: str | None = None


@record
class LampOfARoom:
    """A lamp with a field that the rows that are there already cannot have."""

    name: str
    room: str
    watts: int = 5


@record
class LampInWords:
    """A lamp whose power is told in words."""

    name: str
    watts: str = "5"


@record
class LampPerhaps:
    """A lamp that may have no power."""

    name: str
    watts: int | None = 5


@record
class RenamedLamp:
    """A lamp whose power is called otherwise."""

    name: str
    power: int = 5


@record
class LampOf:
    """A lamp that belongs to another lamp."""

    name: str
    twin: str | None = None
    row_version: int = 0


@record
class NumberedLamp:
    """A lamp that is known by a number."""

    name: int


class Level(IntEnum):
    """How bright."""

    LOW = 1
    HIGH = 2


@record
class DimmedLamp:
    """A lamp with a level that is a number."""

    name: str
    level: Level = Level.LOW


async def put(data: Data, table: Table[Any], row: Any) -> None:
    await data.commit(Work(writes=[Write(table, row.name, row, None)]))


async def test_a_table_is_found_again_with_its_rows(database: Database) -> None:
    for expected in (None, Lamp("a")):
        table = table_of(Lamp)
        async with open_data(database, table) as data:
            found = await data.get(table, "a", None)
            assert (None if found is None else found.record) == expected
            await put(data, table, Lamp("a"))


async def test_new_fields_are_added_and_rows_that_were_there_have_their_defaults(database: Database) -> None:
    table = table_of(Lamp)
    async with open_data(database, table) as data:
        await put(data, table, Lamp("a", 7))
    larger = table_of(LargerLamp, owner="owner", refers={"twin": ("lamps", "restrict")})
    for _ in range(2):
        async with open_data(database, larger) as data:
            found = await data.get(larger, "a", None)
            assert found is not None
            assert found.record == LargerLamp("a", 7)
            await put(data, larger, LargerLamp("b", owner="alice", twin="a"))


async def test_a_field_of_a_newer_node_is_kept_by_an_older_one_which_knows_nothing_of_it(database: Database) -> None:
    old, new = table_of(Lamp), table_of(LargerLamp, owner="owner", refers={"twin": ("lamps", "restrict")})
    async with open_data(database, old) as data:
        await put(data, old, Lamp("a"))
    async with open_data(database, new) as newer:
        await put(newer, new, LargerLamp("b", room="bath", owner="alice"))
        async with open_data(database, old) as older:
            await put(older, old, Lamp("c", 7))
            found = await older.get(old, "b", None)
            assert found is not None
            assert found.record == Lamp("b")
            await older.commit(Work(writes=[Write(old, "b", Lamp("b", 9), None)]))
        found = await newer.get(new, "b", None)
        assert found is not None
        assert found.record == LargerLamp("b", 9, room="bath", owner="alice")
        found = await newer.get(new, "c", None)
        assert found is not None
        assert found.record == LargerLamp("c", 7)


async def test_a_field_that_a_new_row_must_have_is_not_passed_over(database: Database) -> None:
    async with open_data(database, table_of(LampOfARoom)):
        pass
    with pytest.raises(SchemaError, match="the data of lamps has 'room', which its record does not have"):
        async with open_data(database, table_of(Lamp)):
            raise AssertionError("it was opened")


@pytest.mark.parametrize(
    ("kind", "told", "reason"),
    [
        (LampOfARoom, {}, "lamps: the new field 'room' needs a default, for the rows that are there"),
        (LampInWords, {}, "the data of lamps has 'watts' as INTEGER, not TEXT"),
        (LampPerhaps, {}, "the data of lamps has 'watts' as INTEGER, not INTEGER or nothing"),
        (
            RenamedLamp,
            {},
            "the data of lamps has 'watts' and lacks 'power': is it renamed? A field goes in one version",
        ),
        (
            Lamp,
            {"refers": {"name": ("lamps", "cascade")}},
            "the data of lamps has 'name', which refers to something else",
        ),
    ],
)
async def test_what_else_differs_is_refused_and_nothing_is_changed(
    database: Database, kind: type[Any], told: dict[str, Any], reason: str
) -> None:
    table = table_of(Lamp)
    async with open_data(database, table) as data:
        await put(data, table, Lamp("a"))
    with pytest.raises(SchemaError) as refused:
        async with open_data(database, table_of(kind, **told)):
            raise AssertionError("it was opened")
    if not isinstance(database, SqliteFile):
        reason = reason.replace("INTEGER", "BIGINT").replace("TEXT", 'TEXT COLLATE "C"')
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)
    async with open_data(database, table) as data:
        found = await data.get(table, "a", None)
        assert found is not None
        assert found.record == Lamp("a")


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        (table_of(LampOf), "'row_version' is the store's own word"),
        (table_of(NumberedLamp), "name names a row, so it must be a string"),
        (table_of(LampPerhaps, refers={"watts": ("lamps", "cascade")}), "watts names a row, so it must be a string"),
        (table_of(LargerLamp, refers={"twin": ("nowhere", "cascade")}), "lamps refers to 'nowhere'"),
        (
            table_of(LargerLamp, owner="twin", refers={"twin": ("lamps", "cascade")}),
            "whose the rows of lamps are leads in a circle: lamps → lamps",
        ),
    ],
)
async def test_a_table_that_cannot_be_kept_is_refused(database: Database, table: Table[Any], reason: str) -> None:
    with pytest.raises(SchemaError) as refused:
        async with open_data(database, table):
            raise AssertionError("it was opened")
    if not isinstance(database, SqliteFile):
        reason = reason.replace("INTEGER", "BIGINT").replace("TEXT", 'TEXT COLLATE "C"')
    assert reason in str(refused.value)


async def test_an_enum_of_numbers_is_kept_too(database: Database) -> None:
    table = table_of(DimmedLamp)
    async with open_data(database, table) as data:
        await put(data, table, DimmedLamp("a", Level.HIGH))
        assert [found.record for _, found in await data.page(table, None, {"level": Level.HIGH}, None, 9)] == [
            DimmedLamp("a", Level.HIGH)
        ]


async def test_what_refers_and_who_owns_are_indexed(database: Database) -> None:
    async with open_data(database, table_of(LargerLamp, owner="owner", refers={"twin": ("lamps", "cascade")})):
        assert indexes_in(database) >= {"ix_module_lamps__owner__name", "ix_module_lamps_twin"}
