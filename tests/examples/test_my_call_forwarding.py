"""The single-page application, in a real browser, on an origin of its own, under the headers that its README gives."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlsplit

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import browser as browser
from tests.browser.looking import as_it_should
from tests.clients.inhabited import ALICE, PASSWORD, forward_of, inhabited
from tests.clients.site import VENDOR, Site, site
from tests.examples.running import EXAMPLES, readme_of, scope_in
from tests.live import Live

NAME: Final = "my_call_forwarding"
LIBRARY: Final = VENDOR / "oauth4webapi" / "oauth4webapi.js"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with inhabited(tmp_path_factory.mktemp("forwarding")) as running:
        yield running


def headers_of(server: Live) -> dict[str, str]:
    """What the README says to send."""
    [block] = re.findall(r"```\n(Content-Security-Policy: .*?)```", readme_of(NAME), re.DOTALL)
    lines = (line.partition(": ") for line in block.replace("ISSUER", server.issuer).splitlines())
    return {name: value for name, _, value in lines}


@contextmanager
def served(server: Live) -> Iterator[Site]:
    """The application, registered as its README says, and running."""
    files = {f"/{path.name}": path.read_bytes() for path in (*(EXAMPLES / NAME).iterdir(), LIBRARY)}
    with site(files, headers_of(server)) as running:
        home = f"{running.origin}/"
        made = server.json(
            "app", "add", "My call forwarding", "--type", "spa", "--trusted", "--scope", scope_in(readme_of(NAME)),
            "--redirect-uri", home, "--post-logout-redirect-uri", home,
        )  # fmt: skip
        running.files["/config.json"] = json.dumps({"issuer": server.issuer, "client_id": made["client_id"]}).encode()
        yield running


@contextmanager
def opened(browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    """A page in a browser that was never there before, and what its console complains of."""
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        yield page, complaints
    finally:
        context.close()


def sign_in(page: Page, decision: str = "approve") -> None:
    """From the application's first page, through ours."""
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("User name").fill(ALICE)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.locator(f"button[name=decision][value={decision}]").click()


def kept(server: Live) -> dict[str, object]:
    """Where the calls of alice's extension go."""
    made = server.json("app", "add", "Looking", "--type", "m2m", "--scope", "rest:callforward:read")
    answer = httpx2.get(forward_of(server), headers={"authorization": f"Bearer {server.token(made)}"})
    told: dict[str, object] = answer.json()
    return told


def test_they_see_their_own_change_it_and_sign_out(browser: Browser, server: Live) -> None:
    with served(server) as application, opened(browser) as (page, complaints):
        page.goto(application.origin)
        sign_in(page)
        form = page.get_by_role("form", name="1001 Ada Winter")
        expect(form).to_be_visible()
        assert page.get_by_role("form").count() == 1
        expect(form.get_by_text("Calls ring here, and go nowhere else.")).to_be_visible()
        save = form.get_by_role("button", name="Save")
        expect(save).to_be_disabled()
        form.get_by_label("When I am busy").fill("+49 (151) 555-01")
        form.get_by_label("…after so many seconds").fill("25")
        save.click()
        expect(form.get_by_text("Saved.")).to_be_visible()
        expect(form.get_by_text("Calls go to +4915155501 when you are busy.")).to_be_visible()
        expect(save).to_be_disabled()
        assert (kept(server)["busy"], kept(server)["ring_timer"]) == ("+4915155501", 25)
        form.get_by_label("When I am busy").fill("")
        form.get_by_label("…after so many seconds").fill("")
        save.click()
        expect(form.get_by_text("Calls ring here, and go nowhere else.")).to_be_visible()
        assert (kept(server)["busy"], kept(server)["ring_timer"]) == (None, 0)
        assert page.url == f"{application.origin}/"

        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        assert urlsplit(page.url).netloc == urlsplit(application.origin).netloc
        page.goto(f"{server.issuer}/account")
        assert urlsplit(page.url).path == "/login"
        assert complaints == []


def test_a_reload_brings_them_back_unasked_until_they_are_signed_out_elsewhere(browser: Browser, server: Live) -> None:
    with served(server) as application, opened(browser) as (page, complaints):
        page.goto(application.origin)
        sign_in(page)
        expect(page.get_by_role("form")).to_be_visible()
        page.reload()
        expect(page.get_by_role("form")).to_be_visible()
        page.context.clear_cookies()
        page.reload()
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        page.reload()
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        assert complaints == []


def test_what_cannot_stand_is_told_by_its_field(browser: Browser, server: Live) -> None:
    with served(server) as application, opened(browser) as (page, _):
        page.goto(application.origin)
        sign_in(page)
        field = page.get_by_label("All calls go to")
        field.fill("1001")
        page.get_by_role("button", name="Save").click()
        told = page.get_by_text("The extension would forward to itself: 1001 → 1001.")
        expect(told).to_be_visible()
        expect(field).to_be_focused()
        expect(field).to_have_attribute("aria-invalid", "true")
        assert (told.get_attribute("id") or "?") in (field.get_attribute("aria-describedby") or "")
        as_it_should(page, "a field that is refused", narrowest=320)
        page.get_by_role("button", name="Undo").click()
        expect(told).to_have_count(0)
        expect(field).to_have_value("")


def test_what_it_may_not_do_it_explains_by_the_scope_that_is_missing(browser: Browser, server: Live) -> None:
    with served(server) as application, opened(browser) as (page, _):
        page.goto(application.origin)
        sign_in(page)
        expect(page.get_by_role("form")).to_be_visible()
        client_id = json.loads(application.files["/config.json"])["client_id"]
        less = scope_in(readme_of(NAME)).replace(" rest:callforward:write", "")
        done = server.run("app", "update", client_id, "--scope", less)
        assert done.returncode == 0, done.stderr
        page.get_by_label("All calls go to").fill("7")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("alert")).to_contain_text("It lacks the scope rest:callforward:write.")
        as_it_should(page, "what it may not do", narrowest=320)


def test_a_token_that_has_expired_costs_nobody_what_they_typed(browser: Browser, server: Live) -> None:
    with served(server) as application, opened(browser) as (page, _):
        page.goto(application.origin)
        sign_in(page)
        expect(page.get_by_role("form")).to_be_visible()
        client_id = json.loads(application.files["/config.json"])["client_id"]
        page.get_by_label("When I am busy").fill("5550001")
        for each in server.json("token", "list", "--app", client_id):
            assert server.run("token", "revoke", str(each["id"])).returncode == 0
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("alert")).to_contain_text("Your sign-in has expired.")
        page.get_by_role("button", name="Sign in again").click()
        expect(page.get_by_label("When I am busy")).to_have_value("5550001")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Saved.")).to_be_visible()
        assert kept(server)["busy"] == "5550001"
        page.get_by_label("When I am busy").fill("")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Saved.")).to_be_visible()


def test_whoever_says_no_is_told_and_may_change_their_mind(browser: Browser, server: Live) -> None:
    with served(server) as application, opened(browser) as (page, _):
        page.goto(application.origin)
        sign_in(page, "deny")
        expect(page.get_by_role("alert")).to_contain_text("You said no")
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_it_is_accessible_narrow_or_wide_light_or_dark(browser: Browser, server: Live) -> None:
    with served(server) as application, opened(browser) as (page, _):
        page.goto(application.origin)
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        as_it_should(page, "before anybody has signed in", narrowest=320)
        sign_in(page)
        expect(page.get_by_role("form")).to_be_visible()
        as_it_should(page, "signed in", narrowest=320)


def test_nothing_in_it_is_inline_or_from_elsewhere() -> None:
    markup = (EXAMPLES / NAME / "index.html").read_text(encoding="utf-8")
    assert re.findall(r"<(?:script|style)(?![^>]*\bsrc=)[^>]*>|\bon[a-z]+=|\bstyle=", markup) == []
    assert re.findall(r"""(?:src|href)=["'](?:https?:)?//""", markup) == []
