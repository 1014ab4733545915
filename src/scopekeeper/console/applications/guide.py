"""`…/quick-start`: programs to begin with, and every address that they need."""

from collections.abc import Sequence

from scopekeeper.console.applications.asked import HERE
from scopekeeper.console.applications.endpoints import endpoints_of
from scopekeeper.console.call import Call
from scopekeeper.console.desk import Desk
from scopekeeper.console.door import Room
from scopekeeper.console.quickstarts import quickstarts_of
from scopekeeper.wire import Reply


def rooms(desk: Desk) -> Sequence[Room]:
    """The page of one application; and the addresses alone, which are the same for all."""

    async def show(call: Call) -> Reply:
        client = await desk.applications.get(call.path["client_id"])
        facts = {"client": client, "quickstarts": quickstarts_of(desk, client), "endpoints": endpoints_of(desk)}
        return desk.sheets(call, "applications_guide.html", facts)

    async def addresses(call: Call) -> Reply:
        return desk.sheets(call, "applications_urls.html", {"endpoints": endpoints_of(desk)})

    return [
        Room("GET", f"{HERE}/{{client_id}}/quick-start", show),
        Room("GET", "/console/urls", addresses),
    ]
