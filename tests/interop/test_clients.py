"""Other people's clients against a real server: curl, Authlib, requests-oauthlib, httpx2."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from authlib.integrations.httpx_client import OAuth2Client
from joserfc import jwt
from joserfc.jwk import KeySet
from oauthlib.oauth2 import BackendApplicationClient
from requests_oauthlib import OAuth2Session

from tests.live import Live, felt, live

SCOPE = "rest:callforward:read rest:callforward:write"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live(tmp_path_factory.mktemp("interop")) as running:
        yield running


def _discovered(server: Live) -> dict[str, Any]:
    """All that a client needs is found through RFC 8414."""
    found: dict[str, Any] = httpx2.get(f"{server.issuer}/.well-known/oauth-authorization-server").json()
    return found


def _curl(*arguments: str) -> tuple[int, str]:
    if shutil.which("curl") is None:
        pytest.fail("curl is missing: make system installs it")
    done = subprocess.run(
        ["curl", "--silent", "--show-error", "--write-out", "\n%{http_code}", *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    body, _, status = done.stdout.rpartition("\n")
    return int(status), body


def test_curl_as_the_readme_has_it(server: Live) -> None:
    application = server.json("app", "add", "Night shift", "--type", "m2m", "--scope", SCOPE)
    status, body = _curl(
        "-u", f"{application['client_id']}:{application['client_secret']}",
        "-d", "grant_type=client_credentials", f"{server.issuer}/oauth/token",
    )  # fmt: skip
    assert status == 200
    token = json.loads(body)["access_token"]
    status, body = _curl(
        "-X", "PUT", "-H", f"Authorization: Bearer {token}", "-H", "Content-Type: application/json",
        "-d", '{"unconditional":"5551234"}', f"{server.issuer}/api/rest/callforward/users/1001",
    )  # fmt: skip
    assert (status, json.loads(body)["unconditional"]) == (200, "5551234")
    status, body = _curl("-i", "-H", f"Authorization: Bearer {token}", f"{server.issuer}/api/rest/extensions/")
    assert status == 403
    assert 'scope="rest:extensions:read"' in body


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_authlib_gets_uses_introspects_and_revokes_a_token(server: Live, method: str) -> None:
    application = server.json("app", "add", "Authlib", "--type", "m2m", "--scope", SCOPE)
    found = _discovered(server)
    with OAuth2Client(
        application["client_id"], application["client_secret"], token_endpoint_auth_method=method, scope=SCOPE
    ) as client:
        token = client.fetch_token(found["token_endpoint"], grant_type="client_credentials")
        assert token["scope"] == SCOPE
        read = client.get(f"{server.issuer}/api/rest/callforward/users/1002")
        assert read.json()["unconditional"] == "5551000"
        told = client.introspect_token(found["introspection_endpoint"], token=token["access_token"])
        assert told.json()["active"] is True
        assert client.revoke_token(found["revocation_endpoint"], token=token["access_token"]).status_code == 200
        client.token = token
        felt(lambda: client.get(f"{server.issuer}/api/rest/callforward/users/1002").status_code, 401)


def test_requests_oauthlib_gets_and_uses_a_token(server: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    application = server.json("app", "add", "requests-oauthlib", "--type", "m2m", "--scope", SCOPE)
    with OAuth2Session(client=BackendApplicationClient(client_id=application["client_id"])) as session:
        token = session.fetch_token(
            token_url=_discovered(server)["token_endpoint"],
            client_id=application["client_id"],
            client_secret=application["client_secret"],
        )
        assert token["token_type"] == "Bearer"
        answer = session.get(f"{server.issuer}/api/rest/callforward/users/1003")
        assert answer.json()["busy"] == "1004"


@pytest.mark.parametrize("alg", ["ES256", "RS256"])
def test_a_resource_server_verifies_a_jwt_by_discovery_alone(server: Live, alg: str) -> None:
    """RFC 9068 §4, with joserfc as the verifier."""
    application = server.json(
        "app", "add", "JWT", "--type", "m2m", "--scope", SCOPE, "--token-format", "jwt", "--signing-alg", alg
    )
    token = server.token(application)
    found = _discovered(server)
    verified = jwt.decode(token, KeySet.import_key_set(httpx2.get(found["jwks_uri"]).json()), algorithms=[alg])
    assert verified.header["typ"] == "at+jwt"
    assert verified.claims["iss"] == found["issuer"]
    assert verified.claims["aud"] == f"{server.issuer}/api"
    assert verified.claims["client_id"] == verified.claims["sub"] == application["client_id"]
    answer = httpx2.get(
        f"{server.issuer}/api/rest/callforward/users/1003", headers={"authorization": f"Bearer {token}"}
    )
    assert answer.status_code == 200


def test_a_rotation_of_keys_breaks_no_verifier_that_caches_the_key_set(tmp_path: Path) -> None:
    with live(tmp_path, sample=False) as server:
        application = server.json("app", "add", "JWT", "--type", "m2m", "--scope", "rest", "--token-format", "jwt")
        cached = KeySet.import_key_set(httpx2.get(f"{server.issuer}/oauth/jwks").json())
        before = server.token(application)
        signing = server.json("keys", "rotate")["kid"]
        after = ""
        for _ in range(50):
            after = server.token(application)
            if jwt.decode(after, cached, algorithms=["ES256"]).header["kid"] == signing:
                break
        assert jwt.decode(after, cached, algorithms=["ES256"]).header["kid"] == signing
        fresh = KeySet.import_key_set(httpx2.get(f"{server.issuer}/oauth/jwks").json())
        assert jwt.decode(before, fresh, algorithms=["ES256"]).claims["iss"] == server.issuer
        assert server.run("keys", "rotate").returncode == 1
        assert server.run("keys", "rotate", "--compromised").returncode == 0
        felt(lambda: signing in {key["kid"] for key in httpx2.get(f"{server.issuer}/oauth/jwks").json()["keys"]}, False)


def test_graphql_through_a_stock_client(server: Live) -> None:
    """The standard introspection query, as every GraphQL tool sends it, gives a schema that graphql-core can build."""
    from graphql import build_client_schema, get_introspection_query

    application = server.json("app", "add", "GraphQL", "--type", "m2m", "--scope", "gql:callforward:read")
    headers = {"authorization": f"Bearer {server.token(application)}"}
    answer = httpx2.post(f"{server.issuer}/api/graphql", json={"query": get_introspection_query()}, headers=headers)
    assert answer.status_code == 200, answer.text
    schema = build_client_schema(answer.json()["data"])
    assert schema.query_type is not None
    assert set(schema.query_type.fields) == {"callForward", "callForwards", "callForwardRingTimer"}
    assert schema.mutation_type is None
