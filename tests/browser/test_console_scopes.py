"""The Scope Visualizer in a real browser: found by typing, ticked in step, told in one box, shared by its address."""

import json
import random
import re
from collections.abc import Iterator
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from scopekeeper.api.modules import installed
from scopekeeper.scopes import collapse, covers, lineage
from tests.browser.looking import as_it_should, looked_at, steward
from tests.live import Live

PAGE: Final = "/console/scopes"
BOTH: Final = "rest:callforward:read rest:callforward:write"

# Of every scope: is its box ticked, is it half ticked, and what does the tree say?
STATES: Final = """
scopes => {
  const host = document.querySelector("sk-scopes");
  const box = scope => host.querySelector(`tbody input[aria-label="${scope}"]`);
  const item = scope => host.querySelector(`[role=treeitem][data-scope="${scope}"]`);
  return scopes.map(scope => [box(scope).checked, box(scope).indeterminate, item(scope).getAttribute("aria-checked")]);
}
"""


@pytest.fixture(scope="module")
def signed_in(browser: Browser, server: Live) -> Iterator[Page]:
    with steward(browser, server) as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        yield page


@pytest.fixture
def page(signed_in: Page) -> Page:
    signed_in.set_viewport_size({"width": 1280, "height": 800})
    at(signed_in, PAGE)
    return signed_in


def at(page: Page, address: str) -> None:
    """The visualizer at this address, ready."""
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector("sk-scopes.ready")


def search(page: Page) -> Locator:
    return page.get_by_role("searchbox", name="Search scopes")


def selected(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Selected Scopes")


def box(page: Page, scope: str) -> Locator:
    return page.get_by_role("checkbox", name=scope, exact=True)


def item(page: Page, name: str) -> Locator:
    return page.get_by_role("treeitem", name=name, exact=True)


def expect_clipboard(page: Page, text: str) -> None:
    page.wait_for_function("text => navigator.clipboard.readText().then(read => read === text)", arg=text)


def test_call_forwarding_is_found_by_typing_ticked_and_copied(page: Page) -> None:
    search(page).press_sequentially("callforward")
    found = sum(entry.module == "callforward" for entry in installed().catalogue)
    expect(page.get_by_text(re.compile(rf"^{found} of \d+ scopes$"))).to_be_visible()
    box(page, "rest:callforward:read").check()
    box(page, "rest:callforward:write").check()
    expect(selected(page)).to_have_value(BOTH)
    page.get_by_role("button", name="Copy", exact=True).click()
    expect_clipboard(page, BOTH)


@pytest.mark.parametrize("text", ["callforward", "Call Forward", "GET /callforward", "where calls"])
def test_it_is_found_by_other_words_as_well(page: Page, text: str) -> None:
    search(page).fill(text)
    expect(box(page, "rest:callforward:read")).to_be_visible()
    expect(box(page, "rest:extensions:read")).to_have_count(0)
    expect(item(page, "Extensions: read")).to_have_count(0)


def test_nothing_that_is_found_says_what_to_do(page: Page) -> None:
    search(page).fill("nothing is called so")
    expect(page.get_by_text("No scope is like that. Try fewer words.")).to_be_visible()
    expect(page.get_by_role("button", name="Select all shown")).to_be_disabled()


def test_the_tree_and_the_table_are_in_step(page: Page) -> None:
    search(page).fill("callforward")  # what is found is open in the tree
    item(page, "Call Forward: read").first.click()
    expect(box(page, "rest:callforward:read")).to_be_checked()
    expect(item(page, "Call Forward").first).to_have_attribute("aria-checked", "mixed")
    assert box(page, "rest:callforward").evaluate("box => box.indeterminate")
    box(page, "rest:callforward:read").uncheck()
    expect(item(page, "Call Forward: read").first).to_have_attribute("aria-checked", "false")


def test_a_parent_covers_what_is_below_it_and_stands_alone_in_the_box(page: Page) -> None:
    box(page, "rest:callforward:read").check()
    box(page, "rest:callforward").check()
    expect(selected(page)).to_have_value("rest:callforward")
    expect(box(page, "rest:callforward:write")).to_be_checked()
    expect(box(page, "rest:callforward:write")).to_have_attribute("title", "Covered by rest:callforward")


def test_unticking_what_a_parent_covers_leaves_the_others(page: Page) -> None:
    box(page, "rest:callforward").check()
    box(page, "rest:callforward:write").uncheck()
    expect(selected(page)).to_have_value("rest:callforward:read")
    expect(page.get_by_text("Instead of rest:callforward, the others below it are selected.").first).to_be_visible()


def test_all_that_is_shown_is_selected_and_unselected(page: Page) -> None:
    search(page).fill("callforward")
    page.get_by_role("radio", name="Read", exact=True).check()
    page.get_by_role("button", name="Select all shown").click()
    expect(selected(page)).to_have_value("rest:callforward:read gql:callforward:read")
    page.get_by_role("button", name="Unselect all shown").click()
    expect(selected(page)).to_have_value("")


def test_collapsing_is_a_button(page: Page) -> None:
    selected(page).fill(BOTH)
    page.get_by_role("button", name="Collapse to parents").click()
    expect(selected(page)).to_have_value("rest:callforward")
    expect(page.get_by_role("button", name="Collapse to parents")).to_be_hidden()


def test_what_is_pasted_is_ticked_and_what_is_no_scope_is_told(page: Page) -> None:
    selected(page).fill('["gql:extensions:read", "gql:extnsions"]')
    expect(box(page, "gql:extensions:read")).to_be_checked()
    expect(page.get_by_text("There is no scope gql:extnsions: it is left out.")).to_be_visible()
    selected(page).blur()
    expect(selected(page)).to_have_value("gql:extensions:read")


def test_it_is_copied_as_json_env_and_cli(page: Page) -> None:
    selected(page).fill(BOTH)
    page.get_by_text("Copy as JSON, .env or CLI").click()
    for name, text in {
        "Copy as JSON": json.dumps(BOTH.split(), separators=(",", ":")),
        "Copy as .env": f'SCOPES="{BOTH}"',
        "Copy as CLI": f'scopekeeper app add NAME --type m2m --scope "{BOTH}"',
    }.items():
        page.get_by_role("button", name=name).click()
        expect_clipboard(page, text)


def test_the_address_is_the_state_and_another_tab_shows_the_same(page: Page) -> None:
    search(page).fill("forward")
    box(page, "rest:callforward:write").check()
    box(page, "gql:callforward:read").check()
    page.wait_for_url(re.compile(r"scope=rest%3Acallforward%3Awrite\+gql%3Acallforward%3Aread"))
    other = page.context.new_page()
    at(other, page.url)
    expect(selected(other)).to_have_value("rest:callforward:write gql:callforward:read")
    expect(search(other)).to_have_value("forward")
    expect(box(other, "rest:callforward:write")).to_be_checked()
    expect(box(other, "rest:extensions")).to_have_count(0)
    other.close()


def test_a_scope_unfolds_and_can_be_linked_to(page: Page) -> None:
    page.get_by_role("link", name="rest:callforward:write", exact=True).click()
    expect(page.get_by_text("Let one extension's calls go nowhere else")).to_be_visible()
    assert page.url.endswith("#rest:callforward:write")
    at(page, f"{PAGE}?text=extensions#gql:callforward")
    expect(page.get_by_role("rowheader", name="mutation setCallForward", exact=True)).to_be_visible()
    expect(search(page)).to_have_value("")


def test_columns_order_the_table(page: Page) -> None:
    search(page).fill("callforward")
    page.get_by_role("link", name="Description").click()
    expect(page.get_by_role("columnheader", name="Description")).to_have_attribute("aria-sort", "ascending")
    first = page.locator("sk-scopes tbody tr").first
    expect(first).to_contain_text("Change how long telephones ring before calls go on")
    page.get_by_role("link", name="Description").click()
    expect(first).to_contain_text("See where calls are forwarded")
    page.get_by_role("link", name="Description").click()
    expect(first).to_contain_text("rest:callforward")


def test_everything_is_done_by_keyboard(page: Page) -> None:
    page.keyboard.press("/")
    expect(search(page)).to_be_focused()
    page.keyboard.type("callforward")
    page.keyboard.press("ArrowDown")
    expect(item(page, "Everything over REST")).to_be_focused()
    for key in ("ArrowDown", "ArrowDown", "Space", "ArrowDown", "ArrowDown", "Space"):
        page.keyboard.press(key)
    expect(selected(page)).to_have_value(BOTH)
    page.keyboard.press("ArrowLeft")
    expect(item(page, "Call Forward: write").first).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("ArrowLeft")
    expect(item(page, "Call Forward").first).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(item(page, "Call Forward").first).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("ArrowRight")
    expect(item(page, "Call Forward: write").first).to_be_visible()
    page.keyboard.press("Home")
    expect(item(page, "Everything over REST")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Select all shown")).to_be_focused()


def test_the_browser_reckons_as_the_server_does(page: Page) -> None:
    catalogue = installed().catalogue
    scopes = [entry.scope for entry in catalogue]
    chance = random.Random(7)
    search(page).fill("e")  # every scope has one in its words, and what is found is open in the tree
    for _ in range(40):
        chosen = chance.sample(scopes, chance.randint(0, 12))
        selected(page).fill(" ".join(chosen))
        states: list[list[Any]] = page.evaluate(STATES, scopes)
        for scope, (checked, half, told) in zip(scopes, states, strict=True):
            covered = covers(chosen, scope)
            partly = not covered and any(scope in lineage(each) for each in chosen)
            assert (checked, half) == (covered, partly), (chosen, scope)
            assert told == ("true" if covered else "mixed" if partly else "false"), (chosen, scope)
        shorter = page.evaluate("document.querySelector('sk-scopes').collapsed()")
        assert shorter == list(collapse(chosen, catalogue)), chosen


def test_a_selection_is_compared_as_it_changes(page: Page, server: Live) -> None:
    made = server.json("app", "add", "Night shift", "--type", "m2m", "--scope", "rest:callforward:read openid")
    at(page, f"{PAGE}?compare={made['client_id']}")
    verdict = page.locator(".verdict")
    expect(verdict).to_have_text("Night shift may have exactly what the selection opens.")
    box(page, "gql:extensions:read").check()
    expect(verdict).to_have_text("Night shift lacks 1 of the selected scopes.")
    box(page, "openid").uncheck()
    expect(verdict).to_have_text(
        re.compile("lacks 1 of the selected scopes, and has 1 that the selection does not need")
    )
    link = page.get_by_role("link", name="Use for Night shift")
    expect(link).to_have_attribute("href", re.compile(r"scope=rest%3Acallforward%3Aread"))


def test_an_application_is_made_of_the_selection(page: Page) -> None:
    expect(page.get_by_role("button", name="New application from selection")).to_be_disabled()
    selected(page).fill(BOTH)
    page.get_by_role("button", name="New application from selection").click()
    page.wait_for_url(re.compile(r"/console/applications/new\?scope=rest%3Acallforward%3Aread\+rest"))


def test_the_least_scopes_of_a_document_join_the_selection(page: Page) -> None:
    at(page, f"{PAGE}?scope=openid")
    page.get_by_role("link", name="Find the least scopes").click()
    document = 'mutation { setCallForward(extension: "1001", body: {busy: "5"}) { extension busy } }'
    page.get_by_label("Document").fill(document)
    page.get_by_label("Requests").fill("GET /extensions/1001")
    page.get_by_role("button", name="Find the least scopes").click()
    page.get_by_role("link", name="Add to selection").click()
    page.wait_for_selector("sk-scopes.ready")
    expect(selected(page)).to_have_value("openid gql:callforward:read gql:callforward:write rest:extensions:read")


@pytest.mark.parametrize(
    "path",
    [
        f"{PAGE}?scope={BOTH.replace(' ', '+')}+gql:extensions",
        f"{PAGE}/rest:callforward",
        f"{PAGE}/least?scope=openid",
        f"{PAGE}/preview/token?scope=openid+rest:callforward&format=jwt",
    ],
)
def test_every_page_of_it_is_as_it_should_be(page: Page, path: str) -> None:
    looked_at(page, path)


def test_the_preview_of_the_consent_page_is_as_it_should_be(page: Page) -> None:
    page.goto(f"{PAGE}/preview/consent?scope=openid+rest:callforward")
    as_it_should(page, "the preview")


def test_it_is_as_it_should_be_while_it_is_used(page: Page, server: Live) -> None:
    made = server.json("app", "add", "Wallboard", "--type", "m2m", "--scope", "rest:callforward gql:extensions:read")
    at(page, f"{PAGE}?compare={made['client_id']}&scope=rest:extensions+gql:extensions&text=e")
    page.get_by_role("link", name="rest:callforward", exact=True).click()
    expect(page.locator(".unfolded").get_by_text("Let one extension's calls go nowhere else")).to_be_visible()
    page.get_by_text("Copy as JSON, .env or CLI").click()
    as_it_should(page, "the visualizer at work")
