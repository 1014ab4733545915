"""The API described for programs: taken along from the console, also where others need a token to get it."""

from pathlib import Path

import pytest

from tests.console.steward import stewarding

PRIVATE = {"SCOPEKEEPER_PUBLIC_DESCRIPTIONS": "false"}
READ = "scope=rest:callforward:read+gql:callforward:read"
PAGES = ("/console/docs/rest", "/console/docs/graphql", "/console/scopes", "/console/graphql")


@pytest.mark.parametrize("environment", [{}, PRIVATE], ids=["public", "private"])
async def test_every_document_that_a_page_leads_to_is_there_and_cut(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    async with stewarding(tmp_path, environment) as steward:
        found: set[str] = set()
        for page in PAGES:
            links = [each["href"] for each in (await steward.page(f"{page}?{READ}")).all("a") if "href" in each]
            for link in links:
                name = link.partition("?")[0].rpartition("/")[2]
                if name in ("openapi.json", "schema.graphql", "postman.json"):
                    found.add(name)
                    answer = await steward.browser.get(link)
                    assert answer.status == 200, link
                    told = answer.body.decode()
                    assert "callForward" in told or "/callforward/users" in told, link
                    assert "addExtension" not in told, link
                    assert "setCallForward" not in told, link
        assert found == {"openapi.json", "schema.graphql", "postman.json"}


async def test_without_a_selection_it_is_the_whole_and_no_cache_keeps_it(tmp_path: Path) -> None:
    async with stewarding(tmp_path, PRIVATE) as steward:
        for name in ("openapi.json", "schema.graphql", "postman.json"):
            answer = await steward.browser.get(f"/console/docs/{name}")
            assert answer.status == 200
            assert "xtension" in answer.body.decode()
            assert answer.headers["cache-control"] == "no-store"
            assert "sandbox" in answer.headers["content-security-policy"]


async def test_nobody_gets_it_who_is_not_signed_in(tmp_path: Path) -> None:
    async with stewarding(tmp_path, PRIVATE) as steward:
        steward.browser.cookies.clear()
        for name in ("openapi.json", "schema.graphql", "postman.json"):
            answer = await steward.browser.get(f"/console/docs/{name}")
            assert (answer.status, answer.headers["location"].partition("?")[0]) == (303, "/login")
        assert (await steward.browser.get("/api/rest/openapi.json")).status == 401
