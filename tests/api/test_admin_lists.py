"""Lists of administration: filtered, paged by cursors that are places and nothing else, counted as far as that pays."""

import json
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any

import pytest

from scopekeeper.api.admin.showing import page_of
from scopekeeper.api.modules import installed
from scopekeeper.sdk import Operation, Paging
from scopekeeper.services.lists import MOST_COUNTED
from scopekeeper.surface.cursor import cursor_of
from scopekeeper.surface.openapi import path_to
from tests.api.administration import APPLICATION, KEPT, PERSON
from tests.api.house import House
from tests.asking import ask, bearer
from tests.building import Built, built
from tests.persons import a_person, an_application, granted

EVERYTHING = ("rest", "gql")
LISTS = [each for each in installed().operations if each.module == "admin" and each.paged]
IDS = ("tokens", "refresh-tokens", "audit", "credentials")
every_list = pytest.mark.parametrize("operation", LISTS, ids=path_to)


def place(operation: Operation) -> str:
    return path_to(operation).format_map(KEPT)


@every_list
async def test_a_list_is_read_page_by_page_to_its_end_and_each_item_once(operation: Operation) -> None:
    house = House.furnished()
    for number in range(4):
        await house.ask("POST", "/admin/applications", *EVERYTHING, body={"name": f"N{number % 2}", "type": "m2m"})
        await house.ask("POST", "/admin/users", *EVERYTHING, body={"name": f"n{number}"})
        await house.ask("POST", f"/admin/applications/{APPLICATION}/credentials", *EVERYTHING, body={"overlap": 60})
    await house.ask("POST", "/admin/keys/rotations", *EVERYTHING, body={})
    whole = (await house.ask("GET", place(operation), *EVERYTHING)).json["items"]
    found: list[Any] = []
    after = ""
    while True:
        page = (await house.ask("GET", f"{place(operation)}?limit=2{after}", *EVERYTHING)).json
        found += page["items"]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert found == whole
    assert found


@every_list
@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "AQ",
        cursor_of("%' OR 1=1 --"),
        cursor_of("\x01"),
        urlsafe_b64encode(b"\x01\xff\xfe").decode(),
        "A" * 2_000,
    ],
    ids=["x", "version", "sql", "control", "bytes", "long"],
)
async def test_row_56_a_cursor_that_nobody_gave_does_no_harm(operation: Operation, cursor: str) -> None:
    answer = await House.furnished().ask("GET", f"{place(operation)}?after={cursor}", *EVERYTHING)
    named = operation.path.rpartition("/")[2]
    if named in (*IDS, "consents", "applications") and cursor != cursor_of("%' OR 1=1 --"):
        assert (answer.status, answer.json["errors"][0]["path"]) == (422, "after")
    assert answer.status in (200, 422)


async def test_a_page_whose_application_is_gone_begins_anew_on_demand() -> None:
    house = House.furnished()
    await house.ask("POST", "/admin/applications", *EVERYTHING, body={"name": "A first", "type": "m2m"})
    page = (await house.ask("GET", "/admin/applications?limit=1", *EVERYTHING)).json
    await house.ask("DELETE", f"/admin/applications/{page['items'][0]['client_id']}", *EVERYTHING)
    answer = await house.ask("GET", f"/admin/applications?limit=1&after={page['next']}", *EVERYTHING)
    assert answer.status == 422
    assert "Begin anew" in answer.json["detail"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("text=NIGHT", ["Night shift"]),
        ("type=web", ["Phone book"]),
        ("owner=dora", ["Night shift"]),
        ("enabled=false", ["Off"]),
        ("enabled=true&type=m2m", ["Night shift"]),
        ("scope=rest:callforward:read", ["Night shift", "Phone book"]),
        ("order=newest&type=web", ["Phone book"]),
        ("text=nothing", []),
    ],
)
async def test_applications_are_filtered(query: str, names: list[str]) -> None:
    house = House.furnished()
    for draft in (
        {"name": "Night shift", "type": "m2m", "scope": "rest", "owner": PERSON},
        {"name": "Off", "type": "m2m"},
    ):
        made = await house.ask("POST", "/admin/applications", *EVERYTHING, body=draft)
    await house.ask("PATCH", f"/admin/applications/{made.json['client_id']}", *EVERYTHING, body={"enabled": False})
    found = await house.ask("GET", f"/admin/applications?{query}", *EVERYTHING)
    assert [each["name"] for each in found.json["items"]] == names


@pytest.mark.parametrize(
    ("path", "query", "count"),
    [
        ("tokens", f"client_id={APPLICATION}&user={PERSON}&scope=rest:callforward:read", 1),
        ("tokens", "user=nobody", 0),
        ("tokens", "since=2100-01-01T00:00:00Z", 0),
        ("tokens", "until=2100-01-01T00:00:00%2B01:00", 1),
        ("tokens", "scope=gql", 0),
        ("refresh-tokens", f"client_id={APPLICATION}", 1),
        ("refresh-tokens", "until=2000-01-01T00:00:00Z", 0),
        ("consents", f"user={PERSON}", 1),
        ("consents", "client_id=other", 0),
        ("users", "text=DOR", 1),
        ("users", "admin=true", 0),
        ("users", "enabled=true", 2),
        ("audit", "action=application", 1),
        ("audit", "action=application.add&actor=cli:test", 1),
        ("audit", "action=app", 0),
        ("audit", "text=dora", 2),
        ("audit", "since=2100-01-01T00:00:00Z", 0),
    ],
)
async def test_lists_are_filtered(path: str, query: str, count: int) -> None:
    found = await House.furnished().ask("GET", f"/admin/{path}?{query}", *EVERYTHING)
    assert len(found.json["items"]) == count


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("applications", "type=teapot", "type"),
        ("applications", "enabled=maybe", "enabled"),
        ("tokens", "since=yesterday", "since"),
        ("tokens", "since=2026-03-01T12:00:00", "since"),
        ("tokens", "scopes=rest", "scopes"),
        ("users", "limit=501", "limit"),
    ],
)
async def test_a_filter_that_cannot_stand_is_named(path: str, query: str, field: str) -> None:
    answer = await House.furnished().ask("GET", f"/admin/{path}?{query}", *EVERYTHING)
    assert (answer.status, answer.json["errors"][0]["path"]) == (422, field)


async def graphql(h: Built, token: str, query: str) -> Any:
    headers = [bearer(token), ("content-type", "application/json")]
    answer = await ask(h.front, "POST", "/api/graphql", headers=headers, body=json.dumps({"query": query}).encode())
    return answer.json()["data"]


async def test_over_graphql_lists_are_connections_with_the_same_filters(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        alice, application = await a_person(h, "alice"), await an_application(h)
        for _ in range(3):
            await granted(h, alice, application)
        token = await h.token(await h.register("gql:admin:read"))
        shown = "{{ totalCount pageInfo {{ hasNextPage endCursor }} nodes {{ id }} }}"
        page = f'{{{{ accessTokens(user: "alice", first: 2 {{after}}) {shown} }}}}'
        first = (await graphql(h, token, page.format(after="")))["accessTokens"]
        assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (3, True)
        rest = page.format(after=f', after: "{first["pageInfo"]["endCursor"]}"')
        second = (await graphql(h, token, rest))["accessTokens"]
        assert (len(second["nodes"]), second["pageInfo"]["hasNextPage"]) == (1, False)
        assert not {each["id"] for each in first["nodes"]} & {each["id"] for each in second["nodes"]}
        kinds = await graphql(
            h, token, "{ applications(type: WEB, order: NEWEST) { totalCount nodes { type grantTypes } } }"
        )
        assert kinds["applications"] == {
            "totalCount": 1,
            "nodes": [{"type": "WEB", "grantTypes": ["AUTHORIZATION_CODE", "REFRESH_TOKEN"]}],
        }


async def test_what_is_too_much_to_count_is_counted_no_further() -> None:
    async def very_many() -> int:
        return MOST_COUNTED + 1

    page = page_of(["a"], Paging(), str, str, very_many)
    assert await page.count() == MOST_COUNTED


@pytest.mark.parametrize("kind", ["tokens", "refresh-tokens"])
async def test_what_matches_is_counted_by_who_may_read_and_revoked_by_who_may_write(kind: str) -> None:
    house, path = House.furnished(), f"/admin/{kind}/revocations"
    write = "rest:admin:write:tokens"
    asked = {"client_id": APPLICATION}
    refused = await house.ask("POST", path, write, body=asked | {"dry_run": True})
    assert (refused.status, refused.json["title"]) == (403, "Not allowed")
    counted = await house.ask("POST", path, write, "rest:admin:read", body=asked | {"dry_run": True})
    assert counted.json == {"matched": 1, "revoked": 0}
    assert len((await house.ask("GET", f"/admin/{kind}", *EVERYTHING)).json["items"]) == 1
    elsewhere = await house.ask("POST", path, write, body={"client_id": "other", "dry_run": False})
    assert elsewhere.json == {"revoked": 0}
    revoked = await house.ask("POST", path, write, body=asked | {"dry_run": False})
    assert revoked.json == {"revoked": 1}
    for each in ("tokens", "refresh-tokens"):
        assert (await house.ask("GET", f"/admin/{each}", *EVERYTHING)).json["items"] == []
