"""A house with a module of somebody else, and things to move out of it and into it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

from scopekeeper.api.bulk.giving import given
from scopekeeper.api.bulk.outcome import Outcome
from scopekeeper.api.bulk.overlay import Overlay
from scopekeeper.api.bulk.taking import Taking
from scopekeeper.api.modules import Modules
from scopekeeper.api.operator import OPERATOR
from scopekeeper.api.perform import Performer
from scopekeeper.modules import callforward, extensions
from scopekeeper.sdk import ApiModule, Caller, Meta, Ref, Settings, record
from scopekeeper.sdk.data import Data
from scopekeeper.store import open_sqlite
from scopekeeper.surface.bulk.entries import Item
from scopekeeper.surface.bulk.plan import Plan
from tests.fixtures import FixedEntropy

desks = ApiModule("desks", title="Desks", read="See desks", write="Change desks")
"""A module of somebody else, which has a PUT alone, names other extensions, and takes a code that it never shows."""


@record
class Desk:
    """Where an extension stands, and beside which."""

    extension: str
    room: Annotated[str, Meta(max_length=4)] | None = None
    beside: Annotated[str, Ref("extensions")] | None = None


@record
class DeskChange:
    """Where it shall stand."""

    room: Annotated[str, Meta(max_length=4)] | None = None
    beside: Annotated[str, Ref("extensions")] | None = None
    code: str | None = None


kept = desks.table(Desk, key="extension", owner="extension", refers={"extension": ("extensions", "cascade")})
settings = Settings(kept)


@desks.read("GET /desks/{extension}", field="desk", of="extension")
async def get_desk(caller: Caller, extension: str) -> Desk:
    """A desk."""
    return await settings.get(caller, extension)


@desks.write("PUT /desks/{extension}", field="setDesk", of="extension")
async def set_desk(caller: Caller, extension: str, body: DeskChange) -> Desk:
    """Another desk."""
    return await settings.keep(caller, Desk(extension, body.room, body.beside))


MODULES = Modules([extensions.api, callforward.api, desks])
PLAN = Plan.of(MODULES.operations)


class Moving:
    """Data to move things out of and into."""

    def __init__(self, data: Data) -> None:
        self.data = data
        self.performer = Performer(data)

    def taking(self, data: Data | None = None) -> Taking:
        return Taking(PLAN, self.performer, data or self.data, OPERATOR)

    async def take(self, *lines: dict[str, Any], data: Data | None = None) -> list[Outcome]:
        taking = self.taking(data)
        return [await taking.take(Item(PLAN, line)) for line in lines]

    async def rehearse(self, *lines: dict[str, Any]) -> list[Outcome]:
        return await self.take(*lines, data=Overlay(self.data, relied_on=False))

    async def all(self) -> list[dict[str, Any]]:
        return [each async for each in given(PLAN, self.performer, OPERATOR)]


@asynccontextmanager
async def moving(folder: Path) -> AsyncIterator[Moving]:
    """On SQLite, with one extension that is forwarded."""
    store = open_sqlite(folder / "scopekeeper.db")
    try:
        made = Moving(store.data(MODULES.tables, FixedEntropy()))
        await made.take({"extension": "1001", "name": "Ada", "callforward": {"busy": "7"}})
        yield made
    finally:
        await store.close()


ADA = {
    "extension": "1001",
    "name": "Ada",
    "owner": None,
    "email": None,
    "callforward": {"unconditional": None, "busy": "7", "unavailable": None, "ring_timer": 0},
    "desks": {"room": None, "beside": None},
}
