"""Three modules as the data tests need them: owned directly, owned through others, and nobody's."""

import datetime
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import Enum
from typing import Annotated, Any, Final

from scopekeeper.sdk import ApiModule, Meta, Table, record
from scopekeeper.sdk.data import Data, Report, Work, Write
from scopekeeper.settings import Database
from scopekeeper.store import open_store
from tests.fixtures import FixedEntropy


@record
class Phone:
    """A telephone: a person's, or nobody's."""

    number: str
    owner: str | None = None
    label: str = ""


@record
class Forward:
    """A telephone's forward: whose the telephone is."""

    number: str
    to: str | None = None


@record
class Note:
    """A note on a forward: whose the forward is, that is, whose the telephone is."""

    id: str
    forward: str
    text: str = ""
    about: str | None = None


@record
class Ring:
    """A group of telephones, which holds on to its first: nobody's data."""

    name: str
    first: str | None = None


class Colour(Enum):
    """A colour."""

    RED = "red"
    BLUE = "blue"


@record
class Lamp:
    """One lamp."""

    colour: Colour
    watts: float = 1.5


@record
class Everything:
    """A record with a field of every kind."""

    key: str
    whole: int
    real: float
    yes: bool
    at: datetime.datetime
    colour: Colour
    lamp: Lamp
    words: list[str]
    lamps: list[Lamp]
    limit: Annotated[int, Meta(ge=0, description="A word of SQL.")] = 5
    order: Annotated[str | None, Meta(description="Another one.")] = None
    perhaps: Lamp | None = None
    whose: bool | None = None


phones_module = ApiModule("phones", title="Phones", read="See", write="Change")
forwards_module = ApiModule("forwards", title="Forwards", read="See", write="Change")
rings_module = ApiModule("rings", title="Rings", read="See", write="Change")

phones: Final = phones_module.table(Phone, key="number", owner="owner")
forwards: Final = forwards_module.table(Forward, key="number", owner="number", refers={"number": ("phones", "cascade")})
notes: Final = forwards_module.table(
    Note,
    name="notes",
    key="id",
    owner="forward",
    refers={"forward": ("forwards", "cascade"), "about": ("phones", "restrict")},
)
rings: Final = rings_module.table(Ring, key="name", refers={"first": ("phones", "restrict")})
everything: Final = rings_module.table(Everything, name="everything", key="key")

TABLES: Final[tuple[Table[Any], ...]] = (notes, forwards, phones, rings, everything)


@asynccontextmanager
async def open_data(database: Database, *tables: Table[Any]) -> AsyncIterator[Data]:
    """The modules' data in a database of its own."""
    store = open_store(database)
    try:
        yield store.data(tables or TABLES, FixedEntropy())
    finally:
        await store.close()


def table_of(row: object) -> Table[Any]:
    """The table in which records of this kind are kept."""
    return next(table for table in TABLES if table.record is type(row))


async def put(data: Data, *rows: object, whose: str | None = None) -> Report:
    """Put these records, in one commit."""
    writes = [Write(table_of(row), table_of(row).key_of(row), row, whose) for row in rows]
    return await data.commit(Work(writes=writes))


async def remove(data: Data, table: Table[Any], key: str, whose: str | None = None) -> Report:
    """Remove one record."""
    return await data.commit(Work(writes=[Write(table, key, None, whose)]))


async def keys_in(data: Data, table: Table[Any], whose: str | None = None, **where: object) -> list[str]:
    """The keys that can be seen."""
    return [key for key, _ in await data.page(table, whose, where, None, 500)]
