"""The OpenAPI document: valid, complete, cut to scopes, and kept by the API that it describes."""

import json
import re
from typing import Any

import pytest
from openapi_spec_validator import validate
from starlette.types import Message

from scopekeeper.api.description import MOST_CUTS, Description
from scopekeeper.api.extent import Extent
from scopekeeper.docs import Library
from scopekeeper.modules.blacklist import BlacklistedNumber
from scopekeeper.modules.ringgroups import RingGroup
from scopekeeper.scopes import covers
from scopekeeper.sdk.telephone import Member
from tests.api.administration import KEPT
from tests.api.house import ISSUER, House, scope_of

Document = dict[str, Any]


async def document(query: str = "", *scope: str, house: House | None = None) -> Document:
    answer = await (house or House()).ask("GET", f"/openapi.json{query}", *scope)
    assert answer.status == 200
    found: Document = answer.json
    return found


def needs(found: Document) -> set[str]:
    return {
        scope
        for operations in found["paths"].values()
        for operation in operations.values()
        for scope in operation["security"][0]["oauth2"]
    }


async def test_the_document_is_valid_whole_and_cut() -> None:
    house = House()
    for query in ("", "?scope=rest", "?scope=rest:callforward:read", "?scope=gql", "?scope=openid"):
        validate(await document(query, house=house))


async def test_every_operation_is_there_with_its_one_scope() -> None:
    found = await document()
    operations = {o["operationId"]: o for path in found["paths"].values() for o in path.values()}
    assert set(operations) == {each.field for each in House().modules.operations}
    for each in House().modules.operations:
        assert operations[each.field]["security"] == [{"oauth2": [each.scope("rest")]}]
        assert operations[each.field]["summary"] == each.title
        assert operations[each.field]["description"] == each.description
        assert operations[each.field]["tags"] == [each.module]


async def test_it_says_where_tokens_come_from_and_which_scopes_there_are() -> None:
    found = await document()
    flow = found["components"]["securitySchemes"]["oauth2"]["flows"]["clientCredentials"]
    assert found["servers"] == [{"url": f"{ISSUER}/api/rest"}]
    assert flow["tokenUrl"] == f"{ISSUER}/oauth/token"
    assert set(flow["scopes"]) == {entry.scope for entry in House().modules.catalogue if entry.api == "rest"}


async def test_patterns_are_told_as_their_author_wrote_them() -> None:
    schemas = (await document())["components"]["schemas"]
    assert schemas["AddExtensionBody"]["properties"]["extension"]["pattern"] == "^[0-9]{1,32}$"
    assert schemas["AddExtensionBody"]["additionalProperties"] is False
    assert schemas["UpdateExtensionBody"]["required"] == []


async def test_the_examples_are_taken_by_the_api() -> None:
    found = await document()
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                body = {**content["example"]}
                body.update({"extension": "1004"} if path == "/extensions/" else {})
                place = path.format_map({**dict.fromkeys(re.findall(r"{(\w+)}", path), "1001"), **KEPT})
                house = House.furnished()
                house.data.keep(BlacklistedNumber("1001"), RingGroup("1001", "Sales", [Member(extension="1001")]))
                answer = await house.ask(method.upper(), place, "rest", "gql", body=body)
                assert answer.status in (200, 201), (method, path, answer.body)


@pytest.mark.parametrize("scope", ["rest:callforward:read", "rest:callforward", "rest:extensions:write", "gql", "rest"])
async def test_a_cut_document_has_what_the_scope_covers_and_nothing_else(scope: str) -> None:
    house = House()
    whole, cut = await document(house=house), await document(f"?scope={scope}", house=house)
    assert needs(cut) == {each for each in needs(whole) if covers({scope}, each)}
    flow = cut["components"]["securitySchemes"]["oauth2"]["flows"]["clientCredentials"]
    assert all(covers({scope}, each) for each in flow["scopes"])
    shown = json.dumps(cut)
    if scope == "rest:callforward:read":
        assert "Extension" not in shown
        assert "ForwardChange" not in shown
        assert [tag["name"] for tag in cut["tags"]] == ["callforward"]


@pytest.mark.parametrize("query", ["scope=rest:nothing", "scope=%22", "scope=a&scope=b", "scope=%00"])
async def test_a_scope_that_does_not_exist_is_refused(query: str) -> None:
    answer = await House().ask("GET", f"/openapi.json?{query}")
    assert (answer.status, answer.headers["content-type"]) == (400, "application/problem+json")


async def test_an_unknown_parameter_is_refused() -> None:
    assert (await House().ask("GET", "/openapi.json?scopes=rest")).status == 422


async def test_the_document_is_not_sent_again_to_whoever_knows_it() -> None:
    house = House()
    etag = (await house.ask("GET", "/openapi.json?scope=rest")).headers["etag"]
    again = await house.ask("GET", "/openapi.json?scope=rest", headers={"if-none-match": etag})
    assert (again.status, again.body) == (304, b"")


async def test_where_descriptions_are_not_public_a_token_is_demanded_and_shows_what_it_reaches() -> None:
    house = House(public_descriptions=False)
    assert (await house.ask("GET", "/openapi.json")).status == 401
    reading = {"rest:callforward:read", "rest:callforward:read:ringtimer"}
    assert needs(await document("", "rest:callforward:read", house=house)) == reading
    assert needs(await document("?scope=rest", "rest:callforward:read", house=house)) == reading
    assert needs(await document("?scope=rest:extensions", "rest:callforward:read", house=house)) == set()
    assert needs(await document("?scope=rest:callforward:read", "rest", house=house)) == reading


async def test_row_57_any_number_of_cuts_is_remembered_in_bounds() -> None:
    house = House()
    modules = house.modules
    library = Library.of(modules.modules, modules.operations, modules.catalogue, issuer=ISSUER)
    description = Description(library.openapi, Extent(modules.catalogue, house.guard, True))
    scopes = [entry.scope for entry in house.modules.catalogue]
    for first in scopes:
        for second in scopes:
            query = f"scope={first}%20{second}".encode()
            await description(scope_of("GET", b"/api/rest/openapi.json", query), unread, ())
    assert len(description._cuts) == MOST_CUTS


async def unread() -> Message:
    raise AssertionError("nobody has a reason to read the body")
