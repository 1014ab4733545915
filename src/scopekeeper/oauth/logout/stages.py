"""The stages of a logout request: whatever fails here is told to the person alone.

All are given the same, so that they can stand in a row; few need all of it.
"""

from collections.abc import Callable

from scopekeeper.oauth.logout.request import LONGEST_LOGOUT_HINT, LONGEST_STATE, Hint, LogoutRequest, Unsound
from scopekeeper.oauth.records import Client

Stage = Callable[[LogoutRequest, Hint | None, Client | None], None]
"""`hint`: what the id_token_hint says, if it is one of ours. `client`: whom client_id or hint name. Raises Unsound."""


def nothing_repeated(request: LogoutRequest, hint: Hint | None, client: Client | None) -> None:
    """Which of two is meant, nobody knows (RFC 6749 §3.1)."""
    if request.repeated:
        raise Unsound("repeated")


def sizes(request: LogoutRequest, hint: Hint | None, client: Client | None) -> None:
    """What comes back with the person, and what is not looked at, have bounds of their own."""
    for name, longest in (("state", LONGEST_STATE), ("logout_hint", LONGEST_LOGOUT_HINT)):
        if len(request.get(name) or "") > longest:
            raise Unsound("long")


def genuine_hint(request: LogoutRequest, hint: Hint | None, client: Client | None) -> None:
    """OpenID Connect RP-Initiated Logout §2: that the OP was the issuer of the ID Token; never mind how old it is."""
    if request.get("id_token_hint") is not None and hint is None:
        raise Unsound("hint")


def hint_of_the_client(request: LogoutRequest, hint: Hint | None, client: Client | None) -> None:
    """OpenID Connect RP-Initiated Logout §2: that the client_id is the one for which the ID Token was issued."""
    client_id = request.get("client_id")
    if client_id is not None and hint is not None and client_id != hint.client_id:
        raise Unsound("another")


def known_client(request: LogoutRequest, hint: Hint | None, client: Client | None) -> None:
    """Whoever is named is registered here, and not switched off. Both hear the same."""
    named = request.get("client_id") is not None or hint is not None
    if named and (client is None or not client.enabled):
        raise Unsound("application")


def own_redirect(request: LogoutRequest, hint: Hint | None, client: Client | None) -> None:
    """OpenID Connect RP-Initiated Logout §3: exactly one that was registered (RFC 9700 §4.11: no open redirector)."""
    uri = request.get("post_logout_redirect_uri")
    if uri is None:
        return
    if client is None:
        raise Unsound("redirect_unnamed")
    if uri not in client.post_logout_redirect_uris:
        raise Unsound("redirect_foreign", client)
