"""What every page of the console has: navigation, palette, keys, copying, forms that are sent once."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.looking import as_it_should, looked_at, steward
from tests.live import Live

ROOMS = ("Applications", "Access tokens", "Refresh tokens", "Scope Visualizer", "Users", "Audit")


@pytest.fixture
def page(browser: Browser, server: Live) -> Iterator[Page]:
    with steward(browser, server) as page:
        yield page


def test_the_first_page_leads_on_while_there_is_nothing(page: Page) -> None:
    looked_at(page, "/console/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    expect(page.get_by_role("link", name="Look at the scopes")).to_be_visible()
    expect(page.get_by_role("link", name="Add your first application")).to_be_visible()


def test_the_overview_says_what_there_is_and_what_needs_attention(page: Page, server: Live) -> None:
    scope = ("--scope", "rest:callforward:read")
    server.json(
        "app", "add", "Phone book", "--type", "web", "--redirect-uri", "https://phones.example.com/back", *scope
    )
    server.json("app", "add", "An old one", "--type", "native", "--grant", "password", *scope)
    looked_at(page, "/console/")
    expect(page.get_by_role("list", name="What there is")).to_contain_text(re.compile(r"Applications\s*2"))
    attention = page.get_by_role("region", name="Needs attention")
    expect(attention.get_by_role("link")).to_have_text(["An old one"])
    expect(attention).to_contain_text("It asks people for their passwords")
    expect(page.get_by_role("region", name="Done last")).to_contain_text("registered the application An old one")


@pytest.mark.parametrize("width", [360, 1280])
def test_every_room_is_a_link_of_the_navigation(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/console/")
    navigation = page.get_by_role("navigation", name="Console")
    for name in ROOMS:
        expect(navigation.get_by_role("link", name=name, exact=True)).to_be_visible()
    expect(navigation.get_by_role("link", name="Overview")).to_have_attribute("aria-current", "page")
    navigation.get_by_role("link", name="Scope Visualizer").click()
    expect(page).to_have_url(re.compile(r"/console/scopes$"))


def test_the_first_tab_leads_past_the_navigation(page: Page) -> None:
    page.goto("/console/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


def test_the_palette_goes_anywhere_by_keyboard(page: Page) -> None:
    page.goto("/console/")
    page.keyboard.press("Control+k")
    box = page.get_by_role("combobox", name="Go to or search")
    expect(box).to_be_focused()
    as_it_should(page, "the palette")
    page.keyboard.type("scope vis")
    expect(page.get_by_role("option", selected=True)).to_contain_text("Scope Visualizer")
    page.keyboard.press("Escape")
    expect(box).to_have_count(0)
    page.keyboard.press("Control+k")
    page.keyboard.type("phone")
    options = page.get_by_role("option")
    expect(options.first).to_contain_text("Search applications for “phone”")
    page.keyboard.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/console/applications\?text=phone$"))


def test_a_list_follows_its_filters_and_the_address_follows_the_list(page: Page, server: Live) -> None:
    for name in ("Weather station", "Wall clock"):
        server.json("app", "add", name, "--type", "m2m", "--scope", "rest:extensions:read")
    page.goto("/console/applications")
    box = page.get_by_role("searchbox", name="Search applications")
    expect(page.get_by_role("link", name="Clear")).to_be_hidden()
    page.keyboard.press("/")
    expect(box).to_be_focused()
    box.press_sequentially("weath")
    expect(page.get_by_role("rowheader")).to_have_text(["Weather station"])
    expect(page).to_have_url(re.compile(r"/console/applications\?text=weath$"))
    expect(page.get_by_role("status").filter(has_text="1 of 1")).to_have_count(1)
    page.get_by_role("link", name="Clear").click()
    expect(page.get_by_role("rowheader").filter(has_text="Wall clock")).to_be_visible()


def test_a_list_whose_session_has_ended_leads_to_the_sign_in(page: Page) -> None:
    page.goto("/console/applications")
    page.context.clear_cookies()
    page.get_by_role("searchbox", name="Search applications").fill("x")
    expect(page).to_have_url(re.compile(r"/login\?next="))


def test_the_keys_are_listed_and_those_of_one_character_can_be_switched_off(page: Page) -> None:
    page.goto("/console/")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard")
    expect(dialog).to_contain_text("Ctrl K")
    as_it_should(page, "the list of keys")
    dialog.get_by_label("Keys of a single character").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name="Keyboard").click()
    expect(dialog).to_be_visible()


def test_signing_out_of_the_console(page: Page) -> None:
    page.goto("/console/")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("status")).to_have_text("You are signed out.")
    page.goto("/console/")
    expect(page).to_have_url(re.compile(r"/login\?next=%2Fconsole%2F$"))


def test_pages_can_be_read_and_left_without_scripts(browser: Browser, server: Live) -> None:
    with steward(browser, server, java_script_enabled=False) as page:
        page.goto("/console/")
        expect(page.get_by_role("navigation", name="Console").get_by_role("link", name="Audit")).to_be_visible()
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("status")).to_have_text("You are signed out.")
