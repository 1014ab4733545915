"""The examples in the OpenAPI document are true: each fits its schema, and each refusal is what the API sends."""

from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from scopekeeper.api.modules import Modules
from scopekeeper.docs import Library
from scopekeeper.modules.extensions import api as extensions
from scopekeeper.scopes import covers
from scopekeeper.sdk import ApiModule, Ref, record
from scopekeeper.services.ports import Unavailable
from scopekeeper.surface.openapi import cut
from scopekeeper.surface.openapi.refusals import REFUSALS, SAMPLE_SCOPE, Sample
from tests.api.house import FURNITURE, ISSUER, MODULES, Answer, House, asked
from tests.stepping import MAX_AGE, with_a_safe

Document = dict[str, Any]

WHOLE: Document = Library.of(MODULES.modules, MODULES.operations, MODULES.catalogue, issuer=ISSUER).openapi
SCOPES = [entry.scope for entry in MODULES.catalogue]
SAMPLES = {f"{refusal.status} {sample.name}": sample for refusal in REFUSALS for sample in refusal.samples}


@given(st.sets(st.sampled_from(SCOPES), max_size=4))
@settings(max_examples=20, deadline=None)
def test_whatever_is_selected_the_document_is_valid_and_complete(scopes: set[str]) -> None:
    found = cut(WHOLE, scopes)
    validate(found)
    kept = {(path, method) for path, operations in found["paths"].items() for method in operations}
    assert kept == {
        (path, method)
        for path, operations in WHOLE["paths"].items()
        for method, operation in operations.items()
        if all(covers(scopes, scope) for scope in operation["security"][0]["oauth2"])
    }


def examples(part: object) -> Iterator[tuple[Any, Any]]:
    """Every schema in there, and an example of it."""
    if isinstance(part, dict):
        if "schema" in part:
            told = [part["example"]] if "example" in part else []
            told += [each["value"] for each in part.get("examples", {}).values()]
            yield from ((part["schema"], each) for each in told)
        if isinstance(part.get("examples"), list):
            yield from ((part, each) for each in part["examples"])
        for each in part.values():
            yield from examples(each)
    elif isinstance(part, list):
        for each in part:
            yield from examples(each)


def test_every_example_fits_its_schema() -> None:
    found = list(examples({name: part for name, part in WHOLE.items() if name in ("paths", "components")}))
    assert len(found) > 200
    for schema, example in found:
        Draft202012Validator({**schema, "components": WHOLE["components"]}).validate(example)


def test_every_body_and_every_answer_has_an_example() -> None:
    for operations in WHOLE["paths"].values():
        for operation in operations.values():
            parts = [operation.get("requestBody", {}), *operation["responses"].values()]
            assert all("example" in media for part in parts for media in part.get("content", {}).values()), operation


def test_a_moment_is_called_one_in_every_record() -> None:
    """RFC 3339 §5.6, as JSON Schema names it (Validation §7.3.1)."""
    named: list[str] = []
    for name, schema in WHOLE["components"]["schemas"].items():
        for field, each in schema.get("properties", {}).items():
            if name == "AddedRange":
                continue  # its first and last are numbers
            if field.endswith("_at") or field in ("at", "since", "until", "last"):
                ways = each.get("anyOf", [each])
                assert ways[0].get("format") == "date-time", (name, field)
                named.append(field)
    assert len(named) > 20


def test_every_parameter_says_what_it_is() -> None:
    for path, operations in WHOLE["paths"].items():
        for operation in operations.values():
            for each in operation["parameters"]:
                if "in" not in each:
                    continue  # one that all share
                schema = each["schema"]
                said = [
                    each.get("description"),
                    *(way.get("description") or "$ref" in way for way in schema.get("anyOf", ())),
                ]
                assert any(said) or "$ref" in schema, (path, each)
                assert each["in"] != "path" or schema["examples"], (path, each)


async def sent(name: str) -> Answer:
    """What the API sends when just that is wrong."""
    house = House.furnished()
    new = {"extension": "1004", "name": "Attic"}
    match name.split():
        case ["400", "body"]:
            return await house.ask("POST", "/extensions/", "rest", body=b"{")
        case ["400", "header"]:
            two = [("authorization", "Bearer a"), ("authorization", "Bearer b")]
            return await asked(house.app, "GET", "/api/rest/extensions/1001", headers=two)
        case ["401", "no_token"]:
            return await house.ask("GET", "/extensions/1001")
        case ["401", "invalid_token"]:
            return await house.ask("GET", "/extensions/1001", headers={"authorization": "Bearer stale"})
        case ["401", "insufficient_user_authentication"]:
            strict = House(modules=with_a_safe())
            strict.doorman.now = MAX_AGE + 1
            return await strict.ask("GET", "/safe/contents/1001", "rest", user="alice")
        case ["403", "insufficient_scope"]:
            return await house.ask("POST", "/extensions/", "rest:extensions:read", body=new)
        case ["403", "system"]:
            return await house.ask("POST", "/extensions/", "rest", user="alice", body=new)
        case ["404", _]:
            return await house.ask("GET", "/extensions/1999", "rest")
        case ["409", "in_use"]:
            return await named_by_others()
        case ["409", _]:
            return await house.ask("POST", "/extensions/", "rest", body={**new, "extension": FURNITURE[0].extension})
        case ["412", _]:
            stale = {"if-match": '"stale"'}
            return await house.ask("PATCH", "/extensions/1001", "rest", body={"name": "Attic"}, headers=stale)
        case ["413", _]:
            return await house.ask("POST", "/extensions/", "rest", body=b" " * 300_000)
        case ["415", _]:
            return await house.ask("POST", "/extensions/", "rest", body=new, headers={"content-type": "text/plain"})
        case ["422", _]:
            return await house.ask("POST", "/extensions/", "rest", body={"extension": "1004"})
        case ["503", _]:
            house.doorman.away = Unavailable("away")
            return await house.ask("GET", "/extensions/1001", "rest")
    raise AssertionError(f"nobody knows how {name} comes about")


@record
class Group:
    """A group of extensions."""

    number: str
    members: list[Annotated[str, Ref("extensions")]]


async def named_by_others() -> Answer:
    """What is sent where an extension is to be removed that another module's records name."""
    example = ApiModule("example", title="Example", read="See", write="Change")
    example.table(Group, key="number")
    house = House(modules=Modules([extensions, example]))
    house.data.keep(FURNITURE[0], Group("600", ["1001"]), Group("601", ["1001"]))
    return await house.ask("DELETE", "/extensions/1001", "rest")


@pytest.mark.parametrize("name", SAMPLES)
async def test_a_refusal_is_sent_as_it_is_told_of(name: str) -> None:
    """RFC 9457 §3, RFC 6750 §3."""
    told, answer = SAMPLES[name], await sent(name)
    assert told.problem == told_again(answer.json)
    assert answer.status == told.problem["status"]
    assert headers_of(told) == {header: told_again(answer.headers[header]) for header in headers_of(told)}
    assert ("www-authenticate" in answer.headers) is ("WWW-Authenticate" in told.headers)


def headers_of(sample: Sample) -> dict[str, str]:
    return {name.lower(): value for name, value in sample.headers.items()}


def told_again(part: Any) -> Any:
    """The same, about the scope that the samples are about."""
    if isinstance(part, dict):
        return {name: told_again(each) for name, each in part.items()}
    return part.replace("rest:extensions:write", SAMPLE_SCOPE) if isinstance(part, str) else part


def test_each_operation_tells_of_the_refusals_that_the_document_has() -> None:
    statuses = {str(refusal.status) for refusal in REFUSALS}
    for operations in WHOLE["paths"].values():
        for operation in operations.values():
            assert {each for each in operation["responses"] if each >= "400"} <= statuses
