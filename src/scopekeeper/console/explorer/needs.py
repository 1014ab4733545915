"""`/console/explorer/needs`: the scopes that a document needs, and which of them are not selected. Nothing is run."""

from collections.abc import Sequence
from typing import Final

from graphql import GraphQLError

from scopekeeper.console.call import Call
from scopekeeper.console.desk import Desk
from scopekeeper.console.door import Room
from scopekeeper.pages.selection import selection_of
from scopekeeper.surface.document import UnknownOperation
from scopekeeper.surface.plans import Plans, Unfit
from scopekeeper.wire import NO_STORE, Reply, json_reply

PATH: Final = "/console/explorer/needs"


def rooms(desk: Desk) -> Sequence[Room]:
    """The errand."""
    plans = Plans(desk.docs.schema, most=100)

    async def needs(call: Call) -> Reply:
        """`scopes` that the operation needs, `missing` of them, does it ask for the schema; or `errors`, and where.

        By the plans and within the limits of the API itself, so that nothing else is told here than is done there.
        Always 200: a document that cannot be run yet is one that somebody is writing.
        """
        held = selection_of(call.form.all("scope"), desk.catalogue).scopes
        try:
            found = plans.of(call.form.one("query")).needs(call.form.one("operationName") or None)
        except Unfit as unfit:
            return _told({"errors": [_where(error) for error in unfit.errors]})
        except UnknownOperation as unknown:
            return _told({"errors": [_where(GraphQLError(str(unknown)))]})
        lacking = found.missing(held)
        return _told({"scopes": found.scopes, "missing": lacking, "introspects": found.introspects})

    return (Room("POST", PATH, needs),)


def _where(error: GraphQLError) -> dict[str, object]:
    places = [{"line": place.line, "column": place.column} for place in error.locations or ()]
    return {"message": error.message, "locations": places}


def _told(body: dict[str, object]) -> Reply:
    return json_reply(body, 200, NO_STORE)
