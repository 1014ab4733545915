"""The schema, asked for by introspection or as text: cut to what is held."""

import pytest
from graphql import build_schema, get_introspection_query

from tests.api.office import Answer, Office, called


async def test_row_59_introspection_shows_what_is_held_and_nothing_beyond() -> None:
    answer = await Office().ask(get_introspection_query(), "gql:bookings:read", "rest")
    schema = answer.data["__schema"]
    names = {type_["name"] for type_ in schema["types"]}
    assert schema["mutationType"] is None
    assert {"Booking", "BookingConnection"} <= names
    assert not names & {
        "Room",
        "RoomConnection",
        "RoomEdge",
        "RoomInput",
        "RoomPatch",
        "Item",
        "Kind",
        "Long",
        "DateTime",
    }
    [query] = [type_ for type_ in schema["types"] if type_["name"] == "Query"]
    assert [field["name"] for field in query["fields"]] == ["bookings"]


async def test_introspection_with_everything_held_shows_everything() -> None:
    answer = await Office().ask(get_introspection_query())
    assert {"Room", "Booking", "Mutation", "RoomPatch"} <= {type_["name"] for type_ in answer.data["__schema"]["types"]}


async def test_a_type_that_is_not_held_looks_as_if_it_did_not_exist() -> None:
    query = '{ __type(name: "Room") { name } }'
    assert (await Office().ask(query, "gql:bookings:read")).data == {"__type": None}
    assert (await Office().ask(query, "gql:rooms:read")).data == {"__type": {"name": "Room"}}


@pytest.mark.parametrize("scopes", [("rest",), ("rest:rooms:read", "openid")])
async def test_row_59_introspection_needs_a_token_with_some_scope_of_graphql(scopes: tuple[str, ...]) -> None:
    answer = await Office().ask("{ __schema { queryType { name } } }", *scopes)
    assert answer.status == 403
    assert answer.error["extensions"]["missing"] == ["gql"]


async def test_a_token_that_only_writes_sees_a_query_with_nothing_in_it() -> None:
    query = '{ __type(name: "Query") { fields { name description } } }'
    fields = (await Office().ask(query, "gql:rooms:write")).data["__type"]["fields"]
    assert [field["name"] for field in fields] == ["_"]
    assert (await Office().ask("{ _ }", "gql:rooms:write")).status == 400


async def test_every_type_says_its_name() -> None:
    office = Office.furnished()
    answer = await office.ask('{ __typename room(name: "r1") { __typename } }')
    assert answer.data == {"__typename": "Query", "room": {"__typename": "Room"}}


async def sdl(office: Office, query: bytes = b"", headers: dict[str, str] | None = None, method: str = "GET") -> Answer:
    """The schema as text."""
    return await called(office.sdl, method, headers=headers, query=query)


async def test_the_whole_schema_is_public_as_text() -> None:
    answer = await sdl(Office())
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    schema = build_schema(answer.body.decode())
    assert schema.query_type is not None
    assert "room" in schema.query_type.fields


async def test_the_text_is_cut_to_the_scopes_asked_for() -> None:
    text = (await sdl(Office(), b"scope=gql%3Arooms%3Aread%3Awindows+rest")).body.decode()
    assert "roomWindows" in text
    assert "rooms(" not in text
    assert "Mutation" not in text


@pytest.mark.parametrize(
    "query",
    [
        b"scope=gql:nothing",
        b"scope=gql:rooms:read:doors",
        b"scope=GQL",
        b"scope=a%22b",
        b"scope=%ff",
        b"scope=a&scope=b",
    ],
)
async def test_an_unknown_or_malformed_scope_is_a_problem(query: bytes) -> None:
    answer = await sdl(Office(), query)
    assert answer.status == 400
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_parameter_that_nobody_knows_is_refused_lest_more_be_shown_than_was_meant() -> None:
    assert (await sdl(Office(), b"scopes=gql:rooms:read")).status == 422


async def test_a_text_that_has_not_changed_is_not_sent_again() -> None:
    office = Office()
    first = await sdl(office)
    again = await sdl(office, headers={"if-none-match": first.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    cut = await sdl(office, b"scope=gql:rooms:read", {"if-none-match": first.headers["etag"]})
    assert cut.status == 200


async def test_the_text_is_fetched_and_nothing_else() -> None:
    answer = await sdl(Office(), method="POST")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")
    head = await sdl(Office(), method="HEAD")
    assert (head.status, head.body) == (200, b"")


async def test_where_descriptions_are_not_public_a_token_is_demanded() -> None:
    answer = await sdl(Office(public=False))
    assert answer.status == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_where_descriptions_are_not_public_only_what_is_held_is_shown() -> None:
    office = Office(public=False)
    held = office.bearer("gql:rooms:read")
    text = (await sdl(office, headers=held)).body.decode()
    assert "rooms(" in text
    assert "Booking" not in text
    wider = (await sdl(office, b"scope=gql", held)).body.decode()
    assert wider == text
    narrower = (await sdl(office, b"scope=gql:rooms:read:windows", held)).body.decode()
    assert "roomWindows" in narrower
    assert "rooms(" not in narrower
    assert "room" not in (await sdl(office, headers=office.bearer("rest"))).body.decode()
