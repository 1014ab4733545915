"""Single-page applications in a real browser, served from another origin than ours, with libraries as they come."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import browser as browser
from tests.clients.inhabited import ALICE, OWN, PASSWORD
from tests.clients.site import VENDOR, Site, site
from tests.live import Live

PAGES: Final = Path(__file__).parent / "pages"
LIBRARIES: Final = ("oauth4webapi", "oidc-client-ts")
SCOPE: Final = "openid profile email rest:callforward:read rest:callforward:write gql:callforward:read"


@contextmanager
def served(server: Live, library: str) -> Iterator[Site]:
    """The application that is written with this library, registered and running."""
    sources = (*(PAGES / library).iterdir(), VENDOR / library / f"{library}.js")
    files = {f"/{path.name}": path.read_bytes() for path in sources}
    with site(files) as application:
        made = server.json(
            "app", "add", "Forwards", "--type", "spa", "--scope", SCOPE, "--redirect-uri", f"{application.origin}/"
        )
        config = {"issuer": server.issuer, "client_id": made["client_id"], "scope": SCOPE, "extension": OWN}
        application.files["/config.json"] = json.dumps(config).encode()
        yield application


@contextmanager
def staying(server: Live, name: str) -> Iterator[Site]:
    """An application that keeps its user until they sign out, of it or of another, registered and running."""
    sources = (*(PAGES / "staying").iterdir(), VENDOR / "oidc-client-ts" / "oidc-client-ts.js")
    with site({f"/{path.name}": path.read_bytes() for path in sources}) as application:
        home = f"{application.origin}/stay.html"
        made = server.json(
            "app", "add", name, "--type", "spa", "--trusted", "--scope", "openid profile", "--redirect-uri", home,
            "--post-logout-redirect-uri", home, "--frontchannel-logout-uri", f"{application.origin}/ended.html",
        )  # fmt: skip
        config = {"issuer": server.issuer, "client_id": made["client_id"], "scope": "openid profile"}
        application.files["/config.json"] = json.dumps(config).encode()
        yield application


@contextmanager
def opened(browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    """A page in a browser that was never there before, and what its console complains of."""
    context = browser.new_context()
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        yield page, complaints
    finally:
        context.close()


def sign_in(page: Page, decision: str) -> None:
    """What a person does at our pages."""
    page.get_by_label("User name").fill(ALICE)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.locator(f"button[name=decision][value={decision}]").click()


def told(page: Page) -> Any:
    """What the application wrote down."""
    output = page.locator("output")
    expect(output).not_to_be_empty()
    return json.loads(output.inner_text())


def press(page: Page, button: str) -> None:
    """Press a button of an application that stays, which then writes something else down, here or on its next page."""
    page.locator("output").evaluate("output => output.textContent = ''")
    page.get_by_role("button", name=button, exact=True).click()


def parameters(address: str, asked: list[str]) -> dict[str, str]:
    """What of all that was asked for was sent to this address, once."""
    [query] = [urlsplit(url).query for url in asked if url.startswith(f"{address}?")]
    return dict(parse_qsl(query))


@pytest.mark.parametrize("library", LIBRARIES)
def test_an_application_does_all_that_it_may_and_no_more(browser: Browser, server: Live, library: str) -> None:
    with served(server, library) as application, opened(browser) as (page, complaints):
        page.goto(application.origin)
        page.get_by_role("button").click()
        page.wait_for_url(f"{server.issuer}/**")
        sign_in(page, "approve")
        seen = told(page)
        assert seen["scope"] == SCOPE, seen
        assert seen["person"]["preferred_username"] == ALICE
        assert seen["rest"]["busy"] == "5550001"
        assert seen["graphql"] == {"callForward": {"busy": "5550001"}}
        missing = "rest:extensions:read"
        assert seen["refused"] == {"status": 403, "error": "insufficient_scope", "scope": missing}
        assert seen["revoked"]["status"] == 401
        assert seen["revoked"]["error"] == "invalid_token"
        assert page.url == f"{application.origin}/"
        assert [said for said in complaints if "status of 40" not in said] == []


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_person_who_denies_is_sent_back_with_the_denial(browser: Browser, server: Live, library: str) -> None:
    with served(server, library) as application, opened(browser) as (page, _):
        page.goto(application.origin)
        page.get_by_role("button").click()
        sign_in(page, "deny")
        assert told(page)["error"] == "access_denied"


def test_a_page_of_another_origin_is_told_nothing(browser: Browser, server: Live) -> None:
    ask = """async url => {
        const body = new URLSearchParams({ grant_type: 'authorization_code' })
        try { return (await fetch(url, { method: 'POST', body })).status } catch { return 'blocked' }
    }"""
    stranger = {"/index.html": b"<!doctype html>"}
    with served(server, LIBRARIES[0]) as application, site(stranger) as elsewhere, opened(browser) as (page, _):
        page.goto(application.origin)
        assert page.evaluate(ask, f"{server.issuer}/oauth/token") == 401
        page.goto(elsewhere.origin)
        assert page.evaluate(ask, f"{server.issuer}/oauth/token") == "blocked"


def test_who_signs_out_of_one_application_is_signed_out_of_all(browser: Browser, server: Live) -> None:
    """OpenID Connect RP-Initiated Logout §2, Front-Channel Logout §3, and Core §3.1.2.1 (`prompt=none`)."""
    with (
        staying(server, "One") as one,
        staying(server, "Other") as other,
        opened(browser) as (page, complaints),
    ):
        page.goto(f"{other.origin}/stay.html")
        press(page, "Sign in")
        sign_in(page, "approve")
        there = told(page)["person"]
        page.goto(f"{one.origin}/stay.html")
        press(page, "Sign in")
        page.locator("button[name=decision][value=approve]").click()
        here = told(page)
        assert (here["person"]["sub"], here["check"]) == (there["sub"], "not offered")
        press(page, "Ask who is there")
        assert told(page)["silent"] == there["sub"]

        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        press(page, "Sign out")
        assert told(page) == {"left": "out of here", "person": None, "check": "not offered"}
        ending = parameters(f"{server.issuer}/oauth/logout", asked)
        assert sorted(ending) == ["id_token_hint", "post_logout_redirect_uri", "state"]
        assert parameters(f"{other.origin}/ended.html", asked) == {"iss": server.issuer, "sid": there["sid"]}
        assert there["sid"] != here["person"]["sid"]

        press(page, "Ask who is there")
        assert told(page)["silent"] == "login_required"
        page.goto(f"{other.origin}/stay.html")
        assert told(page)["person"] is None
        assert complaints == []
