"""The page of the GraphQL documentation at the console: readable without a script, and cut to what is selected."""

import re
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.console.steward import Steward, stewarding

PAGE = "/console/docs/graphql"
READ = "gql:callforward:read"


async def body(s: Steward, target: str = PAGE) -> str:
    answer = await s.browser.get(target)
    assert answer.status == 200, target
    return answer.body.decode()


async def links(s: Steward, target: str) -> list[str]:
    return [each.get("href", "") for each in (await s.page(target)).all("a")]


@pytest.mark.parametrize(
    "target",
    [
        PAGE,
        f"{PAGE}?scope={READ}",
        f"{PAGE}?scope={READ}&beyond=on",
        f"{PAGE}?module=callforward",
        f"{PAGE}?scope=gql:callforward:write&q=forward",
    ],
)
async def test_every_link_within_the_page_leads_somewhere_and_no_anchor_is_there_twice(
    tmp_path: Path, target: str
) -> None:
    async with stewarding(tmp_path) as s:
        seen = await s.page(target)
        anchors = [attributes["id"] for _, attributes in seen.elements if "id" in attributes]
        assert len(anchors) == len(set(anchors))
        within = {href[1:] for each in seen.all("a") if (href := each.get("href", "")).startswith("#")}
        assert within <= set(anchors), within - set(anchors)


async def test_nothing_is_styled_or_scripted_in_the_page_itself(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        text = await body(s)
        assert "style=" not in text
        assert "<style" not in text
        assert re.findall(r"<script(?![^>]* src=)", text) == []
        assert re.findall(r"\son[a-z]+=", text) == []


async def test_what_is_selected_stands_in_the_box_and_cuts_the_page(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        seen = await s.page(f"{PAGE}?scope={READ}")
        assert seen.by_id("scopes")["value"] == READ
        text = await body(s, f"{PAGE}?scope={READ}")
        assert 'id="query-callForward"' in text
        assert "setCallForward" not in text
        assert 'id="type-Extension"' not in text


async def test_what_lies_outside_is_greyed_and_can_be_added_where_one_is(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        text = await body(s, f"{PAGE}?scope={READ}&beyond=on")
        assert '<article class="entry outside" id="mutation-setCallForward"' in text
        added = [
            href
            for href in await links(s, f"{PAGE}?scope={READ}&beyond=on")
            if href.endswith("#mutation-setCallForward") and "?" in href
        ]
        assert added, "a link that adds it"
        [scope] = parse_qs(urlsplit(added[0]).query)["scope"]
        assert scope == f"{READ} gql:callforward:write"
        assert '<article class="entry" id="mutation-setCallForward"' in await body(s, added[0].partition("#")[0])


async def test_an_example_leads_to_the_explorer_with_the_scopes_that_it_needs(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        found = [href for href in await links(s, f"{PAGE}?scope=gql:callforward:write") if "/console/graphql?" in href]
        [address] = [urlsplit(href) for href in found if "setCallForward%28" in href]
        assert parse_qs(address.query) == {"scope": ["gql:callforward:write"]}
        carried = parse_qs(address.fragment)
        assert carried["query"][0].startswith("mutation SetCallForward(")
        assert '"extension": "1001"' in carried["variables"][0]
        whole = [href for href in await links(s, PAGE) if "/console/graphql?" in href and "setCallForward%28" in href]
        assert parse_qs(urlsplit(whole[0]).query) == {"scope": ["gql:callforward:write gql:callforward:read"]}


async def test_the_command_asks_this_house_and_keeps_the_token_out_of_itself(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        text = unescape(await body(s, f"{PAGE}?scope={READ}"))
        assert f'curl --silent "{s.h.house.settings.issuer}/api/graphql"' in text
        assert "Bearer $ACCESS_TOKEN" in text


async def test_the_schema_can_be_taken_along_cut_to_the_same_scopes(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        [address] = [href for href in await links(s, f"{PAGE}?scope={READ}") if "schema.graphql" in href]
        answer = await s.browser.get(address)
        assert answer.status == 200
        assert "callForward(" in answer.body.decode()
        assert "Mutation" not in answer.body.decode()


async def test_searching_leaves_what_matches_and_says_how_much_that_is(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        seen = await s.page(f"{PAGE}?q=ringtimer+seconds")
        assert "5 entries match “ringtimer seconds”." in seen.text
        text = await body(s, f"{PAGE}?q=ringtimer+seconds")
        assert 'id="type-ForwardChangeInput"' in text
        assert 'id="query-callForward"' not in text
        assert f'href="{PAGE}#query-callForward"' in text, "what is left out is a link to the whole page"


async def test_what_is_searched_as_one_types_is_on_the_page(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        words = [each["data-words"] for _, each in (await s.page(PAGE)).elements if "data-words" in each]
        assert len(words) > 100
        assert all(each == each.lower() for each in words)
        writes = [
            each for each in s.h.house.modules.operations if each.scope("gql").startswith("gql:callforward:write")
        ]
        assert sum("gql:callforward:write" in each for each in words) == len(writes)


@pytest.mark.parametrize(
    ("query", "told", "onward"),
    [
        ("?q=zebra", "Nothing matches “zebra”", PAGE),
        (f"?scope={READ}&q=setcallforward", "2 outside of the selected scopes would", "beyond=on"),
        ("?scope=rest", "The selected scopes open nothing of GraphQL", "/console/docs/rest?scope=rest"),
        ("?scope=rest", "The selected scopes open nothing of GraphQL", "/console/scopes?scope=rest"),
        ("?module=zebra", "There is no module “zebra”", PAGE),
        (f"?scope={READ}&module=extensions", "open nothing of this module", "beyond=on"),
    ],
)
async def test_where_there_is_nothing_words_lead_on(tmp_path: Path, query: str, told: str, onward: str) -> None:
    async with stewarding(tmp_path) as s:
        seen = await s.page(f"{PAGE}{query}")
        assert told in seen.text
        assert any(onward in each.get("href", "") for each in seen.all("a"))


async def test_scopes_that_there_are_not_are_named_and_left_out(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        seen = await s.page(f"{PAGE}?scope={READ}+gql:nope")
        assert "There is no scope gql:nope" in seen.text
        assert seen.by_id("scopes")["value"] == READ


async def test_what_somebody_types_is_text(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        nasty = "%3Cscript%3Ealert(1)%3C/script%3E"
        for target in (f"{PAGE}?q={nasty}", f"{PAGE}?module={nasty}", f"{PAGE}?scope={nasty}"):
            assert "<script>alert" not in await body(s, target)


async def test_a_write_says_what_it_shows_without_the_read_scope(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        seen = await s.page(f"{PAGE}?scope=gql:callforward:write")
        assert "Without gql:callforward:read only extension can be selected." in seen.text


async def test_the_diagram_has_a_name_and_words_and_leads_to_what_it_shows(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        seen = await s.page(f"{PAGE}?module=callforward")
        [drawing] = [each for each in seen.all("svg") if each.get("role") == "group"]
        assert seen.by_id(drawing["aria-labelledby"]) is not None
        assert seen.by_id(drawing["aria-describedby"]) is not None
        assert "Diagram of 5 types" in seen.text
