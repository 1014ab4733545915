"""`/docs/`: the documentation for everybody; or, where it is private, for whoever sends a token, and no more of it."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from starlette.types import Scope

from scopekeeper.web.docs import PATHS, POSTMAN, Documentation
from scopekeeper.web.press import Busy, Press
from scopekeeper.wire import Reply
from tests.asking import Answer, ask, bearer
from tests.building import Built, built
from tests.pages.browsing import Seen, text_of
from tests.reading.shelf import LIBRARY

PRIVATE = {"SCOPEKEEPER_PUBLIC_DESCRIPTIONS": "false"}
HTML = ("accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8")


async def page(h: Built, target: str, *headers: tuple[str, str]) -> Answer:
    answer = await ask(h.front, "GET", target, headers=[HTML, *headers])
    assert answer.status == 200, (target, answer.status, answer.body[:500])
    return answer


@asynccontextmanager
async def private(folder: Path) -> AsyncIterator[Built]:
    async with built(folder, PRIVATE) as h:
        yield h


async def test_each_page_leads_to_the_others_and_to_the_documents_with_the_selection(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        for path in PATHS:
            links = {each.get("href") for each in Seen((await page(h, f"{path}?scope=rest:callforward")).body).all("a")}
            assert {f"{each}?scope=rest%3Acallforward" for each in PATHS} <= links, path
        home = {each.get("href", "") for each in Seen((await page(h, "/docs/?scope=rest:callforward")).body).all("a")}
        for document in ("/api/rest/openapi.json", "/api/graphql/schema.graphql", POSTMAN):
            assert f"{document}?scope=rest%3Acallforward" in home
            assert (await ask(h.front, "GET", f"{document}?scope=rest%3Acallforward")).status == 200


async def test_the_first_page_says_how_to_get_in_and_what_for(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        told = text_of(await page(h, "/docs/"))
        assert f"{h.house.settings.issuer}/oauth/token" in told
        assert "rest:callforward:read" in told
        assert "Change where calls are forwarded" in told


async def test_only_what_the_selected_scopes_reach_is_shown(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        for path in ("/docs/", "/docs/rest", "/docs/graphql"):
            told = (await page(h, f"{path}?scope=rest:callforward:read+gql:callforward:read")).body.decode()
            assert "callforward:read" in told, path
            assert "extensions:write" not in told, path
        collection = (await ask(h.front, "GET", f"{POSTMAN}?scope=rest:callforward:read")).json()
        assert [folder["name"] for folder in collection["item"]] == ["Call Forward"]


async def test_what_lies_outside_is_shown_on_demand(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        for path, beyond in (("/docs/rest", "rest:extensions:write"), ("/docs/graphql", "gql:extensions:write")):
            asked = f"{path}?scope=rest:callforward+gql:callforward"
            assert beyond not in (await page(h, asked)).body.decode()
            assert beyond in (await page(h, f"{asked}&beyond=on")).body.decode()


@pytest.mark.parametrize("path", PATHS)
async def test_a_word_that_is_no_scope_is_named_and_left_out(tmp_path: Path, path: str) -> None:
    async with built(tmp_path) as h:
        told = text_of(await page(h, f"{path}?scope=rest:callforward+rest:nope+%3Cscript%3E"))
        assert "There is no scope rest:nope, <script>: it is left out." in told
        assert b"<script>" not in (await page(h, f"{path}?scope=%3Cscript%3E")).body


@pytest.mark.parametrize("path", ["/docs/rest", "/docs/graphql"])
async def test_a_module_that_is_not_there_narrows_nothing(tmp_path: Path, path: str) -> None:
    async with built(tmp_path) as h:
        whole = await page(h, path)
        assert (await page(h, f"{path}?module=nope")).body == whole.body
        one = await page(h, f"{path}?module=callforward")
        assert [b'id="module-extensions"' in each.body for each in (whole, one)] == [True, False]


async def test_a_search_shows_what_it_finds_without_scripts(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        told = (await page(h, "/docs/rest?q=voicemail%22%3E")).body.decode()
        assert "voicemail&#34;&gt;" in told
        assert 'id="setCallForward"' not in told


@pytest.mark.parametrize("path", [*PATHS, POSTMAN])
async def test_there_is_nothing_to_be_posted_and_a_head_is_a_page_without_its_body(tmp_path: Path, path: str) -> None:
    async with built(tmp_path) as h:
        shown, head = [await ask(h.front, method, path) for method in ("GET", "HEAD")]
        assert (shown.status, head.status, head.body) == (200, 200, b"")
        assert shown.headers["content-length"] == head.headers["content-length"] == str(len(shown.body))
        for method in ("POST", "PUT", "DELETE"):
            answer = await ask(h.front, method, path)
            assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")


async def test_row_47_a_page_takes_no_form_sets_no_cookie_and_is_in_nobodys_frame(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        for path in PATHS:
            answer = await page(h, f"{path}?scope=rest")
            policy = answer.headers["content-security-policy"]
            assert "frame-ancestors 'none'" in policy
            assert "script-src 'self';" in policy
            assert "connect-src 'self';" in policy
            assert answer.cookies == ()
            seen = Seen(answer.body)
            assert {each.get("method", "get") for each in seen.all("form")} <= {"get"}
            assert [each for _, each in seen.elements if "style" in each or "onclick" in each] == []


async def test_a_reader_who_has_the_page_is_not_sent_it_again(tmp_path: Path) -> None:
    """RFC 9110 §13.1.2."""
    async with built(tmp_path) as h:
        answer = await page(h, "/docs/rest")
        assert answer.headers["cache-control"] == "private, no-cache"
        again = await ask(h.front, "GET", "/docs/rest", headers=[("if-none-match", answer.headers["etag"])])
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", answer.headers["etag"])
        other = await ask(h.front, "GET", "/docs/graphql", headers=[("if-none-match", answer.headers["etag"])])
        assert other.status == 200


async def test_a_page_travels_compressed_to_whoever_reads_that(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        plain, packed = [await page(h, "/docs/rest", *more) for more in ((), (("accept-encoding", "gzip"),))]
        assert packed.headers["content-encoding"] == "gzip"
        assert gzip.decompress(packed.body) == plain.body
        assert "accept-encoding" in plain.headers["vary"]


async def test_the_address_without_its_slash_leads_there_and_others_lead_nowhere(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        answer = await ask(h.front, "GET", "/docs")
        assert (answer.status, answer.headers["location"]) == (308, "/docs/")
        for path in ("/docs/nope", "/docs/rest/", "/docsrest", "/docs/../metrics"):
            assert (await ask(h.front, "GET", path)).status == 404, path


async def test_a_private_page_tells_a_browser_in_words_what_to_do(tmp_path: Path) -> None:
    async with private(tmp_path) as h:
        for path in [*PATHS, POSTMAN]:
            answer = await ask(h.front, "GET", f"{path}?scope=rest:callforward", headers=[HTML])
            assert (answer.status, answer.headers["www-authenticate"]) == (401, 'Bearer realm="scopekeeper"')
            assert "The documentation is private" in text_of(answer)
            assert "/console/docs/rest" in {each.get("href") for each in Seen(answer.body).all("a")}
            assert b"callforward" not in answer.body
            assert answer.headers["cache-control"] == "no-store"


async def test_a_private_page_tells_a_program_by_a_problem(tmp_path: Path) -> None:
    """RFC 6750 §3.1."""
    async with private(tmp_path) as h:
        answer = await ask(h.front, "GET", "/docs/rest")
        assert (answer.status, answer.headers["content-type"]) == (401, "application/problem+json")
        wrong = await ask(h.front, "GET", "/docs/rest", headers=[HTML, bearer("nonsense")])
        assert wrong.status == 401
        assert 'error="invalid_token"' in wrong.headers["www-authenticate"]


async def test_a_private_page_shows_no_more_than_the_token_holds_whatever_is_asked(tmp_path: Path) -> None:
    async with private(tmp_path) as h:
        token = await h.token(await h.register("rest:callforward:read gql:callforward:read"))
        whole = ("", "?scope=rest+gql", "?beyond=on", "?scope=rest+gql&beyond=on", "?scope=rest:callforward&beyond=on")
        for path in PATHS:
            for query in whole:
                told = (await page(h, f"{path}{query}", bearer(token))).body.decode()
                for beyond in ("callforward:write", "extensions:read", "admin", "setCallForward", "addExtension"):
                    assert f'"{beyond}' not in told, (path, query, beyond)
                    assert f":{beyond}" not in told, (path, query, beyond)
        collection = (await h.get(f"{POSTMAN}?scope=rest", token)).json()
        asked = [item["request"]["method"] for folder in collection["item"] for item in folder["item"]]
        assert set(asked) == {"GET"}


@pytest.mark.parametrize("path", ["/docs/rest", "/docs/graphql"])
async def test_a_private_page_does_not_tell_whether_a_word_is_in_what_it_does_not_show(
    tmp_path: Path, path: str
) -> None:
    async with private(tmp_path) as h:
        less = bearer(await h.token(await h.register("rest:callforward:read gql:callforward:read")))
        more = bearer(await h.token(await h.register("rest gql")))
        there, nowhere = "rotateCredential", "rotateCredentiaX"
        assert "1 entry matches" in text_of(await page(h, f"{path}?q={there}", more))
        told = [(await page(h, f"{path}?q={word}", less)).body.decode().replace(word, "") for word in (there, nowhere)]
        assert told[0] == told[1]


async def test_a_private_page_is_never_kept_for_another_token(tmp_path: Path) -> None:
    async with private(tmp_path) as h:
        more = await h.token(await h.register("rest"))
        less = await h.token(await h.register("rest:callforward:read"))
        assert b"rest:extensions:read" in (await h.get("/docs/rest", more)).body
        assert b"rest:extensions:read" not in (await h.get("/docs/rest", less)).body
        answer = await h.get("/docs/rest", more)
        assert "authorization" in answer.headers["vary"]


async def test_row_57_however_many_cuts_are_asked_for_few_are_kept() -> None:
    press = Press(most=3, room=1_000)
    for number in range(20):
        await press.of(number, lambda: "page")
    assert len(press) == 3
    for number in range(20):
        text = "".join(map(str, range(number * 50, number * 50 + 300)))
        await press.of(("large", number), text.upper)
    assert press.weight <= 1_000
    kept = [press._kept.get(("large", number)) for number in range(20)]
    assert press.weight == sum(len(each.packed) for each in kept if each is not None)


async def test_row_57_what_was_printed_is_not_printed_again_and_only_so_many_wait() -> None:
    press, printed = Press(waiting=2), []

    def write() -> str:
        printed.append(1)
        return "page"

    first, second, third = await asyncio.gather(
        press.of("one", write), press.of("one", write), press.of("two", write), return_exceptions=True
    )
    assert first == second
    assert isinstance(third, Busy)
    assert len(printed) == 1
    assert (await press.of("two", write)) == first


async def test_row_57_whoever_would_wait_long_is_told_to_come_back() -> None:
    async def all_of_it(_: Scope) -> None:
        return None

    docs = Documentation(LIBRARY, str, all_of_it, Reply(404))
    docs._press = Press(waiting=0)
    for headers, said in (([HTML], "Load this one again"), ([], "Try again in a moment")):
        answer = await ask(docs, "GET", "/docs/rest", headers=headers)
        assert (answer.status, answer.headers["retry-after"]) == (503, "2")
        assert said in answer.body.decode()


async def test_a_page_that_cannot_be_written_keeps_nobody_waiting() -> None:
    press = Press(waiting=1)

    def broken() -> str:
        raise RuntimeError("a bug")

    for _ in range(3):
        with pytest.raises(RuntimeError):
            await press.of("one", broken)
    assert (await press.of("one", lambda: "page")).plain == b"page"


async def test_a_malformed_query_is_no_page(tmp_path: Path) -> None:
    async with built(tmp_path) as h:
        answer = await ask(h.front, "GET", "/docs/rest?scope=%zz")
        assert (answer.status, json.loads(answer.body)["title"]) == (400, "Malformed request")
