"""What discovery may say, and how: for the plans that look at it (Discovery §3, §4.2; RFC 8414 §2)."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

DISCOVERY: Final = "/.well-known/openid-configuration"
LISTS: Final = {
    "scopes_supported", "response_types_supported", "response_modes_supported", "grant_types_supported",
    "acr_values_supported", "subject_types_supported", "id_token_signing_alg_values_supported",
    "userinfo_signing_alg_values_supported", "display_values_supported", "claim_types_supported", "claims_supported",
    "ui_locales_supported", "prompt_values_supported", "token_endpoint_auth_methods_supported",
    "code_challenge_methods_supported", "revocation_endpoint_auth_methods_supported",
    "introspection_endpoint_auth_methods_supported",
}  # fmt: skip
FLAGS: Final = {
    "claims_parameter_supported", "request_parameter_supported", "request_uri_parameter_supported",
    "require_request_uri_registration", "authorization_response_iss_parameter_supported",
    "frontchannel_logout_supported", "frontchannel_logout_session_supported", "backchannel_logout_supported",
    "backchannel_logout_session_supported",
}  # fmt: skip
URLS: Final = {"issuer", "jwks_uri", "service_documentation", "op_policy_uri", "op_tos_uri"}


def is_https(url: str) -> bool:
    """With a host, without a fragment."""
    parts = urlsplit(url)
    return parts.scheme == "https" and bool(parts.hostname) and not parts.fragment and not parts.username


def members(found: Mapping[str, Any]) -> None:
    """Each member is one that is registered, and of its type; no list is empty (Discovery §3, §4.2; RFC 8414 §2)."""
    for name, value in found.items():
        if name in URLS or name.endswith("_endpoint"):
            assert is_https(value), (name, value)
        elif name in FLAGS:
            assert isinstance(value, bool), name
        else:
            assert name in LISTS, name
            assert value, name
            assert all(isinstance(each, str) for each in value), name
            assert len(set(value)) == len(value), name
