"""RFC 9110, HTTP Semantics: methods, conditions and media types, as far as the REST API and discovery claim them."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.asking import Answer, ask, bearer
from tests.building import Built, built

EXTENSION = "/api/rest/extensions/1001"
FORWARD = "/api/rest/callforward/users/1001"
METADATA = "/.well-known/oauth-authorization-server"
JSON = ("content-type", "application/json")


class Caller:
    """A house and a token in it that may do everything."""

    def __init__(self, house: Built, token: str) -> None:
        self._house = house
        self._token = token

    @classmethod
    async def of(cls, house: Built) -> "Caller":
        return cls(house, await house.token(await house.register("rest gql")))

    async def ask(self, method: str, path: str, body: Any = None, **conditions: str) -> Answer:
        """`if_match="…"` becomes If-Match, and so on."""
        named = [(name.replace("_", "-"), value) for name, value in conditions.items()]
        content = [] if body is None else [JSON]
        sent = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = [bearer(self._token), *content, *named]
        return await ask(self._house.front, method, path, headers=headers, body=sent)


@pytest.mark.parametrize("path", [EXTENSION, FORWARD, "/api/rest/extensions/", "/api/rest/openapi.json", METADATA])
async def test_head_is_get_without_content(tmp_path: Path, path: str) -> None:
    """RFC 9110 §9.3.2: the same header fields, Content-Length among them, and no content."""
    async with built(tmp_path) as house:
        caller = await Caller.of(house)
        get, head = await caller.ask("GET", path), await caller.ask("HEAD", path)
        both = [{k: v for k, v in each.headers.items() if k != "x-request-id"} for each in (get, head)]
        assert (head.status, head.body, both[1]) == (get.status, b"", both[0])
        assert head.headers["content-length"] == str(len(get.body))


@pytest.mark.parametrize("method", ["HEAD", "GET", "OPTIONS"])
async def test_safe_methods_change_nothing(tmp_path: Path, method: str) -> None:
    """RFC 9110 §9.2.1: GET, HEAD and OPTIONS are safe."""
    async with built(tmp_path) as house:
        caller = await Caller.of(house)
        before = (await caller.ask("GET", EXTENSION)).body
        await caller.ask(method, EXTENSION, {"name": "changed"})
        assert (await caller.ask("GET", EXTENSION)).body == before


@pytest.mark.parametrize(("method", "body"), [("PUT", {"busy": "7"}), ("DELETE", None)])
async def test_put_and_delete_may_be_repeated(tmp_path: Path, method: str, body: Any) -> None:
    """RFC 9110 §9.2.2: the intended effect of several identical requests is that of one."""
    async with built(tmp_path) as house:
        caller = await Caller.of(house)
        once = await caller.ask(method, FORWARD, body)
        after = (await caller.ask("GET", FORWARD)).body
        twice = await caller.ask(method, FORWARD, body)
        assert once.status == twice.status
        assert (await caller.ask("GET", FORWARD)).body == after


async def test_what_a_post_made_is_where_it_says(tmp_path: Path) -> None:
    """RFC 9110 §9.3.3, §10.2.2, §15.3.2: 201, and Location identifies the resource that was made."""
    async with built(tmp_path) as house:
        caller = await Caller.of(house)
        made = await caller.ask("POST", "/api/rest/extensions/", {"extension": "2001", "name": "Lobby"})
        read = await caller.ask("GET", made.headers["location"])
        assert (made.status, read.status, read.body) == (201, 200, made.body)


async def test_put_tags_its_answer_only_where_it_kept_what_was_sent_to_the_letter(tmp_path: Path) -> None:
    """RFC 9110 §9.3.4: no validator in the answer to PUT unless the content was saved without any transformation."""
    async with built(tmp_path) as house:
        caller = await Caller.of(house)
        transformed = await caller.ask("PUT", FORWARD, {"busy": "7"})
        assert (transformed.status, "etag" in transformed.headers) == (200, False)
        kept = await caller.ask("PUT", FORWARD, transformed.body)
        assert kept.body == transformed.body
        assert kept.headers["etag"] == (await caller.ask("GET", FORWARD)).headers["etag"]


async def test_what_was_deleted_is_gone(tmp_path: Path) -> None:
    """RFC 9110 §9.3.5, §15.3.5: 204 without content, and afterwards 404."""
    async with built(tmp_path) as house:
        caller = await Caller.of(house)
        deleted = await caller.ask("DELETE", EXTENSION)
        assert (deleted.status, deleted.body, "content-length" in deleted.headers) == (204, b"", False)
        assert (await caller.ask("GET", EXTENSION)).status == 404
        assert (await caller.ask("DELETE", EXTENSION)).status == 404


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        (EXTENSION, "DELETE, GET, HEAD, OPTIONS, PATCH"),
        (FORWARD, "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"),
        ("/api/rest/extensions/", "GET, HEAD, OPTIONS, POST"),
        ("/oauth/token", "POST"),
        ("/oauth/jwks", "GET, HEAD"),
        ("/api/graphql", "POST"),
        ("/api/graphql/schema.graphql", "GET, HEAD"),
    ],
)
async def test_where_a_method_is_not_allowed_it_is_told_which_are(tmp_path: Path, path: str, methods: str) -> None:
    """RFC 9110 §15.5.6, §10.2.1: the origin server MUST generate an Allow header field."""
    async with built(tmp_path) as house:
        answer = await (await Caller.of(house)).ask("TRACE", path)
        assert (answer.status, answer.headers["allow"]) == (405, methods)


async def test_options_tells_what_can_be_done_there(tmp_path: Path) -> None:
    """RFC 9110 §9.3.7: Allow, and no content."""
    async with built(tmp_path) as house:
        answer = await (await Caller.of(house)).ask("OPTIONS", FORWARD)
        assert (answer.status, answer.body) == (204, b"")
        assert "PUT" in answer.headers["allow"].split(", ")


async def test_a_tag_changes_with_what_it_stands_for(tmp_path: Path) -> None:
    """RFC 9110 §8.8.3, §8.8.1: a strong validator changes whenever the representation does, and only then."""
    async with built(tmp_path) as house:
        caller = await Caller.of(house)
        tags = []
        for name in ("one", "one", "two"):
            await caller.ask("PATCH", EXTENSION, {"name": name})
            tags.append((await caller.ask("GET", EXTENSION)).headers["etag"])
        assert tags[0] == tags[1] != tags[2]
        assert all(tag.startswith('"') and tag.endswith('"') for tag in tags)


@pytest.mark.parametrize(
    ("condition", "status"),
    [("{tag}", 200), ('"other", {tag}', 200), ("*", 200), ('"other"', 412), ("W/{tag}", 412)],
    ids=["it", "it among others", "any", "another", "it, weakly"],
)
@pytest.mark.parametrize("method", ["GET", "PATCH"])
async def test_if_match_compares_strongly(tmp_path: Path, method: str, condition: str, status: int) -> None:
    """RFC 9110 §13.1.1, §8.8.3.2: MUST use the strong comparison; 412 where false, whatever the method."""
    async with built(tmp_path) as house:
        caller = await Caller.of(house)
        tag = (await caller.ask("GET", EXTENSION)).headers["etag"]
        body = {"name": "changed"} if method == "PATCH" else None
        answer = await caller.ask(method, EXTENSION, body, if_match=condition.format(tag=tag))
        assert answer.status == status


@pytest.mark.parametrize("path", [EXTENSION, "/api/rest/openapi.json", "/api/graphql/schema.graphql", METADATA])
@pytest.mark.parametrize(
    ("condition", "status"),
    [("{tag}", 304), ('"other",{tag}', 304), ("*", 304), ("W/{tag}", 304), ('"other"', 200)],
    ids=["it", "it among others", "any", "it, weakly", "another"],
)
async def test_if_none_match_compares_weakly(tmp_path: Path, path: str, condition: str, status: int) -> None:
    """RFC 9110 §13.1.2, §8.8.3.2: MUST use the weak comparison; 304 to GET where false."""
    async with built(tmp_path) as house:
        caller = await Caller.of(house)
        tag = (await caller.ask("GET", path)).headers["etag"]
        answer = await caller.ask("GET", path, if_none_match=condition.format(tag=tag))
        assert answer.status == status


async def test_not_modified_says_what_a_cache_must_know(tmp_path: Path) -> None:
    """RFC 9110 §15.4.5: ETag and Cache-Control as the 200 would have them, and no content."""
    async with built(tmp_path) as house:
        caller = await Caller.of(house)
        for path in (EXTENSION, METADATA):
            full = await caller.ask("GET", path)
            answer = await caller.ask("GET", path, if_none_match=full.headers["etag"])
            assert (answer.status, answer.body, "content-length" in answer.headers) == (304, b"", False)
            for name in ("etag", "cache-control"):
                assert answer.headers[name] == full.headers[name]


async def test_if_none_match_guards_a_write_too(tmp_path: Path) -> None:
    """RFC 9110 §13.1.2: for other methods than GET and HEAD: 412."""
    async with built(tmp_path) as house:
        caller = await Caller.of(house)
        assert (await caller.ask("PATCH", EXTENSION, {"name": "x"}, if_none_match="*")).status == 412


@pytest.mark.parametrize("method", ["GET", "PATCH"])
async def test_if_match_is_looked_at_before_if_none_match(tmp_path: Path, method: str) -> None:
    """RFC 9110 §13.2.2: first If-Match (412), then If-None-Match (304 or 412)."""
    async with built(tmp_path) as house:
        caller = await Caller.of(house)
        tag = (await caller.ask("GET", EXTENSION)).headers["etag"]
        body = {"name": "changed"} if method == "PATCH" else None
        answer = await caller.ask(method, EXTENSION, body, if_match='"other"', if_none_match=tag)
        assert answer.status == 412


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
async def test_conditions_are_not_looked_at_where_the_request_would_fail_anyway(tmp_path: Path, method: str) -> None:
    """RFC 9110 §13.2.1: preconditions are ignored if the answer without them is neither 2xx nor 412."""
    async with built(tmp_path) as house:
        caller = await Caller.of(house)
        body = {"name": "x"} if method == "PATCH" else None
        answer = await caller.ask(method, "/api/rest/extensions/9999", body, if_match='"other"')
        assert answer.status == 404


async def test_a_failed_condition_changes_nothing(tmp_path: Path) -> None:
    """RFC 9110 §15.5.13, §13.1.1: the origin server MUST NOT perform the requested method."""
    async with built(tmp_path) as house:
        caller = await Caller.of(house)
        before = (await caller.ask("GET", EXTENSION)).body
        assert (await caller.ask("DELETE", EXTENSION, if_match='"other"')).status == 412
        assert (await caller.ask("GET", EXTENSION)).body == before


async def test_who_is_not_let_in_is_told_how_one_might_be(tmp_path: Path) -> None:
    """RFC 9110 §15.5.2, §11.6.1: 401 MUST have a WWW-Authenticate field with at least one challenge."""
    async with built(tmp_path) as house:
        for method, path in (("GET", EXTENSION), ("POST", "/api/graphql"), ("POST", "/oauth/introspect")):
            headers = [("content-type", "application/x-www-form-urlencoded")]
            answer = await ask(house.front, method, path, headers=headers)
            assert (answer.status, bool(answer.headers["www-authenticate"])) == (401, True)


async def test_the_scheme_is_read_in_any_case(tmp_path: Path) -> None:
    """RFC 9110 §11.1, §11.4: a case-insensitive token, then at least one space."""
    async with built(tmp_path) as house:
        token = await house.token(await house.register("rest"))
        for sent in (f"bearer {token}", f"BEARER   {token}"):
            assert (await ask(house.front, "GET", EXTENSION, headers=[("authorization", sent)])).status == 200


@pytest.mark.parametrize("kind", ["APPLICATION/JSON", "application/json;charset=utf-8", "application/json ; q=1"])
async def test_a_media_type_is_read_in_any_case_and_with_parameters(tmp_path: Path, kind: str) -> None:
    """RFC 9110 §8.3.1: the type and subtype tokens are case-insensitive; parameters follow a semicolon."""
    async with built(tmp_path) as house:
        token = await house.token(await house.register("rest"))
        headers = [bearer(token), ("content-type", kind)]
        assert (await ask(house.front, "PUT", FORWARD, headers=headers, body=b"{}")).status == 200


@pytest.mark.parametrize("sent", [("content-type", "text/plain"), ("content-encoding", "gzip")])
async def test_content_of_another_kind_is_refused_saying_what_would_be_taken(
    tmp_path: Path, sent: tuple[str, str]
) -> None:
    """RFC 9110 §15.5.16, §12.5.1: 415 by media type or coding; Accept says what is preferred."""
    async with built(tmp_path) as house:
        token = await house.token(await house.register("rest"))
        kind = [] if sent[0] == "content-type" else [JSON]
        answer = await ask(house.front, "PUT", FORWARD, headers=[bearer(token), *kind, sent], body=b"{}")
        assert (answer.status, answer.headers["accept"]) == (415, "application/json")


async def test_while_the_server_cannot_answer_it_says_when_to_come_again(tmp_path: Path) -> None:
    """RFC 9110 §15.6.4, §10.2.3: 503 with Retry-After."""
    async with built(tmp_path) as house:
        caller = await Caller.of(house)
        await house.house.store.close()
        answer = await caller.ask("GET", EXTENSION)
        assert (answer.status, answer.headers["retry-after"]) == (503, "1")
