"""The documentation of the REST API: a page of operations by module, cut to what a reader selects."""

from collections.abc import Sequence
from functools import cached_property
from typing import Final

from scopekeeper.docs.library import Library
from scopekeeper.docs.rest.operations import Document
from scopekeeper.docs.rest.page import FAILURES, MOST_FULL, Group, Page, Tales
from scopekeeper.docs.rest.told import Entry
from scopekeeper.docs.shown import Shown
from scopekeeper.docs.sought import found, words_of

__all__ = ["RestDocs"]

_RANKS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")


class RestDocs:
    """Makes the page for each reader's view.

    Each operation is described once, from the whole document, and a selection takes its own: an operation is told of in
    the same words whatever else is shown, so nothing has to be kept for each selection.
    """

    def __init__(self, library: Library) -> None:
        self._library = library

    def of(self, shown: Shown) -> Page:
        """What `docs/rest.html` shows."""
        words = words_of(shown.text)
        groups = []
        for module, title, entries in self._modules:
            if shown.module not in ("", module):
                continue
            listed = [
                each for each in entries if (shown.beyond or shown.within(each.scope)) and found(words, each.sought)
            ]
            if listed:
                inside = tuple(each for each in listed if shown.within(each.scope))
                groups.append(Group(f"module-{module}", module, title, tuple(listed), inside))
        groups.sort(key=lambda group: not group.inside)  # what is selected comes before what lies outside
        held = any(shown.within(each.scope) for _, _, entries in self._modules for each in entries)
        count = sum(len(group.inside) for group in groups)
        statuses = {status for group in groups for each in group.inside for status in each.refusals}
        return Page(
            address=self._document.address,
            groups=tuple(groups),
            count=count,
            brief=count > MOST_FULL,
            held=held,
            wider=() if held else self._wider(shown.scopes or ()),
            failures=tuple(each for each in FAILURES if str(each.status) in statuses),
            told=self._told,
            nears=self._nears,
        )

    @cached_property
    def _document(self) -> Document:
        return Document(self._library.openapi)

    @cached_property
    def _told(self) -> Tales:
        return Tales(self._document, {each.field: each for each in self._library.operations})

    @cached_property
    def _modules(self) -> Sequence[tuple[str, str, Sequence[Entry]]]:
        """Each module's name, title and operations, in the order of the modules."""
        entries = [self._document.entry(each) for each in self._library.operations]
        paged = {each.field for each in self._library.operations if each.paged}
        modules = []
        for module in self._library.modules:
            own = [each for each in entries if each.module == module.name]
            own.sort(key=lambda each: (each.section, _rank(each, paged), each.path))
            modules.append((module.name, module.title, tuple(own)))
        return tuple(modules)

    @cached_property
    def _nears(self) -> dict[str, str]:
        """Of each operation in a module of which no page tells all: its section, where a page tells all of that."""
        nears: dict[str, str] = {}
        for _, _, entries in self._modules:
            if len(entries) > MOST_FULL:
                for section in {each.section for each in entries}:
                    few = sum(found([section], each.sought) for each in entries) <= MOST_FULL
                    own = [each for each in entries if each.section == section]
                    nears |= {each.key: section if few else each.key for each in own}
        return nears

    def _wider(self, scopes: Sequence[str]) -> tuple[str, ...]:
        """The scopes of this API that say what the selected ones say of the other."""
        like = (
            f"rest:{scope.removeprefix('gql:')}" if ":" in scope else "rest"
            for scope in scopes
            if scope.startswith("gql")
        )
        return tuple(dict.fromkeys(each for each in like if each in self._library.catalogue))


def _rank(entry: Entry, paged: set[str]) -> tuple[int, bool]:
    """The list, the one, then what changes it."""
    return _RANKS.index(entry.method), entry.key not in paged
