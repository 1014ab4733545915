"""The API URL list: every address that a program needs, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scopekeeper.console.desk import Desk


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address. `key` is its name in files."""

    key: str
    label: str
    url: str


_PROTOCOL: Final = (
    ("authorization_endpoint", "authorize_url", "Authorize"),
    ("token_endpoint", "token_url", "Token"),
    ("device_authorization_endpoint", "device_url", "Device"),
    ("revocation_endpoint", "revoke_url", "Revoke"),
    ("introspection_endpoint", "introspect_url", "Introspect"),
    ("userinfo_endpoint", "userinfo_url", "Userinfo"),
    ("end_session_endpoint", "logout_url", "Sign out"),
    ("jwks_uri", "jwks_url", "JWKS (keys)"),
)

_OURS: Final = (
    ("discovery_url", "Discovery", "/.well-known/oauth-authorization-server"),
    ("openid_url", "OpenID discovery", "/.well-known/openid-configuration"),
    ("rest_url", "REST", "/api/rest"),
    ("openapi_url", "REST description (OpenAPI)", "/api/rest/openapi.json"),
    ("graphql_url", "GraphQL", "/api/graphql"),
    ("schema_url", "GraphQL schema", "/api/graphql/schema.graphql"),
)


def endpoints_of(desk: Desk) -> Sequence[Endpoint]:
    """All that there are: what discovery promises, and where the API is."""
    promised = [
        Endpoint(key, label, f"{desk.issuer}{desk.endpoints[name]}")
        for name, key, label in _PROTOCOL
        if name in desk.endpoints
    ]
    return [*promised, *(Endpoint(key, label, f"{desk.issuer}{path}") for key, label, path in _OURS)]
