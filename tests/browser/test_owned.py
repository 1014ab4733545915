"""The owner's door in a real browser: a person who owns an application and administers nothing."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.looking import for_people
from tests.browser.test_pages import PASSWORD, page_of, policed, sign_in
from tests.live import Live, live

NAME: Final = "Night shift"
SCOPE: Final = "rest:callforward:read rest:callforward:write"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server on which owner-alice owns one application that has been used, and one of another type."""
    with live(tmp_path_factory.mktemp("owned")) as running:
        done = running.run("user", "add", "alice", "--password-stdin", input=PASSWORD + "\n")
        assert done.returncode == 0, done.stderr
        own = ("--owner", "alice")
        made = running.json("app", "add", NAME, "--type", "m2m", "--scope", SCOPE, *own)
        running.json("app", "add", "Phone book", "--type", "spa", "--scope", "rest gql", *own)
        call(running, running.token(made))
        yield running


def call(server: Live, token: str) -> int:
    headers = {"authorization": f"Bearer {token}"}
    return httpx2.get(f"{server.issuer}/api/rest/callforward/users/1001", headers=headers).status_code


def client_id_of(server: Live) -> str:
    [found] = [each["client_id"] for each in server.json("app", "list") if each["name"] == NAME]
    client_id: str = found
    return client_id


def enter(page: Page) -> None:
    """Sign in, and go to the application the way that people go."""
    sign_in(page, "alice")
    page.get_by_role("link", name="Look after your applications").click()
    page.get_by_role("link", name=NAME).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(NAME)


def test_an_owner_rotates_and_neither_reload_nor_back_nor_another_tab_repeats_it(
    browser: Browser, server: Live
) -> None:
    with page_of(browser, server) as page:
        enter(page)
        other = page.context.new_page()
        other.goto(page.url)
        expect(page.get_by_text("Change where calls are forwarded").first).to_be_visible()
        page.get_by_label("How long the old secrets go on working").select_option("1 hour")
        page.get_by_role("button", name="Rotate secret").click()
        expect(page.get_by_role("status")).to_have_text("The new secret works from now on.")
        assert page.get_by_label("Client ID").input_value() == client_id_of(server)
        secret = page.get_by_label("Client secret").input_value()
        token = server.token({"client_id": client_id_of(server), "client_secret": secret})
        assert call(server, token) == 200
        page.reload()
        expect(page.get_by_label("Client secret")).to_have_count(0)
        secrets = page.get_by_role("region", name="Secrets").get_by_role("listitem")
        expect(secrets).to_have_count(2)
        page.go_back()
        expect(secrets).to_have_count(2)
        assert secret not in page.content()
        other.get_by_role("button", name="Rotate secret").click()
        expect(other.get_by_role("status")).to_contain_text("nothing was done now")
        expect(other.get_by_role("region", name="Secrets").get_by_role("listitem")).to_have_count(2)


def test_an_owner_ends_everything_and_takes_the_report_away(browser: Browser, server: Live, tmp_path: Path) -> None:
    with page_of(browser, server) as page:
        enter(page)
        page.get_by_role("link", name="Compromised?").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(f"Is {NAME} compromised?")
        page.get_by_role("button", name="End everything now").click()
        expect(page.get_by_role("alert")).to_have_text("That is not its name.")
        expect(page.get_by_label("Name of the application")).to_be_focused()
        page.get_by_label("Name of the application").fill(NAME)
        page.get_by_role("button", name="End everything now").click()
        expect(page.get_by_role("status")).to_have_text("Everything that could have leaked has ended.")
        secret = page.get_by_label("Client secret").input_value()
        with page.expect_download() as downloading:
            page.get_by_role("link", name="Download the report").click()
        report = tmp_path / "report.json"
        downloading.value.save_as(report)
        assert '"tokens_ended":' in report.read_text(encoding="utf-8")
        assert secret not in report.read_text(encoding="utf-8")
        token = server.token({"client_id": client_id_of(server), "client_secret": secret})
        assert call(server, token) == 200


def test_nothing_else_can_be_done_here(browser: Browser, server: Live) -> None:
    with page_of(browser, server) as page:
        enter(page)
        expect(page.get_by_role("button")).to_have_text(["Rotate secret"])
        page.goto("/console/applications")
        expect(page.get_by_role("heading", level=1)).to_have_text("This is for administrators")
        page.goto("/account/applications/0123456789abcdefghijkl")
        expect(page.get_by_role("heading", level=1)).to_have_text("There is nothing here")


def test_the_owners_pages_speak_german(browser: Browser, server: Live) -> None:
    with page_of(browser, server, locale="de-DE") as page:
        sign_in_in_german(page)
        page.goto(f"/account/applications/{client_id_of(server)}")
        expect(page.get_by_role("button", name="Secret erneuern")).to_be_visible()
        expect(page.get_by_role("link", name="Kompromittiert?")).to_be_visible()


def sign_in_in_german(page: Page) -> None:
    page.goto("/login")
    page.get_by_label("Benutzername").fill("alice")
    page.get_by_label("Passwort").fill(PASSWORD)
    page.get_by_role("button", name="Anmelden").click()
    page.wait_for_url(re.compile("/account$"))


def seen(page: Page) -> Iterator[str]:
    """Every page of the owner's, one after the other, shown in this page."""
    sign_in(page, "alice")
    yield "account"
    page.goto("/account/applications")
    yield "list"
    page.get_by_role("link", name="Phone book").click()
    yield "a public client, with findings"
    page.goto("/account/applications")
    page.get_by_role("link", name=NAME).click()
    yield "one"
    page.get_by_role("button", name="Rotate secret").click()
    yield "rotated"
    page.get_by_role("link", name="Compromised?").click()
    yield "compromised?"
    page.get_by_role("button", name="End everything now").click()
    yield "compromised?, with an error"


def test_every_page_is_as_it_should_be_and_nothing_breaks_the_policy(browser: Browser, server: Live) -> None:
    with page_of(browser, server, java_script_enabled=True) as page, policed(page):
        for what in seen(page):
            for_people(page, what)
