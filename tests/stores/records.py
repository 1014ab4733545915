"""Records for the stores to keep. Each maker takes what a test is about, and makes the rest up."""

from typing import Any, Final

from scopekeeper.oauth.keys import KeyState, SigningKey
from scopekeeper.oauth.records import (
    ApplicationType,
    Client,
    GrantType,
    Outliving,
    Secret,
    SubjectType,
    Token,
    TokenFormat,
)
from scopekeeper.services.lists import Count, Kind
from scopekeeper.services.ports import Act
from tests.fixtures import NOON, FixedEntropy

ROWS: Final = FixedEntropy(first=1_000_000)
"""Row ids that no test uses for anything else."""


def a_client(client_id: str = "night-shift", *secrets: Secret, **facts: Any) -> Client:
    told: dict[str, Any] = {
        "type": ApplicationType.M2M,
        "name": "Night shift",
        "scope": ("rest:callforward:read", "rest:callforward:write"),
        "grant_types": (GrantType.CLIENT_CREDENTIALS,),
        "created_at": NOON,
    }
    return Client(client_id, **told | facts, secrets=secrets)


def a_client_that_tells_everything() -> Client:
    return a_client(
        "everything",
        a_secret(1, "everything"),
        a_secret(2, "everything", expires_at=NOON + 60, last_used_at=NOON, last_used_address="2001:db8::1"),
        type=ApplicationType.WEB,
        name="Übersicht, “quoted”; DROP TABLE applications",
        scope=("openid", "rest", "gql:callforward"),
        grant_types=(GrantType.AUTHORIZATION_CODE, GrantType.DEVICE_CODE),
        redirect_uris=("https://app.example/cb?a=b c", "http://127.0.0.1/"),
        post_logout_redirect_uris=("https://app.example/bye",),
        backchannel_logout_uri="https://app.example/logout",
        frontchannel_logout_uri="https://app.example/frame?a=b",
        outlives_session=Outliving.NEVER,
        description="All that there is to be said.",
        website="https://app.example/",
        owner="alice",
        enabled=False,
        generation=7,
        token_format=TokenFormat.JWT,
        signing_alg="RS256",
        id_token_signed_response_alg="Ed25519",
        userinfo_signed_response_alg="ES256",
        subject_type=SubjectType.PAIRWISE,
        sector_identifier_uri="https://app.example/sector.json",
        default_max_age=600,
        default_acr_values=("urn:example:gold", "1"),
        required_acr="urn:scopekeeper:acr:mfa",
        access_token_lifetime=900,
        pkce_required=False,
        trusted=True,
        resource_server=True,
        updated_at=NOON + 1,
        revision=3,
    )


def a_secret(id: int, client_id: str = "night-shift", **facts: Any) -> Secret:
    told: dict[str, Any] = {
        "digest": bytes(32),
        "last_four": "wxyz",
        "label": "first",
        "created_at": NOON,
        "created_by": "cli:root",
    }
    return Secret(id, client_id, **told | facts)


def a_token(id: int, client_id: str = "night-shift", **facts: Any) -> Token:
    told: dict[str, Any] = {
        "digest": id.to_bytes(32),
        "scope": ("rest:callforward:read",),
        "issued_at": NOON,
        "expires_at": NOON + 3600,
        "generation": 0,
    }
    return Token(id, client_id=client_id, **told | facts)


def a_key(kid: str, state: KeyState = KeyState.ACTIVE, **facts: Any) -> SigningKey:
    told: dict[str, Any] = {
        "alg": "ES256",
        "public": f'{{"kid":"{kid}"}}',
        "wrapped": b"\x00wrapped\xff",
        "created_at": NOON,
    }
    return SigningKey(kid, state=state, **told | facts)


def an_act(action: str = "application.change", target: str = "night-shift", **facts: Any) -> Act:
    told: dict[str, Any] = {"id": ROWS.row_id(), "at": NOON, "actor": "cli:root"}
    return Act(action=action, target=target, **told | facts)


def a_count(client_id: str = "night-shift", **facts: Any) -> Count:
    told: dict[str, Any] = {"hour": NOON, "kind": Kind.CALLS, "what": "rest", "times": 1}
    return Count(client_id, **told | facts)
