"""Revocation (RFC 7009)."""

from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.granted import Family
from scopekeeper.oauth.records import Client, Token


def revocable(caller: Client, token: Token | None) -> Token | None:
    """The token to revoke, or None where there is nothing to do: it is unknown or dead already (RFC 7009 §2.2).

    Another client's token is refused, and the caller told so (RFC 7009 §2.1): who holds it knows already what it is.
    """
    if token is None:
        return None
    _require_own(caller, token.client_id)
    return token if token.revoked_at is None else None


def revocable_family(caller: Client, family: Family) -> Family | None:
    """The family to revoke with one of its refresh tokens, or None where it is dead already (RFC 7009 §2.1).

    One that was used up, or is too old, will do: whoever gives it back wants nothing of that grant any more.
    """
    _require_own(caller, family.client_id)
    return family if family.revoked_at is None else None


def _require_own(caller: Client, client_id: str) -> None:
    if client_id != caller.client_id:
        raise OAuthError.invalid_grant("the token belongs to another client")
