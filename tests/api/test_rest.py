"""REST over the installed modules: reading, writing, lists, and how each refusal reads."""

from typing import Any

import pytest

from tests.api.house import House, asked

READ, WRITE = "rest:extensions:read", "rest:extensions:write"
BOTH = (READ, WRITE)
NEW = {"extension": "1004", "name": "Night shift"}


async def test_a_record_is_read_with_its_entity_tag() -> None:
    answer = await House.furnished().ask("GET", "/extensions/1002", READ)
    assert answer.status == 200
    assert answer.json == {"extension": "1002", "name": "Kitchen", "owner": "alice", "email": None}
    assert answer.headers["etag"].startswith('"')
    assert answer.headers["content-type"] == "application/json"


async def test_a_record_that_the_caller_knows_is_not_sent_again() -> None:
    house = House.furnished()
    etag = (await house.ask("GET", "/extensions/1002", READ)).headers["etag"]
    for named in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        answer = await house.ask("GET", "/extensions/1002", READ, headers={"if-none-match": named})
        assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", etag)
    assert (await house.ask("GET", "/extensions/1002", READ, headers={"if-none-match": '"x"'})).status == 200


async def test_head_is_get_without_the_body() -> None:
    house = House.furnished()
    got = await house.ask("GET", "/extensions/1002", READ)
    head = await house.ask("HEAD", "/extensions/1002", READ)
    assert (head.status, head.headers, head.body) == (200, got.headers, b"")
    assert head.headers["content-length"] == str(len(got.body))


async def test_post_adds_and_says_where() -> None:
    house = House.furnished()
    answer = await house.ask("POST", "/extensions/", *BOTH, body=NEW)
    assert (answer.status, answer.headers["location"]) == (201, "/api/rest/extensions/1004")
    assert answer.json == {**NEW, "owner": None, "email": None}
    read = await house.ask("GET", "/extensions/1004", READ)
    assert (read.body, read.headers["etag"]) == (answer.body, answer.headers["etag"])


async def test_post_of_what_is_there_is_a_conflict() -> None:
    answer = await House.furnished().ask("POST", "/extensions", WRITE, body={**NEW, "extension": "1001"})
    assert answer.status == 409


async def test_row_55_a_write_does_not_show_what_only_a_read_may() -> None:
    house = House.furnished()
    posted = await house.ask("POST", "/extensions/", WRITE, body=NEW)
    assert (posted.status, posted.json) == (201, {"extension": "1004"})
    assert "etag" not in posted.headers
    patched = await house.ask("PATCH", "/extensions/1001", WRITE, body={"name": "Desk"})
    assert (patched.status, patched.body, "etag" in patched.headers) == (204, b"", False)
    put = await house.ask("PUT", "/callforward/users/1001", "rest:callforward:write", body={"busy": "5"})
    assert (put.status, put.body, "etag" in put.headers) == (204, b"", False)


async def test_patch_changes_only_what_is_given_and_null_clears() -> None:
    house = House.furnished()
    answer = await house.ask("PATCH", "/extensions/1001", *BOTH, body={"email": None})
    assert answer.json == {"extension": "1001", "name": "Reception", "owner": "alice", "email": None}
    assert answer.headers["etag"] == (await house.ask("GET", "/extensions/1001", READ)).headers["etag"]


async def test_null_for_a_field_that_cannot_be_empty_is_refused() -> None:
    answer = await House.furnished().ask("PATCH", "/extensions/1001", *BOTH, body={"name": None})
    assert answer.status == 422
    assert answer.json["errors"] == [{"path": "name", "detail": "This field cannot be cleared."}]


async def test_put_replaces() -> None:
    house = House.furnished()
    scopes = ("rest:callforward:read", "rest:callforward:write")
    answer = await house.ask("PUT", "/callforward/users/1003", *scopes, body={"unconditional": "1001"})
    assert answer.status == 200
    assert answer.json == {
        "extension": "1003",
        "unconditional": "1001",
        "busy": None,
        "unavailable": None,
        "ring_timer": 0,
    }


async def test_delete_tells_how_much_of_other_modules_went_along_and_no_more() -> None:
    house = House.furnished()
    answer = await house.ask("DELETE", "/extensions/1003", WRITE)
    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["scopekeeper-removed"] == "callforward;count=1"
    assert (await house.ask("DELETE", "/extensions/1003", WRITE)).status == 404
    assert "scopekeeper-removed" not in (await house.ask("DELETE", "/extensions/1002", WRITE)).headers


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"extension": "1004"}, "name"),
        ({**NEW, "colour": "red"}, "colour"),
        ({**NEW, "extension": "10x"}, "extension"),
        ({**NEW, "extension": "1004\n"}, "extension"),
        ({**NEW, "extension": "\u0661\u0660\u0660\u0661"}, "extension"),
        ({**NEW, "extension": 1004}, "extension"),
        ({**NEW, "name": ""}, "name"),
        ({**NEW, "name": "a\nb"}, "name"),
        ({**NEW, "name": "a\0b"}, "name"),
        ({**NEW, "name": "x" * 101}, "name"),
        ({**NEW, "email": "nowhere"}, "email"),
        ({**NEW, "owner": ["alice"]}, "owner"),
        ([NEW], "$"),
        (None, "$"),
    ],
)
async def test_a_value_that_cannot_stand_is_named_by_its_path(body: Any, path: str) -> None:
    text = b"null" if body is None else body
    answer = await House.furnished().ask("POST", "/extensions/", *BOTH, body=text, headers={"accept": "*/*"})
    assert (answer.status, answer.headers["content-type"]) == (422, "application/problem+json")
    assert [error["path"] for error in answer.json["errors"]] == [path]
    assert answer.json["detail"].startswith(path)


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b'{"extension": "1004", "name": "\xff"}', b"[" * 50_000, b'{"name": "\\ud800"}', b"{}{}", b"nil"],
)
async def test_row_32_what_is_no_json_is_malformed(text: bytes) -> None:
    answer = await House.furnished().ask("POST", "/extensions/", *BOTH, body=text)
    assert (answer.status, answer.json["title"]) == (400, "Malformed request")


async def test_row_32_a_body_beyond_its_bound_is_too_large() -> None:
    answer = await House.furnished().ask("POST", "/extensions/", *BOTH, body=b"[" + b" " * 300_000 + b"]")
    assert answer.status == 413


@pytest.mark.parametrize(
    ("method", "path", "kind", "status"),
    [
        ("POST", "/extensions/", "application/json", 201),
        ("POST", "/extensions/", "Application/JSON; charset=utf-8", 201),
        ("POST", "/extensions/", "application/vnd.phone+json", 201),
        ("POST", "/extensions/", "application/merge-patch+json", 415),
        ("POST", "/extensions/", "application/x-www-form-urlencoded", 415),
        ("POST", "/extensions/", "text/json", 415),
        ("POST", "/extensions/", "", 415),
        ("PATCH", "/extensions/1001", "application/merge-patch+json", 422),
        ("PATCH", "/extensions/1001", "application/json-patch+json", 415),
    ],
)
async def test_row_32_only_json_is_taken(method: str, path: str, kind: str, status: int) -> None:
    answer = await House.furnished().ask(method, path, *BOTH, body=NEW, headers={"content-type": kind})
    assert answer.status == status


async def test_a_compressed_body_is_not_taken() -> None:
    answer = await House.furnished().ask(
        "PATCH", "/extensions/1001", WRITE, body={}, headers={"content-encoding": "gzip"}
    )
    assert (answer.status, answer.headers["accept-patch"]) == (415, "application/merge-patch+json, application/json")


async def test_the_key_may_be_repeated_but_not_differ() -> None:
    house = House.furnished()
    for path in ("/extensions/1001", "/callforward/users/1001"):
        same = await house.ask("PATCH", path, "rest", body={"extension": "1001"})
        assert (same.status, same.json["extension"]) == (200, "1001")
        other = await house.ask("PATCH", path, "rest", body={"extension": "1002"})
        assert (other.status, other.json["errors"][0]["path"]) == (422, "extension")


@pytest.mark.parametrize(
    ("query", "status", "named"),
    [
        ("limit=0", 422, "limit"),
        ("limit=501", 422, "limit"),
        ("limit=-1", 422, "limit"),
        ("limit=1.5", 422, "limit"),
        ("limit=%D9%A1", 422, "limit"),
        ("limit=" + "9" * 5_000, 422, "limit"),
        ("after=!", 422, "after"),
        ("after=MTAwMQ", 422, "after"),
        ("after=AQ", 422, "after"),
        ("colour=red", 422, "colour"),
        ("limit=1&limit=2", 400, None),
        ("limit=%zz", 400, None),
        ("limit=%ff", 400, None),
        ("after=%00", 400, None),
        ("scope[a]=b", 422, "scope[a]"),
    ],
)
async def test_a_query_is_read_strictly(query: str, status: int, named: str | None) -> None:
    answer = await House.furnished().ask("GET", f"/extensions/?{query}", READ)
    assert answer.status == status
    if named is not None:
        assert [error["path"] for error in answer.json["errors"]] == [named]


async def test_a_list_is_read_page_by_page() -> None:
    house, found, path = House.furnished(), [], "/extensions/?limit=2"
    while path:
        answer = await house.ask("GET", path, READ)
        found += [each["extension"] for each in answer.json["items"]]
        link = answer.headers.get("link", "")
        assert bool(link) == (answer.json["next"] is not None)
        path = link.partition(">")[0].removeprefix("</api/rest")
        assert not link or (answer.json["next"] in path and link.endswith('>; rel="next"'))
    assert found == ["1001", "1002", "1003"]


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "//extensions",
        "/extensions//",
        "/extensions/./1001",
        "/extensions/../extensions/1001",
        "/extensions/%2e%2e/extensions/1001",
        "/extensions/1001%00",
        "/extensions/%ff",
        "/extensions/%zz",
        "/extensions/%2",
        "/extensions/1001/more",
        "/extensions%2f1001",
        "/extensions;v=1/1001",
        "/Extensions/1001",
        "/callforward",
        "/nothing",
    ],
)
async def test_row_45_there_is_nothing_at_a_path_that_is_not_exactly_one_of_ours(path: str) -> None:
    answer = await House.furnished().ask("GET", path, "rest")
    assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")


@pytest.mark.parametrize(
    "path", ["/extensions/1001;v=1", "/extensions/1001%2f", "/extensions/%2531001", "/extensions/.x"]
)
async def test_row_45_what_stands_in_a_segment_stays_in_it(path: str) -> None:
    """A record of that name is looked for, after the guard: the path is not bent into another."""
    house = House.furnished()
    assert (await house.ask("GET", path)).status == 401
    assert (await house.ask("GET", path, READ)).status == 404


async def test_a_trailing_slash_and_an_escaped_letter_make_no_difference() -> None:
    house = House.furnished()
    for path in ("/extensions/1001", "/extensions/1001/", "/extensions/%31001", "/%65xtensions/1001"):
        assert (await house.ask("GET", path, READ)).status == 200
        assert (await house.ask("GET", path, "rest:callforward")).status == 403


async def test_another_method_is_told_what_there_is() -> None:
    house = House.furnished()
    answer = await house.ask("POST", "/extensions/1001", "rest", body={})
    assert (answer.status, answer.headers["allow"]) == (405, "DELETE, GET, HEAD, OPTIONS, PATCH")
    assert (await house.ask("BREW", "/extensions", "rest")).status == 405


async def test_options_tells_what_there_is() -> None:
    house = House.furnished()
    answer = await house.ask("OPTIONS", "/callforward/users/1001")
    assert (answer.status, answer.headers["allow"]) == (204, "DELETE, GET, HEAD, OPTIONS, PATCH, PUT")
    assert answer.headers["accept-patch"] == "application/merge-patch+json, application/json"
    assert (await house.ask("OPTIONS", "/nothing")).status == 404


async def test_who_is_not_let_in_learns_nothing_of_the_rest() -> None:
    house = House.furnished()
    for path in ("/extensions/1001", "/extensions/9999", "/extensions/?limit=none"):
        assert (await house.ask("GET", path)).status == 401
        assert (await house.ask("GET", path, "gql")).status == 403
    for body in (b"{", {"colour": "red"}):
        assert (await house.ask("PATCH", "/extensions/1001", READ, body=body)).status == 403
    assert house.data.trips == []


async def test_a_read_costs_as_many_trips_as_it_needs() -> None:
    house = House.furnished()
    await house.ask("GET", "/extensions/1001", READ)
    assert house.data.trips == ["get"]
    house.data.trips.clear()
    await house.ask("GET", "/callforward/users/1001", "rest:callforward:read")
    assert house.data.trips == ["exists", "get"]


async def test_a_request_that_is_not_for_rest_is_not_answered_by_it() -> None:
    assert (await asked(House().app, "GET", "/api/graphql")).status == 404
