"""`/console/docs/…`: the documentation of both APIs, cut to the selected scopes."""

from collections.abc import Sequence
from typing import Final

from scopekeeper.console.call import Call
from scopekeeper.console.desk import Desk
from scopekeeper.console.documents import POSTMAN, openapi_at, sdl_at
from scopekeeper.console.documents import rooms as documents
from scopekeeper.console.door import Room
from scopekeeper.docs import Place, Shown
from scopekeeper.docs.graphql import GraphqlDocs
from scopekeeper.docs.rest import RestDocs
from scopekeeper.docs.shown import MOST_TEXT
from scopekeeper.pages.selection import Selection, selection_of
from scopekeeper.wire import Reply

GRAPHQL: Final = "/console/docs/graphql"
REST: Final = "/console/docs/rest"


class DocumentationPages:
    """Both pages. What is selected is in the address; nothing selected shows all there is."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._graphql, self._rest = GraphqlDocs(desk.docs), RestDocs(desk.docs)
        self._place = Place(
            graphql=GRAPHQL,
            rest=REST,
            sdl=sdl_at(desk),
            openapi=openapi_at(desk),
            postman=POSTMAN,
            visualizer="/console/scopes",
            explorer="/console/graphql",
            tries=True,
        )

    async def graphql(self, call: Call) -> Reply:
        """Types, fields and arguments, each with the scope that it needs."""
        shown, selection = self._asked(call)
        return self._page(call, "docs_graphql.html", self._graphql.of(shown), shown, selection)

    async def rest(self, call: Call) -> Reply:
        """Operations by module, each with the scope that it needs."""
        shown, selection = self._asked(call)
        return self._page(call, "docs_rest.html", self._rest.of(shown), shown, selection)

    def _asked(self, call: Call) -> tuple[Shown, Selection]:
        query = call.query
        selection = selection_of(query.all("scope"), self._desk.catalogue)
        return (
            Shown(
                scopes=selection.scopes or None,
                beyond="beyond" in query,
                text=query.one("q")[:MOST_TEXT],
                module=query.one("module"),
            ),
            selection,
        )

    def _page(self, call: Call, template: str, page: object, shown: Shown, selection: Selection) -> Reply:
        facts = {"page": page, "place": self._place, "shown": shown, "unknown": selection.unknown}
        return self._desk.sheets(call, template, facts)


def rooms(desk: Desk) -> Sequence[Room]:
    """What answers below `/console/docs`."""
    pages = DocumentationPages(desk)
    return (Room("GET", GRAPHQL, pages.graphql), Room("GET", REST, pages.rest), *documents(desk))
