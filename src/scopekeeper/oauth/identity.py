"""The id_token: who signed in, told to the application that asked (OpenID Connect Core §2)."""

import hashlib
from base64 import urlsafe_b64encode
from typing import Final

from scopekeeper.oauth.claims import subject_of
from scopekeeper.oauth.granted import Grantor

ID_TOKEN_TYPE: Final = "JWT"

ID_TOKEN_ALG: Final = "RS256"
"""What every client must be able to verify (OpenID Connect Core §15.1)."""

ID_TOKEN_LIFETIME: Final = 3_600
"""Seconds."""


def identity_claims(grantor: Grantor, client_id: str, issuer: str, now: int, nonce: str | None) -> dict[str, object]:
    """The claims of an id_token, without `at_hash`: the access token is not signed yet (OpenID Connect Core §2)."""
    claims: dict[str, object] = {
        "iss": issuer,
        "sub": subject_of(grantor.user_id),
        "aud": client_id,
        "exp": now + ID_TOKEN_LIFETIME,
        "iat": now,
        "auth_time": grantor.auth_time,
    }
    if nonce is not None:
        claims["nonce"] = nonce
    return claims


def at_hash_of(access_token: str) -> str:
    """The left half of the access token's SHA-256, for algorithms that end in 256 (OpenID Connect Core §3.1.3.6)."""
    return urlsafe_b64encode(hashlib.sha256(access_token.encode()).digest()[:16]).rstrip(b"=").decode()
