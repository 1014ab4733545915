"""`/console/scopes`: every scope there is, what is selected, and what each of them opens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Self
from urllib.parse import urlencode

from msgspec import json

from scopekeeper.console.call import Call
from scopekeeper.console.desk import Desk
from scopekeeper.console.documents import openapi_at, sdl_at
from scopekeeper.console.scopes.asked import FACES, Asked, Register, module_of
from scopekeeper.console.scopes.choosing import chosen_or_found
from scopekeeper.console.scopes.comparing import compared
from scopekeeper.console.scopes.opening import Openings, path_of
from scopekeeper.console.scopes.sheet import CatalogueSheet
from scopekeeper.oauth.records import Client
from scopekeeper.pages.refusals import Refused
from scopekeeper.pages.selection import selection_of
from scopekeeper.scopes import APIS, Catalogue, lineage
from scopekeeper.scopes.catalogue import Entry
from scopekeeper.services.lists import MOST_COUNTED, ClientsAsked
from scopekeeper.wire import Reply

PAGE: Final = "/console/scopes"
ROWS: Final = 100
"""Rows of the table as the server writes it; with scripts, the browser writes all."""
MOST_OPERATIONS: Final = 200
"""Operations that are told of one scope."""


@dataclass(frozen=True, slots=True)
class Visualizer:
    """The page, and what it tells of a single scope."""

    desk: Desk
    sheet: CatalogueSheet
    openings: Openings
    register: Register
    modules: Sequence[tuple[str, str]]

    @classmethod
    def of(cls, desk: Desk, sheet: CatalogueSheet, openings: Openings) -> Self:
        """With the words of every scope gathered."""
        titles = {entry.module: entry.title for entry in desk.catalogue if entry.module is not None}
        return cls(desk, sheet, openings, Register(desk.catalogue, openings), tuple(titles.items()))

    async def __call__(self, call: Call) -> Reply:
        """The page; where the page itself asks, only the comparison. Without a selection, that is what the application
        holds."""
        asked = Asked.of(call.query, self.desk.catalogue)
        client, found = await chosen_or_found(self.desk, asked.compare, call.query.one("application"))
        if client is not None and "scope" not in call.query:
            asked = replace(asked, selection=selection_of(client.scope, self.desk.catalogue))
        return self.desk.sheets(call, "scopes.html", self._facts(call, asked, client, found))

    def _facts(self, call: Call, asked: Asked, client: Client | None, found: Sequence[Client]) -> Mapping[str, object]:
        shown = self.register.find(asked)
        page = _page_in(call.query.one("page"), len(shown))
        rows = shown[page * ROWS : (page + 1) * ROWS]
        selection, catalogue, here = asked.selection, self.desk.catalogue, {entry.scope for entry in rows}
        return {
            "asked": asked,
            "selection": selection,
            "shorter": selection.shorter(catalogue),
            "as_json": json.encode(selection.scopes).decode(),
            "modules": self.modules,
            "faces": FACES,
            "module_of": module_of,
            "sheet": self.sheet.address,
            "rows": rows,
            "elsewhere": [each for each in selection.scopes if each not in here],
            "covered_by": lambda scope: next((each for each in lineage(scope)[:-1] if each in selection.scopes), None),
            "shown": len(shown),
            "total": len(catalogue),
            "next": _address(asked, page + 1) if len(shown) > (page + 1) * ROWS else None,
            "address": lambda **other: _address(replace(asked, **other)),
            "openapi": openapi_at(self.desk),
            "sdl": sdl_at(self.desk),
            "client": client,
            "found": found,
            "name": call.query.one("application"),
            "comparison": None if client is None else compared(selection.scopes, client, catalogue, self.openings),
        }

    async def one(self, call: Call) -> Reply:
        """What one scope opens, which applications may have it, and what is above and below it."""
        scope, catalogue = call.path["scope"], self.desk.catalogue
        if scope not in catalogue:
            raise Refused("nowhere", "no such scope")
        holders = await self.desk.applications.count(ClientsAsked(scope=scope))
        operations = self.openings[scope]
        return self.desk.sheets(
            call,
            "scopes_one.html",
            {
                "entry": catalogue[scope],
                "module_of": module_of,
                "faces": FACES,
                "path_of": path_of,
                "operations": operations[:MOST_OPERATIONS],
                "more": max(0, len(operations) - MOST_OPERATIONS),
                "demanded": scope in catalogue.leaves,
                "above": lineage(scope)[:-1],
                "below": catalogue.children(scope),
                "twin": _twin_of(scope, catalogue),
                "holders": holders,
                "most": MOST_COUNTED,
            },
        )


def _twin_of(scope: str, catalogue: Catalogue) -> Entry | None:
    """The same over the other API."""
    api, *below = scope.split(":")
    others = [":".join((other, *below)) for other in APIS if other != api and api in APIS]
    return next((catalogue[each] for each in others if each in catalogue), None)


def _address(asked: Asked, page: int = 0) -> str:
    """The address of this view."""
    said = {
        "scope": asked.selection.text,
        "text": asked.text,
        "api": asked.api,
        "module": asked.module,
        "access": asked.access,
        "sort": asked.sort,
        "compare": asked.compare,
        "page": str(page or ""),
    }
    query = urlencode({name: value for name, value in said.items() if value})
    return f"{PAGE}?{query}" if query else PAGE


def _page_in(text: str, rows: int) -> int:
    return min(int(text), rows // ROWS) if text.isascii() and text.isdigit() and len(text) < 6 else 0
