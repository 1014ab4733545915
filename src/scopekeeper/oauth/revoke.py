"""Revocation (RFC 7009)."""

from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.records import Client, Token


def revocable(caller: Client, token: Token | None) -> Token | None:
    """The token to revoke, or None where there is nothing to do: it is unknown or dead already (RFC 7009 §2.2).

    Another client's token is refused, and the caller told so (RFC 7009 §2.1): who holds it knows already what it is.
    """
    if token is None:
        return None
    if token.client_id != caller.client_id:
        raise OAuthError.invalid_grant("the token belongs to another client")
    return token if token.revoked_at is None else None
