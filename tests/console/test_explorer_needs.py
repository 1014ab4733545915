"""The errand that says which scopes a document needs, while it is written."""

from pathlib import Path
from typing import Any

from tests.console.steward import Steward, stewarding

PATH = "/console/explorer/needs"
READ, WRITE = "gql:callforward:read", "gql:callforward:write"
LIST = "{ callForwards { nodes { extension } } }"
SET = 'mutation { clearCallForward(extension: "1001") { extension } }'


async def needs(s: Steward, query: str, scope: str = READ, operation: str = "") -> Any:
    fields = {**await s.proof(), "scope": scope, "query": query, "operationName": operation}
    answer = await s.post(PATH, fields)
    assert answer.status == 200, answer.body
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()


async def test_it_says_which_scopes_a_document_needs_and_which_are_not_selected(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        assert await needs(s, LIST) == {"scopes": [READ], "missing": [], "introspects": False}
        assert await needs(s, SET, "gql:extensions:read") == {
            "scopes": [WRITE],
            "missing": [WRITE],
            "introspects": False,
        }


async def test_a_parent_covers_what_is_below_it(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        for scope in ("gql", "gql:callforward", f"rest:callforward {WRITE}"):
            assert (await needs(s, SET, scope))["missing"] == []


async def test_a_write_that_shows_more_than_it_wrote_needs_to_read(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        shown = 'mutation { clearCallForward(extension: "1001") { extension busy } }'
        assert await needs(s, shown, WRITE) == {"scopes": [READ, WRITE], "missing": [READ], "introspects": False}


async def test_the_operation_that_is_named_counts_and_no_other(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        both = "query One { callForwards { totalCount } } query Two { extensions { totalCount } }"
        assert (await needs(s, both, operation="Two"))["scopes"] == ["gql:extensions:read"]
        unnamed = await needs(s, both)
        assert list(unnamed) == ["errors"]
        assert list(unnamed["errors"][0]) == ["message", "locations"]


async def test_introspection_needs_some_scope_of_graphql(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        asked = "{ __schema { queryType { name } } }"
        assert await needs(s, asked) == {"scopes": [], "missing": [], "introspects": True}
        assert (await needs(s, asked, "rest:callforward:read"))["missing"] == ["gql"]


async def test_a_document_that_cannot_be_run_yet_is_answered_with_where(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        for text in ("{ callForwards {", "{ nothingIsCalledSo }", ""):
            [error, *_] = (await needs(s, text))["errors"]
            assert error["message"]
            assert all(place["line"] >= 1 for place in error["locations"])


async def test_documents_are_bounded_as_at_the_api(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        long = "{ callForwards { nodes { extension } } }" + " " * 20_000
        assert (await needs(s, long))["errors"][0]["message"].startswith("A document may have at most")
        deep = "{ " + "callForwards { nodes " * 20 + "{ extension }" + " }" * 21
        assert "errors" in await needs(s, deep)


async def test_nothing_is_suggested_and_nothing_is_run(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        [error] = (await needs(s, "{ callForwardz { totalCount } }"))["errors"]
        assert "Did you mean" not in error["message"]
        before = await s.noted()
        await needs(s, SET, "gql")
        assert await s.noted() == before


async def test_without_proof_of_the_form_nothing_is_said(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        answer = await s.post(PATH, {"scope": READ, "query": LIST})
        assert answer.status == 403
