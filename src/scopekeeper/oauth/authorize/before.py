"""The stages before client and redirect_uri are proven: whatever fails here is told to the person alone."""

from collections.abc import Callable

from scopekeeper.oauth.authorize.request import AuthorizationRequest, Unproven
from scopekeeper.oauth.records import Client
from scopekeeper.oauth.redirects import matches

Stage = Callable[[AuthorizationRequest, Client | None], None]
"""`client` is whoever bears the client_id that was sent. Raises Unproven."""


def named_once(request: AuthorizationRequest, client: Client | None) -> None:
    """Which of two is meant, nobody knows (RFC 6749 §3.1)."""
    if "client_id" in request.repeated:
        raise Unproven("repeated")
    if "redirect_uri" in request.repeated:
        raise Unproven("repeated", client)


def known_client(request: AuthorizationRequest, client: Client | None) -> None:
    """Whoever asks is registered here, and not switched off. Both hear the same."""
    proven(client)


def own_redirect(request: AuthorizationRequest, client: Client | None) -> None:
    """The address is always named, and is one of the application's own (RFC 9700 §2.1)."""
    uri = request.get("redirect_uri")
    if uri is None:
        raise Unproven("redirect_missing", client)
    if not matches(uri, proven(client)):
        raise Unproven("redirect_foreign", client)


def proven(client: Client | None) -> Client:
    """The client, which is there and enabled. Raises Unproven."""
    if client is None or not client.enabled:
        raise Unproven("application")
    return client
