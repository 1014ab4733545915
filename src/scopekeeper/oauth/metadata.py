"""Authorization server metadata (RFC 8414 §2), computed from the tables of the rules."""

from collections.abc import Iterable, Mapping

from scopekeeper.oauth.clients import METHODS
from scopekeeper.oauth.grants import GRANTS

# Who asks about tokens must be proven; a public client cannot be (RFC 7662 §2.1).
_PROVEN_METHODS = [method for method in METHODS if method != "none"]


def metadata(issuer: str, endpoints: Mapping[str, str], scopes: Iterable[str]) -> dict[str, object]:
    """The document at `/.well-known/oauth-authorization-server`.

    `endpoints` are metadata names to paths: only what is served is promised.
    """
    return {
        "issuer": issuer,
        **{name: issuer + path for name, path in endpoints.items()},
        "scopes_supported": list(scopes),
        # Required by §2; no grant that exists here uses the authorization endpoint.
        "response_types_supported": [],
        "grant_types_supported": list(GRANTS),
        "token_endpoint_auth_methods_supported": list(METHODS),
        "revocation_endpoint_auth_methods_supported": list(METHODS),
        "introspection_endpoint_auth_methods_supported": _PROVEN_METHODS,
    }
