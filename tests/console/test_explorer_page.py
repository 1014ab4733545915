"""The explorer's page as the server writes it: the Scopes box, through whose eyes it looks, what scripts are told."""

from html import unescape
from pathlib import Path

import pytest

from tests.asking import Answer
from tests.console.steward import Steward, stewarding
from tests.pages.browsing import Attributes, Seen
from tests.persons import a_person, an_application

PATH = "/console/graphql"
READ = "gql:callforward:read"


async def page(s: Steward, query: str = "") -> Seen:
    return await s.page(PATH + query)


def box(answer: Answer) -> str:
    """What stands in the Scopes box."""
    return unescape(answer.body.decode().partition('id="scopes"')[2].partition(">")[2].partition("<")[0])


def island(seen: Seen) -> Attributes:
    """What the script is told."""
    [found] = [each for each in seen.all("div") if each.get("id") == "explorer"]
    return found


async def test_where_nothing_is_selected_everything_reads_and_nothing_writes(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        told = island(await page(s))
        scopes = told["data-scope"].split()
        assert READ in scopes
        assert "gql:admin:read:applications" in scopes
        assert all(scope.startswith("gql:") and ":write" not in scope for scope in scopes)
        assert "these all read, and none writes" in (await page(s)).text


async def test_the_selection_of_the_address_stands_in_the_box_as_it_is(tmp_path: Path) -> None:
    """Also what is not of GraphQL: the token gets exactly what is selected."""
    async with stewarding(tmp_path) as s:
        answer = await s.browser.get(f"{PATH}?scope={READ}+rest:callforward:write")
        assert box(answer) == f"{READ} rest:callforward:write"
        seen = Seen(answer.body)
        assert island(seen)["data-scope"] == box(answer)
        assert "none writes" not in seen.text
        labels = [each["for"] for each in seen.all("label")]
        assert "scopes" in labels


async def test_unknown_scopes_are_named_and_left_out(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        answer = await s.browser.get(f"{PATH}?scope={READ}+gql:no:such")
        assert box(answer) == READ
        assert "There is no scope gql:no:such: it is left out." in Seen(answer.body).text


async def test_the_way_back_to_the_visualizer_takes_the_selection_along(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        links = [each["href"] for each in (await page(s, f"?scope={READ}")).all("a") if "data-carries" in each]
        assert "/console/scopes?scope=gql%3Acallforward%3Aread" in links


async def test_the_page_has_no_token_and_makes_none(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        before = await s.noted()
        answer = await s.browser.get(PATH)
        assert b"skpr_at_" not in answer.body
        assert await s.noted() == before
        assert (await s.browser.get("/console/tokens.json")).json() == []


async def test_without_scripts_the_page_says_where_to_read(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        text = (await s.browser.get(f"{PATH}?scope={READ}")).body.decode()
        without = text.partition("<noscript>")[2].partition("</noscript>")[0]
        assert "The explorer needs scripts" in without
        assert "/console/docs/graphql?scope=gql%3Acallforward%3Aread" in without
        assert "/api/graphql/schema.graphql?scope=gql%3Acallforward%3Aread" in without


async def test_a_view_as_an_application_has_its_ceiling(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        client = await an_application(s.h, "rest:callforward gql:callforward:read openid")
        seen = await page(s, f"?client={client.client_id}")
        told = island(seen)
        assert (
            "You see what Phone book could read. Nothing can be changed here, and the log shows that you looked."
            in seen.text
        )
        assert told["data-client"] == client.client_id
        assert told["data-held"] == told["data-scope"] == "rest:callforward gql:callforward:read"
        assert "data-viewing" in told


async def test_a_view_as_a_person_through_an_application_is_cut_to_the_selection(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        alice = await a_person(s.h, "alice")
        client = await an_application(s.h, "gql:callforward")
        seen = await page(s, f"?client={client.client_id}&user={alice.name}&scope={READ}+gql:extensions:read")
        told = island(seen)
        assert "You see what Phone book could read as alice." in seen.text
        assert (told["data-person"], told["data-held"]) == ("alice", READ)
        leaving = [
            each["href"]
            for each in seen.all("a")
            if each["href"].startswith(f"{PATH}?scope=") and "client" not in each["href"]
        ]
        assert leaving != []


async def test_an_application_is_found_by_its_name(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        client = await an_application(s.h, "gql:callforward:read")
        answer = await s.browser.get(f"{PATH}?application=Phone+book&scope={READ}")
        assert answer.status == 303
        assert answer.headers["location"] == f"{PATH}?scope=gql%3Acallforward%3Aread&client={client.client_id}"


@pytest.mark.parametrize("query", ["?client=nothing", "?user=nobody"])
async def test_somebody_who_is_not_there_is_said_and_nothing_is_viewed(tmp_path: Path, query: str) -> None:
    async with stewarding(tmp_path) as s:
        seen = await page(s, query)
        assert "There is no" in seen.text
        assert "data-viewing" not in island(seen)
