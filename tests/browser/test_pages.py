"""The pages in a real browser, on a real server, without JavaScript."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.looking import for_people
from tests.live import Live, felt

ADMIN: Final = "root"
PASSWORD: Final = "correct horse battery"
NEW: Final = "a wholly new passphrase"


@contextmanager
def page_of(browser: Browser, server: Live, **context: Any) -> Iterator[Page]:
    """A page in a browser that was never there before. Scripts are off unless the test says otherwise."""
    opened = browser.new_context(base_url=server.issuer, **({"java_script_enabled": False} | context))
    try:
        yield opened.new_page()
    finally:
        opened.close()


@pytest.fixture(scope="module", autouse=True)
def first(browser: Browser, server: Live) -> None:
    """The first administrator is made by the link that the server printed; the other tests live on that."""
    with page_of(browser, server) as page:
        page.goto(server.set_up_link())
        assert page.url == f"{server.issuer}/link"
        page.get_by_label("User name").fill(ADMIN)
        page.get_by_label("E-mail").fill("root@example.com")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Create account").click()
        expect(page.get_by_role("status")).to_have_text(re.compile("Your account is ready"))
        page.goto(server.set_up_link())
        expect(page.get_by_role("heading", level=1)).to_have_text("This link does not work any more")
    for name in ("Phone book", "An alarm clock with a name that does not fit into one line of a telephone"):
        connect(server, ADMIN, name)


def connect(server: Live, user: str, name: str) -> str:
    """An application to which this person has given their password: its token."""
    scope = "openid profile rest:callforward gql:extensions:read"
    add = ("app", "add", name, "--type", "native", "--grant", "password", "--scope", scope)
    made = server.json(*add, "--website", "https://phones.example.com/about/the/application")
    form = {"grant_type": "password", "username": user, "password": PASSWORD, "scope": scope}
    credentials = (made["client_id"], made["client_secret"])
    answer = httpx2.post(f"{server.issuer}/oauth/token", data=form, auth=credentials)
    assert answer.status_code == 200, answer.text
    token: str = answer.json()["access_token"]
    return token


def sign_in(page: Page, name: str = ADMIN, password: str = PASSWORD) -> None:
    page.goto("/login")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def add(server: Live, name: str) -> None:
    """An account, by the command line."""
    done = server.run("user", "add", name, "--password-stdin", input=PASSWORD + "\n")
    assert done.returncode == 0, done.stderr


def test_signing_in_and_out(browser: Browser, server: Live) -> None:
    with page_of(browser, server) as page:
        page.goto("/account")
        assert page.url.startswith(f"{server.issuer}/login?next=")
        expect(page.get_by_label("User name")).to_be_focused()
        sign_in(page, password="wrong")
        expect(page.get_by_role("alert")).to_contain_text("There is no account with this name and this password")
        expect(page.get_by_label("Password")).to_be_focused()
        sign_in(page)
        expect(page.get_by_role("heading", level=1)).to_have_text(ADMIN)
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("status")).to_have_text("You are signed out.")
        page.go_back()
        expect(page.get_by_text("root@example.com")).to_have_count(0)


def test_everything_can_be_reached_and_sent_by_keyboard(browser: Browser, server: Live) -> None:
    with page_of(browser, server) as page:
        page.goto("/login")
        expect(page.get_by_label("User name")).to_be_focused()
        page.keyboard.type(ADMIN)
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text(ADMIN)
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name="Sign out")).to_be_focused()


def test_changing_the_password_ends_the_session_elsewhere(browser: Browser, server: Live) -> None:
    add(server, "carol")
    with page_of(browser, server) as page, page_of(browser, server) as other:
        sign_in(page, "carol")
        sign_in(other, "carol")
        page.goto("/account")
        expect(page.get_by_role("button", name="End")).to_have_count(1)
        page.get_by_label("Current password").fill("wrong")
        page.get_by_label("New password").fill(NEW)
        page.get_by_role("button", name="Change password").click()
        expect(page.get_by_role("alert")).to_have_text("That is not your current password.")
        page.get_by_label("Current password").fill(PASSWORD)
        page.get_by_label("New password").fill(NEW)
        page.get_by_role("button", name="Change password").click()
        expect(page.get_by_role("status")).to_contain_text("Your password is changed")
        other.goto("/account")
        expect(other.get_by_role("heading", level=1)).to_have_text("Sign in")
        sign_in(other, "carol", NEW)
        expect(other.get_by_role("heading", level=1)).to_have_text("carol")


def test_a_session_is_ended_from_another_browser(browser: Browser, server: Live) -> None:
    add(server, "dave")
    with page_of(browser, server) as page, page_of(browser, server) as other:
        sign_in(page, "dave")
        sign_in(other, "dave")
        page.goto("/account")
        page.get_by_role("button", name="End").click()
        expect(page.get_by_role("status")).to_have_text("The session has ended.")
        other.goto("/account")
        expect(other.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_what_an_application_was_allowed_is_seen_and_taken_back(browser: Browser, server: Live) -> None:
    add(server, "frank")
    token = connect(server, "frank", "Wake up")

    def status() -> int:
        headers = {"authorization": f"Bearer {token}"}
        return httpx2.get(f"{server.issuer}/api/rest/callforward/users", headers=headers).status_code

    assert status() == 200
    with page_of(browser, server) as page:
        sign_in(page, "frank")
        expect(page.get_by_role("listitem").filter(has_text="Wake up")).to_contain_text("phones.example.com")
        expect(page.get_by_text("See your name and profile")).to_be_hidden()
        page.get_by_text("What it may do").click()
        expect(page.get_by_text("See your name and profile")).to_be_visible()
        page.get_by_role("button", name="Remove access Wake up").click()
        expect(page.get_by_role("status")).to_have_text("Wake up no longer has access.")
        expect(page.get_by_text("None yet.")).to_be_visible()
    felt(status, 401)


def test_a_new_password_is_chosen_by_a_link_from_the_command_line(browser: Browser, server: Live) -> None:
    add(server, "erin")
    found = re.search(r"/link\?\S+", server.run("user", "reset", "erin").stdout)
    assert found is not None
    with page_of(browser, server) as page:
        page.goto(found[0])
        expect(page.get_by_text("For the account erin")).to_be_visible()
        page.get_by_label("New password").fill(NEW)
        page.get_by_role("button", name="Set password").click()
        expect(page.get_by_role("status")).to_contain_text("Your new password is set")
        sign_in(page, "erin", NEW)
        expect(page.get_by_role("heading", level=1)).to_have_text("erin")


def test_a_form_without_cookies_is_refused_in_words(browser: Browser, server: Live) -> None:
    with page_of(browser, server) as page:
        page.goto("/login")
        page.context.clear_cookies()
        page.get_by_label("User name").fill(ADMIN)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("This form is not valid any more")
        page.get_by_role("link", name="Open the page again").click()
        expect(page.get_by_label("User name")).to_be_visible()


def test_the_pages_speak_german(browser: Browser, server: Live) -> None:
    with page_of(browser, server, locale="de-DE") as page:
        page.goto("/login")
        expect(page.get_by_role("button", name="Anmelden")).to_be_visible()
        assert page.locator("html").get_attribute("lang") == "de"


def seen(page: Page) -> Iterator[str]:
    """Every kind of page, one after the other, shown in this page."""
    page.goto("/login")
    yield "sign in"
    page.get_by_role("button", name="Sign in").click()
    yield "sign in, with errors beside the fields"
    sign_in(page, password="wrong")
    yield "sign in, refused"
    page.goto("/login?note=out")
    yield "signed out"
    page.goto("/nowhere")
    yield "404"
    page.goto("/link?key=x")
    yield "410"
    page.context.clear_cookies()
    sign_in(page)
    page.goto("/account?note=changed")
    yield "account"
    for each in page.get_by_text("What it may do").all():
        each.click()
    yield "account, with what applications may do"
    page.get_by_role("button", name="Change password").click()
    yield "account, with errors beside the fields"


def test_every_page_is_as_it_should_be_and_nothing_breaks_the_policy(browser: Browser, server: Live) -> None:
    with page_of(browser, server, java_script_enabled=True) as page, policed(page):
        for what in seen(page):
            for_people(page, what)


@contextmanager
def policed(page: Page) -> Iterator[None]:
    """Meanwhile nothing breaks the policy of a page, and nothing comes from elsewhere."""
    said, asked = list[str](), list[str]()
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    yield
    origin = re.sub(r"(://[^/]+).*", r"\1", page.url)
    assert [text for text in said if "Content Security Policy" in text] == []
    assert [url for url in asked if not url.startswith(origin)] == []
