"""Several applications at once: which and how many are said first, then they are disabled or enabled."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from scopekeeper.console.applications.asked import HERE
from scopekeeper.console.call import Call, Fields
from scopekeeper.console.desk import Desk
from scopekeeper.console.door import Room
from scopekeeper.console.listing import PAGE
from scopekeeper.oauth.applications import Changes
from scopekeeper.oauth.records import Client
from scopekeeper.pages.page import sent_on
from scopekeeper.services.ports import Gone
from scopekeeper.wire import Reply

PATH: Final = f"{HERE}/several"


def rooms(desk: Desk) -> Sequence[Room]:
    """The question, and the act."""

    async def ask(call: Call) -> Reply:
        clients = [client for client in await _picked(desk, call.query) if client.enabled != _enabling(call.query)]
        if not clients:
            return sent_on(f"{HERE}?note=none")
        facts = {"clients": clients, "enabling": _enabling(call.query)}
        return desk.sheets(call, "applications_several.html", facts)

    async def act(call: Call) -> Reply:
        enabling = _enabling(call.form)
        for client in await _picked(desk, call.form):
            if client.enabled != enabling:
                with suppress(Gone):
                    await desk.applications.change(
                        client.client_id, Changes(enabled=enabling), call.actor, call.address
                    )
        return sent_on(f"{HERE}?note={'enabled' if enabling else 'disabled'}")

    return [Room("GET", PATH, ask), Room("POST", PATH, act)]


def _enabling(fields: Fields) -> bool:
    return fields.one("act") == "enable"


async def _picked(desk: Desk, fields: Fields) -> Sequence[Client]:
    """Those of a page that were ticked and are still there."""
    found: list[Client] = []
    for client_id in list(dict.fromkeys(fields.all("client_id")))[:PAGE]:
        with suppress(Gone):
            found.append(await desk.applications.get(client_id))
    return found
