"""Authlib against a real server: as web frameworks use it, as a library, and asynchronously as a native application."""

from typing import Any, Final

import httpx2
from authlib.common.security import generate_token
from authlib.integrations.base_client import BaseApp
from authlib.integrations.base_client.sync_app import OAuth2Mixin
from authlib.integrations.base_client.sync_openid import OpenIDMixin
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc import rpinitiated
from authlib.oidc.discovery import OpenIDProviderMetadata

from tests.clients.inhabited import ALICE, OTHERS, forward_of
from tests.clients.person import Departure, Person
from tests.live import Live, felt

BACK: Final = "https://forwards.example.com/callback"
OUT: Final = "https://forwards.example.com/out"
LOOPBACK: Final = "http://127.0.0.1/callback"
SCOPE: Final = "openid profile email rest:callforward:read rest:callforward:write"


class Framework(OAuth2Mixin, OpenIDMixin, BaseApp):  # type: ignore[misc]  # Authlib comes without types
    """Authlib's client for web frameworks (Flask, Django, Starlette), without the framework."""

    client_cls = OAuth2Session


def registered(server: Live, type: str, redirect_uri: str, *more: str) -> dict[str, str]:
    made: dict[str, str] = server.json(
        "app", "add", "Authlib", "--type", type, "--scope", SCOPE, "--redirect-uri", redirect_uri, *more
    )
    return made


def test_a_web_application_in_a_framework_signs_its_user_in_and_out_by_discovery_alone(
    server: Live, alice: Person
) -> None:
    made = registered(server, "web", BACK, "--post-logout-redirect-uri", OUT)
    client = Framework(
        None,
        client_id=made["client_id"],
        client_secret=made["client_secret"],
        server_metadata_url=f"{server.issuer}/.well-known/openid-configuration",
        client_kwargs={"scope": SCOPE, "code_challenge_method": "S256"},
    )
    left = client.create_authorization_url(BACK)
    answer = alice.allow(left["url"]).answer
    assert answer["state"] == left["state"]
    token = client.fetch_access_token(BACK, code=answer["code"], code_verifier=left["code_verifier"])
    person = client.parse_id_token(token, nonce=left["nonce"])
    told = client.userinfo(token=token)
    assert (told["sub"], told["preferred_username"]) == (person["sub"], ALICE)
    assert client.get(forward_of(server), token=token).status_code == 200
    assert client.get(forward_of(server, OTHERS), token=token).status_code == 404
    assert not alice.has_to_sign_in()
    leaving = client.create_logout_url(OUT, id_token_hint=token["id_token"])
    assert alice.open(leaving["url"]) == Departure(f"{OUT}?state={leaving['state']}")
    assert alice.has_to_sign_in()


def test_the_metadata_is_sound(found: dict[str, Any], monkeypatch: Any) -> None:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    OpenIDProviderMetadata(found).validate(metadata_classes=[rpinitiated.OpenIDProviderMetadata])


def test_a_web_application_refreshes_and_revokes(server: Live, alice: Person, found: dict[str, Any]) -> None:
    made = registered(server, "web", BACK)
    endpoint = found["token_endpoint"]
    verifier = generate_token(48)
    with OAuth2Session(
        made["client_id"],
        made["client_secret"],
        scope="rest:callforward:read",
        redirect_uri=BACK,
        code_challenge_method="S256",
    ) as client:
        url, state = client.create_authorization_url(found["authorization_endpoint"], code_verifier=verifier)
        back = alice.allow(url).url
        first = client.fetch_token(endpoint, authorization_response=back, state=state, code_verifier=verifier)
        assert first["scope"] == "rest:callforward:read"
        assert "id_token" not in first
        second = client.refresh_token(endpoint)
        assert second["access_token"] != first["access_token"]
        assert second["refresh_token"] != first["refresh_token"]
        assert client.get(forward_of(server)).status_code == 200
        revoked = client.revoke_token(
            found["revocation_endpoint"], token=second["refresh_token"], token_type_hint="refresh_token"
        )
        assert revoked.status_code == 200
        felt(lambda: client.get(forward_of(server)).status_code, 401)


async def test_a_native_application_refreshes_by_itself_when_its_token_has_expired(
    server: Live, alice: Person, found: dict[str, Any]
) -> None:
    made = registered(server, "native", LOOPBACK)
    kept: list[dict[str, Any]] = []

    async def keep(token: dict[str, Any], refresh_token: str = "", access_token: str = "") -> None:
        kept.append(token)

    async with AsyncOAuth2Client(
        made["client_id"],
        scope=SCOPE,
        redirect_uri="http://127.0.0.1:53682/callback",
        code_challenge_method="S256",
        token_endpoint=found["token_endpoint"],
        update_token=keep,
    ) as client:
        verifier = generate_token(48)
        url, state = client.create_authorization_url(found["authorization_endpoint"], code_verifier=verifier)
        back = alice.allow(url).url
        first = await client.fetch_token(authorization_response=back, state=state, code_verifier=verifier)
        client.token = {**first, "expires_at": 1}
        assert (await client.get(forward_of(server))).status_code == 200
        [second] = kept
        assert second["access_token"] != first["access_token"]
        await client.revoke_token(found["revocation_endpoint"], token=second["access_token"])
        headers = {"authorization": f"Bearer {second['access_token']}"}
        felt(lambda: httpx2.get(forward_of(server), headers=headers).status_code, 401)
        assert (await client.get(forward_of(server))).status_code == 401
