"""Tokens, consents, people, the log and the keys in a browser: looked at, filtered, revoked, watched."""

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.looking import as_it_should, looked_at, steward
from tests.live import Live, felt

PASSWORD = "correct horse battery"


@pytest.fixture
def page(browser: Browser, server: Live) -> Iterator[Page]:
    with steward(browser, server) as page:
        yield page


@pytest.fixture(scope="module")
def night(server: Live) -> Mapping[str, str]:
    """A machine-to-machine application."""
    made: Mapping[str, str] = server.json("app", "add", "Night shift", "--type", "m2m", "--scope", "rest gql")
    return made


@pytest.fixture(scope="module")
def phone(server: Live) -> Mapping[str, str]:
    """A native application into which alice has signed in, for longer than her session."""
    done = server.run("user", "add", "alice", "--password-stdin", input=PASSWORD + "\n")
    assert done.returncode == 0, done.stderr
    more = ("--grant", "password", "--redirect-uri", "http://127.0.0.1/back")
    made: Mapping[str, str] = server.json(
        "app", "add", "Desk phone", "--type", "native", "--scope", "rest offline_access", *more
    )
    told = httpx2.post(
        f"{server.issuer}/oauth/token",
        data={"grant_type": "password", "username": "alice", "password": PASSWORD},
        auth=(made["client_id"], made["client_secret"]),
    )
    assert told.status_code == 200, told.text
    return {**made, **told.json()}


def status_of(server: Live, token: str) -> int:
    """What a call with this token gets."""
    answer: Any = httpx2.get(f"{server.issuer}/api/rest/extensions/", headers={"authorization": f"Bearer {token}"})
    return int(answer.status_code)


@pytest.mark.parametrize(
    "path",
    [
        "tokens", "tokens?user=nobody", "tokens?since=soon", "tokens/revoke?all=1", "refresh-tokens",
        "refresh-tokens/revoke?all=1", "consents", "users", "users?text=nobody", "users/root", "users/alice",
        "users/alice/remove", "users/root/disable", "users/alice/link", "new-user", "audit", "audit?text=nothing",
        "audit?since=soon", "keys", "keys/ES256/compromised",
    ],
)  # fmt: skip
def test_every_page_is_as_it_should_be(
    page: Page, server: Live, night: Mapping[str, str], phone: Mapping[str, str], path: str
) -> None:
    server.token(night)
    looked_at(page, f"/console/{path}")


def test_one_token_one_grant_and_one_act_are_as_they_should_be(page: Page, phone: Mapping[str, str]) -> None:
    for path in ("tokens?user=alice", "refresh-tokens?user=alice"):
        page.goto(f"/console/{path}")
        page.get_by_role("rowheader").get_by_role("link").first.click()
        looked_at(page, page.url)
    page.goto("/console/audit?action=application")
    page.get_by_role("row").filter(has_text="Desk phone").get_by_role("link").first.click()
    looked_at(page, page.url)
    expect(page.get_by_role("heading", level=1)).to_have_text("Registered the application")


def test_a_token_that_is_revoked_fails_at_its_next_call_and_the_log_knows_who_did_it(
    page: Page, server: Live, night: Mapping[str, str]
) -> None:
    token = server.token(night)
    assert status_of(server, token) == 200
    page.goto("/console/tokens?app=Night+shift")
    row = page.get_by_role("row").nth(1)
    id = row.get_by_role("rowheader").inner_text().strip()
    revoke = page.get_by_role("button", name="Revoke selected")
    expect(revoke).to_be_hidden()
    row.get_by_role("checkbox", name=f"Select {id}").check()
    expect(page.get_by_text("1 selected")).to_be_visible()
    as_it_should(page, "a row is ticked")
    revoke.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Revoke 1 access token")
    page.get_by_role("button", name="Revoke it").click()
    expect(page.get_by_role("status").filter(has_text="1 access token is revoked.")).to_be_visible()
    expect(page.get_by_text(id)).to_have_count(0)
    felt(lambda: status_of(server, token), 401)
    acts = "/console/audit?action=token.revoke"
    page.goto(acts)
    expect(page.get_by_role("row").filter(has_text=id)).to_contain_text("revoked an access token")
    count = page.get_by_role("row").count()
    page.go_back()
    page.go_back()
    expect(page.get_by_role("heading", name="Nothing to revoke")).to_be_visible()
    page.goto(acts)
    expect(page.get_by_role("row")).to_have_count(count)


def test_all_that_match_are_revoked_once_it_is_typed_whose_they_are(
    page: Page, server: Live, night: Mapping[str, str]
) -> None:
    tokens = [server.token(night) for _ in range(3)]
    page.goto("/console/tokens?app=Night+shift")
    page.get_by_role("link", name="Revoke all that match").click()
    button = page.get_by_role("button", name="Revoke them")
    expect(button).to_be_disabled()
    page.get_by_label("Type whose they are to confirm").fill("Night shift")
    button.click()
    expect(page.get_by_text("access tokens are revoked.")).to_be_visible()
    for token in tokens:
        felt(partial(status_of, server, token), 401)


def test_a_grant_that_is_revoked_takes_its_tokens_along(page: Page, server: Live, phone: Mapping[str, str]) -> None:
    told = httpx2.post(
        f"{server.issuer}/oauth/token",
        data={"grant_type": "password", "username": "alice", "password": PASSWORD},
        auth=(phone["client_id"], phone["client_secret"]),
    ).json()
    page.goto("/console/refresh-tokens?user=alice")
    page.get_by_role("row").nth(1).get_by_role("checkbox").check()
    page.get_by_role("button", name="Revoke selected").click()
    expect(page.get_by_role("main")).to_contain_text(re.compile(r"Dies with it\s+1 access token"))
    page.get_by_role("button", name="Revoke it").click()
    expect(page.get_by_text("1 refresh token is revoked.")).to_be_visible()
    felt(lambda: status_of(server, told["access_token"]), 401)
    assert status_of(server, phone["access_token"]) == 200


def test_the_list_follows_what_is_typed_and_its_address_with_it(
    page: Page, server: Live, night: Mapping[str, str], phone: Mapping[str, str]
) -> None:
    server.token(night)
    page.goto("/console/tokens")
    page.keyboard.press("/")
    page.keyboard.type("desk phone")
    expect(page).to_have_url(re.compile(r"\?app=desk\+?(%20)?phone$"))
    expect(page.get_by_role("link", name="Night shift")).to_have_count(0)
    page.get_by_label("Person").fill("nobody")
    page.get_by_label("Person").blur()
    expect(page.get_by_role("heading", name="No token matches")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="No token matches")).to_be_visible()


def test_row_31_a_token_that_is_pasted_into_a_search_is_looked_up_and_stands_in_no_address(
    page: Page, server: Live, night: Mapping[str, str]
) -> None:
    token, asked = server.token(night), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/console/tokens")
    page.get_by_role("searchbox", name="Application").fill(token)
    expect(page.get_by_text("That looked like a token: it is looked up, not shown.")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("Night shift")
    page.goto("/console/audit")
    page.get_by_role("searchbox", name="Search the log").fill(token)
    expect(page.get_by_text("That looks like a token")).to_be_attached()
    expect(page.get_by_role("searchbox", name="Search the log")).to_have_value("")
    page.goto("/console/tokens")
    page.get_by_text("Look up a token").click()
    page.get_by_label("Token, or its ID").fill(token)
    page.get_by_role("button", name="Look up").click()
    expect(page.get_by_text("That looked like a token: it is looked up, not shown.")).to_be_visible()
    assert [url for url in asked if token in url] == []


def test_the_log_is_watched_as_it_grows_while_that_is_switched_on(page: Page, server: Live) -> None:
    page.goto("/console/audit?action=user")
    live = page.get_by_role("button", name="Live")
    expect(live).to_have_attribute("aria-pressed", "false")
    live.click()
    expect(live).to_have_attribute("aria-pressed", "true")
    done = server.run("user", "add", "watched", "--password-stdin", input=PASSWORD + "\n")
    assert done.returncode == 0, done.stderr
    expect(page.get_by_role("row").nth(1)).to_contain_text("watched", timeout=10_000)
    expect(page.get_by_role("status").filter(has_text="1 new act.")).to_be_attached()
    as_it_should(page, "a row has come")
    live.click()
    expect(live).to_have_attribute("aria-pressed", "false")


def test_somebody_is_added_and_the_link_is_shown_once(page: Page) -> None:
    page.goto("/console/users")
    page.get_by_role("link", name="Add user").click()
    page.get_by_label("Name", exact=True).fill("carol")
    page.get_by_role("button", name="Add user").click()
    expect(page.get_by_role("textbox", name="Password link")).to_have_value(
        re.compile(r"^http://127\.0\.0\.1:\d+/link\?key=")
    )
    as_it_should(page, "a link is shown")
    page.reload()
    expect(page.get_by_role("textbox", name="Password link")).to_have_count(0)
    expect(page.get_by_text("cannot be shown again")).to_be_visible()


def test_somebody_is_removed_once_the_name_is_typed(page: Page, server: Live) -> None:
    server.run("user", "add", "dave", "--password-stdin", input=PASSWORD + "\n")
    page.goto("/console/users/dave")
    page.get_by_role("link", name="Remove").click()
    button = page.get_by_role("button", name="Remove")
    expect(button).to_be_disabled()
    page.get_by_label("Type the name to confirm").fill("dave")
    button.click()
    expect(page.get_by_text("The account is removed.")).to_be_visible()
    expect(page.get_by_role("link", name="dave")).to_have_count(0)


def test_the_last_administrator_is_told_why_they_stay(page: Page) -> None:
    page.goto("/console/users/root/disable")
    expect(page.get_by_text("This is your own account.")).to_be_visible()
    page.get_by_role("button", name="Disable").click()
    expect(page.get_by_text("root is the last administrator")).to_be_visible()
    as_it_should(page, "the last administrator stays")


def test_lists_are_filtered_paged_and_revoked_without_scripts(
    browser: Browser, server: Live, night: Mapping[str, str]
) -> None:
    token = server.token(night)
    with steward(browser, server, java_script_enabled=False) as page:
        page.goto("/console/tokens")
        page.get_by_role("searchbox").fill("night shift")
        page.get_by_role("button", name="Filter").click()
        page.get_by_role("row").nth(1).get_by_role("checkbox").check()
        page.get_by_role("button", name="Revoke selected").click()
        page.get_by_role("button", name="Revoke it").click()
        expect(page.get_by_text("1 access token is revoked.")).to_be_visible()
        page.goto("/console/audit")
        page.get_by_role("link", name="Refresh", exact=True).click()
        expect(page.get_by_role("row").nth(1)).to_contain_text("revoked an access token")
    felt(lambda: status_of(server, token), 401)
