"""The claims of a JWT access token (RFC 9068 §2.2), and how its row is found again by `jti`."""

from typing import Final

from scopekeeper.oauth.authentication import acr_of
from scopekeeper.oauth.granted import Grantor
from scopekeeper.oauth.records import Token
from scopekeeper.oauth.secrets import ID_LENGTH, base62

ACCESS_TOKEN_TYPE: Final = "at+jwt"

ACCESS_TOKEN_ALGS: Final = ("ES256", "RS256")
"""By what a JWT access token can be signed: what servers of APIs know how to verify (RFC 9068 §2.1)."""


def audience_of(issuer: str) -> str:
    """The API behind this server, as an audience (RFC 9068 §2.2)."""
    return f"{issuer}/api"


def jti_of(row_id: int) -> str:
    """The `jti` of a token: its row id in base62, unique for as long as the row exists."""
    return base62(row_id, ID_LENGTH)


def subject_of(user_id: int) -> str:
    """A person as most applications know them: no other ever bears it (OpenID Connect Core §8, public)."""
    return base62(user_id, ID_LENGTH)


def sign_in_claims(grantor: Grantor) -> dict[str, object]:
    """When and how this person proved who they are (RFC 9068 §2.2.1, RFC 9470 §6). No `acr` where they reach no rung.

    It is of the grant, and so the same in all that comes of it.
    """
    acr = acr_of(grantor.amr)
    return {"auth_time": grantor.auth_time, "amr": list(grantor.amr), **({} if acr is None else {"acr": acr})}


def access_token_claims(token: Token, issuer: str, sub: str, grantor: Grantor | None) -> dict[str, object]:
    """The claims of this token. `sub`: for whom it speaks (RFC 9068 §2.2); `grantor`: who granted it, if a person."""
    return {
        "iss": issuer,
        "aud": audience_of(issuer),
        "sub": sub,
        "client_id": token.client_id,
        "scope": " ".join(token.scope),
        "iat": token.issued_at,
        "exp": token.expires_at,
        "jti": jti_of(token.id),
        **({} if grantor is None else sign_in_claims(grantor)),
    }
