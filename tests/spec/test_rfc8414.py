"""RFC 8414, OAuth 2.0 Authorization Server Metadata."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.asking import ask
from tests.building import Built, built

WELL_KNOWN = "/.well-known/oauth-authorization-server"


async def metadata(house: Built) -> dict[str, Any]:
    answer = await ask(house.front, "GET", WELL_KNOWN)
    assert answer.status == 200
    found: dict[str, Any] = answer.json()
    return found


async def test_the_issuer_is_a_url_without_query_or_fragment(tmp_path: Path) -> None:
    """RFC 8414 §2: issuer REQUIRED, https, no query or fragment (http on loopback is ours, to try it out)."""
    async with built(tmp_path, {"SCOPEKEEPER_ISSUER": "https://id.example.com"}) as house:
        issuer = urlsplit((await metadata(house))["issuer"])
        assert (issuer.scheme, issuer.query, issuer.fragment) == ("https", "", "")


async def test_the_members_that_are_required_are_there(tmp_path: Path) -> None:
    """RFC 8414 §2: issuer, token_endpoint, response_types_supported."""
    async with built(tmp_path) as house:
        assert {"issuer", "token_endpoint", "response_types_supported"} <= set(await metadata(house))


async def test_every_endpoint_is_on_the_issuer_and_is_there(tmp_path: Path) -> None:
    """RFC 8414 §2: token_endpoint, revocation_endpoint, introspection_endpoint, jwks_uri; and those of others."""
    async with built(tmp_path) as house:
        found = await metadata(house)
        assert {"token_endpoint", "revocation_endpoint", "introspection_endpoint", "jwks_uri"} <= set(found)
        for name in (name for name in found if name.endswith(("_endpoint", "_uri"))):
            assert found[name].startswith(found["issuer"] + "/"), name
            answer = await ask(house.front, "GET", found[name].removeprefix(found["issuer"]))
            assert answer.status not in (404, 500), name


async def test_what_is_promised_is_what_is_taken(tmp_path: Path) -> None:
    """RFC 8414 §2: the methods of client authentication, the grant types and the scopes that there are."""
    async with built(tmp_path) as house:
        found = await metadata(house)
        for endpoint in ("token", "revocation"):
            assert {"client_secret_basic", "client_secret_post"} <= set(
                found[f"{endpoint}_endpoint_auth_methods_supported"]
            )
        assert "none" not in found["introspection_endpoint_auth_methods_supported"]
        made = await house.register("rest gql")
        for grant_type in found["grant_types_supported"]:
            error = (await house.ask_token(made, grant_type=grant_type)).json().get("error")
            # The implicit grant is one of the authorization endpoint.
            assert (error == "unsupported_grant_type") is (grant_type == "implicit"), grant_type
        for scope in found["scopes_supported"]:
            asked = await house.ask_token(made, scope=scope)
            assert (asked.status == 200) is scope.startswith(("rest", "gql")), scope


async def test_the_document_is_where_its_issuer_says(tmp_path: Path) -> None:
    """RFC 8414 §3: /.well-known/oauth-authorization-server, between host and (here: no) path of the issuer."""
    async with built(tmp_path) as house:
        assert urlsplit((await metadata(house))["issuer"]).path == ""
        assert (await ask(house.front, "GET", WELL_KNOWN + "/")).status == 404


@pytest.mark.parametrize("accept", [None, "*/*", "application/json", "text/html"])
async def test_the_document_is_json_got_by_get(tmp_path: Path, accept: str | None) -> None:
    """RFC 8414 §3.1, §3.2: by HTTP GET; 200, and a JSON object as application/json."""
    async with built(tmp_path) as house:
        headers = [] if accept is None else [("accept", accept)]
        answer = await ask(house.front, "GET", WELL_KNOWN, headers=headers)
        assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
        assert isinstance(answer.json(), dict)


async def test_what_has_no_value_is_left_out(tmp_path: Path) -> None:
    """RFC 8414 §3.2: claims with zero elements MUST be omitted."""
    async with built(tmp_path) as house:
        found = await metadata(house)
        assert not [name for name, value in found.items() if value in ([], None, "")]
        many = {name for name in found if re.fullmatch("(?!.*(parameter|logout)).*_supported", name)}
        assert all(isinstance(found[name], list) for name in many)


async def test_the_issuer_told_is_the_one_that_was_configured(tmp_path: Path) -> None:
    """RFC 8414 §3.3: identical to the issuer from which the document's address was made, whatever was asked."""
    async with built(tmp_path, {"SCOPEKEEPER_ISSUER": "https://id.example.com"}) as house:
        answer = await ask(house.front, "GET", WELL_KNOWN, headers=[("host", "evil.example")])
        assert answer.json()["issuer"] == "https://id.example.com"
