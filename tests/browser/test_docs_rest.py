"""The REST Documentation in a browser: read, searched, and tried in place with a token that nobody sees."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.looking import as_it_should, looked_at, steward
from tests.live import Live, live

DOCS = "/console/docs/rest"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server with the sample: extensions, and where their calls go."""
    with live(tmp_path_factory.mktemp("docs")) as running:
        yield running


def opened(page: Page, key: str) -> Locator:
    """The form of this operation, opened by keyboard."""
    entry = page.locator(f"#operation-{key}")
    entry.locator(".try summary").press("Enter")
    return entry.locator("sk-try")


def sent(form: Locator) -> Locator:
    """What is said once it is sent."""
    form.get_by_role("button", name="Send").press("Enter")
    return form.get_by_role("status")


def test_a_selection_is_read_and_looks_as_it_should(browser: Browser, server: Live) -> None:
    with steward(browser, server) as page:
        looked_at(page, f"{DOCS}?scope=rest:callforward&beyond=on", heaviest=300_000)
        expect(page.get_by_label("Scopes")).to_have_value("rest:callforward")
        looked_at(page, f"{DOCS}?scope=gql:callforward:read")
        looked_at(page, DOCS)
        page.locator("#operation-addExtension a").first.click()
        expect(page).to_have_url(f"{server.issuer}{DOCS}?module=extensions#operation-addExtension")
        expect(page.locator("#operation-addExtension .languages")).to_be_visible()


def test_a_language_is_chosen_once_for_all_and_for_the_next_time(browser: Browser, server: Live) -> None:
    with steward(browser, server) as page:
        page.goto(f"{DOCS}?scope=rest:callforward")
        first, last = page.locator("#operation-callForwards .languages"), page.locator("#operation-clearCallForward")
        expect(first.locator(".in-sh")).to_be_visible()
        first.get_by_role("radio", name="curl").press("ArrowRight")
        for _ in range(2):
            expect(first.locator(".in-py")).to_be_visible()
            expect(first.locator(".in-sh")).to_be_hidden()
            expect(last.locator(".in-py")).to_be_visible()
            page.reload()


def test_without_a_script_it_is_read_and_nothing_that_needs_one_is_offered(browser: Browser, server: Live) -> None:
    with steward(browser, server):  # signs in, with scripts
        pass
    with steward(browser, server, java_script_enabled=False) as page:
        page.goto(f"{DOCS}?scope=rest:callforward:read")
        entry = page.locator("#operation-callForward")
        entry.get_by_text("Python", exact=True).click()
        expect(entry.locator(".in-py")).to_be_visible()
        expect(entry.locator(".try")).to_be_hidden()


def test_an_operation_is_tried_with_a_token_that_is_nowhere_to_be_found(browser: Browser, server: Live) -> None:
    with steward(browser, server) as page:
        asked: list[Any] = []
        page.on("request", lambda request: asked.append(request))
        page.goto(f"{DOCS}?scope=rest:callforward")
        form = opened(page, "callForward")
        form.get_by_label("extension").fill("1003")
        expect(sent(form)).to_contain_text("200 OK in")
        expect(form.get_by_role("region", name="Body of the answer")).to_contain_text('"busy": "1004"')
        as_it_should(page, "an answer")
        # The tag that it came with is offered where a change can be made to depend on it (RFC 9110 §13.1.1).
        change = opened(page, "updateCallForward")
        change.get_by_label("extension").fill("1003")
        change.get_by_label("Body").fill('{"ring_timer": 40}')
        change.get_by_role("button", name="Use the one last read").click()
        change.get_by_role("button", name="Send").click()
        assert not [each for each in asked if each.method == "PATCH"], "a change was sent that nobody has meant"
        expect(change.get_by_text("This changes the live system")).to_be_visible()
        change.get_by_label("This changes the live system").check()
        expect(sent(change)).to_contain_text("200 OK")
        expect(change.get_by_label("This changes the live system")).not_to_be_checked()
        change.get_by_label("This changes the live system").check()
        change.get_by_label("If-Match").fill('"stale"')
        expect(sent(change)).to_contain_text("412 Precondition Failed")
        as_it_should(page, "a refusal")

        tokens = {each.headers["authorization"].removeprefix("Bearer ") for each in asked if "/api/rest/" in each.url}
        assert len(tokens) == 1, "all that is tried on a page shares one token"
        [token] = tokens
        kept = page.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie, location.href])")
        assert token not in kept
        assert token not in page.content()
        assert not [each.url for each in asked if token in each.url]


def test_what_a_token_lacks_is_named_added_and_sent_again(browser: Browser, server: Live) -> None:
    with steward(browser, server) as page:
        page.goto(f"{DOCS}?scope=rest:callforward:write")
        form = opened(page, "setCallForward")
        form.get_by_label("If-Match").fill('"stale"')  # who may not read a record may not ask what it says
        form.get_by_label("This changes the live system").check()
        expect(sent(form)).to_contain_text("403 Forbidden")
        expect(form.get_by_role("status")).to_contain_text("The token lacks rest:callforward:read.")
        form.get_by_role("button", name="Add and send again").click()
        expect(form.get_by_role("status")).to_contain_text("412 Precondition Failed")


def test_a_token_that_holds_no_more_is_replaced_once(browser: Browser, server: Live) -> None:
    with steward(browser, server) as page:
        page.goto(f"{DOCS}?scope=rest:callforward:read")
        form = opened(page, "callForwards")
        expect(sent(form)).to_contain_text("200 OK")
        done = server.run("token", "revoke", "--app", "api-explorer", "--yes")
        assert done.returncode == 0, done.stderr
        with page.expect_response("**/console/explorer/token"):
            form.get_by_role("button", name="Send").click()
        expect(form.get_by_role("status")).to_contain_text("200 OK")


def test_a_session_that_has_ended_leads_to_signing_in(browser: Browser, server: Live) -> None:
    with steward(browser, server) as page:
        page.goto(f"{DOCS}?scope=rest:callforward:read")
        form = opened(page, "callForwards")
        page.context.clear_cookies()
        expect(sent(form)).to_contain_text("Your session has ended.")
        form.get_by_role("link", name="Sign in again").click()
        expect(page).to_have_url(
            f"{server.issuer}/login?next=%2Fconsole%2Fdocs%2Frest%3Fscope%3Drest%3Acallforward%3Aread"
        )
