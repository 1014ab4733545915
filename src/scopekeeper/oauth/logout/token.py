"""The logout token: that a session has ended, told to one application (OpenID Connect Back-Channel Logout 1.0 §2.4)."""

from typing import Final

from scopekeeper.oauth.records import Client
from scopekeeper.oauth.subjects import Subjects

LOGOUT_TOKEN_TYPE: Final = "logout+jwt"
"""So that nobody takes it for an id_token, whose members it has (Back-Channel Logout §2.4; RFC 8725 §3.11)."""

LOGOUT_EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"

LOGOUT_TOKEN_LIFETIME: Final = 120
"""Seconds: each try has a token of its own (§4)."""


def logout_claims(
    client: Client, user_id: int, session_id: int, subjects: Subjects, *, issuer: str, now: int, jti: str
) -> dict[str, object]:
    """Its claims: the person and the session, as this application knows them. Never a `nonce` (§2.4)."""
    return {
        "iss": issuer,
        "sub": subjects.of(client, user_id),
        "aud": client.client_id,
        "iat": now,
        "exp": now + LOGOUT_TOKEN_LIFETIME,
        "jti": jti,
        "events": {LOGOUT_EVENT: {}},
        "sid": subjects.sid(client, session_id),
    }
