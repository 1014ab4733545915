"""Lists over both APIs: sorted, filtered, a page at a time, and never another list than the cursor is of."""

import json
from typing import Any

import pytest

from scopekeeper.api.graphql import GraphqlEndpoint
from scopekeeper.api.perform import Performer
from scopekeeper.surface.graphql import schema_of
from tests.api.house import House, asked
from tests.api.lines import MODULES, Line, house_of


async def ids(house: House, query: str, *, user: str | None = None, limit: int = 2) -> list[str]:
    """The ids of all lines, page by page."""
    found: list[str] = []
    after = ""
    while True:
        answer = await house.ask("GET", f"/lines/lines?limit={limit}{query}{after}", "rest", user=user)
        assert answer.status == 200, answer.body
        assert answer.headers["vary"] == "accept"
        found += [each["id"] for each in answer.json["items"]]
        if answer.json["next"] is None:
            return found
        after = f"&after={answer.json['next']}"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["1", "2", "3", "4"]),
        ("&order=desc", ["4", "3", "2", "1"]),
        ("&sort=seconds", ["2", "3", "4", "1"]),
        ("&sort=seconds&order=desc", ["1", "4", "3", "2"]),
        ("&number=1001&order=desc", ["2", "1"]),
        ("&begins=3", ["3"]),
        ("&begins=9", []),
    ],
)
async def test_pages_follow_one_another_in_the_order_asked_for(query: str, expected: list[str]) -> None:
    house = house_of()
    assert await ids(house, query) == expected
    assert await ids(house, query, limit=1) == expected


async def test_a_line_is_theirs_at_either_end_and_is_listed_once() -> None:
    house = house_of()
    assert await ids(house, "", user="alice") == ["1", "2", "3"]
    assert await ids(house, "&order=desc", user="bob", limit=1) == ["2", "1"]
    assert await ids(house, "", user="carol") == []
    for user, status in (("alice", 200), ("bob", 200), ("carol", 404)):
        assert (await house.ask("GET", "/lines/lines/1", "rest", user=user)).status == status
    assert (await house.ask("DELETE", "/lines/lines/4", "rest", user="alice")).status == 404
    assert (await house.ask("DELETE", "/lines/lines/2", "rest", user="alice")).status == 204


@pytest.mark.parametrize("query", ["sort=seconds", "order=desc", "sort=seconds&order=asc&after=MQ"])
async def test_the_cursor_of_another_order_is_refused(query: str) -> None:
    house = house_of()
    first = await house.ask("GET", "/lines/lines?limit=1&sort=seconds&order=desc", "rest")
    after = "" if "after" in query else f"&after={first.json['next']}"
    answer = await house.ask("GET", f"/lines/lines?{query}{after}", "rest")
    assert answer.status == 422
    assert answer.json["errors"][0]["path"] == "after"


async def test_an_order_that_there_is_not_is_refused() -> None:
    answer = await house_of().ask("GET", "/lines/lines?order=up", "rest")
    assert answer.status == 422
    assert answer.json["errors"][0]["path"] == "order"


async def test_a_page_of_other_records_has_the_cursors_of_what_it_was_made_of() -> None:
    house = house_of()
    first = (await house.ask("GET", "/lines/shown?limit=3", "rest")).json
    assert first["items"] == [
        {"id": "2", "both": "1002–1001"},
        {"id": "3", "both": "=SUM(A1)–None"},
        {"id": "4", "both": "-1–@x"},
    ]
    rest = (await house.ask("GET", f"/lines/shown?limit=3&after={first['next']}", "rest")).json
    assert rest == {"items": [{"id": "1", "both": "1001–1002"}], "next": None}


async def test_the_answer_says_where_the_next_page_of_the_same_order_is() -> None:
    house = house_of()
    answer = await house.ask("GET", "/lines/lines?limit=1&sort=seconds&order=desc", "rest")
    path = answer.headers["link"].removeprefix("</api/rest").partition(">")[0]
    assert [each["id"] for each in (await house.ask("GET", path, "rest")).json["items"]] == ["4"]


async def test_a_list_of_nothing_is_a_page_of_nothing() -> None:
    house = house_of(Line("1", near_owner="bob"))
    answer = await house.ask("GET", "/lines/lines?sort=seconds", "rest", user="alice")
    assert json.loads(answer.body) == {"items": [], "next": None}


async def test_graphql_lists_in_the_same_order_by_the_same_cursors() -> None:
    house = house_of()
    endpoint = GraphqlEndpoint(schema_of(MODULES.operations), house.guard, Performer(house.data))

    async def listed(after: str) -> dict[str, Any]:
        arguments = f"first: 2, sort: SECONDS, order: DESC{after}"
        query = f"{{ lines({arguments}) {{ nodes {{ id }} totalCount pageInfo {{ endCursor }} }} }}"
        headers = [("authorization", f"Bearer {house.doorman.token('gql')}"), ("content-type", "application/json")]
        answer = await asked(endpoint, "POST", "/api/graphql", json.dumps({"query": query}).encode(), headers)
        found: dict[str, Any] = answer.json["data"]["lines"]
        return found

    first = await listed("")
    cursor = first["pageInfo"]["endCursor"]
    assert [each["id"] for each in first["nodes"]] == ["1", "4"]
    assert first["totalCount"] == 4
    assert [each["id"] for each in (await listed(f', after: "{cursor}"'))["nodes"]] == ["3", "2"]
    rest = await house.ask("GET", f"/lines/lines?limit=2&sort=seconds&order=desc&after={cursor}", "rest")
    assert [each["id"] for each in rest.json["items"]] == ["3", "2"]
