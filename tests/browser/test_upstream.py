"""Signing in at another provider in a real browser: two servers, one at `127.0.0.1` and one at `localhost`.

They have names of their own because a browser keeps one set of cookies for a host, whatever the port.
"""

from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.looking import for_people, looked_at, steward
from tests.browser.test_pages import PASSWORD, add
from tests.live import Live

NAME: Final = "work"
BUTTON: Final = "Sign in with Example Inc."


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The provider, where alice has an account."""
    server = Live(tmp_path_factory.mktemp("theirs") / "data")
    server.issuer = f"http://localhost:{server.port}"
    server.settings["SCOPEKEEPER_ISSUER"] = server.issuer
    try:
        for name in ("alice", "bob"):
            add(server, name)
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory, theirs: Live) -> Iterator[Live]:
    """Us, who know alice by no provider yet."""
    place = theirs.issuer.removeprefix("http://")
    server = Live(tmp_path_factory.mktemp("ours") / "data", {"SCOPEKEEPER_FETCH_ALLOW": place})
    back = f"{server.issuer}/login/from/{NAME}"
    made = theirs.json("app", "add", "Us", "--type", "web", "--scope", "openid email", "--redirect-uri", back)
    try:
        for name in ("alice", "bob"):
            add(server, name)
        given = ("--issuer", theirs.issuer, "--client-id", made["client_id"], "--label", "Example Inc.")
        done = server.run("upstream", "add", NAME, *given, "--client-secret-stdin", input=made["client_secret"])
        assert done.returncode == 0, done.stderr
        server.start()
        yield server
    finally:
        server.close()


def sign_in(page: Page, name: str) -> None:
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


@pytest.mark.parametrize("scripted", [True, False], ids=["with scripts", "without"])
def test_somebody_connects_the_provider_and_comes_in_by_it(
    browser: Browser, ours: Live, theirs: Live, scripted: bool
) -> None:
    context = browser.new_context(java_script_enabled=scripted)
    page, name = context.new_page(), "alice" if scripted else "bob"
    page.goto(f"{ours.issuer}/login")
    page.get_by_role("button", name=BUTTON).click()
    page.wait_for_url(f"{theirs.issuer}/login?*")
    sign_in(page, name)
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("We do not know you by that yet")
    if scripted:
        for_people(page, "not_arrived.html: nobody knows whom it means")
    page.get_by_role("link", name="Go to sign in").click()
    sign_in(page, name)
    page.goto(f"{ours.issuer}/account/security")
    page.get_by_role("button", name="Connect Example Inc.").click()
    page.wait_for_url(f"{ours.issuer}/account/security?note=linked")
    expect(page.get_by_role("button", name="Disconnect Example Inc.")).to_be_visible()
    context.clear_cookies(domain="127.0.0.1")
    page.goto(f"{ours.issuer}/login")
    page.get_by_role("button", name=BUTTON).click()
    page.wait_for_url(f"{ours.issuer}/account")  # they are signed in there still, and have approved before
    expect(page.get_by_text(name).first).to_be_visible()
    context.close()


def test_the_consoles_pages_are_as_all_of_them(browser: Browser, ours: Live) -> None:
    with steward(browser, ours) as page:
        for path in ("providers", "new-provider", f"providers/{NAME}", f"providers/{NAME}/remove"):
            looked_at(page, f"/console/{path}")
        page.goto(f"/console/providers/{NAME}")
        page.get_by_label("Label").evaluate("each => each.removeAttribute('maxlength')")
        page.get_by_label("Label").fill("x" * 61)
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("alert")).to_have_text("A label has 1 to 60 printable characters.")
