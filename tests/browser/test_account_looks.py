"""The account page of somebody at whose data an administrator looked, in a real browser: in both languages."""

from typing import Any

from playwright.sync_api import Browser, expect

from tests.browser.looking import looked_at, steward
from tests.live import Live

LOOK = """
async ([fields, from]) => {
  const page = new DOMParser().parseFromString(await (await fetch(from)).text(), "text/html");
  const csrf = page.querySelector("form[action='/console/new-user'] input[name=csrf]").value;
  const body = new URLSearchParams({ ...fields, csrf });
  return await (await fetch("/console/explorer/look", { method: "POST", body })).json();
}
"""
"""As a script of the console asks: a form with the proof that the page was given."""

QUERY = "{ extensions { nodes { extension } } users { nodes { name } } applications { nodes { name } } }"


def looked(page: Any, **fields: str) -> Any:
    return page.evaluate(LOOK, [{"query": QUERY, "scope": "gql", **fields}, "/console/new-user"])


def test_who_looked_stands_on_the_account_page_at_every_width_and_in_both_schemes(
    browser: Browser, server: Live
) -> None:
    with steward(browser, server) as page:
        answer = looked(page, user="root")
        assert [each["name"] for each in answer["data"]["users"]["nodes"]] == ["root"]
        answer = looked(page, user="root", scope="gql:extensions:read")
        assert answer["errors"][0]["extensions"]["missing"] == ["gql:admin:read:applications", "gql:admin:read:users"]
        looked_at(page, "/account")
        section = page.get_by_role("region", name="Who looked at your data")
        expect(section.get_by_role("listitem")).to_have_count(1)
        expect(section).to_contain_text("root")
        expect(section).to_contain_text("read: extensions users applications")
        page.set_extra_http_headers({"accept-language": "de"})
        looked_at(page, "/account")
        expect(page.get_by_role("region", name="Wer Ihre Daten angesehen hat")).to_contain_text("gelesen: extensions")
