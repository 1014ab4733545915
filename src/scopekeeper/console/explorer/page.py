"""`/console/graphql`: the GraphQL Explorer. The server writes what stands around it; GraphiQL is the island in it."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

from scopekeeper.console.call import Call, Fields
from scopekeeper.console.desk import Desk
from scopekeeper.console.documents import sdl_at
from scopekeeper.console.door import Room
from scopekeeper.console.explorer.viewing import Unknown, view_of
from scopekeeper.console.scopes.choosing import chosen_or_found
from scopekeeper.oauth.records import Client
from scopekeeper.oauth.viewing import View
from scopekeeper.pages.page import sent_on
from scopekeeper.pages.selection import Selection, selection_of
from scopekeeper.scopes import Catalogue
from scopekeeper.wire import Reply

PATH: Final = "/console/graphql"


def readable(catalogue: Catalogue) -> tuple[str, ...]:
    """What is selected where nothing is: every scope that reads over GraphQL. Never one that writes."""
    return tuple(
        entry.scope
        for entry in catalogue
        if entry.api == "gql" and entry.access == "read" and entry.scope in catalogue.leaves
    )


class ExplorerPage:
    """The page. The selection is in the address, and so is through whose eyes one looks (`client`, `user`)."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._readable = readable(desk.catalogue)

    async def __call__(self, call: Call) -> Reply:
        """The Scopes box, the explorer, and who it looks as."""
        desk, query = self._desk, call.query
        selection = selection_of(query.all("scope"), desk.catalogue)
        view, wrong = await self._view(query)
        scopes = selection.scopes or (self._readable if view is None else view.scopes)
        name = query.one("application")
        found = () if view is not None and view.client is not None else await self._found(name)
        if len(found) == 1:  # a name that is one application's own leads to the view of it
            return sent_on(f"{PATH}?{urlencode(_kept(selection, found[0].client_id, query.one('user')))}")
        facts = {
            "text": " ".join(scopes),
            "chosen": bool(selection.scopes),
            "unknown": selection.unknown,
            "readable": " ".join(self._readable),
            "view": view,
            "wrong": wrong,
            "found": found,
            "name": name,
            "sdl": sdl_at(desk),
        }
        return desk.sheets(call, "graphql.html", facts)

    async def _view(self, query: Fields) -> tuple[View | None, str]:
        """Through whose eyes; or why not, in a sentence."""
        try:
            return await view_of(self._desk, query, self._readable), ""
        except Unknown as unknown:
            return None, str(unknown)

    async def _found(self, name: str) -> Sequence[Client]:
        """Applications of this name; or of which it is a part."""
        chosen, several = await chosen_or_found(self._desk, "", name)
        return several if chosen is None else (chosen,)


def _kept(selection: Selection, client_id: str, user: str) -> dict[str, str]:
    kept = {"scope": selection.text, "client": client_id, "user": user}
    return {name: value for name, value in kept.items() if value}


def rooms(desk: Desk) -> Sequence[Room]:
    """The page."""
    return (Room("GET", PATH, ExplorerPage(desk)),)
