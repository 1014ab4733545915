"""The Scope Visualizer as the server writes it: without scripts, and what its scripts ask for."""

import gzip
import json
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from scopekeeper.scopes import covers, missing
from tests.console.steward import Steward, stewarding
from tests.persons import an_application


def ticked(page: str) -> list[str]:
    """The scopes whose boxes are ticked, in the order of the table."""
    boxes = [part.partition(">")[0] for part in page.split('<input type="checkbox" name="scope"')[1:]]
    return [box.split('"')[1] for box in boxes if " checked" in box and " disabled" not in box]


async def asked(s: Steward, target: str) -> str:
    """The page as it is written."""
    answer = await s.browser.get(target)
    assert answer.status == 200, (target, answer.status)
    return answer.body.decode()


async def test_every_scope_has_a_box_that_is_named_by_it(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        page = await asked(s, "/console/scopes")
        for entry in s.h.house.modules.catalogue:
            assert f'aria-label="{entry.scope}"' in page


async def test_the_address_says_what_is_selected_and_in_which_order(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        page = await asked(s, "/console/scopes?scope=rest:callforward:write+rest:callforward:read")
        assert "data-selected>rest:callforward:write rest:callforward:read</textarea>" in page
        assert ticked(page) == ["rest:callforward:read", "rest:callforward:write"]
        assert await asked(s, "/console/scopes?scope=gql&scope=openid") == await asked(
            s, "/console/scopes?scope=gql+openid"
        )


async def test_the_selection_leads_on_to_the_explorer_and_both_documentations(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        page = await asked(s, "/console/scopes?scope=gql:callforward:read")
        group = page.partition('aria-label="Explore this selection"')[2].partition("</ul>")[0]
        for address in ("graphql", "docs/graphql", "docs/rest"):
            assert f'href="/console/{address}?scope=gql%3Acallforward%3Aread" data-carries' in group, address


async def test_what_is_pasted_is_taken_as_a_list_as_json_or_as_a_line_of_env(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        for pasted in ("rest:callforward,+gql", "%5B%22rest:callforward%22,%22gql%22%5D", "rest:callforward%0Agql"):
            assert "data-selected>rest:callforward gql</textarea>" in await asked(s, f"/console/scopes?scope={pasted}")


async def test_what_is_no_scope_is_told_and_left_out(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        page = await asked(s, "/console/scopes?scope=rest:callfoward:read+gql+%3Cscript%3E")
        assert "There is no scope rest:callfoward:read, &lt;script&gt;: it is left out." in page
        assert "data-selected>gql</textarea>" in page
        assert "<script>" not in page


async def test_what_a_parent_covers_is_shown_as_covered(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        page = await asked(s, "/console/scopes?scope=rest:callforward")
        assert 'aria-label="rest:callforward:read" checked disabled title="Covered by rest:callforward"' in page


@pytest.mark.parametrize(
    "text", ["forward", "callforward", "Call Forward", "forwarded", "GET /callforward", "callForwards"]
)
async def test_a_scope_is_found_by_its_name_its_module_its_words_and_what_it_opens(tmp_path: Path, text: str) -> None:
    async with stewarding(tmp_path) as s:
        page = await asked(s, f"/console/scopes?text={text.replace(' ', '+')}")
        assert 'aria-label="rest:callforward:read"' in page
        assert 'aria-label="rest:extensions:read"' not in page


async def test_filters_narrow_and_columns_order(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        page = await asked(s, "/console/scopes?api=gql&module=callforward&access=write&sort=-scope")
        shown = [part.split('"')[0] for part in page.split('aria-label="gql:')[1:]]
        assert shown == ["callforward:write:ringtimer", "callforward:write"]
        assert 'data-sort="scope" aria-sort="descending"' in page
        page = await asked(s, "/console/scopes?module=extensions&sort=-scope")
        assert page.index('aria-label="rest:extensions:write"') < page.index('aria-label="rest:extensions:read"')


async def test_what_is_selected_elsewhere_stays_selected_when_the_form_is_sent(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        page = await asked(s, "/console/scopes?scope=openid+gql:extensions&text=callforward")
        assert page.count('<input type="hidden" name="scope" value="openid">') == 1
        assert page.count('<input type="hidden" name="scope" value="gql:extensions">') == 1


async def test_collapsing_is_offered_where_it_shortens(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        page = await asked(s, "/console/scopes?scope=rest:callforward:read+rest:callforward:write")
        assert 'name="scope" value="rest:callforward">' in page
        assert "data-collapse hidden" in await asked(s, "/console/scopes?scope=rest:callforward:read")


async def test_the_catalogue_is_one_compressed_file_that_is_kept(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        page = await asked(s, "/console/scopes")
        address = page.split('catalogue="')[1].split('"')[0]
        answer = await s.browser.get(address, accept_encoding="gzip")
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
        told = json.loads(gzip.decompress(answer.body))
        catalogue = s.h.house.modules.catalogue
        assert [each[0] for each in told["scopes"]] == [entry.scope for entry in catalogue]
        demanded = {each[0] for each in told["scopes"] if each[3]}
        assert demanded == catalogue.leaves
        assert (await s.browser.get("/console/scopes/catalogue/0000")).status == 404


async def test_a_scope_says_what_it_opens_and_who_may_have_it(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        await an_application(s.h, "rest")
        await an_application(s.h, "gql", "Another")
        said = await asked(s, "/console/scopes/rest:callforward")
        assert "/callforward/users/{extension}" in said
        assert '<a href="/console/applications?scope=rest%3Acallforward">1 application</a> may have it' in said
        assert 'data-scope="rest:callforward:write"' in said
        field = await asked(s, "/console/scopes/gql:callforward:write")
        assert "setCallForward" in field
        assert "None may have it" in await asked(s, "/console/scopes/profile")
        part = await s.results("/console/scopes/rest:callforward")
        assert part.body.decode().lstrip().startswith("<h2>")
        assert (await s.browser.get("/console/scopes/rest:nothing")).status == 404


async def test_comparing_tells_what_is_held_missing_and_superfluous_as_the_algebra_has_it(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        client = await an_application(s.h, "rest:callforward gql:extensions:read", "Night shift")
        selected = ("rest:callforward:read", "gql:extensions")
        page = await asked(s, f"/console/scopes?compare={client.client_id}&scope={'+'.join(selected)}")
        held, lacking, superfluous = (
            page.split(f"<h2>{title} ")[1].split("</section>")[0] for title in ("Held", "Missing", "Superfluous")
        )
        assert [scope for scope in selected if f"<code>{scope}</code>" in held] == [
            scope for scope in selected if covers(client.scope, scope)
        ]
        assert all(f"<code>{scope}</code>" in lacking for scope in missing(client.scope, selected))
        assert all(f"<code>{scope}</code>" in superfluous for scope in missing(selected, client.scope))
        assert "Say where one extension" in superfluous.replace("&#39;", "'")
        assert f"/console/applications/{client.client_id}/settings?scope=" in page
        part = (await s.results(f"/console/scopes?compare={client.client_id}&scope=rest")).body.decode()
        assert "<html" not in part
        assert "Night shift" in part


async def test_an_application_is_edited_with_the_selection_in_its_form(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        client = await an_application(s.h, "rest:callforward")
        page = await asked(s, f"/console/applications/{client.client_id}/settings?scope=rest:extensions:read")
        assert 'selected="rest:extensions:read"' in page
        assert 'selected="rest:callforward"' in await asked(s, f"/console/applications/{client.client_id}/settings")


async def test_an_application_is_found_by_its_name_and_begins_with_what_it_holds(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        await an_application(s.h, "rest:callforward", "Night shift")
        await an_application(s.h, "gql", "Night watch")
        page = await asked(s, "/console/scopes?application=Night+shift")
        assert "data-selected>rest:callforward</textarea>" in page
        assert "may have exactly what the selection opens" in page
        both = await asked(s, "/console/scopes?application=night")
        assert "Night watch</a>" in both
        assert "No application has “nobody”" in await asked(s, "/console/scopes?application=nobody")


async def test_row_48_what_an_application_is_called_is_text(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        hostile = '"><script>alert(1)</script>'
        client = await an_application(s.h, "rest", hostile)
        for target in (
            f"/console/scopes?compare={client.client_id}&text={quote(hostile)}",
            f"/console/scopes?application=script&scope={quote(hostile)}",
            f"/console/scopes/preview/token?scope=gql&client={client.client_id}",
            f"/console/scopes/preview/consent?scope=gql&client={client.client_id}",
        ):
            page = await asked(s, target)
            assert "<script>alert" not in page
            assert "&lt;script&gt;alert(1)" in page


DOCUMENT = 'mutation { setCallForward(extension: "1001", body: {busy: "5"}) { extension %s } }'


async def least(s: Steward, **form: str) -> tuple[int, str]:
    answer = await s.send("/console/scopes/least", "/console/scopes/least", **form)
    return answer.status, unescape(answer.body.decode())


def found(text: str) -> list[str]:
    """The scopes that were found."""
    listed = text.split('class="needed"')[1].split("</ul>")[0]
    return [each.partition("<")[0] for each in listed.split("<code>")[1:]]


@pytest.mark.parametrize(
    ("document", "needed"),
    [
        (DOCUMENT % "", ["gql:callforward:write"]),
        (DOCUMENT % "busy", ["gql:callforward:read", "gql:callforward:write"]),
        ('{ extension(extension: "1001") { name } }', ["gql:extensions:read"]),
    ],
)
async def test_a_document_needs_the_least_scopes(tmp_path: Path, document: str, needed: list[str]) -> None:
    async with stewarding(tmp_path) as s:
        status, text = await least(s, document=document)
        assert status == 200
        assert found(text) == needed
        added = next(part for part in text.split('href="') if part.startswith("/console/scopes?scope=")).split('"')[0]
        assert parse_qs(urlsplit(added).query)["scope"] == [" ".join(needed)]


async def test_requests_need_the_least_scopes_with_the_read_scope_where_the_answer_is_read(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        _, text = await least(
            s, lines="PUT https://pbx.example/api/rest/callforward/users/1001?x=1\nGET /extensions/1001"
        )
        assert found(text) == ["rest:callforward:write", "rest:extensions:read"]
        _, text = await least(s, lines="put /callforward/users/1001", answers="on")
        assert found(text) == ["rest:callforward:read", "rest:callforward:write"]
        _, text = await least(s, operation="DELETE /callforward/users/{extension}")
        assert found(text) == ["rest:callforward:write"]


async def test_what_was_found_joins_the_selection_or_takes_its_place(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        answer = await s.send(
            "/console/scopes/least?scope=openid", "/console/scopes/least", lines="GET /callforward/users"
        )
        text = answer.body.decode()
        assert 'href="/console/scopes?scope=openid+rest%3Acallforward%3Aread">Add to selection' in text
        assert 'href="/console/scopes?scope=rest%3Acallforward%3Aread">Replace selection' in text


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({}, "Paste a document, write a request, or tick an operation."),
        ({"document": "{ nothing }"}, "Line 1, column 3: Cannot query field 'nothing'"),
        ({"document": "{"}, "Syntax Error"),
        ({"document": "query A { callForwards { totalCount } } query B { extensions { totalCount } }"}, "several"),
        ({"document": "query A { callForwards { totalCount } }", "name": "B"}, "no operation of this operationName"),
        ({"lines": "PUT /extensions/1001"}, "PUT is not answered at /extensions/1001: GET, PATCH, DELETE is."),
        ({"lines": "GET /nothing/here"}, "There is no operation at /nothing/here"),
        ({"lines": "<script>"}, "is no request"),
        ({"document": "{ a }" * 5_000}, "at most 20000 characters"),
    ],
)
async def test_what_cannot_be_told_says_why(tmp_path: Path, form: dict[str, str], told: str) -> None:
    async with stewarding(tmp_path) as s:
        status, text = await least(s, **form)
        assert status == 422
        assert told in text


async def test_a_document_that_asks_for_the_schema_needs_any_scope_of_graphql(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        _, text = await least(s, document="{ __schema { queryType { name } } }")
        assert "Any scope of GraphQL will do" in text


async def test_several_operations_are_told_apart_by_name(tmp_path: Path) -> None:
    async with stewarding(tmp_path) as s:
        document = "query A { callForwards { totalCount } } query B { extensions { totalCount } }"
        _, text = await least(s, document=document, name="B")
        assert found(text) == ["gql:extensions:read"]
