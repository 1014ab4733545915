"""Modules whose records name rows by `Ref`: in a field, in a list, and in one of several."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import field
from typing import Annotated, Any, Final

from scopekeeper.sdk import ApiModule, Ref, Table, one_of, record
from scopekeeper.sdk.data import Data, Report, Work, Write
from scopekeeper.settings import Database
from scopekeeper.store import open_store
from tests.fixtures import FixedEntropy

PhoneRef = Annotated[str, Ref("phones")]
GroupRef = Annotated[str, Ref("groups")]
BoxRef = Annotated[str, Ref("boxes")]


@record
class Phone:
    """A telephone: a person's, or nobody's."""

    number: str
    owner: str | None = None


@one_of
class Target:
    """Where a call goes."""

    phone: PhoneRef | None = None
    group: GroupRef | None = None
    box: BoxRef | None = None
    outside: str | None = None


@record
class Box:
    """A box for messages: whose the telephone is."""

    number: str


@record
class Follow:
    """Whom a telephone's calls follow: whose the telephone is."""

    number: PhoneRef
    targets: list[Target] = field(default_factory=list)


@record
class Group:
    """A group: nobody's."""

    name: str
    members: list[Target] = field(default_factory=list)
    then: Target | None = None
    boss: PhoneRef | None = None


def module(name: str) -> ApiModule:
    return ApiModule(name, title=name.title(), read="See", write="Change")


phones: Final = module("phones").table(Phone, key="number", owner="owner")
boxes: Final = module("boxes").table(Box, key="number", owner="number", refers={"number": ("phones", "cascade")})
follows: Final = module("follows").table(Follow, key="number", owner="number", refers={"number": ("phones", "cascade")})
groups: Final = module("groups").table(Group, key="name")

TABLES: Final[tuple[Table[Any], ...]] = (follows, boxes, groups, phones)

_KEPT: Final[Mapping[type, Table[Any]]] = {table.record: table for table in TABLES}


def a_put(row: Any, whose: str | None = None) -> Write:
    """That this record is put."""
    table = _KEPT[type(row)]
    return Write(table, table.key_of(row), row, whose)


def a_removal(table: Table[Any], key: str) -> Write:
    """That the record with this key is removed."""
    return Write(table, key, None, None)


async def put(data: Data, *rows: Any, whose: str | None = None) -> Report:
    """Put these records, in one commit."""
    return await data.commit(Work(writes=[a_put(row, whose) for row in rows]))


async def remove(data: Data, table: Table[Any], key: str) -> Report:
    """Remove one record."""
    return await data.commit(Work(writes=[a_removal(table, key)]))


def to(*phone_numbers: str) -> list[Target]:
    """These telephones."""
    return [Target(phone=number) for number in phone_numbers]


def named(holders: Sequence[Any]) -> list[tuple[str, tuple[str, ...]]]:
    """The module and the keys of each holder."""
    return [(each.module, each.keys) for each in holders]


@asynccontextmanager
async def open_data(database: Database, *tables: Table[Any]) -> AsyncIterator[Data]:
    """These tables, or all, in a database of their own."""
    store = open_store(database)
    try:
        yield store.data(tables or TABLES, FixedEntropy())
    finally:
        await store.close()


async def record_of(data: Data, table: Table[Any], key: str) -> Any:
    """The record with this key, or None."""
    found = await data.get(table, key, None)
    return None if found is None else found.record
