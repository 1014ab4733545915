"""The stages after client and redirect_uri are proven: whatever fails here is told to the client.

All are given the same, so that they can stand in a row; few need all of it.
"""

import re
from collections.abc import Callable
from typing import Final

from scopekeeper.oauth.authentication import reachable
from scopekeeper.oauth.authorize.request import (
    LONGEST_NONCE,
    LONGEST_STATE,
    PROMPTS,
    RESPONSE_TYPES,
    AuthorizationRequest,
)
from scopekeeper.oauth.claims_request import MalformedClaims, claims_request_of
from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.pkce import CHALLENGE_METHODS, is_challenge
from scopekeeper.oauth.records import Client
from scopekeeper.oauth.resource import require_absolute
from scopekeeper.oauth.responses import MODES
from scopekeeper.oauth.token import require_grant, scope_of

Known = Callable[[str], bool]
"""Does this scope exist?"""

Stage = Callable[[AuthorizationRequest, Client, Known], None]
"""Raises OAuthError."""


_JWS: Final = re.compile(r"[A-Za-z0-9_\-]+(?:\.[A-Za-z0-9_\-]+){2}")
_SECONDS: Final = re.compile(r"[0-9]{1,10}")


def nothing_repeated(request: AuthorizationRequest, client: Client, known: Known) -> None:
    """RFC 6749 §3.1."""
    if request.repeated:
        raise OAuthError.invalid_request("A parameter is there more than once.")


def state_fits(request: AuthorizationRequest, client: Client, known: Known) -> None:
    if len(request.get("state") or "") > LONGEST_STATE:
        raise OAuthError.invalid_request(f"The state has more than {LONGEST_STATE} characters.")


def no_request_object(request: AuthorizationRequest, client: Client, known: Known) -> None:
    """OpenID Connect Core §3.1.2.6: each has an error of its own while it is not supported."""
    for name in ("request", "request_uri", "registration"):
        if request.get(name) is not None:
            raise OAuthError.not_supported(name)


def response_type(request: AuthorizationRequest, client: Client, known: Known) -> None:
    """RFC 6749 §3.1.1: one that there is, and that this application may use."""
    if not request.response_type:
        raise OAuthError.invalid_request("The response_type is missing.")
    grant_type = RESPONSE_TYPES.get(request.response_type)
    if grant_type is None:
        raise OAuthError.unsupported_response_type()
    require_grant(client, grant_type)


def response_mode(request: AuthorizationRequest, client: Client, known: Known) -> None:
    """A token never stands in a query, where logs would keep it (RFC 6749 §4.2.2)."""
    if request.response_mode not in MODES:
        raise OAuthError.invalid_request("This response_mode is not supported.")
    if request.response_type == "token" and request.response_mode == "query":
        raise OAuthError.invalid_request("A token is never sent in a query.")


def scope(request: AuthorizationRequest, client: Client, known: Known) -> None:
    """RFC 6749 §3.3."""
    scope_of(request.get("scope"), client, known, person=True)


def challenge(request: AuthorizationRequest, client: Client, known: Known) -> None:
    """RFC 7636 §4.3, §4.4.1: by S256. Where no method is named it would be `plain`, which proves nothing."""
    if request.response_type != "code":
        return
    sent, method = request.get("code_challenge"), request.get("code_challenge_method")
    if sent is None:
        if client.pkce_required or method is not None:
            raise OAuthError.invalid_request("The code_challenge is missing.")
        return
    if method not in CHALLENGE_METHODS:
        raise OAuthError.invalid_request("The code_challenge_method has to be S256.")
    if not is_challenge(sent):
        raise OAuthError.invalid_request("The code_challenge is malformed: it has 43 characters of base64url.")


def nonce_fits(request: AuthorizationRequest, client: Client, known: Known) -> None:
    if len(request.get("nonce") or "") > LONGEST_NONCE:
        raise OAuthError.invalid_request(f"The nonce has more than {LONGEST_NONCE} characters.")


def prompt(request: AuthorizationRequest, client: Client, known: Known) -> None:
    """OpenID Connect Core §3.1.2.1: `none` stands alone."""
    if not request.prompt.issubset(PROMPTS):
        raise OAuthError.invalid_request("The prompt names something that there is not.")
    if "none" in request.prompt and len(request.prompt) > 1:
        raise OAuthError.invalid_request("The prompt none excludes every other.")


def max_age(request: AuthorizationRequest, client: Client, known: Known) -> None:
    sent = request.get("max_age")
    if sent is not None and _SECONDS.fullmatch(sent) is None:
        raise OAuthError.invalid_request("The max_age is to be a number of seconds.")


def claims(request: AuthorizationRequest, client: Client, known: Known) -> None:
    """OpenID Connect Core §5.5; and of an essential `acr` (§5.5.1.1), that it can be reached here at all.

    The error is that of OpenID Connect Core Error Code unmet_authentication_requirements §3.
    """
    try:
        wanted = claims_request_of(request.get("claims"))
    except MalformedClaims as malformed:
        raise OAuthError.invalid_request(str(malformed)) from malformed
    if wanted.acrs and not reachable(wanted.acrs):
        raise OAuthError.unmet_authentication_requirements()


def resource(request: AuthorizationRequest, client: Client, known: Known) -> None:
    """RFC 8707 §2."""
    require_absolute(request.get("resource"))


def id_token_hint(request: AuthorizationRequest, client: Client, known: Known) -> None:
    sent = request.get("id_token_hint")
    if sent is not None and _JWS.fullmatch(sent) is None:
        raise OAuthError.invalid_request("The id_token_hint is malformed.")
