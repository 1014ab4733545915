"""What is one's own in a real browser, without scripts: what applications did, one's data as a file, and going."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.looking import as_it_should, for_people, steward
from tests.browser.test_pages import PASSWORD, add, connect, page_of, policed, sign_in
from tests.live import Live


@pytest.fixture(scope="module", autouse=True)
def people(server: Live) -> None:
    """Somebody who lets two applications in, and somebody who goes."""
    for name in ("alice", "bob"):
        add(server, name)
    for name in ("Phone book", "An alarm clock with a name that does not fit into one line of a telephone"):
        connect(server, "alice", name)


def test_all_that_is_kept_about_somebody_comes_as_a_file(browser: Browser, server: Live, tmp_path: Path) -> None:
    with page_of(browser, server, accept_downloads=True) as page:
        sign_in(page, "alice")
        page.get_by_role("link", name="Download your data").click()
        with page.expect_download() as coming:
            page.get_by_role("button", name="Download your data").click()
        coming.value.save_as(tmp_path / "account.json")
        assert coming.value.suggested_filename == "account.json"
        told = json.loads((tmp_path / "account.json").read_text(encoding="utf-8"))
        assert told["account"]["name"] == "alice"
        assert len(told["grants"]) == 2


def test_somebody_goes_and_is_told_goodbye(browser: Browser, server: Live) -> None:
    with page_of(browser, server) as page:
        sign_in(page, "bob")
        page.get_by_role("link", name="Remove your account").click()
        page.get_by_label("User name").fill("alice")
        page.get_by_role("button", name="Remove your account").click()
        expect(page.get_by_role("alert")).to_have_text("That is not your user name. Nothing was removed.")
        page.get_by_label("User name").fill("bob")
        page.get_by_role("button", name="Remove your account").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Goodbye")
        sign_in(page, "bob")
        expect(page.get_by_role("alert")).to_contain_text("There is no account with this name and this password")


def test_a_password_that_is_easy_to_guess_is_refused_with_what_makes_it_so(browser: Browser, server: Live) -> None:
    with page_of(browser, server) as page:
        sign_in(page, "alice")
        page.get_by_label("Current password").fill(PASSWORD)
        page.get_by_label("New password").fill("password1")
        page.get_by_role("button", name="Change password").click()
        expect(page.get_by_role("alert")).to_have_text(
            re.compile("That password is too easy to guess. This is a very common password. Add another word or two.")
        )
        expect(page.get_by_label("New password")).to_be_focused()


def seen(page: Page, server: Live) -> Iterator[str]:
    """Every page of it, one after the other, shown in this page."""
    sign_in(page, "alice")
    yield "account"
    page.get_by_text("What it may do").first.click()
    page.get_by_role("link", name="What it did lately").first.click()
    yield "connection"
    page.goto("/account/data")
    yield "data"
    page.goto("/account/remove")
    yield "removal"
    page.get_by_role("button", name="Remove your account").click()
    yield "removal, refused"
    page.goto("/goodbye")
    yield "goodbye"


def test_every_page_of_it_is_as_it_should_be(browser: Browser, server: Live) -> None:
    with page_of(browser, server, java_script_enabled=True) as page, policed(page):
        for what in seen(page, server):
            for_people(page, what)


def test_the_consoles_view_of_second_factors_is_as_it_should_be(browser: Browser, server: Live) -> None:
    with steward(browser, server) as page:
        page.goto("/console/users/alice")
        expect(page.get_by_text("None. alice sets them up")).to_be_visible()
        page.goto("/console/users/alice/reset-factors")
        as_it_should(page, "reset of second factors")
