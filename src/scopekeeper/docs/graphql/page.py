"""One reader's page: of what their scopes open, and on demand of what these do not, that which is looked for."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from scopekeeper.docs.graphql.book import Book, Cut
from scopekeeper.docs.graphql.diagram import Diagram, diagram_of
from scopekeeper.docs.graphql.entry import Entry
from scopekeeper.docs.graphql.examples import Example
from scopekeeper.docs.graphql.refusals import ALWAYS, Refusals
from scopekeeper.docs.graphql.typed import KINDS, Typed
from scopekeeper.docs.library import Library
from scopekeeper.docs.shown import Shown
from scopekeeper.docs.sought import found, words_of

MOST_WHOLE: Final = 150
"""Root fields that are told of in full on one page. Of more there is an index, and a page for each module."""
MOST_USERS: Final = 12
"""Root fields that are named at a type; of more there is only told how many."""


@dataclass(frozen=True, slots=True)
class Item:
    """A root field as it is shown; one that lies outside has no example."""

    entry: Entry
    example: Example | None

    @property
    def id(self) -> str:
        return self.entry.id

    @property
    def name(self) -> str:
        return self.entry.name

    @property
    def writes(self) -> bool:
        return self.entry.writes

    @property
    def outside(self) -> bool:
        return self.example is None


@dataclass(frozen=True, slots=True)
class Module:
    """The root fields of one module: what reads before what writes."""

    id: str
    name: str
    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Used:
    """A type, and the root fields that reach it."""

    type: Typed
    by: tuple[Entry, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Kind:
    """The types of one kind."""

    id: str
    title: str
    types: tuple[Used, ...]


@dataclass(frozen=True, slots=True)
class GraphqlPage:
    """What `docs/graphql.html` shows."""

    modules: tuple[Module, ...]
    kinds: tuple[Kind, ...]
    diagram: Diagram | None
    others: tuple[tuple[str, str], ...]
    """The modules there are to narrow to: pairs of name and title."""
    outside: int
    """How many root fields would be here, if what lies outside were shown."""
    opens: bool
    """Do the scopes open anything of GraphQL?"""
    known: bool
    """Is there a module of the name that was asked for?"""
    narrowed: bool
    """Is it of one module alone?"""
    always: Refusals = ALWAYS

    @property
    def large(self) -> bool:
        """Is it too much for one page?"""
        return not self.narrowed and sum(len(each.items) for each in self.modules) > MOST_WHOLE

    @property
    def count(self) -> int:
        """Of the entries: root fields and types."""
        return sum(len(each.items) for each in self.modules) + sum(len(each.types) for each in self.kinds)


def page_of(library: Library, book: Book, cut: Cut, shown: Shown) -> GraphqlPage:
    """The page of this view."""
    words = words_of(shown.text)
    of_module = [each for each in book.entries if not shown.module or each.module == shown.module]
    matching = [each for each in of_module if found(words, each.sought)]
    outside = sum(each.id not in cut.entries for each in matching)
    entries = [each for each in matching if shown.beyond or each.id in cut.entries]
    open_here = [each for each in of_module if each.id in cut.entries]
    types = [book.types[name] for name in _named(book, cut, open_here, shown) if found(words, book.types[name].sought)]
    titles = {module.name: module.title for module in library.modules}
    open_names = {each.module for each in book.entries if shown.beyond or each.id in cut.entries}
    return GraphqlPage(
        modules=_modules(titles, entries, cut, shown),
        kinds=_kinds(book, types, {each.id for each in open_here}),
        diagram=None if words else diagram_of(book, open_here),
        others=tuple((name, title) for name, title in titles.items() if name in open_names),
        outside=0 if shown.beyond else outside,
        opens=bool(cut.entries),
        known=not shown.module or shown.module in titles,
        narrowed=bool(shown.module),
    )


def _named(book: Book, cut: Cut, entries: Sequence[Entry], shown: Shown) -> Sequence[str]:
    """The names of the types to show."""
    if not entries:
        return ()
    if not shown.module:
        return cut.types
    names = {name for each in entries for name in book.reach[each.id]}
    return [name for name in cut.types if name in names]


def _modules(titles: dict[str, str], entries: Sequence[Entry], cut: Cut, shown: Shown) -> tuple[Module, ...]:
    """Those of which something is open come before those that lie outside as a whole."""
    items: dict[str, list[Item]] = {}
    for each in entries:
        inside = each.id in cut.entries
        items.setdefault(each.module, []).append(Item(each, _example(each, shown) if inside else None))
    opened_first = sorted(items.items(), key=lambda module: all(each.outside for each in module[1]))
    return tuple(Module(f"module-{name}", name, titles[name], tuple(each)) for name, each in opened_first)


def _example(entry: Entry, shown: Shown) -> Example:
    whole = not entry.writes or shown.within(entry.read_scope)
    return entry.read_and_written if whole else entry.written_alone


def _kinds(book: Book, types: Sequence[Typed], entries: Collection[str]) -> tuple[Kind, ...]:
    """These types by kind. Of who uses them those are named that are shown."""
    found: dict[str, list[Used]] = {}
    for each in sorted(types, key=lambda each: each.name):
        users = [user for user in book.users[each.name] if user.id in entries]
        used = Used(each, tuple(users[:MOST_USERS]), max(0, len(users) - MOST_USERS))
        found.setdefault(each.kind, []).append(used)
    return tuple(Kind(id, title, tuple(found[id])) for id, title in KINDS if id in found)
