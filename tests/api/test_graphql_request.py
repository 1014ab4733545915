"""`POST /api/graphql` as HTTP: who is let in, what is taken, and what the refusals say."""

import json

import pytest

from scopekeeper.services.ports import Unavailable
from tests.api.office import JSON, Office, called

ROOM = '{ room(name: "r1") { name } }'


def posted(**members: object) -> bytes:
    return json.dumps(members).encode()


async def test_without_a_token_the_answer_is_401_with_a_plain_challenge() -> None:
    answer = await called(Office().endpoint, "POST", posted(query=ROOM), JSON)
    assert answer.status == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="scopekeeper"'
    assert answer.code == "UNAUTHENTICATED"
    assert "data" not in answer.json


async def test_a_dead_token_is_401_and_the_challenge_says_invalid_token() -> None:
    dead = {"authorization": "Bearer dead"}
    answer = await called(Office().endpoint, "POST", posted(query=ROOM), JSON | dead)
    assert answer.status == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert answer.code == "INVALID_TOKEN"


async def test_without_a_token_nothing_is_read_or_parsed() -> None:
    for body, headers in ((b"{", JSON), (b"x" * 10**6, JSON), (b"", {})):
        assert (await called(Office().endpoint, "POST", body, headers)).status == 401


async def test_a_missing_scope_is_403_naming_exactly_what_is_missing() -> None:
    answer = await Office().ask("{ rooms { totalCount } bookings { totalCount } }", "gql:rooms:read", "rest")
    assert answer.status == 403
    assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]
    assert 'scope="gql:bookings:read"' in answer.headers["www-authenticate"]
    assert answer.json == {
        "errors": [
            {
                "message": "The access token lacks the scope gql:bookings:read.",
                "extensions": {"code": "INSUFFICIENT_SCOPE", "missing": ["gql:bookings:read"]},
            }
        ]
    }


async def test_while_nobody_can_tell_whether_a_token_holds_the_answer_is_503() -> None:
    office = Office()
    office.doorman.away = Unavailable()
    answer = await office.ask(ROOM)
    assert (answer.status, answer.code) == (503, "UNAVAILABLE")
    assert "retry-after" in answer.headers


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "OPTIONS"])
async def test_only_post_is_offered(method: str) -> None:
    office = Office()
    answer = await called(office.endpoint, method, headers=office.bearer("gql"), query=b"query={__typename}")
    assert (answer.status, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("media_type", ["application/graphql", "application/x-www-form-urlencoded", "text/plain", ""])
async def test_row_32_only_json_is_taken(media_type: str) -> None:
    office = Office()
    headers = office.bearer("gql") | {"content-type": media_type}
    assert (await called(office.endpoint, "POST", posted(query=ROOM), headers)).status == 415


async def test_a_charset_beside_the_media_type_is_no_fault() -> None:
    office = Office.furnished()
    headers = office.bearer("gql") | {"content-type": "application/JSON; charset=utf-8"}
    assert (await called(office.endpoint, "POST", posted(query=ROOM), headers)).status == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b'"query"',
        b"{}",
        b'{"query": null}',
        b'{"query": 1}',
        b'{"query": "{ a }", "variables": []}',
        b'{"query": "{ a }", "variables": "x"}',
        b'{"query": "{ a }", "operationName": 5}',
        b'{"query": "\xff"}',
        b'{"query": "\\ud800"}',
        b'{"query": "{ a }", "variables": {"a": ' + b"[" * 50_000,
        b'{"query": "{ a }", "variables": {"a": ' + b"[" * 20_000 + b"]" * 20_000 + b"}}",
        b'{"query": "{ a }", "extensions": ' + b'{"a":' * 20_000,
        b'{"query": "{ a }", "variables": {"a": 1e999}}',
        b'{"query": "{ a }", "variables": {"a": NaN}}',
    ],
)
async def test_a_body_that_is_no_request_is_400(body: bytes) -> None:
    answer = await Office().post(body)
    assert (answer.status, answer.code) == (400, "BAD_REQUEST")


async def test_row_59_batches_are_not_taken() -> None:
    answer = await Office().post(b" [" + posted(query=ROOM) + b"]")
    assert answer.status == 400
    assert "Batches" in answer.error["message"]


async def test_row_32_a_body_beyond_all_measure_is_413() -> None:
    assert (await Office().post(posted(query="{ a }" + " " * 10**7))).status == 413


async def test_variables_beyond_all_measure_are_400() -> None:
    answer = await Office().ask("query($a: String!) { room(name: $a) { name } }", variables={"a": "x" * 70_000})
    assert answer.status == 400


async def test_unknown_members_and_extensions_are_no_fault() -> None:
    office = Office.furnished()
    body = posted(query=ROOM, extensions={"persistedQuery": {"version": 1}}, id=5, variables=None, operationName=None)
    assert (await office.post(body)).data == {"room": {"name": "r1"}}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "GRAPHQL_PARSE_FAILED"),
        ("{ room(name: ", "GRAPHQL_PARSE_FAILED"),
        ("{ room(name: 5) { name } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ room { name } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ _ }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { rooms { totalCount } }", "GRAPHQL_VALIDATION_FAILED"),
        ("type Query { a: Int }", "GRAPHQL_VALIDATION_FAILED"),
        ('{ room(name: "a") @defer { name } }', "GRAPHQL_VALIDATION_FAILED"),
        ("fragment f on Room { name }", "GRAPHQL_VALIDATION_FAILED"),
        ('{ room(name: "a") { ...f } } fragment f on Room { ...f }', "LIMIT_EXCEEDED"),
        ("{a" * 16 + "}" * 16, "LIMIT_EXCEEDED"),
    ],
)
async def test_a_text_that_cannot_run_is_400_with_its_code(query: str, code: str) -> None:
    answer = await Office().ask(query)
    assert answer.status == 400
    assert {error["extensions"]["code"] for error in answer.json["errors"]} == {code}


async def test_what_is_wrong_in_a_text_is_told_with_its_place() -> None:
    assert (await Office().ask("{\n  nothing }")).error["locations"] == [{"line": 2, "column": 3}]


async def test_a_text_that_cannot_run_is_refused_before_scopes_are_looked_at() -> None:
    assert (await Office().ask("{ nothing }", "rest")).status == 400


@pytest.mark.parametrize("name", [None, "", "c"])
async def test_an_operation_that_nobody_selected_is_400(name: str | None) -> None:
    query = "query a { __typename } query b { __typename }"
    answer = await Office().ask(query, operation_name=name)
    assert (answer.status, answer.code) == (400, "OPERATION_RESOLUTION_FAILURE")


async def test_only_the_selected_operation_needs_its_scopes_and_runs() -> None:
    office = Office.furnished()
    query = 'query see { room(name: "r1") { name } } mutation tear { removeRoom(name: "r1") { name } }'
    assert (await office.ask(query, "gql:rooms:read", operation_name="see")).data == {"room": {"name": "r1"}}
    assert (await office.ask(query, "gql:rooms:read", operation_name="tear")).status == 403
    assert (await office.ask(query, "gql:rooms:write", operation_name="tear")).data == {"removeRoom": {"name": "r1"}}


async def test_answers_are_json_that_nobody_stores() -> None:
    office = Office.furnished()
    for answer in (await office.ask(ROOM), await office.ask(ROOM, "rest"), await office.ask("{")):
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["cache-control"] == "no-store"


async def test_a_text_made_ready_for_one_token_is_no_leave_for_another() -> None:
    office = Office.furnished()
    assert (await office.ask(ROOM, "gql:rooms:read")).status == 200
    assert (await office.ask(ROOM, "gql:bookings:read")).status == 403
    assert (await office.ask(ROOM, "gql:rooms:read")).status == 200
