"""Signing in for an application, and consent, in a real browser on a real server: to where the application waits."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlencode

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from scopekeeper.oauth.pkce import challenge_of
from tests.browser.callback import Callback, callback
from tests.browser.looking import for_people
from tests.browser.test_pages import PASSWORD, add, page_of, policed
from tests.live import Live

NAME: Final = "Team Calendar with a name of some length"
SCHEME: Final = "com.example.calendar:/cb"
VERIFIER: Final = "v" * 43
SCOPE: Final = "openid rest:callforward:read rest:callforward:write gql:callforward:write rest:extensions:read"


@pytest.fixture(scope="module")
def native(server: Live) -> str:
    """A native application, by its client_id; and alice, who has it."""
    add(server, "alice")
    made = server.json(
        "app", "add", NAME, "--type", "native", "--scope", f"{SCOPE} profile rest gql",
        "--redirect-uri", "http://127.0.0.1/cb", "--redirect-uri", SCHEME, "--redirect-uri", "http://127.0.0.1/relay",
        "--website", "https://calendar.example.com/about/the/application",
        "--description", "Shows who is on call, and forwards the night line.",
    )  # fmt: skip
    return str(made["client_id"])


@pytest.fixture(scope="module")
def waiting() -> Iterator[Callback]:
    """Where the application waits."""
    with callback() as listener:
        yield listener


def url(native: str, redirect_uri: str, **more: str) -> str:
    """The address at which the application sends a person to us."""
    parameters = {
        "response_type": "code",
        "client_id": native,
        "redirect_uri": redirect_uri,
        "scope": SCOPE,
        "state": "a state",
        "code_challenge": challenge_of(VERIFIER),
        "code_challenge_method": "S256",
        "login_hint": "alice",
    }
    return f"/oauth/authorize?{urlencode(parameters | more)}"


def sign_in(page: Page) -> None:
    expect(page.get_by_label("User name")).to_have_value("alice")
    expect(page.get_by_label("Password")).to_be_focused()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_somebody_signs_in_approves_and_lands_where_the_application_waits(
    browser: Browser, server: Live, native: str, waiting: Callback
) -> None:
    """The policy of our pages lets both forms end there, at a port that nobody registered (RFC 8252 §7.3)."""
    with page_of(browser, server) as page:
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.goto(url(native, waiting.uri))
        sign_in(page)
        expect(page.get_by_role("heading", level=1)).to_have_text(f"{NAME} asks for access")
        page.get_by_role("button", name="Approve").click()
        expect(page.get_by_role("heading")).to_have_text("Arrived")
        assert said == []
    method, heard = waiting.answer()
    assert (method, heard["state"], heard["iss"]) == ("GET", "a state", server.issuer)
    form = {
        "grant_type": "authorization_code",
        "code": heard["code"],
        "redirect_uri": waiting.uri,
        "client_id": native,
        "code_verifier": VERIFIER,
    }
    answer = httpx2.post(f"{server.issuer}/oauth/token", data=form)
    assert answer.status_code == 200, answer.text


def test_the_back_button_after_approving_does_no_harm(
    browser: Browser, server: Live, native: str, waiting: Callback
) -> None:
    with page_of(browser, server) as page:
        page.goto(url(native, waiting.uri))
        sign_in(page)
        page.get_by_role("button", name="Approve").click()
        expect(page.get_by_role("heading")).to_have_text("Arrived")
        page.go_back()
        page.reload()
        page.get_by_role("button", name="Deny").click()
        expect(page.get_by_role("heading")).to_have_text("Arrived")
    first, second = waiting.answer()[1], waiting.answer()[1]
    assert ("code" in first, second["error"]) == (True, "access_denied")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_form_post_goes_by_itself_or_by_its_button(
    browser: Browser, server: Live, native: str, waiting: Callback, scripts: bool
) -> None:
    """OAuth 2.0 Form Post Response Mode §2."""
    with page_of(browser, server, java_script_enabled=scripts) as page:
        page.goto(url(native, waiting.uri, response_mode="form_post"))
        sign_in(page)
        page.get_by_role("button", name="Approve").click()
        if not scripts:
            page.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("heading")).to_have_text("Arrived")
    method, heard = waiting.answer()
    assert (method, heard["state"], heard["iss"]) == ("POST", "a state", server.issuer)


@pytest.mark.parametrize("mode", ["query", "form_post"])
def test_row_47_the_application_may_lead_on_to_a_host_of_another_name(
    browser: Browser, server: Live, native: str, waiting: Callback, mode: str
) -> None:
    """It may live at several, or sign the person in for somebody else: browsers hold all that to our forms' policy."""
    with page_of(browser, server, java_script_enabled=True) as page:
        page.goto(url(native, waiting.relay, response_mode=mode))
        sign_in(page)
        page.get_by_role("button", name="Approve").click()
        expect(page.get_by_role("heading")).to_have_text("Arrived")
        assert page.url == waiting.home
    assert "code" in waiting.answer()[1]


@pytest.mark.parametrize("mode", ["query", "form_post"])
def test_an_application_that_signs_in_by_popup_hears_from_it(
    browser: Browser, server: Live, native: str, waiting: Callback, mode: str
) -> None:
    """No page on the way cuts the popup off from the window that opened it, not even one that says what is wrong."""
    with page_of(browser, server, java_script_enabled=True) as page:
        page.goto(waiting.home)
        page.evaluate("() => { window.heard = new Promise(hear => { onmessage = said => hear(said.data) }) }")
        with page.expect_popup() as opened:
            page.evaluate("url => { open(url) }", server.issuer + url(native, waiting.uri, response_mode=mode))
        popup = opened.value
        popup.get_by_label("Password").fill("wrong")
        popup.context.clear_cookies()
        popup.get_by_role("button", name="Sign in").click()
        popup.get_by_role("link", name="Open the page again").click()
        sign_in(popup)
        popup.get_by_role("button", name="Approve").click()
        expect(popup.get_by_role("heading")).to_have_text("Arrived")
        popup.evaluate("opener.postMessage(document.title, '*')")
        assert page.evaluate("heard") == "Arrived"
    assert "code" in waiting.answer()[1]


def test_a_private_use_scheme_is_gone_to(browser: Browser, server: Live, native: str) -> None:
    """RFC 8252 §7.1: the browser tries, though nobody here answers to the scheme."""
    with page_of(browser, server) as page:
        page.goto(url(native, SCHEME))
        sign_in(page)
        expect(page.get_by_text("com.example.calendar", exact=True)).to_be_visible()
        tried: list[str] = []
        said: list[str] = []
        page.on("response", lambda response: tried.append(response.headers.get("location", "")))
        page.on("console", lambda message: said.append(message.text))
        page.get_by_role("button", name="Approve").click()
        page.wait_for_timeout(500)
        assert [each.partition("?")[0] for each in tried if each] == [SCHEME]
        assert not [each for each in said if "Content Security Policy" in each]


def asked(page: Page, server: Live, native: str, waiting: Callback) -> Iterator[str]:
    """Every page on the way, one after the other."""
    page.goto(url(native, "https://evil.example/"))
    yield "a request that is not answered"
    page.goto(url(native, waiting.uri))
    yield "sign in"
    sign_in(page)
    expect(page.get_by_role("button", name="Approve")).to_be_in_viewport()
    expect(page.get_by_role("button", name="Deny")).to_be_in_viewport()
    yield "consent"
    page.goto(url(native, waiting.uri, scope="rest gql openid profile"))
    yield "consent to everything"
    page.get_by_role("link", name="Use another account").click()
    expect(page.get_by_label("User name")).to_be_visible()
    yield "sign in as somebody else"


def test_every_page_is_as_it_should_be(browser: Browser, server: Live, native: str, waiting: Callback) -> None:
    with page_of(browser, server, java_script_enabled=True) as page, policed(page):
        for what in asked(page, server, native, waiting):
            for_people(page, what)
