"""GraphQL over HTTP (the GraphQL Foundation's working draft): one test for each clause that applies to POST."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.asking import Answer, ask, bearer
from tests.building import Built, built

PATH = "/api/graphql"
JSON = "application/json"
GRAPHQL = "application/graphql-response+json"
RECOMMENDED = f"{GRAPHQL}; charset=utf-8, {JSON}; charset=utf-8"

FORWARD = '{ callForward(extension: "1001") { extension busy } }'
NAMED = "query One { __typename } query Two { two: __typename }"

both = pytest.mark.parametrize("accept", [JSON, GRAPHQL])


async def posted(house: Built, sent: Any, *, accept: str | None = JSON, kind: str | None = JSON) -> Answer:
    """The answer to this JSON (or these bytes), with a token that may do everything over GraphQL."""
    token = await house.token(await house.register("gql"))
    named = {"content-type": kind, "accept": accept}
    headers = [bearer(token), *((name, value) for name, value in named.items() if value is not None)]
    body = sent if isinstance(sent, bytes) else json.dumps(sent, ensure_ascii=False).encode()
    return await ask(house.front, "POST", PATH, headers=headers, body=body)


def kind_of(answer: Answer) -> str:
    return answer.headers["content-type"].partition(";")[0]


@both
async def test_a_request_is_posted_as_json(tmp_path: Path, accept: str) -> None:
    """GraphQL over HTTP, "POST": a server MUST support POST requests of application/json in UTF-8."""
    async with built(tmp_path) as house:
        answer = await posted(house, {"query": FORWARD}, accept=accept)
        assert (answer.status, kind_of(answer)) == (200, accept)
        assert answer.json() == {"data": {"callForward": {"extension": "1001", "busy": None}}}


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "application/json"])
async def test_without_an_encoding_it_is_utf_8(tmp_path: Path, kind: str) -> None:
    """GraphQL over HTTP, "POST": where none is indicated, the server MUST assume utf-8; the answer is in it too."""
    async with built(tmp_path) as house:
        query = 'mutation { updateExtension(extension: "1001", body: {name: "Pförtner ☎"}) { name } }'
        answer = await posted(house, {"query": query}, kind=kind)
        assert answer.json() == {"data": {"updateExtension": {"name": "Pförtner ☎"}}}
        assert "☎".encode() in answer.body


async def test_without_a_content_type_it_is_refused(tmp_path: Path) -> None:
    """GraphQL over HTTP, "POST": the server SHOULD reject it using the appropriate 4xx status code."""
    async with built(tmp_path) as house:
        assert (await posted(house, {"query": FORWARD}, kind=None)).status == 415


async def test_nothing_is_run_by_get(tmp_path: Path) -> None:
    """GraphQL over HTTP, "Request", "GET": other methods are optional; a mutation by GET MUST be 405."""
    async with built(tmp_path) as house:
        token = await house.token(await house.register("gql"))
        for query in ("query=%7B__typename%7D", "query=mutation%7B__typename%7D"):
            answer = await ask(house.front, "GET", f"{PATH}?{query}", headers=[bearer(token)])
            assert (answer.status, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(
    ("sent", "data"),
    [
        ({"query": "query One { __typename }", "operationName": None, "variables": None, "extensions": None}, None),
        ({"query": NAMED, "operationName": "Two"}, {"two": "Query"}),
        ({"query": "query Q($of: String!) { callForward(extension: $of) { extension } }",
          "variables": {"of": "1002"}}, {"callForward": {"extension": "1002"}}),
        ({"query": "{ __typename }", "extensions": {"persisted": {"version": 1}}}, None),
    ],
    ids=["null", "operationName", "variables", "extensions"],
)  # fmt: skip
async def test_each_parameter_means_what_it_says(tmp_path: Path, sent: dict[str, Any], data: Any) -> None:
    """GraphQL over HTTP, "Request Parameters": null is as good as none; the rest are string, map and map."""
    async with built(tmp_path) as house:
        answer = await posted(house, sent)
        assert (answer.status, answer.json()) == (200, {"data": data or {"__typename": "Query"}})


@both
@pytest.mark.parametrize(
    "sent",
    [b"NONSENSE", b'{"query":', b"", b"[]", b'"x"', {"qeury": "{ __typename }"}, {"query": 1}, {"query": ["{ a }"]},
     {"query": NAMED, "operationName": 1}, {"query": FORWARD, "variables": [7]}, {"query": FORWARD, "variables": "{}"}],
    ids=str,
)  # fmt: skip
async def test_what_is_no_request_is_400(tmp_path: Path, accept: str, sent: Any) -> None:
    """GraphQL over HTTP, "JSON parsing failure", "Invalid parameters": SHOULD result in status code 400."""
    async with built(tmp_path) as house:
        answer = await posted(house, sent, accept=accept)
        assert (answer.status, "data" in answer.json()) == (400, False)


@both
@pytest.mark.parametrize(
    "sent",
    [{"query": "{"}, {"query": "{ nothingOfTheKind }"}, {"query": NAMED, "operationName": "Three"}, {"query": NAMED}],
    ids=["cannot be parsed", "is not valid", "no such operation", "which operation?"],
)
async def test_a_text_that_cannot_run_is_400_without_data(tmp_path: Path, accept: str, sent: Any) -> None:
    """GraphQL over HTTP, "Document parsing failure", "Document validation failure", "Operation cannot be determined".

    400 is a SHOULD for graphql-response+json; for JSON it is allowed, and ours (a limit broken is told so as well).
    """
    async with built(tmp_path) as house:
        answer = await posted(house, sent, accept=accept)
        assert (answer.status, kind_of(answer)) == (400, accept)
        assert set(answer.json()) == {"errors"}


@pytest.mark.parametrize(("accept", "status"), [(JSON, 200), (GRAPHQL, 400), (RECOMMENDED, 400)])
async def test_variables_that_do_not_fit_keep_it_from_running(tmp_path: Path, accept: str, status: int) -> None:
    """GraphQL over HTTP, "Variable coercion failure": SHOULD be 200 for JSON, 400 for graphql-response+json.

    An answer without `data` under the latter MUST be 4xx or 5xx.
    """
    async with built(tmp_path) as house:
        query = "query Q($of: String!) { callForward(extension: $of) { busy } }"
        answer = await posted(house, {"query": query, "variables": {"of": 7}}, accept=accept)
        assert (answer.status, set(answer.json())) == (status, {"errors"})


@both
async def test_a_field_that_fails_leaves_a_partial_answer(tmp_path: Path, accept: str) -> None:
    """GraphQL over HTTP, "Field errors encountered during execution": SHOULD be 200, with data and errors."""
    async with built(tmp_path) as house:
        query = '{ here: callForward(extension: "1001") { busy } gone: callForward(extension: "9999") { busy } }'
        answer = await posted(house, {"query": query}, accept=accept)
        assert answer.status == 200
        assert answer.json()["data"] == {"here": {"busy": None}, "gone": None}
        assert answer.json()["errors"][0]["path"] == ["gone"]


@both
async def test_who_may_not_ask_is_told_by_the_status(tmp_path: Path, accept: str) -> None:
    """GraphQL over HTTP, "application/graphql-response+json": SHOULD reply with 403, 401 or similar."""
    async with built(tmp_path) as house:
        token = await house.token(await house.register("gql:extensions:read"))
        headers = [("content-type", JSON), ("accept", accept)]
        body = json.dumps({"query": FORWARD}).encode()
        nobody = await ask(house.front, "POST", PATH, headers=headers, body=body)
        somebody = await ask(house.front, "POST", PATH, headers=[*headers, bearer(token)], body=body)
        assert (nobody.status, somebody.status) == (401, 403)
        assert [kind_of(each) for each in (nobody, somebody)] == [accept, accept]


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (RECOMMENDED, GRAPHQL),
        (f"{GRAPHQL}, */*;q=0.1", GRAPHQL),
        (GRAPHQL.upper(), GRAPHQL),
        (f"{JSON};q=0.9, {GRAPHQL};q=1", GRAPHQL),
        (f"{JSON}, {GRAPHQL};q=0.9", JSON),
        (f"{JSON}, {GRAPHQL}", JSON),
        (f"{GRAPHQL};q=0", JSON),
        (f"{GRAPHQL};q=nonsense", JSON),
        (f"{GRAPHQL}-or-the-like", JSON),
        (f"text/html; of={GRAPHQL},,;", JSON),
        ("*/*", JSON),
        ("text/html", JSON),
        (None, JSON),
    ],
)
async def test_the_answer_has_the_media_type_that_accept_prefers(tmp_path: Path, accept: str | None, kind: str) -> None:
    """GraphQL over HTTP, "Body": the server MUST respect Accept, and support both media types.

    Where Accept names neither it may be disregarded; where there is none, ours is JSON, as everywhere else.
    """
    async with built(tmp_path) as house:
        answer = await posted(house, {"query": FORWARD}, accept=accept)
        assert (answer.status, kind_of(answer)) == (200, kind)
