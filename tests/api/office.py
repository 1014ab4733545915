"""A small world for the tests of GraphQL: an office with two modules, its data in dicts, and callers of every kind."""

import json
from collections.abc import Mapping
from dataclasses import field
from datetime import UTC, datetime
from enum import Enum
from typing import Annotated, Any

from starlette.types import ASGIApp

from scopekeeper.api.extent import Extent
from scopekeeper.api.graphql import GraphqlEndpoint, SchemaEndpoint
from scopekeeper.api.guard import Guard
from scopekeeper.api.modules import Modules
from scopekeeper.api.perform import Performer
from scopekeeper.sdk import ApiModule, Caller, Invalid, Meta, Page, Paging, Patch, record
from scopekeeper.services.tally import Tally
from tests.api import house
from tests.api.house import Doorman
from tests.api.schemas import schema_of_modules
from tests.fixtures_data import DictData

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Kind(Enum):
    """What a room is for."""

    TALK = "talk"
    WORK = "work-alone"


@record
class Item:
    """Something that stands in a room."""

    item_name: Annotated[str, Meta(min_length=1, max_length=20)]
    amount: Annotated[int, Meta(ge=1, le=1_000)] = 1


@record
class Room:
    """A room of the office."""

    name: str
    floor: Annotated[int, Meta(ge=-3, le=99, description="Counted from the street.")] = 0
    kind: Kind = Kind.TALK
    opened_at: datetime | None = None
    volume: int = 0
    items: Annotated[list[Item], Meta(max_length=3)] = field(default_factory=list)
    keeper: Item | None = None


@record
class RoomChange:
    """A room as it shall be."""

    floor: Annotated[int, Meta(ge=-3, le=99)] = 0
    kind: Kind = Kind.TALK
    opened_at: datetime | None = None
    volume: int = 0
    items: Annotated[list[Item], Meta(max_length=3)] = field(default_factory=list)
    keeper: Item | None = None


@record
class Booking:
    """Who has a room."""

    ticket: str
    room: str
    holder: Annotated[str, Meta(pattern="^[a-z]+$")]


rooms_api = ApiModule("rooms", title="Rooms", read="See the rooms", write="Change the rooms")
rooms = rooms_api.table(Room, key="name")


@rooms_api.read("GET /", field="rooms", of=rooms)
async def list_rooms(
    caller: Caller, paging: Paging, kind: Kind | None = None, since: datetime | None = None
) -> Page[Room]:
    """The rooms, by name."""
    where: dict[str, Any] = {} if kind is None else {"kind": kind}
    return await caller.rows(rooms).page(paging, **where)


@rooms_api.read("GET /{name}", field="room", of="name")
async def get_room(caller: Caller, name: str) -> Room:
    """One room."""
    return await caller.rows(rooms).get(name)


@rooms_api.read("GET /{name}/windows", field="roomWindows", of="name", resource="windows")
async def get_windows(caller: Caller, name: str) -> Room:
    """One room, for whoever cleans its windows."""
    if name == "r7":
        raise ZeroDivisionError("secret of the trade")
    return await caller.rows(rooms).get(name)


@rooms_api.write("POST /", field="addRoom", of=rooms)
async def add_room(caller: Caller, body: Room) -> Room:
    """Build a room."""
    return await caller.rows(rooms).add(body)


@rooms_api.write("PUT /{name}", field="setRoom", of="name")
async def set_room(caller: Caller, name: str, body: RoomChange) -> Room:
    """Furnish a room."""
    made = Room(name, body.floor, body.kind, body.opened_at, body.volume, body.items, body.keeper)
    return caller.rows(rooms).put(made)


@rooms_api.write("PATCH /{name}", field="updateRoom", of="name")
async def update_room(caller: Caller, name: str, body: Patch[Room]) -> Room:
    """Change something in a room."""
    if "floor" in body and body.changes["floor"] == 13:
        raise Invalid("$.floor_number[0].is_lucky", "There is no such floor.")
    return caller.rows(rooms).put(body.onto(await caller.rows(rooms).get(name)))


@rooms_api.write("DELETE /{name}", field="removeRoom", of="name")
async def remove_room(caller: Caller, name: str) -> Room:
    """Tear a room down."""
    room = await caller.rows(rooms).get(name)
    caller.rows(rooms).remove(name)
    return room


@rooms_api.write("POST /closings", field="closeOffice", system=True)
async def close_office(caller: Caller, body: Item) -> Item:
    """Close the office. What closes it is answered."""
    return body


@record
class Key:
    """A key to a room. What is cut into it is told to whoever has it made."""

    name: str
    cuts: int
    key_code: str | None = None


@rooms_api.write("POST /{name}/keys", field="cutKey", system=True, gives=("key_code",))
async def cut_key(caller: Caller, name: str) -> Key:
    """Have a key to a room made."""
    room = await caller.rows(rooms).get(name)
    return Key(room.name, 5, f"{caller.provided(Locksmith).number}-{name}")


class Locksmith:
    """What the house provides to the rooms."""

    number = 7


bookings_api = ApiModule("bookings", title="Bookings", read="See who has a room", write="Book rooms")
bookings = bookings_api.table(Booking, key="ticket", owner="holder", refers={"room": ("rooms", "cascade")})


@bookings_api.read("GET /", field="bookings", of=bookings)
async def list_bookings(caller: Caller, paging: Paging) -> Page[Booking]:
    """The bookings."""
    return await caller.rows(bookings).page(paging)


@bookings_api.write("PUT /{ticket}", field="book", of=bookings)
async def book(caller: Caller, ticket: str, body: Booking) -> Booking:
    """Book a room."""
    return caller.rows(bookings).put(body)


MODULES = Modules([rooms_api, bookings_api])


class Answer(house.Answer):
    """What came back over GraphQL."""

    @property
    def data(self) -> Any:
        """What was answered, if nothing went wrong."""
        assert "errors" not in self.json, self.json
        return self.json["data"]

    @property
    def error(self) -> Any:
        """The one error."""
        [error] = self.json["errors"]
        return error

    @property
    def code(self) -> str:
        """The code of the one error."""
        return str(self.error["extensions"]["code"])


class Office:
    """The GraphQL endpoints over some modules, and how to ask them."""

    def __init__(self, modules: Modules = MODULES, *, public: bool = True, data: DictData | None = None) -> None:
        self.data = data or DictData(modules.tables)
        self.doorman = Doorman()
        self.tally = Tally()
        schema, guard = schema_of_modules(modules), Guard(self.doorman, self.doorman, self.tally)
        self.endpoint = GraphqlEndpoint(
            schema, guard, Performer(self.data, {Locksmith: lambda admitted, address: Locksmith()})
        )
        self.sdl = SchemaEndpoint(schema, Extent(modules.catalogue, guard, public))

    @classmethod
    def furnished(cls) -> "Office":
        """With seven rooms in it, and two bookings of the first."""
        office = cls()
        for number in range(1, 8):
            item = Item("table", number)
            kind = Kind.WORK if number % 2 else Kind.TALK
            office.data.keep(Room(f"r{number}", number, kind, NOON, 2**40, [item], item))
        office.data.keep(Booking("t1", "r1", "alice"), Booking("t2", "r1", "bob"))
        return office

    def bearer(self, *scopes: str, user: str | None = None) -> dict[str, str]:
        """The header with a fresh token of these scopes, in a person's name or in none."""
        return {"authorization": f"Bearer {self.doorman.token(*scopes, user=user)}"}

    async def ask(
        self,
        query: str,
        *scopes: str,
        user: str | None = None,
        variables: Mapping[str, Any] | None = None,
        operation_name: str | None = None,
        state: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Post a GraphQL request with a fresh token of these scopes (all of GraphQL's, if none is named)."""
        body = json.dumps({"query": query, "variables": variables, "operationName": operation_name}).encode()
        headers = JSON | self.bearer(*(scopes or ("gql",)), user=user)
        return await called(self.endpoint, "POST", body, headers, state=state)

    async def post(self, body: bytes) -> Answer:
        """Post these bytes with a token that may do everything."""
        return await called(self.endpoint, "POST", body, JSON | self.bearer("gql"))


JSON = {"content-type": "application/json"}


async def called(
    app: ASGIApp,
    method: str,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    *,
    query: bytes = b"",
    state: Mapping[str, Any] | None = None,
) -> Answer:
    """One request to an ASGI application."""
    scope = house.scope_of(method, b"/api/graphql", query, list((headers or {}).items()))
    answer = await house.called(app, scope | {"state": dict(state or {})}, body)
    return Answer(answer.status, answer.headers, answer.body)
