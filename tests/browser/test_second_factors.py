"""One-time codes and recovery codes in a real browser, without scripts; and every page of second factors."""

import re
import time
from base64 import b32decode
from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, expect

from scopekeeper.oauth.one_time import code_at, step_at
from tests.browser import test_passkeys as with_passkeys
from tests.browser.looking import for_people
from tests.browser.test_pages import PASSWORD, add, page_of, policed, sign_in
from tests.live import Live

UNLIMITED: Final = {"SCOPEKEEPER_RATE_LIMITS": "off"}


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server with a name of its own, on which everybody needs a second factor."""
    running = Live(tmp_path_factory.mktemp("strict") / "data")
    running.issuer = f"http://localhost:{running.port}"
    running.settings |= {"SCOPEKEEPER_ISSUER": running.issuer, "SCOPEKEEPER_SECOND_FACTOR": "everyone", **UNLIMITED}
    try:
        running.start()
        yield running
    finally:
        running.close()


def secret_on(page: Page) -> bytes:
    """The key that the page says is to be typed into an app."""
    return b32decode((page.locator(".key code").text_content() or "").replace(" ", ""))


def typed(page: Page, secret: bytes, *, ahead: int = 0) -> None:
    """Type what an app shows whose clock is so many steps fast: one code is taken once, and later ones only."""
    page.get_by_label("Code").fill(code_at(secret, step_at(int(time.time())) + ahead))


def set_up(page: Page) -> tuple[bytes, list[str]]:
    """From the account's page to one-time codes, and what an app and a sheet of paper then have."""
    page.goto("/account")
    page.get_by_role("link", name="Add a second factor").click()
    page.get_by_role("link", name="Set up one-time codes").click()
    secret = secret_on(page)
    typed(page, secret)
    page.get_by_role("button", name="Turn on").click()
    return secret, kept(page)


def kept(page: Page) -> list[str]:
    """The recovery codes, kept."""
    expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    codes = page.get_by_role("listitem").all_text_contents()
    assert len(codes) == 10
    page.get_by_role("link", name="I have kept them").click()
    return codes


def first_step(page: Page, name: str) -> None:
    page.context.clear_cookies()
    sign_in(page, name)
    expect(page.get_by_role("heading", level=1)).to_have_text("Second step")


def test_one_time_codes_are_set_up_and_asked_for_and_a_recovery_code_stands_in(browser: Browser, server: Live) -> None:
    add(server, "alice")
    with page_of(browser, server) as page:
        sign_in(page, "alice")
        secret, codes = set_up(page)
        expect(page.get_by_role("status")).to_contain_text("One-time codes are on.")
        expect(page.get_by_text("10 of 10 left")).to_be_visible()
        page.go_back()
        assert codes[0] not in page.content(), "they are shown once"
        page.goto("/account/security")
        expect(page.get_by_role("link", name="Sign in again")).to_have_count(0)  # what was just set up was shown
        expect(page.get_by_role("link", name="Change to another app")).to_be_visible()
        page.goto("/login?anew=1&next=/account/security")
        expect(page.get_by_label("User name")).to_have_value("alice")
        expect(page.get_by_label("Password")).to_be_focused()
        page.keyboard.type(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_label("Code")).to_be_focused()
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_have_text("Enter the code.")
        expect(page.get_by_label("Code")).to_be_focused()
        typed(page, secret, ahead=1)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("How you sign in")
        expect(page.get_by_role("link", name="Sign in again")).to_have_count(0)
        first_step(page, "alice")
        page.get_by_role("link", name="Use a recovery code").click()
        page.get_by_label("Recovery code").fill(codes[3].lower().replace("-", " "))
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("alice")
        page.goto("/account/security")
        expect(page.get_by_text("9 of 10 left")).to_be_visible()
        page.get_by_text("Turn off").click()
        page.get_by_role("button", name="Turn one-time codes off").click()
        expect(page.get_by_role("status")).to_have_text("It is removed.")
        page.context.clear_cookies()
        sign_in(page, "alice")
        expect(page.get_by_role("heading", level=1)).to_have_text("alice")


def test_an_administrators_password_is_a_first_step_where_that_is_demanded(browser: Browser, strict: Live) -> None:
    with page_of(browser, strict) as page:
        page.goto(strict.set_up_link())
        page.get_by_label("User name").fill("root")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Create account").click()
        page.goto("/console/")
        page.get_by_label("User name").fill("root")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Set up a second step")
        for path in ("/console/", "/account"):
            other = page.context.new_page()
            other.goto(path)
            expect(other.get_by_role("heading", level=1)).to_have_text("Sign in")
            other.close()
        secret = secret_on(page)
        page.reload()
        assert secret_on(page) == secret
        page.get_by_role("button", name="Turn on and sign in").click()
        expect(page.get_by_role("alert")).to_have_text("Enter the code.")
        typed(page, secret)
        page.get_by_role("button", name="Turn on and sign in").click()
        kept(page)
        page.wait_for_url("**/console/")
        page.goto("/account/security")
        expect(page.get_by_text("Here a second factor is required of you as well.")).to_be_visible()
        page.get_by_text("Turn off").click()
        page.get_by_role("button", name="Turn one-time codes off").click()
        expect(page.get_by_role("alert")).to_contain_text("Nothing was changed.")


def seen(page: Page) -> Iterator[str]:
    """Every page that needs no passkey, one after the other, shown in this page."""
    sign_in(page, "bob")
    yield "account, without a second factor"
    page.goto("/account/security")
    yield "how you sign in, without a second factor"
    page.get_by_role("link", name="Set up one-time codes").click()
    picture = page.get_by_role("img", name=re.compile("QR code"))
    assert picture.evaluate("each => each.naturalWidth") > 0, "the policy lets it be seen"
    yield "setting up one-time codes"
    secret = secret_on(page)
    page.get_by_role("button", name="Turn on").click()
    yield "the same, with an error beside the field"
    typed(page, secret)
    page.get_by_role("button", name="Turn on").click()
    yield "recovery codes"
    page.get_by_role("link", name="I have kept them").click()
    yield "how you sign in, with a note"
    page.goto("/login?anew=1&next=/account/security")
    yield "signing in again"
    first_step(page, "bob")
    yield "second step"
    page.get_by_role("button", name="Sign in").click()
    yield "second step, with an error beside the field"
    page.get_by_role("link", name="Use a recovery code").click()
    yield "a recovery code"
    page.goto("/login/second")
    typed(page, secret, ahead=1)
    page.get_by_role("button", name="Sign in").click()
    page.goto("/account/security")
    page.get_by_text("Turn off").click()
    yield "how you sign in, with one-time codes"


def test_every_page_is_as_it_should_be_and_nothing_breaks_the_policy(browser: Browser, server: Live) -> None:
    add(server, "bob")
    with page_of(browser, server, java_script_enabled=True) as page, policed(page):
        for what in seen(page):
            for_people(page, what)


def seen_with_passkeys(page: Page) -> Iterator[str]:
    """Every page that has to do with passkeys."""
    with_passkeys.by_password(page, "carol")
    expect(page.get_by_role("button", name="Make a passkey")).to_be_visible()
    yield "setting a second step up, with a passkey or codes"
    page.get_by_role("button", name="Make a passkey").click()
    kept(page)
    page.goto("/account/security")
    for each in ("Rename", "Remove"):
        page.get_by_text(each).first.click()
    yield "how you sign in, with a passkey"
    page.get_by_label("New name").fill("Carol’s own")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Carol’s own").first).to_be_visible()
    page.goto("/account/security/passkeys")
    yield "adding a passkey"
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.get_by_role("alert")).to_be_visible()
    yield "adding one that is there"


def test_every_page_with_passkeys_is_too(browser: Browser, strict: Live) -> None:
    add(strict, "carol")
    with with_passkeys.page_of(browser, strict) as (page, authenticator), with_passkeys.policed(page, strict):
        for what in seen_with_passkeys(page):
            for_people(page, what)
        authenticator.waits()
        page.context.clear_cookies()
        with_passkeys.by_password(page, "carol")
        expect(page.get_by_role("button", name="Use your passkey")).to_be_visible()
        for_people(page, "second step, by a passkey")


def test_without_scripts_it_is_said_that_a_passkey_takes_them(browser: Browser, strict: Live) -> None:
    add(strict, "dave")
    with page_of(browser, strict) as page:
        sign_in(page, "dave")
        expect(page.get_by_text("This browser cannot make one")).to_be_visible()
        expect(page.get_by_role("button", name="Make a passkey")).to_have_count(0)
        expect(page.get_by_role("button", name="Turn on and sign in")).to_be_visible()
