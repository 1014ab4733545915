"""`/device` in a real browser, on a real server, without JavaScript: from the code on the device to its token."""

from collections.abc import Iterator
from typing import Any, Final

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.looking import NARROWEST, as_it_should
from tests.browser.test_pages import PASSWORD, add, page_of, policed
from tests.devices import DEVICE_CODE, SCOPE
from tests.live import Live

NAME: Final = "Television"


@pytest.fixture(scope="module")
def television(server: Live) -> str:
    """A native application, by its client_id; and alice, who sits before it."""
    add(server, "alice")
    made = server.json(
        "app", "add", NAME, "--type", "native", "--scope", f"openid {SCOPE}", "--website", "https://tv.example"
    )
    return str(made["client_id"])


def wait(server: Live, television: str) -> Any:
    """What a device is told that begins to wait."""
    form = {"client_id": television, "scope": f"openid {SCOPE}"}
    answer = httpx2.post(f"{server.issuer}/oauth/device_authorization", data=form)
    assert answer.status_code == 200, answer.text
    return answer.json()


def poll(server: Live, television: str, told: Any) -> Any:
    """What the device hears when it asks whether it has been let in."""
    form = {"grant_type": DEVICE_CODE, "client_id": television, "device_code": told["device_code"]}
    return httpx2.post(f"{server.issuer}/oauth/token", data=form).json()


def sign_in(page: Page) -> None:
    """Alice signs in on the page that asks her to."""
    page.get_by_label("User name").fill("alice")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def enter(page: Page, user_code: str) -> None:
    page.get_by_label("Code").fill(user_code)
    page.get_by_role("button", name="Continue").click()


def test_a_device_is_let_in_by_typing_its_code(browser: Browser, server: Live, television: str) -> None:
    told = wait(server, television)
    with page_of(browser, server) as page:
        page.goto(told["verification_uri"])
        sign_in(page)
        assert page.url == told["verification_uri"]
        expect(page.get_by_label("Code")).to_be_focused()
        enter(page, "bcdf")
        expect(page.get_by_role("alert")).to_contain_text("This code does not work.")
        expect(page.get_by_label("Code")).to_be_focused()
        enter(page, told["user_code"].lower().replace("-", " "))
        expect(page.get_by_role("heading", level=1)).to_have_text(f"Connect {NAME}")
        expect(page.get_by_text(told["user_code"])).to_be_visible()
        page.get_by_role("button", name="Approve").click()
        expect(page.get_by_text("You can go back to your device.")).to_be_visible()
    token = poll(server, television, told)["access_token"]
    headers = {"authorization": f"Bearer {token}"}
    assert httpx2.get(f"{server.issuer}/api/rest/extensions/", headers=headers).status_code == 200


def test_the_code_comes_along_through_signing_in_and_is_still_to_be_confirmed(
    browser: Browser, server: Live, television: str
) -> None:
    told = wait(server, television)
    with page_of(browser, server) as page:
        page.goto(told["verification_uri_complete"])
        sign_in(page)
        assert page.url == told["verification_uri_complete"]
        expect(page.get_by_label("Code")).to_have_value(told["user_code"])
        page.get_by_role("button", name="Continue").click()
        page.get_by_role("button", name="Deny").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Not connected")
    assert poll(server, television, told)["error"] == "access_denied"


def test_a_code_is_entered_and_decided_by_keyboard(browser: Browser, server: Live, television: str) -> None:
    told = wait(server, television)
    with page_of(browser, server) as page:
        page.goto("/device")
        sign_in(page)
        expect(page.get_by_label("Code")).to_be_focused()
        page.keyboard.type(told["user_code"])
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text(f"Connect {NAME}")
        while not page.get_by_role("button", name="Approve").evaluate("each => each === document.activeElement"):
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Connected")


def seen(page: Page, server: Live, television: str) -> Iterator[str]:
    """Every page on the way, one after the other, shown in this page."""
    told = wait(server, television)
    page.goto("/device")
    sign_in(page)
    yield "entry"
    page.goto(told["verification_uri_complete"])
    yield "entry, with the code"
    enter(page, "bcdf")
    yield "entry, with an error beside the field"
    enter(page, told["user_code"])
    yield "confirmation"
    page.get_by_role("button", name="Approve").click()
    yield "connected"
    told = wait(server, television)
    page.goto("/device")
    enter(page, told["user_code"])
    page.get_by_role("button", name="Deny").click()
    yield "not connected"
    for _ in range(5):
        page.goto("/device")
        enter(page, "ZZZZ-ZZZZ")
    expect(page.get_by_role("heading", level=1)).to_have_text("Too many wrong codes")
    yield "too many wrong codes"


def test_every_page_is_as_it_should_be_and_nothing_breaks_the_policy(
    browser: Browser, server: Live, television: str
) -> None:
    with page_of(browser, server, java_script_enabled=True) as page, policed(page):
        for what in seen(page, server, television):
            as_it_should(page, what, narrowest=NARROWEST)  # its links stand in sentences, and are as high as those
