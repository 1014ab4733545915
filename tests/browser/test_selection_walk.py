"""The main walk of the API's pages: what is selected in the visualizer is what the explorer can do and what both
documentations show; what is denied there names its scope, and is done once that is selected."""

import json
import re
from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, Locator, Page, Response, expect

from tests.browser.looking import as_it_should, steward
from tests.live import Live, live

BOTH: Final = "rest:callforward:read gql:callforward:read"
WRITE: Final = "gql:callforward:write"
MUTATION: Final = 'mutation { setCallForward(extension: "1001", body: { busy: "5551234" }) { extension busy } }'
TOKEN: Final = re.compile(r"skpr_(at|rt|cs)_[0-9A-Za-z]{20,}")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live(tmp_path_factory.mktemp("selection")) as running:
        yield running


def go(page: Page, link: str) -> None:
    page.get_by_role("navigation", name="Console").get_by_role("link", name=link, exact=True).click()


def scopes(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Scopes", exact=True)


def typed(page: Page, text: str) -> None:
    """By the keyboard, in place of what is there."""
    page.locator(".graphiql-query-editor .CodeMirror").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(text)


def introspected(answers: list[Response]) -> set[str]:
    """The root fields that introspection has told, in all answers together."""
    fields: set[str] = set()
    for answer in answers:
        if answer.url.endswith("/api/graphql") and answer.request.method == "POST":
            schema = (json.loads(answer.body()).get("data") or {}).get("__schema")
            for each in schema["types"] if schema else ():
                if each["name"] in ("Query", "Mutation"):
                    fields |= {field["name"] for field in each["fields"]}
    return fields


def test_what_is_selected_is_what_can_be_done_and_what_is_documented(browser: Browser, server: Live) -> None:
    with steward(browser, server) as page:
        said: list[str] = []
        asked: list[str] = []
        answers: list[Response] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.on("response", lambda answer: answers.append(answer))
        page.set_viewport_size({"width": 1280, "height": 900})

        go(page, "Scope Visualizer")
        page.get_by_role("searchbox", name="Search scopes").fill("callforward:read")
        for scope in BOTH.split():
            page.get_by_role("table").get_by_role("checkbox", name=scope, exact=True).check()
        expect(page.get_by_role("textbox", name="Selected Scopes")).to_have_value(BOTH)

        go(page, "REST Documentation")
        expect(scopes(page)).to_have_value(BOTH)
        expect(page.get_by_role("main")).to_contain_text("/callforward/users/{extension}")
        expect(page.get_by_role("main")).not_to_contain_text("/extensions/{extension}")
        as_it_should(page, "REST Documentation")
        page.set_viewport_size({"width": 1280, "height": 900})

        go(page, "GraphQL Documentation")
        expect(scopes(page)).to_have_value(BOTH)
        expect(page.get_by_role("heading", name=re.compile("^callForwards?$"))).to_have_count(2)
        expect(page.get_by_role("main")).not_to_contain_text("setCallForward")
        as_it_should(page, "GraphQL Documentation")
        page.set_viewport_size({"width": 1280, "height": 900})

        go(page, "GraphQL Explorer")
        expect(scopes(page)).to_have_value(BOTH)
        run = page.get_by_role("button", name=re.compile("Execute query"))
        result = page.locator(".result-window .CodeMirror-code")
        expect(page.get_by_text("Needs:")).to_be_visible()
        run.click()
        expect(result).to_contain_text("callForward")
        expect(result).to_contain_text("1002")
        assert introspected(answers) == {"callForward", "callForwards", "callForwardRingTimer"}

        typed(page, MUTATION)
        run.click()
        expect(page.get_by_role("main")).to_contain_text(WRITE)
        expect(result).to_contain_text("INSUFFICIENT_SCOPE")
        page.get_by_role("button", name="Add and run again").click()
        expect(result).to_contain_text("5551234")
        expect(scopes(page)).to_have_value(f"{BOTH} {WRITE}")
        told = server.json("token", "list", "--app", "api-explorer")
        assert {each["scope"] for each in told} == {f"{BOTH} {WRITE}"}, "the token before is gone"

        go(page, "GraphQL Documentation")
        expect(page.get_by_role("heading", name=re.compile("^setCallForward$"))).to_have_count(1)

        assert [url for url in asked if not url.startswith((server.issuer, "data:", "blob:"))] == []
        assert [url for url in asked if TOKEN.search(url)] == []
        assert [text for text in said if "status of 403" not in text] == []
