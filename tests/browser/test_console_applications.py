"""Applications in the console, in a real browser: made, taken along, rotated, compromised; as anybody would do it."""

import json
import re
from collections.abc import Iterator
from functools import partial
from typing import Final

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.looking import as_it_should, looked_at, steward
from tests.clients.site import site
from tests.live import Live, felt

HERE: Final = "/console/applications"
TYPES: Final = {
    "Web-server app": True,
    "Browser-based / Single Page app": False,
    "Native app": False,
    "Machine-to-Machine app": True,
}
"""The names in the contract, and whether the type has a secret."""


@pytest.fixture
def page(browser: Browser, server: Live) -> Iterator[Page]:
    with steward(browser, server) as page:
        yield page


def create(page: Page, type: str, name: str, scope: str = "rest:callforward:read") -> None:
    """Make an application as an administrator does who has never seen the console."""
    page.goto(HERE)
    page.get_by_role("button", name="Add Application").click()
    page.get_by_role("radio", name=type).check()
    page.get_by_role("textbox", name="Name", exact=True).fill(name)
    page.get_by_role("textbox", name="Description").fill("Made by a test.")
    if type != "Machine-to-Machine app":
        page.get_by_role("textbox", name="Redirect URI").fill("https://app.example.com/callback")
    page.get_by_role("textbox", name="Selected Scopes").fill(scope)
    page.get_by_role("button", name="Create").click()
    page.wait_for_url(re.compile(r"/credentials\?note=made$"))


def status_of(server: Live, client_id: str, secret: str) -> int:
    """What the token endpoint says to these credentials."""
    form = {"grant_type": "client_credentials"}
    return httpx2.post(f"{server.issuer}/oauth/token", data=form, auth=(client_id, secret)).status_code


@pytest.mark.parametrize("type", TYPES)
def test_an_application_of_each_type_is_made_and_its_secret_is_shown_once(page: Page, type: str) -> None:
    create(page, type, f"One {type}")
    expect(page.get_by_role("textbox", name="Client ID")).to_have_value(re.compile(r"^[0-9A-Za-z]{22}$"))
    secret = page.get_by_role("textbox", name="Client secret")
    if TYPES[type]:
        expect(secret).to_have_value(re.compile(r"^skpr_cs_[0-9A-Za-z]{49}$"))
        as_it_should(page, "credentials")
        page.reload()
    expect(secret).to_have_count(0)
    expect(page.get_by_role("textbox", name="Scopes", exact=True)).to_have_value("rest:callforward:read")
    page.get_by_role("button", name=re.compile("I have stored it|On to the application")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"One {type}")
    page.go_back()
    expect(secret).to_have_count(0)


def test_the_form_shows_only_what_the_type_needs_and_changes_in_place(page: Page) -> None:
    looked_at(page, f"{HERE}/new")
    expect(page.get_by_role("button", name="Create")).to_be_hidden()
    page.get_by_role("radio", name="Machine-to-Machine app").check()
    page.get_by_role("textbox", name="Name", exact=True).fill("Kept")
    expect(page.get_by_role("textbox", name="Redirect URI")).to_be_hidden()
    page.get_by_role("radio", name="Native app").check()
    expect(page.get_by_role("textbox", name="Redirect URI")).to_be_visible()
    expect(page.get_by_role("textbox", name="Name", exact=True)).to_have_value("Kept")
    warning = page.get_by_text("OAuth 2.1 has dropped it: the application sees people's passwords")
    expect(warning).to_be_hidden()
    page.get_by_role("checkbox", name="Password grant").check()
    expect(warning).to_be_visible()
    page.get_by_text("Advanced").click()
    as_it_should(page, "the form of a native app")


def test_a_redirect_uri_is_checked_while_it_is_typed(page: Page) -> None:
    page.goto(f"{HERE}/new?type=web")
    box = page.get_by_role("textbox", name="Redirect URI")
    box.fill("com.example.app:/cb")
    expect(page.get_by_text("A private-use scheme is for native applications only.")).to_be_visible()
    page.get_by_role("radio", name="Native app").check()
    box.press("End")
    box.press_sequentially("2")
    expect(page.get_by_text("This address fits.")).to_be_visible()
    page.get_by_role("button", name="Add another").click()
    expect(page.get_by_role("textbox", name="Redirect URI 2")).to_be_focused()
    page.get_by_role("button", name="Add another").click()
    expect(page.get_by_role("textbox", name="Redirect URI 3")).to_be_focused()


def test_what_becomes_of_it_when_somebody_signs_out_is_filled_in_and_read(page: Page) -> None:
    page.goto(f"{HERE}/new?type=web")
    page.get_by_role("textbox", name="Name", exact=True).fill("Leaving")
    page.get_by_role("textbox", name="Redirect URI").fill("https://app.example.com/callback")
    page.locator("summary", has_text="Sign-in").click()
    page.get_by_label("Sign-ins are at most this old").fill("12h")
    page.get_by_role("checkbox", name="Password", exact=True).check()
    page.locator("summary", has_text="Sign-out").click()
    page.get_by_role("textbox", name="After signing out, back to").fill("https://app.example.com/bye")
    expect(page.get_by_text("This address fits.")).to_be_visible()
    page.locator("details", has_text="Sign-out").get_by_role("button", name="Add another").click()
    second = page.get_by_role("textbox", name="After signing out, back to 2")
    expect(second).to_be_focused()
    second.fill("https://app.example.com/home")
    page.get_by_label("Told when a session ends").fill("https://app.example.com/back")
    page.get_by_label("Shown in a frame when somebody signs out").fill("https://other.example.com/front")
    page.get_by_role("radio", name="Everything").check()
    as_it_should(page, "sign-in and sign-out")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_text("Its scheme, host and port are those of a redirect URI")).to_be_visible()
    expect(page.get_by_role("radio", name="Everything")).to_be_checked()
    as_it_should(page, "a frame of another origin")
    page.get_by_label("Shown in a frame when somebody signs out").fill("https://app.example.com/front")
    page.get_by_role("button", name="Create").click()
    page.get_by_role("button", name="I have stored it").click()
    told = page.locator("section", has=page.get_by_role("heading", name="When people sign out"))
    for word in (
        "https://app.example.com/bye",
        "https://app.example.com/home",
        "https://app.example.com/back",
        "everything",
    ):
        expect(told).to_contain_text(word)
    expect(page.get_by_text("by default at most 12 hours old")).to_be_visible()
    as_it_should(page, "the page of an application that outlives its sessions")
    page.get_by_role("button", name="End it then, too").click()
    expect(told).to_contain_text("what has offline_access")


def test_what_is_wrong_is_told_beside_its_box_and_nothing_is_lost(page: Page) -> None:
    page.goto(f"{HERE}/new?type=web")
    page.get_by_role("textbox", name="Description").fill("Kept")
    page.get_by_role("textbox", name="Redirect URI").fill("javascript:alert(1)")
    page.get_by_role("textbox", name="Selected Scopes").fill("rest:callforward:read")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_text("Nothing was made yet")).to_be_visible()
    expect(page.get_by_text("Name has 1 to 100 characters.")).to_be_visible()
    expect(page.get_by_text("Use https, http on loopback")).to_be_visible()
    expect(page.get_by_role("textbox", name="Description")).to_have_value("Kept")
    expect(page.get_by_role("textbox", name="Selected Scopes")).to_have_value("rest:callforward:read")
    as_it_should(page, "the refused form")


def test_it_all_works_without_scripts(browser: Browser, server: Live) -> None:
    with steward(browser, server, java_script_enabled=False) as page:
        page.goto(HERE)
        page.get_by_role("button", name="Add Application").click()
        page.get_by_role("radio", name="Web-server app").check()
        page.get_by_role("textbox", name="Name", exact=True).fill("Plain")
        page.get_by_role("textbox", name="Redirect URI").fill("https://one.example.com/")
        page.get_by_role("textbox", name="Further addresses, one a line").fill("https://two.example.com/")
        page.get_by_text("Call Forward", exact=True).click()
        page.get_by_role("checkbox", name="gql:callforward:read", exact=True).check()
        page.locator("summary", has_text="Sign-out").click()
        page.get_by_role("textbox", name="Further ones, one a line").fill("https://one.example.com/bye")
        page.get_by_role("radio", name="Nothing").check()
        page.get_by_role("button", name="Create").click()
        expect(page.get_by_role("textbox", name="Client secret")).to_have_value(re.compile("^skpr_cs_"))
        page.get_by_role("button", name="I have stored it").click()
        expect(page.get_by_text("https://two.example.com/")).to_be_visible()
        expect(page.get_by_text("https://one.example.com/bye")).to_be_visible()
        expect(page.get_by_text("nothing, not even with offline_access")).to_be_visible()
        expect(page.get_by_role("link", name="gql:callforward:read")).to_be_visible()
        page.get_by_role("button", name="Compromised?").click()
        page.get_by_label("Type its name to confirm").fill("Plain")
        page.get_by_role("button", name="End everything now").click()
        expect(page.get_by_role("textbox", name="Client secret")).to_have_value(re.compile("^skpr_cs_"))


def test_a_secret_is_rotated_with_an_overlap_and_both_work(page: Page, server: Live) -> None:
    create(page, "Machine-to-Machine app", "Rotating")
    client_id = page.get_by_role("textbox", name="Client ID").input_value()
    old = page.get_by_role("textbox", name="Client secret").input_value()
    page.goto(f"{HERE}/{client_id}")
    other = page.context.new_page()
    other.goto(f"{HERE}/{client_id}")
    page.get_by_label("Overlap").select_option("1 hour")
    page.get_by_label("Label").fill("autumn")
    page.get_by_role("button", name="Rotate secret").click()
    new = page.get_by_role("textbox", name="Client secret").input_value()
    for each in (old, new):
        felt(partial(status_of, server, client_id, each), 200)
    page.get_by_role("button", name="I have stored it").click()
    expect(page.get_by_role("region", name="Secrets")).to_contain_text("autumn")
    other.get_by_role("button", name="Rotate secret").click()
    expect(other.get_by_text("the secret was rotated meanwhile")).to_be_visible()
    page.get_by_role("button", name="End the secret").last.click()
    expect(page.get_by_text("The secret has ended.")).to_be_visible()
    felt(lambda: status_of(server, client_id, old), 401)
    felt(lambda: status_of(server, client_id, new), 200)
    other.close()  # a page behind another one does not end its transitions
    looked_at(page, f"{HERE}/{client_id}")


def test_what_has_leaked_ends_and_its_report_is_taken_along(page: Page, server: Live) -> None:
    create(page, "Machine-to-Machine app", "Leaked", "rest:callforward")
    client_id = page.get_by_role("textbox", name="Client ID").input_value()
    old = page.get_by_role("textbox", name="Client secret").input_value()
    token = server.token({"client_id": client_id, "client_secret": old})
    bearer = {"authorization": f"Bearer {token}"}
    address = f"{server.issuer}/api/rest/callforward/users"
    assert httpx2.get(address, headers=bearer).status_code == 200
    page.goto(f"{HERE}/{client_id}")
    page.get_by_role("button", name="Compromised?").click()
    looked_at(page, f"{HERE}/{client_id}/compromised")
    end = page.get_by_role("button", name="End everything now")
    expect(end).to_be_disabled()
    page.get_by_label("Type its name to confirm").fill("Leaked")
    end.click()
    expect(page.get_by_role("textbox", name="Client secret")).to_have_value(re.compile("^skpr_cs_"))
    as_it_should(page, "the report")
    felt(lambda: httpx2.get(address, headers=bearer).status_code, 401)
    felt(lambda: status_of(server, client_id, old), 401)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download report").click()
    report = json.loads(waiting.value.path().read_text())
    assert (report["name"], report["tokens_ended"], report["secrets_ended"]) == ("Leaked", 1, 1)
    page.reload()
    expect(page.get_by_role("textbox", name="Client secret")).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_have_text("What Leaked did")


@pytest.mark.parametrize("kind", ["env", "json"])
def test_credentials_are_downloaded_under_the_strict_policy(page: Page, kind: str) -> None:
    create(page, "Web-server app", f"Taken {kind}")
    secret = page.get_by_role("textbox", name="Client secret").input_value()
    with page.expect_download() as waiting:
        page.get_by_role("button", name=f"Download {'.env' if kind == 'env' else 'JSON'}").click()
    assert secret not in waiting.value.url
    assert secret in waiting.value.path().read_text()
    expect(page.get_by_role("textbox", name="Client secret")).to_have_value(secret)


def test_two_administrators_see_what_the_other_changed(browser: Browser, server: Live, page: Page) -> None:
    made = server.json("app", "add", "Shared", "--type", "web", "--redirect-uri", "https://a.example/")
    settings = f"{HERE}/{made['client_id']}/settings"
    looked_at(page, settings)
    with steward(browser, server) as other:
        other.goto(settings)
        other.get_by_role("textbox", name="Name", exact=True).fill("Their name")
        other.get_by_role("button", name="Save").click()
        expect(other.get_by_text("Saved.")).to_be_visible()
    page.get_by_role("textbox", name="Name", exact=True).fill("My name")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Somebody else changed it meanwhile")).to_be_visible()
    expect(page.get_by_role("row", name="Name Shared")).to_contain_text("Their name")
    as_it_should(page, "the conflict")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("My name")


def test_the_list_is_filtered_as_one_types_and_several_are_disabled(page: Page, server: Live) -> None:
    for name in ("Many one", "Many two"):
        server.json("app", "add", name, "--type", "m2m")
    looked_at(page, HERE)
    page.get_by_role("searchbox", name="Search applications").fill("many")
    expect(page.get_by_role("row")).to_have_count(3)
    expect(page).to_have_url(re.compile(r"text=many"))
    page.get_by_role("checkbox", name="Select all that are shown").check()
    page.get_by_role("button", name="Disable selected").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Disable 2 applications")
    as_it_should(page, "several")
    page.get_by_role("button", name="Disable 2 applications").click()
    page.goto(f"{HERE}?state=disabled")
    expect(page.get_by_role("row")).to_have_count(3)


def test_every_other_page_is_as_it_should_be(page: Page, server: Live) -> None:
    more = ("--scope", "rest gql", "--redirect-uri", "http://localhost/cb", "--grant", "password")
    made = server.json("app", "add", "A name of some length for an old phone book", "--type", "native", *more)
    for below in ("", "/quick-start", "/credentials", "/remove"):
        looked_at(page, f"{HERE}/{made['client_id']}{below}")
    looked_at(page, "/console/urls")


def test_the_quick_start_for_a_browser_signs_somebody_in_and_makes_its_call(
    browser: Browser, server: Live, page: Page
) -> None:
    """What the console shows for a single-page application, as the page at its redirect URI (RFC 7636 §4)."""
    index = b'<!doctype html><title>Board</title><script type="module" src="/start.js"></script>'
    with site({"/index.html": index}) as board:
        back = f"{board.origin}/"
        made = server.json("app", "add", "Board", "--type", "spa", "--scope", "rest:extensions", "--redirect-uri", back)
        page.goto(f"{HERE}/{made['client_id']}/quick-start")
        page.get_by_text("JavaScript", exact=True).click()
        program = page.locator("details[open] pre", has_text="sessionStorage").text_content()
        board.files["/start.js"] = (program or "").encode()
        with page.expect_console_message(lambda message: '"items"' in message.text):
            page.goto(back)
            page.get_by_role("button", name="Approve").click()
        assert page.url == back
