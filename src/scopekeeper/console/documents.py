"""`/console/docs/openapi.json`, `schema.graphql`, `postman.json`: the API for programs, cut to the selected scopes.

Everybody gets the first two from the API itself, unless the operator keeps them private. Administrators get all here:
they may read about everything, and sign in with no token.
"""

from collections.abc import Sequence
from typing import Final

from scopekeeper.console.call import Call
from scopekeeper.console.desk import Desk
from scopekeeper.console.door import Room
from scopekeeper.docs.collections import postman
from scopekeeper.docs.shown import Held
from scopekeeper.pages.selection import selection_of
from scopekeeper.surface.projection import Projection
from scopekeeper.wire import NO_STORE, Reply, json_reply

OPENAPI: Final = "/console/docs/openapi.json"
SDL: Final = "/console/docs/schema.graphql"
POSTMAN: Final = "/console/docs/postman.json"

_INERT: Final = (*NO_STORE, (b"content-security-policy", b"default-src 'none'; sandbox"))
_TEXT: Final = ((b"content-type", b"text/plain; charset=utf-8"), *_INERT)


def openapi_at(desk: Desk) -> str:
    """Where the console's pages lead to for the OpenAPI document: where everybody gets it, if they do."""
    return "/api/rest/openapi.json" if desk.descriptions_public else OPENAPI


def sdl_at(desk: Desk) -> str:
    """The same for the schema as text."""
    return "/api/graphql/schema.graphql" if desk.descriptions_public else SDL


def rooms(desk: Desk) -> Sequence[Room]:
    """The three documents."""
    library = desk.docs

    def held(call: Call) -> Held:
        return frozenset(selection_of(call.query.all("scope"), desk.catalogue).scopes) or None

    async def openapi(call: Call) -> Reply:
        """The OpenAPI document."""
        return json_reply(library.document(held(call)), headers=_INERT)

    async def sdl(call: Call) -> Reply:
        """The GraphQL schema as text."""
        return Reply(200, Projection(library.projected(held(call))).sdl.encode(), _TEXT)

    async def collection(call: Call) -> Reply:
        """The REST API as a Postman collection."""
        cut = held(call)
        made = postman(library.document(cut), issuer=library.issuer, cut=cut is not None)
        return json_reply(made, headers=_INERT)

    return (Room("GET", OPENAPI, openapi), Room("GET", SDL, sdl), Room("GET", POSTMAN, collection))
