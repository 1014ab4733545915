"""Client authentication, by method name (RFC 6749 §2.3, RFC 8414 `token_endpoint_auth_methods_supported`)."""

import hmac
from collections.abc import Callable
from typing import Final

from msgspec import Struct

from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.records import Client, Secret
from scopekeeper.oauth.secrets import digest_of

_NOBODY: Final = bytes(32)


class Credentials(Struct, frozen=True):
    """What a request says of who is asking, and by which method it says so."""

    method: str
    client_id: str
    secret: str | None = None

    def __repr__(self) -> str:
        return f"Credentials(method={self.method!r}, client_id={self.client_id!r})"


class Proven(Struct, frozen=True):
    """A client that is who it says, and the secret by which it proved so (None for a public client)."""

    client: Client
    secret: Secret | None


def authenticate(credentials: Credentials, client: Client | None, now: int) -> Proven:
    """The client, proven (RFC 6749 §2.3.1). Raises invalid_client, the same for every cause.

    A disabled client is refused only after its secret was compared, so that time tells nothing.
    """
    prove = METHODS.get(credentials.method)
    if prove is None:
        raise OAuthError.invalid_client(f"unknown authentication method {credentials.method!r}")
    proven = prove(credentials, client, now)
    if not proven.client.enabled:
        raise OAuthError.invalid_client("the application is disabled")
    return proven


def _by_secret(credentials: Credentials, client: Client | None, now: int) -> Proven:
    digest = digest_of(credentials.secret or "")
    if client is None:
        hmac.compare_digest(digest, _NOBODY)  # the same work as for one that is known
        raise OAuthError.invalid_client("unknown client_id")
    found = None
    for each in client.secrets:
        if hmac.compare_digest(digest, each.digest):
            found = each
    if found is None:
        raise OAuthError.invalid_client("wrong client_secret")
    if not found.lives(now):
        raise OAuthError.invalid_client(f"the client_secret ending in {found.last_four} has expired")
    return Proven(client, found)


def _public(credentials: Credentials, client: Client | None, now: int) -> Proven:
    if client is None:
        raise OAuthError.invalid_client("unknown client_id")
    if client.confidential:
        raise OAuthError.invalid_client("a confidential client sent no credentials")
    return Proven(client, None)


METHODS: Final[dict[str, Callable[[Credentials, Client | None, int], Proven]]] = {
    "client_secret_basic": _by_secret,
    "client_secret_post": _by_secret,
    "none": _public,
}
