"""`/console/explorer/look`: a document is run with what an application or a person could read, and to read only."""

from collections.abc import Sequence
from typing import Final

from scopekeeper.console.call import Call
from scopekeeper.console.desk import Desk
from scopekeeper.console.door import Room
from scopekeeper.console.explorer.viewing import Unknown, view_of
from scopekeeper.wire import NO_STORE, Reply, json_reply

PATH: Final = "/console/explorer/look"


def rooms(desk: Desk) -> Sequence[Room]:
    """The errand."""

    async def look(call: Call) -> Reply:
        """What `/api/graphql` would answer to them, body and status; who looked is in the audit log by then.

        404 with `NOT_FOUND` for an application or a person that there is not, 400 where neither is named.
        """
        form = call.form
        try:
            view = await view_of(desk, form)
        except Unknown as unknown:
            return _rejection(404, "NOT_FOUND", str(unknown))
        if view is None:
            return _rejection(400, "BAD_REQUEST", "Name an application or a person: as whom do you look?")
        return await desk.looking(
            view,
            form.one("query"),
            form.one("variables"),
            form.one("operationName") or None,
            actor=call.actor,
            address=call.address,
            meets=lambda demand: demand.met(call.stay.session.signed_in_at, call.stay.session.amr, call.now),
            request_id=call.visit.scope.get("state", {}).get("request_id"),
        )

    return (Room("POST", PATH, look),)


def _rejection(status: int, code: str, message: str) -> Reply:
    return json_reply({"errors": [{"message": message, "extensions": {"code": code}}]}, status, NO_STORE)
