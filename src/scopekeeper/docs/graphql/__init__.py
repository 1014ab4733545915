"""The documentation of the GraphQL API, made of its schema and of the modules' declarations."""

from functools import cached_property
from typing import Final

from scopekeeper.docs.graphql.book import Book, Cut
from scopekeeper.docs.graphql.page import GraphqlPage, page_of
from scopekeeper.docs.library import Library
from scopekeeper.docs.shown import Held, Shown
from scopekeeper.services.kept import Kept

__all__ = ["GraphqlDocs"]

MOST: Final = 128
"""Selections that are kept cut."""
ROOM: Final = 4_000_000
"""Bytes that they may take together."""


class GraphqlDocs:
    """Makes the page for each reader's view. The book is written when it is first opened."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._cuts: Kept[Held, Cut] = Kept(MOST, room=ROOM, weigh=_weight)

    def of(self, shown: Shown) -> GraphqlPage:
        """What `docs/graphql.html` shows."""
        return page_of(self._library, self._book, self._cuts.of(shown.held, self._book.cut), shown)

    @cached_property
    def _book(self) -> Book:
        return Book(self._library)


def _weight(held: Held, cut: Cut) -> int:
    """Bytes, about."""
    return cut.weight + sum(map(len, held or ()))
