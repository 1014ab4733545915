"""The first page of the documentation: what the API is, how a program gets in, and which scopes there are."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from scopekeeper.docs.library import Library
from scopekeeper.docs.shown import Shown
from scopekeeper.scopes import Entry
from scopekeeper.sdk import ApiModule, Operation
from scopekeeper.surface.openapi import path_to

API = "/api/rest"


@dataclass(frozen=True, slots=True)
class Use:
    """What one module lets a program do, in words, and the scope that it takes with each API."""

    words: str
    writes: bool
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """One module."""

    name: str
    title: str
    uses: tuple[Use, ...]


@dataclass(frozen=True, slots=True)
class Home:
    """What the page shows."""

    issuer: str
    chapters: tuple[Chapter, ...]
    queries: int
    mutations: int
    operations: int
    first: tuple[str, str] | None
    """A call to begin with, as its address and the scope that it needs; None where none can be made without knowing
    more."""


class HomeDocs:
    """Makes the page for each reader's view."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def of(self, shown: Shown) -> Home:
        """What `docs/home.html` shows."""
        library = self._library
        rest = [each for each in library.operations if shown.within(each.scope("rest"))]
        gql = [each for each in library.operations if shown.within(each.scope("gql"))]
        writes = sum(each.access == "write" for each in gql)
        chapters = [
            Chapter(module.name, module.title, uses)
            for module in library.modules
            if (uses := tuple(_uses(module, library, shown)))
        ]
        return Home(library.issuer, tuple(chapters), len(gql) - writes, writes, len(rest), self._first(rest))

    def _first(self, operations: Iterable[Operation]) -> tuple[str, str] | None:
        lists = [each for each in operations if each.paged and _easy(each)]
        # Administration is what the fewest programs may do.
        found = min(lists, key=lambda each: each.module == "admin", default=None)
        return None if found is None else (f"{self._library.issuer}{API}{path_to(found)}", found.scope("rest"))


def _easy(operation: Operation) -> bool:
    """Can it be called by whoever knows nothing yet?"""
    demanded = any(each.required for each in operation.query_arguments)
    return not (operation.path_arguments or demanded or operation.deprecated)


def _uses(module: ApiModule, library: Library, shown: Shown) -> Iterator[Use]:
    """By access; by resource where less than the whole access is shown."""
    found: dict[str, list[Entry]] = {}
    for entry in library.catalogue:
        if entry.module == module.name and entry.access is not None and shown.within(entry.scope):
            access = f"{entry.api}:{entry.module}:{entry.access}"
            if entry.resource is None or not shown.within(access):
                found.setdefault(entry.scope.partition(":")[2], []).append(entry)
    for entries in found.values():
        first = entries[0]
        yield Use(first.description, first.access == "write", tuple(each.scope for each in entries))
