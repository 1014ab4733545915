"""The types as a diagram: a box for each, with its fields, and a line from each field to the type that it is of.

Lists are drawn as a dashed line to what they list: their connections and edges look alike everywhere, and would be most
of the picture.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from scopekeeper.docs.graphql.book import Book
from scopekeeper.docs.graphql.box import Box, Line
from scopekeeper.docs.graphql.entry import Entry
from scopekeeper.docs.graphql.layout import Edge, Placed, placed

MOST_BOXES: Final = 40
"""More are no picture any more."""
MOST_LINES: Final = 24
"""Fields that a box shows."""
MOST_ROOTS: Final = 16
"""Root fields of which lines are drawn: those of more would hide everything else."""


@dataclass(frozen=True, slots=True)
class Diagram:
    """What is to be drawn; nothing where it would be too much for one picture."""

    boxes: tuple[Placed, ...]
    edges: tuple[Edge, ...]
    width: int
    height: int
    many: int
    """How many types it has, or would have."""
    rooted: bool
    """Are the root fields in it?"""


def diagram_of(book: Book, entries: Sequence[Entry]) -> Diagram | None:
    """The diagram of what these root fields reach; None where there is nothing to draw."""
    if not entries:
        return None
    lists = _lists(book, entries)
    types = list(_types(book, entries))
    rooted = len(entries) <= MOST_ROOTS
    if len(types) > MOST_BOXES:
        return Diagram((), (), 0, 0, len(types), rooted)
    drawn, edges, width, height = placed([*_roots(entries, lists), *types] if rooted else types)
    return Diagram(drawn, edges, width, height, len(types), rooted)


def _lists(book: Book, entries: Sequence[Entry]) -> Mapping[str, str]:
    """The name of what is listed, by that of its connection."""
    return {
        each.returns.type: next(row.type for row in book.types[each.returns.type].rows if row.name == "nodes")
        for each in entries
        if each.operation.paged
    }


def _roots(entries: Sequence[Entry], lists: Mapping[str, str]) -> Iterator[Box]:
    for name, writes in (("Query", False), ("Mutation", True)):
        lines = [_root_line(each, lists) for each in entries if each.writes is writes]
        if lines:
            yield Box(name, "", "root", tuple(lines))


def _root_line(entry: Entry, lists: Mapping[str, str]) -> Line:
    answer = entry.returns.type
    listed = lists.get(answer)
    taken = tuple(row.type for row in entry.arguments if row.type_id)
    told = f"[{listed}]" if listed else answer
    return Line(entry.name, told, entry.id, listed or answer, taken, dashed=listed is not None)


def _types(book: Book, entries: Sequence[Entry]) -> Iterator[Box]:
    names = {name for each in entries for name in book.reach[each.id]}
    for name, each in book.types.items():
        if name not in names or each.kind in ("lists", "scalars"):
            continue
        lines = [Line(row.name, f"{row.before}{row.type}{row.after}", "", row.type) for row in each.rows[:MOST_LINES]]
        more = len(each.rows) - MOST_LINES
        if more > 0:
            lines.append(Line(f"and {more} more", "", each.id, ""))
        yield Box(name, each.id, each.kind, tuple(lines))
