"""Somebody has forgotten their password: from the sign-in page through a mailbox to another one, without a script."""

from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.looking import for_people
from tests.browser.test_pages import page_of
from tests.live import Live, live
from tests.mailing import Box, a_mail_server_beside
from tests.waiting import until

OLD: Final = "correct horse battery"
NEW: Final = "a wholly new passphrase"


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    with a_mail_server_beside() as running:
        yield running


@pytest.fixture(scope="module")
def server(box: Box, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server that sends mail."""
    mail = {"SCOPEKEEPER_MAIL_SERVER": box.url, "SCOPEKEEPER_MAIL_FROM": "Scopekeeper <id@example.com>"}
    with live(tmp_path_factory.mktemp("live"), mail, sample=False) as running:
        add = ("user", "add", "alice", "--email", "alice@example.com", "--email-verified", "--password-stdin")
        done = running.run(*add, input=OLD + "\n")
        assert done.returncode == 0, done.stderr
        yield running


def test_a_forgotten_password_is_replaced_by_a_link_that_is_mailed(browser: Browser, server: Live, box: Box) -> None:
    with page_of(browser, server) as page:
        page.goto("/login")
        page.get_by_role("link", name="Forgotten your password?").click()
        field = page.get_by_label("User name or e-mail address")
        expect(field).to_be_focused()
        field.press("Enter")
        expect(page.get_by_text("Enter your user name or your e-mail address.")).to_be_visible()
        field.fill("alice@example.com")
        field.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mail")
        page.reload()
        [mail] = until(lambda: box.mails)
        page.goto(f"/link?key={mail.key}")
        page.get_by_label("New password").fill(NEW)
        page.get_by_role("button", name="Set password").click()
        expect(page.get_by_role("status")).to_contain_text("Your new password is set")
        page.get_by_label("User name").fill("alice")
        page.get_by_label("Password").fill(NEW)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("alice")


@pytest.mark.parametrize("path", ["/forgot", "/forgot?note=sent"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_for_everybody(browser: Browser, server: Live, path: str, scheme: str) -> None:
    with page_of(browser, server, java_script_enabled=True, color_scheme=scheme) as page:
        page.goto(path)
        for_people(page, f"{path}, {scheme}")
