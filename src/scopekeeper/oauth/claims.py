"""The claims of a JWT access token (RFC 9068 §2.2), and how its row is found again by `jti`."""

from typing import Final

from scopekeeper.oauth.records import Token
from scopekeeper.oauth.secrets import ID_LENGTH, base62

ACCESS_TOKEN_TYPE: Final = "at+jwt"


def audience_of(issuer: str) -> str:
    """The API behind this server, as an audience (RFC 9068 §2.2)."""
    return f"{issuer}/api"


def jti_of(row_id: int) -> str:
    """The `jti` of a token: its row id in base62, unique for as long as the row exists."""
    return base62(row_id, ID_LENGTH)


def subject_of(user_id: int) -> str:
    """A person as every application knows them: `sub`, which no other person ever bears (OpenID Connect Core §8)."""
    return base62(user_id, ID_LENGTH)


def sub_of(token: Token) -> str:
    """Whom the token speaks for: the person, else the application itself (RFC 9068 §2.2)."""
    return token.client_id if token.user_id is None else subject_of(token.user_id)


def access_token_claims(token: Token, issuer: str) -> dict[str, object]:
    """The claims of this token. `sub` is the client_id where no person is concerned (RFC 9068 §2.2)."""
    return {
        "iss": issuer,
        "aud": audience_of(issuer),
        "sub": sub_of(token),
        "client_id": token.client_id,
        "scope": " ".join(token.scope),
        "iat": token.issued_at,
        "exp": token.expires_at,
        "jti": jti_of(token.id),
    }
