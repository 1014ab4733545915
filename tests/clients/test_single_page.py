"""Single-page applications in a real browser, served from another origin than ours, with libraries as they come."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

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
