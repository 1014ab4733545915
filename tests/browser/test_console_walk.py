"""The great walk: an administrator who has never seen the console does with it all that there is to be done.

One visit from the set-up link to the audit log, by the names that the contract gives things.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import httpx2
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.looking import as_it_should
from tests.live import Live, felt, live

ADMIN: Final = "root"
PASSWORD: Final = "correct horse battery"
BOTH: Final = "rest:callforward:read rest:callforward:write"
HERE: Final = "/console/applications"
TYPES: Final = ("Web-server app", "Browser-based / Single Page app", "Native app", "Machine-to-Machine app")


@dataclass(slots=True)
class Visit:
    """Her browser, and what it noticed on the way."""

    page: Page
    server: Live
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))

    def go(self, link: str) -> None:
        """By the navigation."""
        self.page.get_by_role("navigation", name="Console").get_by_role("link", name=link, exact=True).click()

    def box(self, name: str) -> Locator:
        return self.page.get_by_role("textbox", name=name, exact=True)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def call(self, token: str) -> int:
        """What the API answers to this token."""
        headers = {"authorization": f"Bearer {token}"}
        url = f"{self.server.issuer}/api/rest/callforward/users/1001"
        return httpx2.get(url, headers=headers).status_code

    def knock(self, client_id: str, secret: str) -> int:
        """What the token endpoint answers to this secret."""
        form = {"grant_type": "client_credentials"}
        return httpx2.post(f"{self.server.issuer}/oauth/token", data=form, auth=(client_id, secret)).status_code

    def token(self, client_id: str, secret: str) -> str:
        return self.server.token({"client_id": client_id, "client_secret": secret})


@pytest.fixture
def visit(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    with live(tmp_path_factory.mktemp("walk")) as server:
        context = browser.new_context(base_url=server.issuer)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        visit = Visit(context.new_page(), server)
        visit.watch()
        yield visit
        context.close()


def test_the_great_walk(visit: Visit) -> None:
    signs_in_by_the_set_up_link(visit)
    for type in TYPES:
        makes_an_application(visit, type)
    finds_two_scopes_by_typing_and_copies_them(visit)
    client_id, secret = makes_an_application_from_the_selection(visit)
    secret = rotates_with_overlap(visit, client_id, secret)
    secret = plays_compromised(visit, client_id, secret)
    revokes_a_token(visit, client_id, secret)
    finds_it_all_in_the_audit_log(visit, client_id)
    assert visit.said == [], "something was said on the browser's console: the policy broken, a script failed"
    assert [url for url in visit.asked if not url.startswith((visit.server.issuer, "blob:", "data:"))] == []
    secrets = re.compile(r"skpr_(cs|at|rt|ac)_[0-9A-Za-z]{49}")
    assert [url for url in visit.asked if secrets.search(url)] == []


def signs_in_by_the_set_up_link(visit: Visit) -> None:
    page = visit.page
    page.goto(visit.server.set_up_link())
    page.get_by_label("User name").fill(ADMIN)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    if "/login" in page.url:
        page.get_by_label("User name").fill(ADMIN)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
    page.goto("/console/")
    for link in ("Applications", "Access tokens", "Refresh tokens", "Scope Visualizer", "Users", "Audit"):
        navigation = page.get_by_role("navigation", name="Console")
        expect(navigation.get_by_role("link", name=link, exact=True)).to_be_visible()


def makes_an_application(visit: Visit, type: str) -> None:
    page, name = visit.page, f"My {type}"
    visit.go("Applications")
    visit.button("Add Application").click()
    page.get_by_role("radio", name=type, exact=True).check()
    visit.box("Name").fill(name)
    visit.box("Description").fill("Made on the walk.")
    if type != TYPES[-1]:
        visit.box("Redirect URI").fill("https://app.example.com/callback")
    visit.button("Create").click()
    expect(visit.box("Client ID")).to_have_value(re.compile("^[0-9A-Za-z]{22}$"))
    has_secret = type in (TYPES[0], TYPES[-1])
    expect(visit.box("Client secret")).to_have_count(int(has_secret))
    made = len(visit.server.json("app", "list"))
    page.reload()
    expect(visit.box("Client secret")).to_have_count(0)
    page.go_back()
    page.go_forward()
    assert len(visit.server.json("app", "list")) == made
    assert page.content().count("skpr_cs_") == 0


def finds_two_scopes_by_typing_and_copies_them(visit: Visit) -> None:
    page = visit.page
    visit.go("Scope Visualizer")
    page.get_by_role("searchbox", name="Search scopes").press_sequentially("forward")
    for scope in BOTH.split():
        page.get_by_role("checkbox", name=scope, exact=True).check()
    expect(visit.box("Selected Scopes")).to_have_value(BOTH)
    visit.button("Copy").click()
    assert page.evaluate("navigator.clipboard.readText()") == BOTH


def makes_an_application_from_the_selection(visit: Visit) -> tuple[str, str]:
    visit.button("New application from selection").click()
    visit.page.get_by_role("radio", name=TYPES[-1], exact=True).check()
    visit.box("Name").fill("Call forwarder")
    expect(visit.box("Selected Scopes")).to_have_value(BOTH)
    visit.button("Create").click()
    client_id, secret = visit.box("Client ID").input_value(), visit.box("Client secret").input_value()
    assert visit.server.json("app", "show", client_id)["scope"] == BOTH
    assert visit.call(visit.token(client_id, secret)) == 200
    return client_id, secret


def rotates_with_overlap(visit: Visit, client_id: str, old: str) -> str:
    visit.page.goto(f"{HERE}/{client_id}")
    visit.page.get_by_label("Overlap").select_option("1 hour")
    visit.button("Rotate secret").click()
    new = visit.box("Client secret").input_value()
    for each in (old, new):
        felt(partial(visit.knock, client_id, each), 200)
    visit.page.reload()
    expect(visit.box("Client secret")).to_have_count(0)
    assert len(visit.server.json("app", "show", client_id)["secrets"]) == 2
    return new


def plays_compromised(visit: Visit, client_id: str, leaked: str) -> str:
    page, token = visit.page, visit.token(client_id, leaked)
    page.goto(f"{HERE}/{client_id}")
    visit.button("Compromised?").click()
    page.get_by_label("Type its name to confirm").fill("Call forwarder")
    visit.button("End everything now").click()
    new = visit.box("Client secret").input_value()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download report").click()
    report = json.loads(waiting.value.path().read_text())
    assert (report["name"], report["secrets_ended"]) == ("Call forwarder", 2)
    felt(lambda: visit.knock(client_id, leaked), 401)
    felt(lambda: visit.knock(client_id, new), 200)
    felt(lambda: visit.call(token), 401)
    page.reload()
    expect(visit.box("Client secret")).to_have_count(0)
    assert len(visit.server.json("app", "show", client_id)["secrets"]) == 1
    return new


def revokes_a_token(visit: Visit, client_id: str, secret: str) -> None:
    page, tokens = visit.page, [visit.token(client_id, secret) for _ in range(2)]
    assert [visit.call(token) for token in tokens] == [200, 200]
    visit.go("Access tokens")
    page.get_by_role("row").nth(1).get_by_role("checkbox").check()
    visit.button("Revoke selected").click()
    page.get_by_role("button", name=re.compile("^Revoke")).click()
    expect(page.get_by_role("status").first).to_contain_text("revoked", ignore_case=True)
    felt(lambda: visit.call(tokens[1]), 401)
    assert visit.call(tokens[0]) == 200
    page.reload()
    page.go_back()
    assert visit.call(tokens[0]) == 200


def finds_it_all_in_the_audit_log(visit: Visit, client_id: str) -> None:
    visit.go("Audit")
    acts = [(each["action"], each["target"]) for each in visit.server.json("audit", "list", "--actor", ADMIN)]
    assert [action for action, _ in reversed(acts)] == [
        "user.add", "session.begin", *["application.add"] * 5, "application.rotate", "application.compromised",
        "token.revoke",
    ]  # fmt: skip
    text = visit.page.get_by_role("main")
    for said in ("rotat", "compromised", "revoke"):
        expect(text).to_contain_text(re.compile(said, re.IGNORECASE))
    visit.page.goto(f"/console/audit?target={client_id}")
    rows = visit.page.locator("#results").get_by_role("row").filter(has_text=ADMIN)
    expect(rows).to_have_count(3)
    as_it_should(visit.page, "the audit log")


def test_two_administrators_who_edit_one_application_do_not_overwrite_each_other_unseen(visit: Visit) -> None:
    signs_in_by_the_set_up_link(visit)
    made = visit.server.json("app", "add", "Shared", "--type", "m2m", "--scope", BOTH)
    settings, mine = f"{HERE}/{made['client_id']}/settings", visit.page
    mine.goto(settings)
    theirs = mine.context.new_page()
    theirs.goto(settings)
    theirs.get_by_role("textbox", name="Description").fill("Said by the other one")
    theirs.get_by_role("button", name="Save").click()
    expect(theirs.get_by_text("Said by the other one")).to_be_visible()
    visit.box("Description").fill("Said by me")
    visit.button("Save").click()
    expect(mine.get_by_text("Said by the other one").first).to_be_visible()
    assert visit.server.json("app", "show", made["client_id"])["description"] == "Said by the other one"
    visit.button("Save").click()
    expect(mine.get_by_role("heading", level=1)).to_have_text("Shared")
    assert visit.server.json("app", "show", made["client_id"])["description"] == "Said by me"
