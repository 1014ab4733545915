"""Passkeys in a browser, with an authenticator that Chromium plays: made, used alone, after a password, in a field."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from tests.browser.looking import for_people
from tests.live import Live

PASSWORD: Final = "correct horse battery"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server whose issuer has a name: browsers make no passkeys for an address."""
    running = Live(tmp_path_factory.mktemp("live") / "data")
    running.issuer = f"http://localhost:{running.port}"
    running.settings |= {
        "SCOPEKEEPER_ISSUER": running.issuer,
        "SCOPEKEEPER_RATE_LIMITS": "off",
        "SCOPEKEEPER_SECOND_FACTOR": "administrators",
    }
    try:
        running.start()
        yield running
    finally:
        running.close()


@dataclass(frozen=True, slots=True)
class Authenticator:
    """One that is built into the machine, and knows its owner."""

    cdp: CDPSession
    id: str

    def say(self, command: str, **more: Any) -> Any:
        return self.cdp.send(f"WebAuthn.{command}", {"authenticatorId": self.id, **more})

    @property
    def credentials(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.say("getCredentials")["credentials"]
        return found

    def knows_nobody(self) -> None:
        """From now on it takes nobody for its owner."""
        self.say("setUserVerified", isUserVerified=False)

    def waits(self) -> None:
        """From now on nobody touches it."""
        self.say("setAutomaticPresenceSimulation", enabled=False)

    def is_touched(self) -> None:
        """Somebody touches it whenever it wants that."""
        self.say("setAutomaticPresenceSimulation", enabled=True)


@contextmanager
def page_of(
    browser: Browser, server: Live, *, offers: bool = False, **context: Any
) -> Iterator[tuple[Page, Authenticator]]:
    """A page in a browser that was never there before, with an authenticator that is touched whenever it wants that.

    The field of the name offers passkeys only if so told: an authenticator that is touched takes what is offered at
    once, and whether that is before or after a button is pressed, nobody knows.
    """
    opened = browser.new_context(base_url=server.issuer, **context)
    try:
        page = opened.new_page()
        if not offers:
            page.add_init_script("delete PublicKeyCredential.isConditionalMediationAvailable")
        cdp = opened.new_cdp_session(page)
        cdp.send("WebAuthn.enable", {"enableUI": False})
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        made = cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        yield page, Authenticator(cdp, made["authenticatorId"])
    finally:
        opened.close()


def add(server: Live, name: str, *more: str) -> None:
    done = server.run("user", "add", name, "--password-stdin", *more, input=PASSWORD + "\n")
    assert done.returncode == 0, done.stderr


def by_password(page: Page, name: str) -> None:
    page.goto("/login")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def register(page: Page, called: str = "My telephone") -> None:
    """Whoever has just signed in adds a passkey on their page."""
    page.goto("/account/security")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name").fill(called)
    page.get_by_role("button", name="Make a passkey").click()


def kept(page: Page) -> None:
    """They have kept the recovery codes that came with it."""
    expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    page.get_by_role("link", name="I have kept them").click()


def sign_out(page: Page) -> None:
    page.goto("/account")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("status")).to_have_text("You are signed out.")


def test_a_person_makes_a_passkey_and_signs_in_by_it_alone(browser: Browser, server: Live) -> None:
    add(server, "alice")
    with page_of(browser, server) as (page, authenticator), policed(page, server):
        by_password(page, "alice")
        register(page)
        kept(page)
        expect(page.get_by_text("My telephone").first).to_be_visible()
        [made] = authenticator.credentials
        assert made["isResidentCredential"] is True
        assert made["rpId"] == "localhost"
        authenticator.waits()
        sign_out(page)
        authenticator.is_touched()
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("alice")
        assert page.url == f"{server.issuer}/account"
        page.goto("/account/security")
        expect(page.get_by_text("last used")).to_be_visible()


def test_the_field_of_the_name_offers_passkeys_at_once(browser: Browser, server: Live) -> None:
    """Whoever takes what is offered there is in: the authenticator takes it as soon as it may."""
    add(server, "bob")
    with page_of(browser, server, offers=True) as (page, authenticator), policed(page, server):
        by_password(page, "bob")
        register(page)
        kept(page)
        authenticator.waits()
        sign_out(page)
        page.goto("/login?next=%2Fdevice")
        expect(page.get_by_label("User name")).to_have_attribute("autocomplete", "username webauthn")
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
        authenticator.is_touched()
        page.goto("/login?next=%2Fdevice", wait_until="commit")
        page.wait_for_url("**/device")
        assert len(server.json("user", "sessions", "bob")) == 1


def test_a_passkey_is_the_second_step_after_a_password(browser: Browser, server: Live) -> None:
    add(server, "carol")
    with page_of(browser, server) as (page, authenticator), policed(page, server):
        by_password(page, "carol")
        register(page)
        kept(page)
        authenticator.waits()
        sign_out(page)
        by_password(page, "carol")
        page.wait_for_url("**/login/second")
        page.goto("/account")
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")  # one step is none
        by_password(page, "carol")
        authenticator.is_touched()
        page.get_by_role("button", name="Use your passkey").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("carol")


def test_for_an_administrator_a_password_is_a_first_step_and_a_passkey_is_all_of_it(
    browser: Browser, server: Live
) -> None:
    """As `second_factor` says here."""
    add(server, "root", "--admin")
    with page_of(browser, server) as (page, authenticator), policed(page, server):
        by_password(page, "root")
        expect(page.get_by_role("heading", level=1)).to_have_text("Set up a second step")
        page.goto("/console/")
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
        by_password(page, "root")
        page.get_by_role("button", name="Make a passkey").click()
        kept(page)
        expect(page.get_by_role("heading", level=1)).to_have_text("root")
        authenticator.waits()
        sign_out(page)
        page.goto("/console/")
        authenticator.is_touched()
        page.get_by_role("button", name="Sign in with a passkey").click()
        page.wait_for_url("**/console/")


def test_whoever_is_not_verified_is_told_and_gets_in_by_their_password(browser: Browser, server: Live) -> None:
    add(server, "dave")
    with page_of(browser, server, offers=True) as (page, authenticator), policed(page, server):
        page.goto("/login")
        page.get_by_role("button", name="Sign in with a passkey").click()  # there is none
        expect(page.get_by_role("alert")).to_contain_text("No passkey came")
        expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_focused()
        by_password(page, "dave")
        expect(page.get_by_role("heading", level=1)).to_have_text("dave")
        authenticator.knows_nobody()
        register(page)
        expect(page.get_by_role("alert")).to_contain_text("No passkey came")
        assert authenticator.credentials == []


def test_one_authenticator_has_one_passkey_for_an_account_and_says_so(browser: Browser, server: Live) -> None:
    add(server, "erin")
    with page_of(browser, server) as (page, authenticator), policed(page, server):
        by_password(page, "erin")
        register(page)
        kept(page)
        authenticator.waits()
        sign_out(page)
        authenticator.is_touched()
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("erin")
        register(page, "The same again")
        expect(page.get_by_role("alert")).to_have_text("There is a passkey for this account on that device already.")
        assert len(authenticator.credentials) == 1


def test_a_passkey_that_the_server_does_not_know_any_more_is_refused_in_words(browser: Browser, server: Live) -> None:
    add(server, "frank")
    with page_of(browser, server) as (page, authenticator), policed(page, server):
        by_password(page, "frank")
        register(page)
        kept(page)
        authenticator.waits()
        sign_out(page)
        assert server.run("user", "remove", "frank", "--yes").returncode == 0
        authenticator.is_touched()
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.get_by_role("alert")).to_have_text(
            "That passkey was not accepted. Try again, or sign in with your password."
        )


def test_without_scripts_the_page_is_one_of_names_and_passwords(browser: Browser, server: Live) -> None:
    add(server, "grace")
    opened = browser.new_context(base_url=server.issuer, java_script_enabled=False)
    try:
        page = opened.new_page()
        page.goto("/login")
        expect(page.get_by_role("button")).to_have_count(1)
        expect(page.get_by_text("or", exact=True)).to_be_hidden()
        by_password(page, "grace")
        expect(page.get_by_role("heading", level=1)).to_have_text("grace")
    finally:
        opened.close()


def test_in_a_browser_that_knows_no_passkeys_it_is_that_too(browser: Browser, server: Live) -> None:
    with page_of(browser, server) as (page, _), policed(page, server):
        page.add_init_script("delete window.PublicKeyCredential")
        page.goto("/login")
        expect(page.get_by_role("button")).to_have_count(1)


def test_the_page_with_a_button_for_passkeys_is_as_it_should_be(browser: Browser, server: Live) -> None:
    with page_of(browser, server) as (page, _):
        page.goto("/login")
        for_people(page, "sign in, with passkeys")
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.get_by_role("alert")).to_be_visible()
        for_people(page, "sign in, no passkey came")


def test_the_script_speaks_the_language_of_the_page(browser: Browser, server: Live) -> None:
    with page_of(browser, server, locale="de-DE") as (page, _):
        page.goto("/login")
        page.locator("[data-passkey-go]").click()
        said = page.locator("form[data-passkey]").get_attribute("data-said-none")
        expect(page.get_by_role("alert")).to_have_text(said or "")


@contextmanager
def policed(page: Page, server: Live) -> Iterator[None]:
    """Meanwhile nothing breaks the policy of a page, no script fails, and nothing comes from elsewhere."""
    said, asked = list[str](), list[str]()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    yield
    assert [text for text in said if "Failed to load resource" not in text] == []
    assert [url for url in asked if not url.startswith(server.issuer)] == []
