"""Looking through others' eyes answers what `/api/graphql` would answer to their token, and can do nothing else."""

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import pytest
from graphql import parse

from scopekeeper.api.graphql import Looking
from scopekeeper.api.graphql.looking import LookingCall
from scopekeeper.api.graphql.running import run
from scopekeeper.api.guard import Admitted
from scopekeeper.api.perform import Performer
from scopekeeper.api.unwritten import Unwritten
from scopekeeper.oauth.authentication import PASSWORD
from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import ApplicationType, Client, GrantType, Token
from scopekeeper.oauth.viewing import View, seen_as
from scopekeeper.sdk import Forbidden, Operation
from scopekeeper.sdk.data import Work, Write
from scopekeeper.services.looks import Looks
from scopekeeper.services.ports import Act, Unavailable, Use
from scopekeeper.store import MemoryStore
from scopekeeper.surface.graphql import schema_of
from scopekeeper.wire import Reply
from tests.api import office
from tests.api.faces import document_of
from tests.api.office import Office
from tests.api.world import World, arguments_of, body_of, world
from tests.asking import ask, bearer
from tests.fixtures import FixedClock, FixedEntropy
from tests.persons import granted

ACTOR = "user:root"
NOW = 1_800_000_000
ROOMS = "{ rooms { nodes { name floor } } }"


class Failing(MemoryStore):
    """A store that can be away when acts are written."""

    away = False

    async def used(self, tokens: Collection[Use], secrets: Collection[Use], acts: Collection[Act]) -> None:
        if self.away:
            raise Unavailable("disk full")
        await super().used(list(tokens), list(secrets), list(acts))


class Glass:
    """The office with seven rooms, seen through others' eyes."""

    def __init__(self) -> None:
        self.office = Office.furnished()
        self.store = Failing()
        looks = Looks(self.store, FixedClock(), FixedEntropy())
        self.performer = Performer(Unwritten(self.office.data))
        self.own = NOW, (PASSWORD,)
        """When, and how, whoever looks signed in."""
        self.looking = Looking(schema_of(office.MODULES.operations), self.performer, looks)

    async def look(
        self,
        query: str,
        *scopes: str,
        view: View | None = None,
        variables: str = "",
        operation_name: str | None = None,
    ) -> tuple[int, Any]:
        """Status and body, as an application that acts for itself with these scopes (all of GraphQL's, if none)."""
        reply = await self.looking(
            view or as_app(*(scopes or ("gql",))),
            query,
            variables,
            operation_name,
            actor=ACTOR,
            address="192.0.2.1",
            meets=lambda demand: demand.met(*self.own, NOW),
        )
        return reply.status, json.loads(reply.body)

    async def acts(self) -> list[Act]:
        return list(await self.store.acts())


def an_app(*scopes: str, grants: tuple[GrantType, ...] = (GrantType.CLIENT_CREDENTIALS,)) -> Client:
    return Client("app", ApplicationType.WEB, "Phone book", scopes, grants, 0)


def as_app(*scopes: str) -> View:
    return seen_as(an_app(*scopes), None, None, lambda scope: True)


def as_person(name: str, *scopes: str, admin: bool = False, enabled: bool = True) -> View:
    return seen_as(None, User(7, name, None, 0, admin=admin, enabled=enabled), scopes, lambda scope: True)


async def through_their_token(w: World, token: str, document: Mapping[str, Any]) -> tuple[int, bytes]:
    head = [bearer(token), ("content-type", "application/json")]
    answer = await ask(w.h.front, "POST", "/api/graphql", headers=head, body=json.dumps(document).encode())
    return answer.status, answer.body


async def through_their_eyes(w: World, view: View, document: Mapping[str, Any]) -> tuple[int, bytes]:
    looking = Looking(schema_of(w.modules.operations), w.h.house.spectator, w.h.house.looks)
    variables = json.dumps(document["variables"])
    asked = document["query"], variables, None
    reply: Reply = await looking(view, *asked, actor=ACTOR, address=None, meets=lambda _: True)
    return reply.status, reply.body


@pytest.mark.parametrize("whose", ["alice", "bob", "root", "the application", "less", "carol"])
async def test_every_operation_that_reads_answers_as_it_does_to_their_token(tmp_path: Path, whose: str) -> None:
    """Of every installed module, administration among them: nothing more, nothing less, and nothing else."""
    scope = "gql:callforward:read gql:admin:read:users" if whose == "less" else "rest gql"
    async with world(tmp_path) as w:
        if whose in ("the application", "less"):
            application = await w.h.register(scope)
            token, person = await w.h.token(application), None
            client = await w.h.house.applications.get(application.client_id)
        else:
            [client, *_] = [each for each in await w.h.house.store.clients() if each.name == "Phone book"]
            if whose == "carol":  # has nothing, and a shorter token
                carol = await w.h.house.accounts.add("carol", password=None, email=None, admin=False, actor="cli:test")
                token = (await granted(w.h, carol, client)).access_token
            else:
                token = w.tokens[whose]
            person = await w.h.house.accounts.get(whose)
        view = seen_as(client, person, None, w.modules.catalogue.__contains__)
        assert (view.nothing, view.barred) == ("", "")
        told = set()
        for operation in (each for each in w.modules.operations if each.access == "read"):
            document = document_of(w, operation, arguments_of(operation, w, w.keys("alice")), None)
            theirs = await through_their_token(w, token, document)
            assert await through_their_eyes(w, view, document) == theirs, operation.field
            told.add(theirs[0])
        assert told == ({200, 403} if whose == "less" else {200})


async def test_every_operation_that_writes_is_refused_by_what_a_view_is_run_on(tmp_path: Path) -> None:
    """Of every installed module, even where the document and the call let it through: nobody acts there."""
    async with world(tmp_path) as w:
        [client, *_] = [each for each in await w.h.house.store.clients() if each.name == "Phone book"]
        root = await w.h.house.accounts.get("root")
        token = Token(0, b"", client.client_id, ("gql",), 0, 0, 0, user=root.name, user_id=root.id)
        reckless = Reckless(w.h.house.spectator, Admitted(token, client, frozenset({"gql"}), root))
        rows, acts = await w.snapshot(), await w.h.house.store.acts()
        for operation in (each for each in w.modules.operations if each.access == "write"):
            keys = w.keys("alice")
            body = body_of(operation, w, "alice", keys)
            document = document_of(w, operation, arguments_of(operation, w, keys), body)
            result = await run(
                schema_of(w.modules.operations), parse(document["query"]), reckless, document["variables"], None
            )
            assert result.errors, operation.field
            assert isinstance(result.errors[0].original_error, Forbidden | LookupError), (operation.field, result)
        assert await w.snapshot() == rows
        assert await w.h.house.store.acts() == acts


class Reckless:
    """A call that performs whatever it is asked to."""

    def __init__(self, performer: Performer, admitted: Admitted) -> None:
        self._performer = performer
        self._admitted = admitted

    async def perform(self, operation: Operation, arguments: Mapping[str, Any]) -> Any:
        return (await self._performer.perform(operation, self._admitted, "gql", arguments)).result


async def test_an_application_for_itself_reads_what_is_everybodys() -> None:
    glass = Glass()
    status, body = await glass.look("{ bookings { nodes { ticket } } rooms(first: 1) { nodes { name } } }")
    assert status == 200
    assert body == {
        "data": {
            "bookings": {"nodes": [{"ticket": "t1"}, {"ticket": "t2"}]},
            "rooms": {"nodes": [{"name": "r1"}]},
        }
    }


async def test_a_person_reads_their_own_data_and_an_administrator_all() -> None:
    glass, query = Glass(), "{ bookings { nodes { holder } } }"
    _, body = await glass.look(query, view=as_person("alice", "gql"))
    assert body["data"]["bookings"]["nodes"] == [{"holder": "alice"}]
    _, body = await glass.look(query, view=as_person("root", "gql", admin=True))
    assert len(body["data"]["bookings"]["nodes"]) == 2
    _, body = await glass.look(ROOMS, view=as_person("alice", "gql"))
    assert body["errors"][0]["extensions"] == {"code": "FORBIDDEN"}, "rooms are nobody's"


async def test_a_field_beyond_the_scopes_is_refused_as_to_a_token_and_the_missing_are_named() -> None:
    """RFC 6750 §3.1, in the form that GraphQL gives it: the same body, the same challenge."""
    glass, query = Glass(), "{ rooms { nodes { name } } bookings { nodes { ticket } } }"
    status, body = await glass.look(query, "gql:rooms:read")
    theirs = await glass.office.ask(query, "gql:rooms:read")
    assert (status, body) == (theirs.status, theirs.json)
    assert body["errors"][0]["extensions"]["missing"] == ["gql:bookings:read"]
    assert await glass.acts() == []


@pytest.mark.parametrize(
    ("query", "operation_name"),
    [
        ('mutation { removeRoom(name: "r1") { name } }', None),
        ('mutation M { removeRoom(name: "r1") { name } }', None),
        ('query Q { __typename } mutation M { removeRoom(name: "r1") { name } }', "M"),
        ('mutation M { removeRoom(name: "r1") { name } } query Q { __typename }', "M"),
        ('mutation M { ...F } fragment F on Mutation { removeRoom(name: "r1") { name } }', "M"),
        ('mutation { ... on Mutation { ... { rooms: removeRoom(name: "r1") { name } } } }', None),
        (
            'mutation { ...A } fragment A on Mutation { ...B } fragment B on Mutation { removeRoom(name:"r1"){name} }',
            "",
        ),
        ('mutation { removeRoom(name: "r1") @skip(if: true) { name } }', None),
        ("mutation { __typename }", None),
        ('# query\nmutation rooms { removeRoom(name: "r1") { name } }', "rooms"),
        ('mutation { closeOffice(body: {itemName: "x"}) { itemName } }', None),
    ],
)
@pytest.mark.parametrize("scopes", [("gql",), ("gql:rooms:read",), ("gql:rooms:write",), ()])
async def test_a_mutation_is_refused_in_whatever_disguise_and_whoever_is_looked_at(
    query: str, operation_name: str | None, scopes: tuple[str, ...]
) -> None:
    glass = Glass()
    for view in (as_app(*scopes), as_person("alice", *scopes), as_person("root", *scopes, admin=True)):
        status, body = await glass.look(query, view=view, operation_name=operation_name or None)
        assert status == 403
        assert [each["extensions"] for each in body["errors"]] == [{"code": "VIEW_IS_READ_ONLY"}]
        assert "data" not in body
    _, body = await glass.look('{ room(name: "r1") { name } }')
    assert body["data"] == {"room": {"name": "r1"}}


async def test_of_a_document_with_both_the_query_runs_and_the_mutation_does_not() -> None:
    glass = Glass()
    query = 'query Q { room(name: "r1") { name } } mutation M { removeRoom(name: "r1") { name } }'
    status, body = await glass.look(query, operation_name="Q")
    assert (status, body["data"]) == (200, {"room": {"name": "r1"}})
    status, body = await glass.look(query)
    assert (status, body["errors"][0]["extensions"]["code"]) == (400, "OPERATION_RESOLUTION_FAILURE")
    status, body = await glass.look(query, operation_name="N")
    assert (status, body["errors"][0]["extensions"]["code"]) == (400, "OPERATION_RESOLUTION_FAILURE")


async def test_subscriptions_are_none_of_the_schema() -> None:
    status, body = await Glass().look("subscription { rooms { nodes { name } } }")
    assert (status, body["errors"][0]["extensions"]["code"]) == (400, "GRAPHQL_VALIDATION_FAILED")


async def test_nothing_writes_even_if_a_mutation_came_as_far_as_the_call_or_the_data() -> None:
    """Each of the three stands by itself: the schema, the call, the data."""
    glass = Glass()
    _, body = await glass.look("{ __schema { mutationType { name } types { name } } }")
    assert body["data"]["__schema"]["mutationType"] is None
    assert "RoomChange" not in {each["name"] for each in body["data"]["__schema"]["types"]}
    admitted = Admitted(Token(0, b"", "app", ("gql",), 0, 0, 0), an_app("gql"), frozenset({"gql"}))
    [remove] = [each for each in office.MODULES.operations if each.field == "removeRoom"]
    call = LookingCall(glass.performer, admitted)
    with pytest.raises(Forbidden):
        await call.perform(remove, {"name": "r1"})
    assert call.read == ()
    with pytest.raises(Forbidden):
        await glass.performer.perform(remove, admitted, "gql", {"name": "r1"})
    with pytest.raises(Forbidden):
        await Unwritten(glass.office.data).commit(Work(writes=[Write(office.rooms, "r1", None, None)]))
    _, body = await glass.look('{ room(name: "r1") { name } }')
    assert body["data"] == {"room": {"name": "r1"}}


async def test_row_59_introspection_shows_what_the_scopes_hold_and_nothing_beyond() -> None:
    glass, query = Glass(), "{ __schema { queryType { fields { name } } types { name } } }"
    for scopes, fields in (
        (("gql:bookings:read",), {"bookings"}),
        (("gql:rooms:read:windows",), {"roomWindows"}),
        (("gql:rooms",), {"rooms", "room", "roomWindows"}),
        (("gql:rooms:write",), {"_"}),
    ):
        status, body = await glass.look(query, *scopes)
        assert status == 200
        schema = body["data"]["__schema"]
        assert {each["name"] for each in schema["queryType"]["fields"]} == fields
        assert ("Booking" in {each["name"] for each in schema["types"]}) == ("bookings" in fields)
    status, body = await glass.look(query, "rest")
    assert (status, body["errors"][0]["extensions"]["missing"]) == (403, ["gql"])


async def test_who_acts_only_in_a_persons_name_has_a_schema_and_no_data_before_one_is_chosen() -> None:
    glass, client = Glass(), an_app("gql:rooms:read", grants=(GrantType.AUTHORIZATION_CODE,))
    view = seen_as(client, None, None, lambda scope: True)
    status, body = await glass.look("{ __schema { queryType { fields { name } } } }", view=view)
    assert (status, len(body["data"]["__schema"]["queryType"]["fields"])) == (200, 3)
    status, body = await glass.look("{ __typename ...F } fragment F on Query { rooms { nodes { name } } }", view=view)
    assert (status, body["errors"][0]["extensions"]) == (403, {"code": "VIEW_READS_NO_DATA"})
    assert "Choose a person" in body["errors"][0]["message"]
    status, body = await glass.look("{ bookings { nodes { ticket } } }", view=view)
    assert body["errors"][0]["extensions"]["missing"] == ["gql:bookings:read"], "that would not help with a person"
    assert await glass.acts() == []


async def test_who_is_disabled_reads_nothing_not_even_the_schema() -> None:
    glass = Glass()
    for query in ("{ __typename }", "{ __schema { queryType { name } } }", ROOMS, "mutation { __typename }", "{"):
        status, body = await glass.look(query, view=as_person("bob", "gql", enabled=False))
        assert (status, body["errors"][0]["extensions"]) == (403, {"code": "VIEW_READS_NOTHING"})
        assert "The account bob is disabled" in body["errors"][0]["message"]


async def test_what_is_read_is_noted_by_its_fields_and_never_by_what_was_asked_of_them() -> None:
    glass = Glass()
    query = (
        'query Quiet($n: String!, $no: Boolean!) { hidden: room(name: $n) { name } other: room(name: "r2") { name } '
        "bookings @include(if: $no) { nodes { ticket } } ...F } fragment F on Query { rooms { nodes { name } } }"
    )
    status, _ = await glass.look(query, variables='{"n": "r7", "no": false}')
    assert status == 200
    [act] = await glass.acts()
    assert (act.actor, act.action, act.target, act.address) == (ACTOR, "view.application", "app", "192.0.2.1")
    assert act.details == {"name": "Phone book", "fields": ["room", "rooms"], "scope": "gql"}
    for word in ("r7", "r2", "hidden", "other", "Quiet"):
        assert word not in repr(act)


async def test_a_person_is_noted_by_name_and_subject_with_the_application_that_they_were_seen_through() -> None:
    glass, query = Glass(), "{ bookings { nodes { ticket } } }"
    client = an_app("gql:bookings:read", grants=(GrantType.AUTHORIZATION_CODE,))
    view = seen_as(client, User(62, "alice", None, 0), ["gql"], lambda scope: True)
    await glass.look(query, view=view)
    [act] = await glass.acts()
    assert (act.action, act.target) == ("view.user", "alice")
    assert act.details == {
        "sub": "00000000010",
        "client_id": "app",
        "name": "Phone book",
        "fields": ["bookings"],
        "scope": "gql:bookings:read",
    }


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{ __typename }", ""),
        ("{ __schema { types { name } } }", ""),
        ("{ rooms @skip(if: true) { nodes { name } } }", ""),
        ("query($n: String!) { room(name: $n) { name } }", '{"n": 5}'),
        ("query($n: String!) { room(name: $n) { name } }", ""),
        ("{ nonsense }", ""),
        ("{ rooms {", ""),
        ("", ""),
    ],
)
async def test_what_reads_no_data_is_not_noted(query: str, variables: str) -> None:
    glass = Glass()
    await glass.look(query, variables=variables)
    assert await glass.acts() == []


async def test_what_was_looked_for_and_not_found_is_noted_too() -> None:
    glass = Glass()
    status, body = await glass.look('{ room(name: "none") { name } }')
    assert (status, body["errors"][0]["extensions"]["code"]) == (200, "NOT_FOUND")
    [act] = await glass.acts()
    assert act.details["fields"] == ["room"]


async def test_where_a_look_cannot_be_noted_nothing_is_shown() -> None:
    glass = Glass()
    glass.store.away = True
    status, body = await glass.look(ROOMS)
    assert (status, body["errors"][0]["extensions"]["code"]) == (503, "UNAVAILABLE")
    assert "data" not in body
    status, body = await glass.look("{ __typename }")
    assert (status, body["data"]) == (200, {"__typename": "Query"})


@pytest.mark.parametrize("variables", ["[]", "5", '"x"', "{", "{'a': 1}", '{"a": NaN}', "[" * 5_000, "null null"])
async def test_variables_that_are_no_object_are_told_in_graphqls_form(variables: str) -> None:
    status, body = await Glass().look(ROOMS, variables=variables)
    assert status == 400
    [error] = body["errors"]
    assert error == {"message": "The variables are no JSON object.", "extensions": {"code": "BAD_REQUEST"}}


@pytest.mark.parametrize("variables", ["", "  ", "null", "{}", '{"unknown": 1}'])
async def test_no_variables_are_none(variables: str) -> None:
    assert (await Glass().look("{ __typename }", variables=variables))[0] == 200


async def test_row_59_documents_and_variables_have_the_bounds_of_the_api() -> None:
    glass = Glass()
    for query in (
        "{ " + " ".join(f"a{number}: __typename" for number in range(60)) + " }",
        "{ " + "a { " * 60 + "b" + " }" * 60 + " }",
        "{ __typename " + " " * 30_000 + "}",
        "{ " + " ".join(f"r{number}: rooms(first: 500) {{ nodes {{ name }} }}" for number in range(21)) + " }",
    ):
        status, body = await glass.look(query)
        theirs = await glass.office.ask(query)
        assert (status, body) == (theirs.status, theirs.json)
        assert (status, body["errors"][0]["extensions"]["code"]) == (400, "LIMIT_EXCEEDED")
    status, body = await glass.look(ROOMS, variables=json.dumps({"a": "x" * 70_000}))
    assert (status, body["errors"][0]["message"]) == (400, "The variables have more than 65536 bytes.")


async def test_a_bug_in_a_module_is_told_without_its_words_and_noted_as_a_look() -> None:
    glass = Glass()
    status, body = await glass.look('{ roomWindows(name: "r7") { name } }')
    assert status == 200
    assert body["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert "trade" not in json.dumps(body)
    assert len(await glass.acts()) == 1


async def test_row_57_what_is_kept_of_documents_and_schemas_is_bounded() -> None:
    glass = Glass()
    for number in range(150):
        await glass.look(f"{{ a{number}: __typename }}", *[f"gql:rooms:read:r{number}"])
    assert len(glass.looking._plans) == 100
    assert len(glass.looking._projections) == 64
