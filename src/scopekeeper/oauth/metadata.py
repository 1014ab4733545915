"""What this server can do (RFC 8414 §2, OpenID Connect Discovery §3), computed from the tables of the rules."""

from collections.abc import Iterable, Mapping
from typing import Final

from scopekeeper.oauth.authentication import ACR_VALUES
from scopekeeper.oauth.authorize import PROMPTS, RESPONSE_TYPES
from scopekeeper.oauth.clients import METHODS
from scopekeeper.oauth.grants import GRANTS
from scopekeeper.oauth.identity import ID_TOKEN_ALGS
from scopekeeper.oauth.pkce import CHALLENGE_METHODS
from scopekeeper.oauth.records import SubjectType
from scopekeeper.oauth.responses import MODES
from scopekeeper.oauth.userinfo import CLAIMS

# Who asks about tokens must be proven; a public client cannot be (RFC 7662 §2.1).
_PROVEN_METHODS: Final = [method for method in METHODS if method != "none"]

# Of the application or of the id_token, whatever its scopes (OpenID Connect Core §2).
_ITS_OWN: Final = ("sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "at_hash")


def metadata(
    issuer: str, endpoints: Mapping[str, str], scopes: Iterable[str], languages: Iterable[str]
) -> dict[str, object]:
    """The document at `/.well-known/oauth-authorization-server` and at `/.well-known/openid-configuration`.

    `endpoints` are metadata names to paths: only what is served is promised. `languages` are those of the pages.
    """
    return {
        "issuer": issuer,
        **{name: issuer + path for name, path in endpoints.items()},
        "scopes_supported": list(scopes),
        "response_types_supported": list(RESPONSE_TYPES),
        "response_modes_supported": list(MODES),
        # Some begin at the authorization endpoint, and the implicit grant ends there.
        "grant_types_supported": list(dict.fromkeys((*GRANTS, *RESPONSE_TYPES.values()))),
        "code_challenge_methods_supported": list(CHALLENGE_METHODS),
        "authorization_response_iss_parameter_supported": True,
        "prompt_values_supported": list(PROMPTS),
        "display_values_supported": ["page"],
        "ui_locales_supported": list(languages),
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "claims_parameter_supported": True,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "frontchannel_logout_supported": True,
        "frontchannel_logout_session_supported": True,
        "acr_values_supported": list(ACR_VALUES),
        "subject_types_supported": list(SubjectType),
        "id_token_signing_alg_values_supported": list(ID_TOKEN_ALGS),
        "userinfo_signing_alg_values_supported": list(ID_TOKEN_ALGS),
        "claim_types_supported": ["normal"],
        "claims_supported": [*(name for claims in CLAIMS.values() for name in claims), *_ITS_OWN],
        "token_endpoint_auth_methods_supported": list(METHODS),
        "revocation_endpoint_auth_methods_supported": list(METHODS),
        "introspection_endpoint_auth_methods_supported": _PROVEN_METHODS,
    }
