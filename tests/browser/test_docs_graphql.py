"""The GraphQL documentation in a browser: read, searched as one types, followed; and an example run by a shell."""

import json
import os
import subprocess

from playwright.sync_api import Browser, Page, expect

from tests.browser.looking import as_it_should, looked_at, steward
from tests.live import Live

PAGE = "/console/docs/graphql"
HEAVIEST = 760_000
"""Bytes. The whole of an API is much text; what is selected is less."""
BEYOND = 180_000
"""Bytes. Of what lies beyond the selection there is a line for each operation."""


def search(page: Page, text: str) -> None:
    page.get_by_role("searchbox", name="Search documentation").fill(text)


def test_the_whole_page_is_as_every_page_has_to_be(server: Live, browser: Browser) -> None:
    with steward(browser, server) as page:
        looked_at(page, PAGE, heaviest=HEAVIEST, whole=True)
        looked_at(page, f"{PAGE}?scope=gql:callforward:read&beyond=on", heaviest=BEYOND)
        page.get_by_text("How it can be refused").first.click()
        page.get_by_text("As curl").first.click()
        as_it_should(page, "opened")
        looked_at(page, f"{PAGE}?scope=rest")


def test_what_is_typed_is_found_and_said_and_escape_brings_all_back(server: Live, browser: Browser) -> None:
    with steward(browser, server) as page:
        page.goto(f"{PAGE}?scope=gql:callforward:read&beyond=on")
        page.keyboard.press("/")
        expect(page.get_by_role("searchbox", name="Search documentation")).to_be_focused()
        page.keyboard.type("clear nowhere")
        expect(page.get_by_role("heading", name="clearCallForward")).to_be_visible()
        expect(page.get_by_role("heading", name="callForward", exact=True)).to_be_hidden()
        expect(page.get_by_role("heading", name="Requests")).to_be_hidden()
        expect(page.locator("[data-found]")).to_have_text("1 entry matches “clear nowhere”. Show everything")
        expect(page.get_by_role("navigation", name="On this page").get_by_text("callForwards")).to_be_hidden()
        expect(page.get_by_role("status").filter(has_text="1 entry matches")).to_have_count(1)
        assert "q=clear+nowhere" in page.url
        page.keyboard.press("Escape")
        expect(page.get_by_role("heading", name="callForward", exact=True)).to_be_visible()
        assert "q=" not in page.url


def test_a_page_that_the_server_has_searched_is_whole_again_when_one_types_on(server: Live, browser: Browser) -> None:
    with steward(browser, server) as page:
        page.goto(f"{PAGE}?scope=gql:callforward&q=clear")
        expect(page.get_by_role("heading", name="callForwards", exact=True)).to_have_count(0)
        search(page, "forwards of all")
        expect(page.get_by_role("heading", name="callForwards", exact=True)).to_be_visible()
        expect(page.get_by_role("heading", name="clearCallForward")).to_be_hidden()


def test_a_link_opens_where_it_points_and_the_navigation_marks_where_one_reads(server: Live, browser: Browser) -> None:
    with steward(browser, server) as page:
        page.set_viewport_size({"width": 1280, "height": 800})
        page.goto(f"{PAGE}?scope=gql:callforward#mutation-setCallForward")
        expect(page.get_by_role("heading", name="setCallForward", exact=True)).to_be_in_viewport()
        side = page.get_by_role("navigation", name="On this page")
        expect(side.locator("[aria-current]")).to_have_text("setCallForward")
        page.locator("#type-Forward").evaluate("each => each.scrollIntoView()")
        expect(side.locator("[aria-current]")).to_have_text("Forward")


def test_without_scripts_all_of_it_can_be_read_and_searched(server: Live, browser: Browser) -> None:
    with steward(browser, server, java_script_enabled=False) as page:
        page.goto(f"{PAGE}?scope=gql:callforward:read")
        expect(page.get_by_role("heading", name="callForward", exact=True)).to_be_visible()
        search(page, "forwards of all")
        page.get_by_role("button", name="Show", exact=True).click()
        expect(page.get_by_role("heading", name="callForwards", exact=True)).to_be_visible()
        expect(page.get_by_role("heading", name="callForward", exact=True)).to_have_count(0)
        expect(page.get_by_label("Scopes")).to_have_value("gql:callforward:read")


def test_the_command_runs_in_a_shell_as_it_stands(server: Live, browser: Browser) -> None:
    assert server.run("sample").returncode == 0
    made = server.json("app", "add", "Reader", "--type", "m2m", "--scope", "gql:callforward:read")
    token = server.token(made)
    with steward(browser, server) as page:
        page.goto(f"{PAGE}?scope=gql:callforward:read")
        entry = page.locator("#query-callForward")
        entry.get_by_text("As curl").click()
        command = entry.locator("details pre", has_text="curl").inner_text()
    done = subprocess.run(
        ["sh", "-c", command],
        env={**os.environ, "ACCESS_TOKEN": token},
        capture_output=True,
        check=True,
        timeout=30,
    )
    assert json.loads(done.stdout)["data"]["callForward"]["extension"] == "1001"
