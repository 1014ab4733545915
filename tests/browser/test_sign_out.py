"""Signing out for an application in a real browser on a real server: frames are loaded, and the browser goes on."""

import json
import time
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from scopekeeper.oauth.pkce import challenge_of
from tests.browser.looking import for_people
from tests.browser.relying import Relying, relying
from tests.browser.test_pages import PASSWORD, add, page_of
from tests.live import Live

NAME: Final = "Team Calendar with a name of some length"
VERIFIER: Final = "v" * 43


@pytest.fixture(scope="module")
def application() -> Iterator[Relying]:
    """Where the application is."""
    with relying() as running:
        yield running


@pytest.fixture(scope="module")
def made(server: Live, application: Relying) -> dict[str, str]:
    """The application as it was registered; and alice, who uses it."""
    add(server, "alice")
    registered: dict[str, str] = server.json(
        "app", "add", NAME, "--type", "web", "--scope", "openid",
        "--redirect-uri", application.callback, "--post-logout-redirect-uri", application.bye,
        "--frontchannel-logout-uri", application.out, "--website", "https://calendar.example.com/about",
    )  # fmt: skip
    return registered


@pytest.fixture(autouse=True)
def as_it_was(application: Relying) -> None:
    """The application answers, may be framed, and has heard nothing yet."""
    application.answers.set()
    application.framed = True
    application.arrived.queue.clear()


def signed_in(page: Page, server: Live, made: dict[str, str], application: Relying) -> str:
    """Alice signs in at the application; the id_token that it is given."""
    parameters = {
        "response_type": "code",
        "client_id": made["client_id"],
        "redirect_uri": application.callback,
        "scope": "openid",
        "code_challenge": challenge_of(VERIFIER),
        "code_challenge_method": "S256",
        "login_hint": "alice",
        "prompt": "consent",
    }
    page.goto(f"/oauth/authorize?{urlencode(parameters)}")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("heading")).to_have_text("Arrived")
    form = {
        "grant_type": "authorization_code",
        "code": application.heard("/cb")["code"],
        "redirect_uri": application.callback,
        "code_verifier": VERIFIER,
    }
    answer = httpx2.post(f"{server.issuer}/oauth/token", data=form, auth=(made["client_id"], made["client_secret"]))
    assert answer.status_code == 200, answer.text
    id_token: str = answer.json()["id_token"]
    return id_token


def out(application: Relying, **parameters: str) -> str:
    """The address at which the application has somebody signed out."""
    return f"/oauth/logout?{urlencode({'post_logout_redirect_uri': application.bye, 'state': 's'} | parameters)}"


def sid_in(id_token: str) -> str:
    claims: dict[str, Any] = json.loads(urlsafe_b64decode(id_token.split(".")[1] + "=="))
    return str(claims["sid"])


def is_out(page: Page, server: Live) -> bool:
    page.goto("/account")
    return page.url.startswith(f"{server.issuer}/login")


def complaints(page: Page) -> list[str]:
    """What the browser says of the page's policy, and of scripts that failed."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


def test_the_frame_is_loaded_and_the_browser_goes_on_by_itself(
    browser: Browser, server: Live, made: dict[str, str], application: Relying
) -> None:
    """OpenID Connect Front-Channel Logout §2, §3; RP-Initiated Logout §3."""
    with page_of(browser, server, java_script_enabled=True) as page:
        id_token = signed_in(page, server, made, application)
        said = complaints(page)
        began = time.monotonic()
        page.goto(out(application, id_token_hint=id_token))
        page.wait_for_url(f"{application.bye}?state=s")
        assert time.monotonic() - began < 3, "it did not wait for the clock"
        told = {"way": "front", "iss": server.issuer, "sid": sid_in(id_token)}
        assert application.heard("/out") == told
        assert application.heard("/bye") == {"state": "s"}
        assert said == []
        assert is_out(page, server)


def test_without_scripts_the_frame_is_loaded_and_a_link_leads_on(
    browser: Browser, server: Live, made: dict[str, str], application: Relying
) -> None:
    with page_of(browser, server) as page:
        id_token = signed_in(page, server, made, application)
        page.goto(out(application, id_token_hint=id_token))
        expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out")
        assert application.heard("/out")["sid"] == sid_in(id_token)
        page.get_by_role("link", name="Continue").click()
        page.wait_for_url(f"{application.bye}?state=s")
        assert is_out(page, server)


def test_a_frame_that_never_loads_does_not_hold_up_for_long(
    browser: Browser, server: Live, made: dict[str, str], application: Relying
) -> None:
    with page_of(browser, server, java_script_enabled=True) as page:
        id_token = signed_in(page, server, made, application)
        application.answers.clear()
        page.goto(out(application, id_token_hint=id_token), wait_until="commit")
        expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out")
        page.wait_for_url(f"{application.bye}?state=s", timeout=15_000)
        assert application.heard("/out")
        application.answers.set()


def test_a_frame_that_may_not_be_shown_does_not_hold_up_at_all(
    browser: Browser, server: Live, made: dict[str, str], application: Relying
) -> None:
    with page_of(browser, server, java_script_enabled=True) as page:
        id_token = signed_in(page, server, made, application)
        application.framed = False
        page.goto(out(application, id_token_hint=id_token))
        page.wait_for_url(f"{application.bye}?state=s")
        assert is_out(page, server)


@pytest.mark.parametrize("scripts", [True, False])
def test_row_47_who_is_asked_answers_and_the_policy_lets_the_browser_go_on(
    browser: Browser, server: Live, made: dict[str, str], application: Relying, scripts: bool
) -> None:
    with page_of(browser, server, java_script_enabled=scripts) as page:
        signed_in(page, server, made, application)
        said = complaints(page)
        asked = out(application, client_id=made["client_id"])
        page.goto(asked)
        page.get_by_role("button", name="Stay signed in").click()
        assert urlsplit(page.url).path == "/account"
        page.goto(asked)
        page.get_by_role("button", name="Sign out").click()
        if not scripts:
            page.get_by_role("link", name="Continue").click()
        page.wait_for_url(f"{application.bye}?state=s")
        assert said == []
        # Nobody is there any more: it goes on at once.
        page.goto(asked)
        assert parse_qs(urlsplit(page.url).query) == {"state": ["s"]}


@pytest.mark.parametrize("scripts", [True, False])
def test_signing_out_in_the_account_tells_the_application_and_ends_at_the_sign_in_page(
    browser: Browser, server: Live, made: dict[str, str], application: Relying, scripts: bool
) -> None:
    with page_of(browser, server, java_script_enabled=scripts) as page:
        id_token = signed_in(page, server, made, application)
        said = complaints(page)
        page.goto("/account")
        page.get_by_role("button", name="Sign out").click()
        if not scripts:
            page.get_by_role("link", name="Continue").click()
        expect(page.get_by_role("status")).to_have_text("You are signed out.")
        assert application.heard("/out")["sid"] == sid_in(id_token)
        assert said == []


def seen(page: Page, server: Live, made: dict[str, str], application: Relying) -> Iterator[str]:
    """Every page of signing out, one after the other."""
    application.answers.clear()
    id_token = signed_in(page, server, made, application)
    page.goto(out(application, client_id=made["client_id"]))
    yield "asking for an application"
    page.goto("/oauth/logout")
    yield "asking for nobody"
    page.goto("/oauth/logout?ui_locales=de")
    yield "asking in longer words"
    page.goto(out(application, client_id=made["client_id"], post_logout_redirect_uri="https://evil.example/"))
    yield "a request that is not carried out"
    page.goto(f"/oauth/logout?id_token_hint={id_token}", wait_until="commit")
    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out")
    yield "signed out"
    application.answers.set()


def test_every_page_is_as_it_should_be(
    browser: Browser, server: Live, made: dict[str, str], application: Relying
) -> None:
    with page_of(browser, server, java_script_enabled=True) as page:
        for what in seen(page, server, made, application):
            for_people(page, what)
