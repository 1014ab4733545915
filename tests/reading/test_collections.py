"""The REST API as collections: one request for each operation, and no secret in it."""

import json
from typing import Any

import pytest
from jsonschema import Draft7Validator

from scopekeeper.docs.collections import bruno, postman
from scopekeeper.docs.collections.requests import Request, folders_of
from scopekeeper.surface.openapi import cut
from tests.house.tree import ROOT
from tests.reading.shelf import ISSUER, LIBRARY

DOCUMENT = LIBRARY.openapi
SCHEMA = json.loads((ROOT / "tests/clients/vendor/postman-schemas/collection.json").read_text(encoding="utf-8"))
REQUESTS = [request for folder in folders_of(DOCUMENT) for request in folder.requests]
COLLECTION = postman(DOCUMENT, issuer=ISSUER)
FILES = bruno(DOCUMENT, issuer=ISSUER)


def items(collection: dict[str, Any]) -> list[dict[str, Any]]:
    return [item for folder in collection["item"] for item in folder["item"]]


def blocks(file: str) -> dict[str, list[str]]:
    """The blocks of a .bru file by name, each with its lines."""
    found: dict[str, list[str]] = {}
    inside = ""
    for line in file.split("\n"):
        if line.endswith((" {", " [")) and not line.startswith(" "):
            inside = line[:-2]
            found[inside] = []
        elif line in ("}", "]"):
            inside = ""
        elif inside:
            found[inside].append(line[2:])
        else:
            assert line == "", line
    return found


def pairs(lines: list[str]) -> dict[str, str]:
    return {name: value for name, _, value in (line.partition(": ") for line in lines)}


def test_there_is_a_request_for_each_operation() -> None:
    fields = {each.field for each in LIBRARY.operations}
    assert {each.id for each in REQUESTS} == fields
    assert len(items(COLLECTION)) == len(fields)
    assert {path.rpartition("/")[2].removesuffix(".bru") for path in FILES if path.endswith(".bru")} >= fields


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda each: each.id)
def test_every_parameter_of_a_path_has_a_value_to_begin_with(request_: Request) -> None:
    named = [part[1:-1] for part in request_.path.split("/") if part.startswith("{")]
    assert [each.name for each in request_.in_path] == named
    assert all(each.value for each in request_.in_path)
    assert request_.scope in request_.words


def test_it_is_a_postman_collection_by_postmans_own_schema() -> None:
    """Collection format v2.1.0."""
    assert list(Draft7Validator(SCHEMA).iter_errors(COLLECTION)) == []
    broken = {**COLLECTION, "item": [{"name": "x", "request": {"url": 5}}]}
    assert list(Draft7Validator(SCHEMA).iter_errors(broken)) != []


def test_postman_is_told_how_to_get_a_token() -> None:
    told = {each["key"]: each["value"] for each in COLLECTION["auth"]["oauth2"]}
    assert (told["grant_type"], told["addTokenTo"], told["scope"]) == ("client_credentials", "header", "")
    assert told["accessTokenUrl"] == "{{baseUrl}}/oauth/token"
    assert (told["clientId"], told["clientSecret"]) == ("{{clientId}}", "{{clientSecret}}")


def test_row_31_no_variable_that_is_a_secret_has_a_value() -> None:
    variables = {each["key"]: each["value"] for each in COLLECTION["variable"]}
    assert variables == {"baseUrl": ISSUER, "clientId": "", "clientSecret": "", "accessToken": ""}
    environment = blocks(FILES["environments/Scopekeeper.bru"])
    assert environment == {"vars": [f"baseUrl: {ISSUER}", "clientId: "], "vars:secret": ["clientSecret"]}


def test_a_request_of_postman_is_the_operation() -> None:
    [item] = [each for each in items(COLLECTION) if each["name"] == "Say where one extension's calls go"]
    request = item["request"]
    assert request["method"] == "PUT"
    assert request["url"]["raw"] == "{{baseUrl}}/api/rest/callforward/users/:extension"
    assert request["url"]["path"] == ["api", "rest", "callforward", "users", ":extension"]
    assert [(each["key"], each["value"]) for each in request["url"]["variable"]] == [("extension", "1001")]
    assert json.loads(request["body"]["raw"])["unconditional"] == "5551234"
    headers = {each["key"]: each.get("disabled", False) for each in request["header"]}
    assert headers == {"Content-Type": False, "If-Match": True}


def test_a_request_of_bruno_is_the_operation() -> None:
    file = blocks(FILES["callforward/setCallForward.bru"])
    assert file["put"] == [
        "url: {{baseUrl}}/api/rest/callforward/users/:extension",
        "body: json",
        "auth: inherit",
    ]
    assert pairs(file["params:path"]) == {"extension": "1001"}
    assert json.loads("\n".join(file["body:json"]))["unconditional"] == "5551234"
    assert "Needs the scope `rest:callforward:write`." in file["docs"]


def test_bruno_is_told_how_to_get_a_token() -> None:
    file = blocks(FILES["collection.bru"])
    assert file["auth"] == ["mode: oauth2"]
    told = pairs(file["auth:oauth2"])
    assert (told["grant_type"], told["credentials_placement"]) == ("client_credentials", "basic_auth_header")
    assert (told["client_id"], told["client_secret"]) == ("{{clientId}}", "{{clientSecret}}")
    assert all(blocks(text)["auth"] == ["mode: inherit"] for path, text in FILES.items() if path.endswith("folder.bru"))


@pytest.mark.parametrize("path", [path for path in FILES if path.endswith(".bru")])
def test_every_file_of_bruno_is_made_of_blocks(path: str) -> None:
    assert blocks(FILES[path])
    assert FILES[path].endswith(("}\n", "]\n"))


def test_a_cut_collection_asks_for_what_its_own_requests_need() -> None:
    document = cut(DOCUMENT, {"rest:callforward"})
    collection = postman(document, issuer=ISSUER, cut=True)
    assert {each["request"]["method"] for each in items(collection)} == {"GET", "PUT", "PATCH", "DELETE"}
    told = {each["key"]: each["value"] for each in collection["auth"]["oauth2"]}
    assert told["scope"] == "rest:callforward:read rest:callforward:write"
    files = bruno(document, issuer=ISSUER, cut=True)
    assert "  scope: rest:callforward:read rest:callforward:write\n" in files["collection.bru"]
    assert not [path for path in files if path.startswith(("admin/", "extensions/"))]
