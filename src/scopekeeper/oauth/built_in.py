"""The application that comes with the server, the API Explorer: what it is, and what of it may be edited. Pure.

It has no grants, so no flow of OAuth leads to a token of it; only the console issues one (`oauth/explorer.py`). No edit
gives it any, nor an address to send codes to: its client_id is known to everybody.
"""

from dataclasses import fields
from typing import Final

from scopekeeper.oauth.records import EXPLORER, ApplicationType, Client
from scopekeeper.scopes import APIS, missing

LIFETIME: Final = 600
"""Seconds that its access tokens live, at most."""

DESCRIPTION: Final = "Built in: the GraphQL Explorer and the REST documentation get their tokens through it."

_EDITED: Final = frozenset({"scope", "enabled", "access_token_lifetime"})
"""What may be edited."""
_KEPT_BY_THE_STORE: Final = frozenset({"secrets", "generation", "updated_at", "revision", "last_used_at"})

_BOXES: Final = {
    "grant_types": "grant",
    "redirect_uris": "redirect_uri",
    "post_logout_redirect_uris": "post_logout_redirect_uri",
    "default_acr_values": "default_acr_value",
    "pkce_required": "pkce",
}
"""What a field is called where it is filled in, if not by its own name."""


def explorer(now: int) -> Client:
    """The application, as it comes."""
    return Client(
        client_id=EXPLORER,
        type=ApplicationType.SPA,
        name="API Explorer",
        scope=APIS,
        grant_types=(),
        created_at=now,
        description=DESCRIPTION,
        access_token_lifetime=LIFETIME,
        updated_at=now,
    )


def unfit(old: Client, new: Client) -> tuple[str, str] | None:
    """What of this edit cannot stand: the field, and the reason in words. None where all of it can."""
    for each in fields(Client):
        if each.name not in _EDITED | _KEPT_BY_THE_STORE and getattr(new, each.name) != getattr(old, each.name):
            return _BOXES.get(each.name, each.name), (
                f"{old.name} comes with the server and cannot be made into another application: its scopes, the "
                "lifetime of its tokens, and whether it is enabled can be changed, and nothing else"
            )
    beyond = missing(APIS, new.scope)
    if beyond:
        return (
            "scope",
            f"{old.name} calls the API, where {' '.join(beyond)} opens nothing: it may have {' '.join(APIS)}",
        )
    if new.access_token_lifetime is None or new.access_token_lifetime > LIFETIME:
        return "access_token_lifetime", f"a token of {old.name} lives for 10 minutes at most"
    return None
