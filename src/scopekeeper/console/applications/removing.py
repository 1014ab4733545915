"""Removing an application for good: what goes with it is said first, and its name has to be typed."""

from collections.abc import Sequence
from typing import Final

from scopekeeper.console.applications.asked import HERE
from scopekeeper.console.applications.belongings import belongings_of
from scopekeeper.console.call import Call
from scopekeeper.console.desk import Desk
from scopekeeper.console.door import Room
from scopekeeper.console.listing import total_of
from scopekeeper.pages.page import sent_on
from scopekeeper.services.ports import Gone
from scopekeeper.wire import Reply

PATH: Final = f"{HERE}/{{client_id}}/remove"


def rooms(desk: Desk) -> Sequence[Room]:
    """The question, and the act."""

    async def ask(call: Call) -> Reply:
        return await _page(call, 200)

    async def act(call: Call) -> Reply:
        client_id = call.path["client_id"]
        try:
            client = await desk.applications.get(client_id)
            if call.form.one("typed").strip() != client.name:
                return await _page(call, 422, "That is not its name.")
            await desk.applications.remove(client_id, call.actor, call.address)
        except Gone:
            pass  # Done already, by this form or by somebody else: it is what was wanted.
        return sent_on(f"{HERE}?note=removed")

    async def _page(call: Call, status: int, wrong: str = "") -> Reply:
        client = await desk.applications.get(call.path["client_id"])
        facts = {"client": client, "goes": await belongings_of(desk, client), "wrong": wrong, "total_of": total_of}
        return desk.sheets(call, "applications_remove.html", facts, status)

    return [Room("GET", PATH, ask), Room("POST", PATH, act)]
