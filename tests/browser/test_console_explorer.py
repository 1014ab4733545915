"""The GraphQL Explorer in a real browser: a query runs, a mutation is denied and then allowed, a token dies, a link is
shared; and nothing that is secret is left behind."""

import json
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Dialog, Locator, Page, expect

from tests.browser.looking import as_it_should, looked_at, steward
from tests.live import Live, live

PAGE: Final = "/console/graphql"
READ: Final = "gql:callforward:read"
WRITE: Final = "gql:callforward:write"
HEAVIEST: Final = 1_000_000
MUTATION: Final = 'mutation { clearCallForward(extension: "1002") { extension } }'

DOCUMENT: Final = ".graphiql-query-editor .CodeMirror"
VARIABLES: Final = ".graphiql-editor-tool .graphiql-editor:nth-child(1) .CodeMirror"
HEADERS: Final = ".graphiql-editor-tool .graphiql-editor:nth-child(2) .CodeMirror"
"""The editors, as CodeMirror has them."""

KEPT: Final = """
JSON.stringify([localStorage, sessionStorage].map(kept => Object.entries({ ...kept })))
"""
"""All that the browser keeps for our pages, beside cookies."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server with the sample: there is something to read."""
    with live(tmp_path_factory.mktemp("explorer")) as running:
        yield running


@pytest.fixture(scope="module")
def signed_in(browser: Browser, server: Live) -> Iterator[Page]:
    with steward(browser, server) as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        yield page


@pytest.fixture
def page(signed_in: Page) -> Page:
    """The explorer with nothing written yet, reading call forwards."""
    signed_in.set_viewport_size({"width": 1280, "height": 900})
    signed_in.goto("/console/")
    signed_in.evaluate("localStorage.clear(); sessionStorage.clear()")
    at(signed_in, f"{PAGE}?scope={READ}")
    return signed_in


def at(page: Page, address: str) -> None:
    page.goto("about:blank")
    page.goto(address)
    expect(page.get_by_text("Needs:")).to_be_visible()


def scopes(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Scopes", exact=True)


def editor(page: Page) -> Locator:
    return page.locator(".graphiql-query-editor .CodeMirror-code")


def write(page: Page, text: str, where: str = DOCUMENT) -> None:
    """This text, in place of what is there."""
    page.evaluate("([where, text]) => document.querySelector(where).CodeMirror.setValue(text)", [where, text])


def run(page: Page) -> None:
    page.get_by_role("button", name="Execute query").click()


def result(page: Page) -> Locator:
    return page.locator(".result-window .CodeMirror-code")


def token_id(page: Page) -> str:
    shown = page.locator(".token-line a code")
    expect(shown).to_be_visible()
    return shown.inner_text()


def test_it_is_as_every_page_has_to_be(page: Page) -> None:
    looked_at(page, PAGE, heaviest=HEAVIEST)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.get_by_role("button", name="Field tree").click()
    expect(page.locator("[data-needs]").first).to_be_visible()
    run(page)
    expect(result(page)).to_contain_text('"data"')
    as_it_should(page, "with the field tree and a result")


def test_the_first_query_is_there_and_runs(page: Page) -> None:
    expect(editor(page)).to_contain_text("callForwards")
    expect(page.locator(".needs")).to_contain_text(f"{READ} ✓")
    run(page)
    expect(result(page)).to_contain_text('"nodes"')
    expect(result(page)).to_contain_text('"1002"')
    expect(page.locator(".token-line")).to_contain_text(READ)


def test_a_denied_document_names_what_it_lacks_and_runs_once_that_is_added(page: Page, server: Live) -> None:
    first = token_id(page)
    write(page, MUTATION)
    expect(page.locator(".needs")).to_contain_text(f"{WRITE} – not selected")
    run(page)
    expect(page.get_by_role("alert")).to_contain_text(f"the token lacks {WRITE}")
    expect(result(page)).to_contain_text("INSUFFICIENT_SCOPE")
    page.get_by_role("button", name="Add and run again").click()
    expect(result(page)).to_contain_text('"clearCallForward"')
    expect(scopes(page)).to_have_value(f"{READ} {WRITE}")
    assert f"scope={READ}+{WRITE}".replace(":", "%3A") in page.url
    expect(page.locator(".needs")).to_contain_text(f"{WRITE} ✓")
    page.wait_for_function("id => document.querySelector('.token-line a code').innerText !== id", arg=first)
    listed = [each["id"] for each in server.json("token", "list")]
    assert token_id(page) in listed
    assert first not in listed, "the token of before is revoked"


def test_scopes_are_typed_and_applied_by_enter_and_unknown_ones_are_named(page: Page) -> None:
    write(page, "# mine\n{ extensions { totalCount } }")
    scopes(page).fill("gql:extensions:read gql:no:such")
    scopes(page).press("Enter")
    expect(page.get_by_text("There is no scope gql:no:such: it is left out.")).to_be_visible()
    expect(scopes(page)).to_have_value("gql:extensions:read")
    expect(page.locator(".needs")).to_contain_text("gql:extensions:read ✓")
    expect(editor(page)).to_contain_text("# mine")
    run(page)
    expect(result(page)).to_contain_text('"totalCount"')
    carried = page.get_by_role("link", name="GraphQL Documentation").get_attribute("href")
    assert carried is not None
    assert "scope=gql%3Aextensions%3Aread" in carried


def test_without_a_scope_of_graphql_it_says_what_to_do(page: Page) -> None:
    scopes(page).fill("rest:callforward:read")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("None of these scopes is of GraphQL")).to_be_visible()
    expect(scopes(page)).to_have_value("rest:callforward:read")
    page.get_by_role("button", name="Add all that read").click()
    expect(page.get_by_text("None of these scopes is of GraphQL")).to_have_count(0)
    expect(scopes(page)).to_have_value(re.compile(rf"^rest:callforward:read .*{READ}"))


def test_a_token_that_somebody_revoked_is_said_and_another_runs_the_document(page: Page, server: Live) -> None:
    first = token_id(page)
    assert server.run("token", "revoke", first, "--yes").returncode == 0
    run(page)
    expect(page.get_by_text("Somebody revoked this page’s token.")).to_be_visible()
    page.get_by_role("button", name="Get a new token and run again").click()
    expect(result(page)).to_contain_text('"nodes"')
    assert token_id(page) != first


def test_the_token_is_renewed_unseen_while_somebody_works_and_ends_when_nobody_does(
    browser: Browser, server: Live
) -> None:
    with steward(browser, server) as page:
        page.clock.install()
        at(page, f"{PAGE}?scope={READ}")
        first = token_id(page)
        page.clock.fast_forward(500_000)
        page.keyboard.press("Shift")
        page.clock.fast_forward(60_000)
        expect(page.locator(".token-line a code")).not_to_have_text(first)
        listed = [each["id"] for each in server.json("token", "list")]
        assert (token_id(page) in listed, first in listed) == (True, False)
        page.clock.fast_forward(560_000)
        page.clock.fast_forward(60_000)
        expect(page.get_by_text("The token has ended while you were away.")).to_be_visible()
        run(page)
        expect(result(page)).to_contain_text('"nodes"')


def test_who_looks_revokes_it_and_gets_another(page: Page, server: Live) -> None:
    first = token_id(page)
    page.get_by_role("button", name="Revoke now").click()
    expect(page.get_by_text("You revoked the token.")).to_be_visible()
    assert first not in [each["id"] for each in server.json("token", "list")]
    run(page)
    expect(result(page)).not_to_contain_text('"data"')
    page.get_by_role("button", name="Get a new token").click()
    assert token_id(page) != first
    run(page)
    expect(result(page)).to_contain_text('"nodes"')


def test_a_link_brings_the_document_and_nothing_secret(page: Page, browser: Browser, server: Live) -> None:
    write(page, "query Mine($n: Int) { callForwards(first: $n) { totalCount } }")
    page.get_by_role("button", name="Variables").click()
    page.evaluate("document.querySelectorAll('.graphiql-editor-tool .CodeMirror')[0].CodeMirror.setValue('{\"n\": 2}')")
    page.get_by_role("button", name="Headers").click()
    write(page, '{"X-Mine": "hush"}', HEADERS)
    run(page)
    expect(result(page)).to_contain_text('"totalCount"')
    page.get_by_role("button", name="Copy link").click()
    page.wait_for_function("navigator.clipboard.readText().then(text => text.includes('#query='))")
    link = page.evaluate("navigator.clipboard.readText()")
    query, _, fragment = link.partition("#")
    assert query == f"{server.issuer}{PAGE}?scope=gql%3Acallforward%3Aread"
    assert "totalCount" in fragment
    assert "skpr_" not in link
    assert "hush" not in link
    page.wait_for_timeout(700)  # what is kept is kept half a second later
    kept = page.evaluate(KEPT)
    assert "totalCount" in kept
    assert "skpr_" not in kept
    assert "hush" not in kept
    with steward(browser, server) as other:
        asked: list[str] = []
        other.on("request", lambda request: asked.append(request.url))
        at(other, link)
        expect(editor(other)).to_contain_text("query Mine")
        expect(other.locator(".needs")).to_contain_text(f"{READ} ✓")
        assert "#" not in other.url
        assert not any("Mine" in url for url in asked), "the document reached the server's log"
        run(other)
        expect(result(other)).to_contain_text('"totalCount"')


def test_row_47_what_a_link_brings_changes_nothing_before_it_is_told_and_asked(page: Page) -> None:
    """It stands where nobody looks, below the fold, and the link has brought the scopes for it, too."""
    hidden = 'fragment Hidden on Mutation { setCallForward(extension: "1002", body: {busy: "5550000"}) { extension } }'
    document = "# All forwards" + "\n" * 200 + f"mutation {{ ...Hidden }}\n{hidden}"
    at(page, f"{PAGE}?scope={READ}%20{WRITE}#query={quote(document)}")
    asked: list[str] = []
    answers = iter([False, True])

    def answered(dialog: Dialog) -> None:
        asked.append(dialog.message)
        (dialog.accept if next(answers) else dialog.dismiss)()

    page.on("dialog", answered)
    run(page)
    expect(result(page)).to_contain_text("Not run")
    assert ["changes the live system: setCallForward." in each for each in asked] == [True]
    page.wait_for_timeout(700)  # what is kept is kept half a second later
    page.reload()
    expect(editor(page)).to_contain_text("All forwards")
    run(page)
    expect(result(page)).to_contain_text('"extension": "1002"')
    run(page)
    expect(result(page)).to_contain_text('"extension": "1002"')
    assert len(asked) == 2, "it was asked again after a yes"
    page.remove_listener("dialog", answered)


def test_an_authorization_header_of_ones_own_is_sent_in_place_of_ours(page: Page) -> None:
    page.get_by_role("button", name="Headers").click()
    page.evaluate(
        "document.querySelectorAll('.graphiql-editor-tool .CodeMirror')[1].CodeMirror"
        '.setValue(\'{"Authorization": "Bearer mine"}\')'
    )
    with page.expect_request("**/api/graphql") as sent:
        run(page)
    assert sent.value.headers["authorization"] == "Bearer mine"
    expect(result(page)).to_contain_text("errors")
    expect(page.get_by_text("Somebody revoked")).to_have_count(0)


def test_the_history_is_kept_by_itself_and_cleared(page: Page) -> None:
    expect(editor(page)).to_contain_text("callForwards")  # what is run before it is written is in no history
    run(page)
    expect(result(page)).to_contain_text('"nodes"')
    button = page.get_by_role("button", name="Clear history")
    expect(button).to_be_enabled()
    button.click()
    expect(button).to_be_disabled()
    assert not any("queries" in name and "callForwards" in text for name, text in json.loads(page.evaluate(KEPT))[0])


def test_a_pin_is_sent_and_not_kept(page: Page) -> None:
    setting = "updateVoicemailBox(extension: %s, body: {pin: %s}) { extension }"
    one, other = setting % ('"1001"', '"835094"'), setting % ('"1002"', "$pin")
    write(page, f"mutation Mine($pin: String) {{ {one} other: {other} }}")
    page.get_by_role("button", name="Variables").click()
    page.evaluate(
        "text => document.querySelector('.graphiql-editor-tool .CodeMirror').CodeMirror.setValue(text)",
        '{"pin": "720418"}',
    )
    with page.expect_request("**/api/graphql") as sent:
        run(page)
    assert "835094" in (sent.value.post_data or "")
    page.wait_for_timeout(700)  # what is kept is kept half a second later
    kept = page.evaluate(KEPT)
    assert "updateVoicemailBox" in kept
    assert "835094" not in kept
    assert "720418" not in kept
    page.reload()
    expect(editor(page)).to_contain_text('pin: "(not kept)"')


def test_tab_leads_out_of_the_editor(page: Page) -> None:
    """WCAG 2.2, 2.1.2: no keyboard trap."""
    page.get_by_role("textbox", name="GraphQL document").focus()
    page.keyboard.press("Tab")  # what scrolls, for those who scroll by keys
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.graphiql-query-editor .CodeMirror')") is None


def test_escape_leads_out_of_the_editor_and_what_is_folded_away_takes_no_focus(page: Page) -> None:
    page.get_by_role("textbox", name="GraphQL document").focus()
    for _ in range(40):  # nothing can be completed before the schema is there
        page.keyboard.press("Control+Space")
        page.wait_for_timeout(250)
        if page.locator(".CodeMirror-hints").is_visible():
            break
    expect(page.locator(".CodeMirror-hints")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".CodeMirror-hints")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Execute query")).to_be_focused()
    expect(page.get_by_role("textbox", name="Variables")).to_have_count(0)
    page.get_by_role("button", name="Show editor tools").click()
    expect(page.get_by_role("textbox", name="Variables")).to_be_visible()


def test_the_built_in_application_is_disabled_in_words(page: Page, server: Live) -> None:
    assert server.run("app", "disable", "api-explorer").returncode == 0
    try:
        scopes(page).press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("No token could be made. API Explorer is disabled.")
        link = page.get_by_role("alert").get_by_role("link", name="API Explorer")
        assert link.get_attribute("href") == "/console/applications/api-explorer"
    finally:
        assert server.run("app", "enable", "api-explorer").returncode == 0
    page.get_by_role("button", name="Try again").click()
    token_id(page)
    run(page)
    expect(result(page)).to_contain_text('"nodes"')


def test_a_server_that_is_away_is_said_and_what_is_written_stays(page: Page) -> None:
    token_id(page)
    page.route("**/api/graphql", lambda route: route.abort())
    run(page)
    expect(result(page)).to_contain_text("The server cannot be reached just now")
    page.unroute("**/api/graphql")
    expect(editor(page)).to_contain_text("callForwards")
    run(page)
    expect(result(page)).to_contain_text('"nodes"')


def test_an_ended_session_is_said_with_the_way_back(browser: Browser, server: Live) -> None:
    with steward(browser, server) as page:
        at(page, f"{PAGE}?scope={READ}")
        token_id(page)
        page.context.clear_cookies()
        scopes(page).press("Enter")
        expect(page.get_by_role("alert").get_by_text("Your session has ended.")).to_be_visible()
        there = page.get_by_role("alert").get_by_role("link", name="Sign in").get_attribute("href")
        assert there is not None
        assert there.startswith("/login?next=%2Fconsole%2Fgraphql")


def test_a_view_shows_what_somebody_could_read_and_changes_nothing(browser: Browser, server: Live) -> None:
    made = server.json("app", "add", "Team Calendar", "--type", "m2m", "--scope", f"{READ} {WRITE}")
    assert server.run("user", "add", "alice", "--password-stdin", input="correct horse battery\n").returncode == 0
    with steward(browser, server) as page:
        before = [each["id"] for each in server.json("token", "list")]
        at(page, f"{PAGE}?client={made['client_id']}")
        expect(page.get_by_text("You see what Team Calendar could read.")).to_be_visible()
        expect(scopes(page)).to_have_value(f"{READ} {WRITE}")
        run(page)
        expect(result(page)).to_contain_text('"1003"')
        write(page, MUTATION)
        run(page)
        expect(result(page)).to_contain_text("VIEW_IS_READ_ONLY")
        write(page, "{ extensions { totalCount } }")
        expect(page.locator(".needs")).to_contain_text("gql:extensions:read – not held")
        run(page)
        expect(page.get_by_role("alert")).to_contain_text("what this ran with lacks gql:extensions:read")
        expect(page.get_by_role("button", name="Add and run again")).to_have_count(0)
        assert [each["id"] for each in server.json("token", "list")] == before, "no token is made in a view"
        page.get_by_role("link", name="Leave this view").click()
        expect(page.locator(".token-line")).to_be_visible()
        page.get_by_text("View as an application or a person").click()
        page.get_by_role("searchbox", name="Person").fill("alice")
        page.get_by_role("searchbox", name="Person").press("Enter")
        expect(page.get_by_text("You see what alice could read.")).to_be_visible()
        looked_at(page, f"{PAGE}?user=alice", heaviest=HEAVIEST)
