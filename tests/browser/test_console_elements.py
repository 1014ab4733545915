"""The elements that scripts add to: put on a page of the console, and used as people use them."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.looking import steward
from tests.live import Live

COPY = '<label for="id">Client ID</label><sk-copy><input id="id" value="abc" readonly></sk-copy>'
ROWS = "".join(
    f'<tr><td class="pick"><input type="checkbox" name="id" aria-label="{name}"></td><th scope="row">{name}</th></tr>'
    for name in ("one", "two", "three", "four", "five")
)
TABLE = f"""<form method="post" action="/console/nowhere"><sk-table class="table"><table class="cards">
<thead><tr><th class="pick"></th><th scope="col">Name</th></tr></thead><tbody>{ROWS}</tbody></table></sk-table>
<div class="picked"><output data-picked></output><button>Revoke</button></div></form>"""
CONFIRM = """<form method="post" action="/console/nowhere"><sk-confirm expects="Phone book">
<label for="typed">Type it</label><input id="typed" name="typed"></sk-confirm>
<button class="danger">Remove</button></form>"""
SENT = '<form method="post" action="/console/nowhere"><button name="do" value="it">Send</button></form>'


@pytest.fixture
def page(browser: Browser, server: Live) -> Iterator[Page]:
    with steward(browser, server, permissions=["clipboard-read", "clipboard-write"]) as page:
        page.goto("/console/")
        yield page


def put(page: Page, markup: str) -> None:
    """Have nothing but this on the page."""
    page.evaluate("markup => document.querySelector('main').innerHTML = markup", markup)


def test_a_value_is_copied_and_that_is_said(page: Page) -> None:
    put(page, COPY)
    button = page.get_by_role("button", name="Copy Client ID")
    button.click()
    expect(button).to_have_text("Copied")
    expect(page.get_by_role("status").filter(has_text="Client ID is copied.")).to_have_count(1)
    assert page.evaluate("navigator.clipboard.readText()") == "abc"
    expect(button).to_have_text("Copy")


def test_a_value_is_copied_where_there_is_no_clipboard_for_scripts(page: Page) -> None:
    put(page, COPY)
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.get_by_role("button", name="Copy Client ID").click()
    expect(page.get_by_text("Copied", exact=True)).to_be_visible()
    assert page.evaluate("document.querySelector('#id').selectionEnd") == 3


@pytest.mark.parametrize(("what", "name"), [(' what=""', "Copy"), (' what="as CLI"', "Copy as CLI")])
def test_a_copy_button_says_what_it_takes(page: Page, what: str, name: str) -> None:
    put(page, f"<sk-copy{what}><pre><code>scopekeeper app list</code></pre></sk-copy>")
    page.get_by_role("button", name=name, exact=True).click()
    expect(page.get_by_text("Copied", exact=True)).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "scopekeeper app list"


def test_rows_are_ticked_all_at_once_or_from_one_to_another(page: Page) -> None:
    put(page, TABLE)
    every = page.get_by_role("checkbox", name="Select all that are shown")
    page.get_by_role("checkbox", name="two").click()
    expect(page.locator("[data-picked]")).to_have_text("1 selected")
    assert every.evaluate("box => box.indeterminate")
    page.get_by_role("checkbox", name="four").click(modifiers=["Shift"])
    expect(page.locator("[data-picked]")).to_have_text("3 selected")
    every.click()
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(6)
    every.click()
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(0)
    expect(page.get_by_role("button", name="Revoke")).to_be_hidden()


def test_a_table_stays_a_table_where_it_is_narrow(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    put(page, TABLE)
    expect(page.get_by_role("table")).to_have_count(1)
    expect(page.get_by_role("row")).to_have_count(6)
    expect(page.get_by_role("rowheader", name="three")).to_be_visible()


def test_what_cannot_be_undone_waits_for_the_name(page: Page) -> None:
    put(page, CONFIRM)
    button = page.get_by_role("button", name="Remove")
    expect(button).to_be_disabled()
    page.get_by_label("Type it").fill("Phone boo")
    expect(button).to_be_disabled()
    page.get_by_label("Type it").fill("Phone book")
    expect(button).to_be_enabled()


def test_a_form_is_sent_once_and_can_be_sent_again_after_coming_back(page: Page) -> None:
    put(page, SENT)
    page.route("**/console/nowhere", lambda route: route.fulfill(status=204))  # the browser stays where it is
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("button", name="Send")).to_be_disabled()
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    expect(page.get_by_role("button", name="Send")).to_be_enabled()


def test_moments_are_local_with_utc_on_hover(browser: Browser, server: Live) -> None:
    with steward(browser, server, timezone_id="Asia/Tokyo") as page:
        page.goto("/console/")
        moment = page.get_by_role("region", name="Done last").locator("time").first
        expect(moment).to_have_text(re.compile(r"^Today \d\d:\d\d$"))
        expect(moment).to_have_attribute("title", re.compile(r"^just now · \d{4}-\d\d-\d\d \d\d:\d\d UTC$"))
        utc = moment.get_attribute("title")
        assert utc is not None
        hour = (int(utc[-9:-7]) + 9) % 24
        expect(moment).to_have_text(re.compile(rf"Today {hour:02}:"))


def test_the_search_box_is_one_key_away(page: Page) -> None:
    put(page, '<input type="search" aria-label="Search" data-search><input aria-label="Other">')
    page.keyboard.press("/")
    expect(page.get_by_label("Search")).to_be_focused()
    page.get_by_label("Other").focus()
    page.keyboard.press("/")
    expect(page.get_by_label("Other")).to_have_value("/")
