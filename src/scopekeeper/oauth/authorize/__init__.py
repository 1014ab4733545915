"""The authorization request (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.1), checked in two tuples of stages.

What fails before client and redirect_uri are proven is told to the person, and nobody is sent anywhere; what fails
after that is told to the client (RFC 6749 §4.1.2.1).
"""

from collections.abc import Callable
from typing import Final

from scopekeeper.oauth.authorize import after, before
from scopekeeper.oauth.authorize.request import (
    LONGEST,
    LONGEST_NONCE,
    LONGEST_STATE,
    PROMPTS,
    RESPONSE_TYPES,
    Asked,
    AuthorizationRequest,
    Refused,
    Unproven,
)
from scopekeeper.oauth.claims_request import ClaimsRequest, claims_request_of
from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.records import Client
from scopekeeper.oauth.responses import MODES, Destination
from scopekeeper.oauth.token import scope_of
from scopekeeper.scopes import OPENID

__all__ = [
    "AFTER_REDIRECT",
    "BEFORE_REDIRECT",
    "LONGEST",
    "LONGEST_NONCE",
    "LONGEST_STATE",
    "PROMPTS",
    "RESPONSE_TYPES",
    "Asked",
    "AuthorizationRequest",
    "Refused",
    "Unproven",
    "asked_of",
]

BEFORE_REDIRECT: Final[tuple[before.Stage, ...]] = (
    before.named_once,
    before.known_client,
    before.own_redirect,
)
"""Each raises Unproven."""

AFTER_REDIRECT: Final[tuple[after.Stage, ...]] = (
    after.nothing_repeated,
    after.state_fits,
    after.no_request_object,
    after.response_type,
    after.response_mode,
    after.scope,
    after.challenge,
    after.nonce_fits,
    after.prompt,
    after.max_age,
    after.claims,
    after.resource,
    after.id_token_hint,
)
"""Each raises OAuthError."""


def asked_of(request: AuthorizationRequest, client: Client | None, known: Callable[[str], bool]) -> Asked:
    """What is asked, once every stage is passed. `known`: does this scope exist? Raises Unproven, then Refused."""
    for prove in BEFORE_REDIRECT:
        prove(request, client)
    asker, destination = before.proven(client), _destination_of(request)
    try:
        for check in AFTER_REDIRECT:
            check(request, asker, known)
    except OAuthError as error:
        raise Refused(destination, error) from error
    wanted = claims_request_of(request.get("claims"))
    scope = scope_of(request.get("scope"), asker, known, person=True)
    return Asked(
        client=asker,
        destination=destination,
        response_type=request.response_type,
        scope=scope,
        code_challenge=request.get("code_challenge"),
        nonce=request.get("nonce"),
        prompt=request.prompt,
        max_age=_max_age_of(request, asker),
        id_token_hint=request.get("id_token_hint"),
        login_hint=request.get("login_hint") or "",
        ui_locales=tuple((request.get("ui_locales") or "").split()),
        # Without `openid` it is no request of OpenID Connect, and there is neither an id_token nor userinfo.
        claims=wanted.names(asker.scope) if OPENID in scope else (),
        acrs=wanted.acrs,
        acr_values=_acr_values_of(request, wanted, asker),
        subjects=wanted.subjects if OPENID in scope else None,
    )


def _max_age_of(request: AuthorizationRequest, client: Client) -> int | None:
    """As asked for, or what the application is registered with (OpenID Connect Registration §2: default_max_age)."""
    sent = request.get("max_age")
    return client.default_max_age if sent is None else int(sent)


def _acr_values_of(request: AuthorizationRequest, wanted: ClaimsRequest, client: Client) -> tuple[str, ...]:
    """As asked for, or what the application is registered with (OpenID Connect Registration §2: default_acr_values).

    That is overridden by `acr_values`, and by a claim `acr` that is asked for one by one.
    """
    sent = request.get("acr_values")
    if sent is None and "acr" not in wanted.id_token:
        return client.default_acr_values
    return (*(sent or "").split(), *wanted.acr_values)


def _destination_of(request: AuthorizationRequest) -> Destination:
    """Where and how to answer, whatever else is wrong with the request.

    What was sent twice, or is out of all measure, is answered as if it had not been sent.
    """
    mode = request.response_mode
    if mode not in MODES or "response_mode" in request.repeated or (request.response_type, mode) == ("token", "query"):
        mode = request.default_mode
    state = request.get("state")
    if state is not None and ("state" in request.repeated or len(state) > LONGEST_STATE):
        state = None
    return Destination(request.parameters["redirect_uri"], mode, state)
