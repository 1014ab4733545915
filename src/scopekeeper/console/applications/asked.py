"""Which applications a list is asked for, in its address, and how the command line and the API would be asked."""

from collections.abc import Mapping
from typing import Final

from scopekeeper.console.applications.kinds import type_of
from scopekeeper.console.call import Fields
from scopekeeper.console.commands import cli, curl
from scopekeeper.console.naming import folded
from scopekeeper.console.narrowing import text_of
from scopekeeper.services.lists import ClientOrder, ClientsAsked

HERE: Final = "/console/applications"

_STATES: Final = {"enabled": True, "disabled": False}


def asked_of(query: Fields) -> ClientsAsked:
    """What this address asks for. What cannot be asked is passed over."""
    owner = text_of(query, "owner")
    return ClientsAsked(
        text=text_of(query, "text"),
        type=type_of(query.one("type")),
        owner=folded(owner) if owner else None,
        enabled=_STATES.get(query.one("state")),
        scope=text_of(query, "scope") or None,
        order=ClientOrder.NEWEST if query.one("order") == ClientOrder.NEWEST.value else ClientOrder.NAME,
    )


def filters_of(asked: ClientsAsked) -> Mapping[str, str]:
    """The same as the fields of the address."""
    return {
        "text": asked.text,
        "type": asked.type.value if asked.type is not None else "",
        "owner": asked.owner or "",
        "state": "" if asked.enabled is None else "enabled" if asked.enabled else "disabled",
        "scope": asked.scope or "",
        "order": asked.order.value if asked.order is not ClientOrder.NAME else "",
    }


def cli_of(asked: ClientsAsked) -> str:
    """The command that answers the same."""
    return cli("app", "list", "--json", **filters_of(asked))


def curl_of(asked: ClientsAsked, issuer: str) -> str:
    """The call of the API that answers the same."""
    given = dict(filters_of(asked))
    state = given.pop("state")
    return curl(issuer, "/applications", **given, enabled=state and str(state == "enabled").lower())
