"""Introspection: what a token is worth, told to those who may know (RFC 7662 §2.2)."""

from typing import Final

from scopekeeper.oauth.claims import audience_of, jti_of
from scopekeeper.oauth.records import Client, Token, holds
from scopekeeper.scopes import cut

INACTIVE: Final[dict[str, object]] = {"active": False}
"""An inactive token's answer carries nothing else, whatever the cause (RFC 7662 §2.2)."""


def introspect(caller: Client, token: Token | None, owner: Client | None, issuer: str, now: int) -> dict[str, object]:
    """The answer to an introspection of `token`, which belongs to `owner`, by `caller`.

    Only its own tokens are a client's business, unless it is registered as a resource server (RFC 7662 §4). The scope
    is what the guard would honour: the token's, cut to what the application may have today.
    """
    if token is None or owner is None or not holds(token, owner, now):
        return INACTIVE
    if token.client_id != caller.client_id and not caller.resource_server:
        return INACTIVE
    return {
        "active": True,
        "scope": " ".join(cut(token.scope, owner.scope)),
        "client_id": token.client_id,
        "token_type": "Bearer",
        "exp": token.expires_at,
        "iat": token.issued_at,
        "sub": token.user if token.user is not None else token.client_id,
        "aud": audience_of(issuer),
        "iss": issuer,
        "jti": jti_of(token.id),
    }
