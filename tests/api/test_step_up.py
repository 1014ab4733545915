"""Operations that demand of a person to have signed in lately, or well enough (RFC 9470), at the door of the API."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from graphql import parse
from openapi_spec_validator import validate

from scopekeeper.api.graphql import GraphqlEndpoint, Looking
from scopekeeper.api.guard import Admitted, Guard
from scopekeeper.api.modules import Modules
from scopekeeper.api.perform import Performer
from scopekeeper.api.unwritten import Unwritten
from scopekeeper.docs import Library
from scopekeeper.docs.graphql.book import Book
from scopekeeper.docs.graphql.refusals import refusals_of
from scopekeeper.docs.rest.operations import Document
from scopekeeper.oauth.authentication import PASSWORD, Demand
from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import ApplicationType, Client, GrantType
from scopekeeper.oauth.viewing import seen_as
from scopekeeper.sdk import ApiModule, Caller, DeclarationError, Operation, record
from scopekeeper.services.looks import Looks
from scopekeeper.services.ports import Unavailable
from scopekeeper.services.tally import Tally
from scopekeeper.store import MemoryStore
from scopekeeper.surface.graphql import schema_of
from scopekeeper.surface.needs import needs_of
from scopekeeper.wire.bearer import Refused
from tests.api.house import FURNITURE, ISSUER, Answer, Doorman, House, asked
from tests.fixtures import FixedClock, FixedEntropy
from tests.stepping import MAX_AGE, RUNG, with_a_safe

MODULES = with_a_safe()
SCHEMA = schema_of(MODULES.operations)
OPERATIONS = {each.field: each for each in MODULES.operations}
READ = "/safe/contents/1001"
NAMED = f"max_age={MAX_AGE}"


@pytest.fixture
def house() -> House:
    """With a safe, 1001 seconds after everybody in it signed in by password."""
    house = House(modules=MODULES)
    house.data.keep(*FURNITURE)
    house.doorman.now = 1_001
    return house


async def graphql(house: House, query: str, *scope: str, user: str | None = "alice") -> Answer:
    endpoint = GraphqlEndpoint(SCHEMA, house.guard, Performer(house.data))
    headers = [
        ("authorization", f"Bearer {house.doorman.token(*scope, user=user)}"),
        ("content-type", "application/json"),
    ]
    return await asked(endpoint, "POST", "/api/graphql", msgspec.json.encode({"query": query}), headers)


async def test_an_old_sign_in_is_refused_and_told_how_to_mend_it(house: House) -> None:
    """RFC 9470 §3: 401, insufficient_user_authentication, max_age; RFC 9457: a problem that says what to do."""
    answer = await house.ask("GET", READ, "rest", user="alice")
    assert (answer.status, answer.headers["content-type"]) == (401, "application/problem+json")
    detail = f"The person has to sign in again: send them to the authorization endpoint with {NAMED}."
    assert answer.headers["www-authenticate"] == (
        'Bearer realm="scopekeeper", error="insufficient_user_authentication", '
        f'error_description="{detail}", max_age="{MAX_AGE}"'
    )
    assert answer.json == {"type": "about:blank", "title": "Sign in again", "status": 401, "detail": detail}


async def test_a_weak_sign_in_is_refused_and_told_which_rung(house: House) -> None:
    """RFC 9470 §3: acr_values."""
    house.doorman.signed_in = 1_001, ()
    answer = await house.ask("PUT", READ, "rest", user="alice", body={"inside": "silver"})
    assert answer.status == 401
    assert f'acr_values="{RUNG}"' in answer.headers["www-authenticate"]
    assert "max_age" not in answer.headers["www-authenticate"]


@pytest.mark.parametrize(("ago", "status"), [(0, 200), (MAX_AGE, 200), (MAX_AGE + 1, 401)])
async def test_the_last_second_of_max_age_counts(house: House, ago: int, status: int) -> None:
    """RFC 9470 §3: the elapsed time that is allowable."""
    house.doorman.signed_in = house.doorman.now - ago, (PASSWORD,)
    assert (await house.ask("GET", READ, "rest", user="alice")).status == status


@pytest.mark.parametrize(("method", "body"), [("GET", None), ("PUT", {"inside": "silver"})])
async def test_a_token_in_nobodys_name_has_no_sign_in_and_passes(house: House, method: str, body: Any) -> None:
    house.doorman.signed_in = 0, ()
    assert (await house.ask(method, READ, "rest", body=body)).status == 200
    assert (await graphql(house, '{ code(extension: "1001") { inside } }', "gql", user=None)).status == 200
    assert house.doorman.asked_for == []


async def test_nobody_is_looked_up_for_operations_that_demand_nothing(house: House) -> None:
    house.doorman.forgetful = True
    assert (await house.ask("GET", "/safe/labels/1001", "rest", user="alice")).status == 200
    assert (await graphql(house, '{ label(extension: "1001") { inside } }', "gql")).status == 200


async def test_scopes_come_first_and_cost_nobody_a_look(house: House) -> None:
    """RFC 9470 §3, RFC 6750 §3.1: who lacks a scope would still lack it after signing in again."""
    answer = await house.ask("GET", READ, "rest:safe:write", user="alice")
    assert (answer.status, house.doorman.asked_for) == (403, [])
    assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]
    answer = await graphql(house, '{ contents(extension: "1001") { inside } }', "gql:safe:write")
    assert (answer.status, house.doorman.asked_for) == (403, [])


async def test_a_token_whose_family_is_gone_is_invalid(house: House) -> None:
    """RFC 6750 §3.1: invalid_token."""
    house.doorman.forgetful = True
    answer = await house.ask("GET", READ, "rest", user="alice")
    assert (answer.status, 'error="invalid_token"' in answer.headers["www-authenticate"]) == (401, True)


class Away(Doorman):
    """Knows tokens, and cannot say of which sign-in."""

    async def meets(self, token: object, demand: Demand) -> bool:
        raise Unavailable("away")


async def test_nobody_is_let_in_while_nobody_can_tell_how_they_signed_in() -> None:
    doorman = Away()
    admitted: Admitted = await Guard(doorman, doorman, Tally()).identify(
        {"headers": [(b"authorization", f"Bearer {doorman.token('rest', user='alice')}".encode())], "query_string": b""}
    )
    with pytest.raises(Refused) as caught:
        await Guard(doorman, doorman, Tally()).require_sign_in(admitted, Demand(MAX_AGE))
    assert (caught.value.status, caught.value.reply().status) == (503, 503)


async def test_such_a_refusal_is_counted_as_one_and_not_as_a_call(house: House) -> None:
    await house.ask("GET", READ, "rest", user="alice")
    house.doorman.forgetful = True
    await house.ask("GET", READ, "rest", user="alice")
    counted = [(each.client_id, each.kind.value, each.what) for each in house.tally.taken(0) if each.client_id]
    assert counted == [
        ("app1", "denials", "insufficient_user_authentication"),
        ("app2", "denials", "invalid_token"),
    ]


async def test_graphql_answers_the_same_header_and_what_to_ask_for(house: House) -> None:
    """RFC 9470 §3, over GraphQL: extensions for who reads no headers. Nothing is run."""
    answer = await graphql(house, '{ code(extension: "1001") { inside } label(extension: "1001") { inside } }', "gql")
    assert answer.status == 401
    assert f'acr_values="{RUNG}", max_age="60"' in answer.headers["www-authenticate"]
    [error] = answer.json["errors"]
    assert error["extensions"] == {
        "code": "INSUFFICIENT_USER_AUTHENTICATION",
        "acr_values": RUNG,
        "max_age": 60,
    }
    assert "data" not in answer.json


@pytest.mark.parametrize(
    ("query", "demand"),
    [
        ("{ label(extension: 1) { inside } }", None),
        ("{ contents(extension: 1) { inside } }", Demand(MAX_AGE)),
        ("{ contents(extension: 1) { inside } code(extension: 1) { inside } }", Demand(60, (RUNG,))),
        ("{ a: contents(extension: 1) { inside } ... { label(extension: 1) { inside } } }", Demand(MAX_AGE)),
        ("query q($no: Boolean = false) { code(extension: 1) @include(if: $no) { inside } }", Demand(60, (RUNG,))),
        ("mutation { fill(extension: 1, body: {inside: 2}) { extension } }", Demand(acr=(RUNG,))),
        ("mutation { fill(extension: 1, body: {inside: 2}) { ... { inside } } }", Demand(MAX_AGE, (RUNG,))),
        ("{ ...f } fragment f on Query { contents(extension: 1) { inside } }", Demand(MAX_AGE)),
    ],
)
def test_of_several_root_fields_the_strictest_is_demanded(query: str, demand: Demand | None) -> None:
    assert needs_of(SCHEMA, parse(query)).demand == demand


async def test_who_has_to_sign_in_again_to_read_learns_nothing_by_a_condition(house: House) -> None:
    """RFC 9110 §13.1.1: a tag is a question about what the record says, and that is for recent sign-ins alone."""
    body = {"inside": "silver"}
    assert (await house.ask("PUT", READ, "rest", user="alice", body=body)).status == 204
    asking = await house.ask("PUT", READ, "rest", user="alice", body=body, headers={"if-match": '"x"'})
    assert (asking.status, f'max_age="{MAX_AGE}"' in asking.headers["www-authenticate"]) == (401, True)
    house.doorman.signed_in = house.doorman.now, (PASSWORD,)
    late = await house.ask("PUT", READ, "rest", user="alice", body=body, headers={"if-match": '"x"'})
    assert late.status == 412


async def test_who_has_to_sign_in_again_to_read_writes_and_is_not_shown_the_record(house: House) -> None:
    """RFC 9470 §3: else a write that changes nothing would read what a read would not, over either API."""
    body, writing = {"inside": "silver"}, 'mutation { fill(extension: "1001", body: {inside: "tin"}) { %s } }'
    written = await house.ask("PUT", READ, "rest", user="alice", body=body)
    assert (written.status, written.body) == (204, b"")
    assert (await graphql(house, writing % "extension", "gql")).status == 200
    refused = await graphql(house, writing % "extension inside", "gql")
    assert (refused.status, f'max_age="{MAX_AGE}"' in refused.headers["www-authenticate"]) == (401, True)
    house.doorman.signed_in = house.doorman.now, (PASSWORD,)
    shown = await house.ask("PUT", READ, "rest", user="alice", body=body)
    assert (shown.status, shown.json["inside"]) == (200, "silver")
    assert (await graphql(house, writing % "inside", "gql")).json["data"]["fill"] == {"inside": "tin"}


def declaring(**more: Any) -> Operation:
    """An operation that is declared like this."""
    api = ApiModule("bells", title="Bells", read="See the bells", write="Change the bells")

    @record
    class Bell:
        """A bell."""

        name: str

    @api.read("GET /", field="bell", system=True, **more)
    async def bell(caller: Caller) -> Bell:
        """A bell."""
        return Bell("a")

    Modules([api])
    return api.operations[0]


def wrong() -> Iterator[tuple[dict[str, Any], str]]:
    for age in (-1, 0, 365 * 86_400 + 1, True, "60", 1.5):
        yield {"max_age": age}, f"bells: bell (GET /): max_age={age!r} is no number of seconds from 1 to 31536000"
    for acr in (RUNG, [RUNG], (1,), ("a b",), ('a"b',), ("a\\b",), ("",), ("é",), ("a\r\nb",)):
        yield {"acr": acr}, f"bells: bell (GET /): acr={acr!r} is no tuple of names"
    yield {"acr": (RUNG, RUNG)}, "names something twice"
    yield {"acr": (RUNG, "phr")}, f"bells.bell: acr='phr' is no way to sign in here: there is {RUNG!r}"


@pytest.mark.parametrize(("more", "said"), list(wrong()), ids=ascii)
def test_what_no_sign_in_can_meet_stops_the_start(more: dict[str, Any], said: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        declaring(**more)
    assert said in str(caught.value)


def test_what_a_sign_in_can_meet_is_declared() -> None:
    found = declaring(max_age=365 * 86_400, acr=(RUNG,))
    assert (found.max_age, found.acr) == (365 * 86_400, (RUNG,))
    assert (declaring().max_age, declaring().acr) == (None, ())


def test_the_challenge_is_a_list_of_quoted_strings() -> None:
    """RFC 9110 §11.6.1, §5.6.4: what a declaration may name needs no escaping."""
    challenge = Refused.insufficient_user_authentication(("urn:a", "b!#[]~"), 1).challenge
    assert b'acr_values="urn:a b!#[]~", max_age="1"' in challenge
    assert challenge.count(b'"') == 10


SENTENCE = (
    f"In a person's name: only if they signed in at most {MAX_AGE} seconds ago. Otherwise the answer is 401 with "
    "`insufficient_user_authentication`, and says what to ask for at the authorization endpoint (RFC 9470)."
)


def test_both_descriptions_and_the_documentation_tell_of_the_demand() -> None:
    library = Library.of(MODULES.modules, MODULES.operations, MODULES.catalogue, issuer=ISSUER)
    document = library.openapi
    validate(document)
    pages = [Document(document).entry(OPERATIONS["contents"]).words]
    pages += [each.words for each in Book(library).entries if each.name == "contents"]
    assert [f"only if they signed in at most {MAX_AGE} seconds ago" in words for words in pages] == [True, True]
    paths = document["paths"]
    contents, code = paths["/safe/contents/{extension}"]["get"], paths["/safe/codes/{extension}"]["get"]
    assert contents["description"] == f"What is inside.\n\n{SENTENCE}"
    assert (contents["x-max-age"], "x-acr-values" in contents) == (MAX_AGE, False)
    assert (code["x-max-age"], code["x-acr-values"]) == (60, [RUNG])
    assert f"at most 60 seconds ago, by `{RUNG}`" in code["description"]
    assert {"x-max-age", "x-acr-values"}.isdisjoint(paths["/safe/labels/{extension}"]["get"])
    assert SCHEMA.query_type is not None
    assert SENTENCE in (SCHEMA.query_type.fields["contents"].description or "")
    assert "In a person's name" not in (SCHEMA.query_type.fields["label"].description or "")


def test_the_documentation_names_the_refusal_where_it_can_come() -> None:
    codes = {field: {code for code, _ in refusals_of(OPERATIONS[field])} for field in ("contents", "fill", "label")}
    named = {field for field, each in codes.items() if "INSUFFICIENT_USER_AUTHENTICATION" in each}
    assert named == {"contents", "fill"}


VIEWS = {
    "an application": seen_as(
        Client("app", ApplicationType.M2M, "An app", ("gql",), (GrantType.CLIENT_CREDENTIALS,), 0),
        None,
        ["gql"],
        lambda scope: True,
    ),
    "a person": seen_as(None, User(7, "alice", None, 0), ["gql"], lambda scope: True),
}


@pytest.mark.parametrize("who", VIEWS)
@pytest.mark.parametrize(("ago", "status"), [(MAX_AGE, 200), (MAX_AGE + 1, 401)])
async def test_through_others_eyes_it_is_the_sign_in_of_whoever_looks(
    house: House, who: str, ago: int, status: int
) -> None:
    looks = Looks(MemoryStore(), FixedClock(), FixedEntropy())
    reply = await Looking(SCHEMA, Performer(Unwritten(house.data)), looks)(
        VIEWS[who],
        '{ contents(extension: "1001") { inside } }',
        "",
        None,
        actor="user:root",
        address=None,
        meets=lambda demand: demand.met(0, (PASSWORD,), ago),
    )
    assert reply.status == status
    assert (b"INSUFFICIENT_USER_AUTHENTICATION" in reply.body) is (status == 401)
    assert (b"gold" in reply.body) is (status == 200)
