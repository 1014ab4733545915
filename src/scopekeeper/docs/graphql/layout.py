"""Where the boxes of a diagram lie: in layers from left to right, each behind all that lead to it.

Measures are pixels.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from scopekeeper.docs.graphql.box import HEAD, LINE, Box
from scopekeeper.docs.graphql.layers import groups_of, layers_of

BETWEEN: Final = 20
"""Boxes above one another."""
ASIDE: Final = 84
"""Layers beside one another: the lines run there."""
EDGE: Final = 8
"""Around the whole."""
GROUPS: Final = 40
"""Groups beside one another."""
WIDEST: Final = 1_400
"""Groups that would be wider together go on below."""
HIGHEST: Final = 1_300
"""A layer that is higher goes on in a column beside."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A box at its place."""

    box: Box
    x: int
    y: int
    width: int

    def line_y(self, place: int) -> int:
        """The middle of a line."""
        return self.y + HEAD + LINE * place + LINE // 2 + 2


@dataclass(frozen=True, slots=True)
class Edge:
    """A line from a field to a box: an SVG path."""

    path: str
    dashed: bool


def placed(boxes: Sequence[Box]) -> tuple[tuple[Placed, ...], tuple[Edge, ...], int, int]:
    """The boxes at their places, the lines between them, and the width and height of it all.

    What hangs together is laid out by itself; then these groups stand beside one another, row after row.
    """
    at: dict[str, Placed] = {}
    x = y = right = high = EDGE
    groups = sorted((_laid_out(each) for each in groups_of(boxes)), key=lambda each: -_bottom(each.values()))
    for group in groups:
        width, height = max(each.x + each.width for each in group.values()), _bottom(group.values())
        if x > EDGE and x + width > WIDEST:
            x, y, high = EDGE, high + BETWEEN, 0
        at |= {name: replace(each, x=x + each.x, y=y + each.y) for name, each in group.items()}
        right, high = max(right, x + width), max(high, y + height)
        x += width + GROUPS
    edges = tuple(edge for each in at.values() for edge in _edges(each, at))
    return tuple(at.values()), edges, right + ASIDE // 3, _bottom(at.values()) + EDGE


def _bottom(boxes: Iterable[Placed]) -> int:
    return max(each.y + each.box.height for each in boxes)


def _laid_out(boxes: Sequence[Box]) -> dict[str, Placed]:
    """A group by itself: layer beside layer."""
    at: dict[str, Placed] = {}
    x = 0
    for layer in layers_of(boxes):
        for column in _columns(_ordered(layer, boxes, at)):
            x = _stacked(column, x, at) + ASIDE
    return at


def _stacked(column: Sequence[Box], x: int, at: dict[str, Placed]) -> int:
    """Put these above one another. The right end of the column."""
    width = max(each.width for each in column)
    y = 0
    for each in column:
        at[each.name] = Placed(each, x, y, width)
        y += each.height + BETWEEN
    return x + width


def _ordered(layer: Iterable[Box], boxes: Sequence[Box], at: Mapping[str, Placed]) -> list[Box]:
    """As high as what leads to them: then the fewest lines cross."""
    heights: dict[str, list[int]] = {}
    for source in boxes:
        if source.name in at:
            for place, line in enumerate(source.lines):
                for target in (line.leads, *line.takes):
                    heights.setdefault(target, []).append(at[source.name].line_y(place))

    def height(box: Box) -> float:
        found = heights.get(box.name)
        return sum(found) / len(found) if found else 0

    return sorted(layer, key=height)


def _columns(layer: Sequence[Box]) -> list[list[Box]]:
    """As many columns as it takes."""
    columns: list[list[Box]] = [[]]
    high = 0
    for each in layer:
        if columns[-1] and high + each.height > HIGHEST:
            columns.append([])
            high = 0
        columns[-1].append(each)
        high += each.height + BETWEEN
    return columns


def _edges(source: Placed, at: Mapping[str, Placed]) -> list[Edge]:
    return [
        Edge(_path(source, source.line_y(place), at[target]), line.dashed and target == line.leads)
        for place, line in enumerate(source.box.lines)
        for target in dict.fromkeys((line.leads, *line.takes))
        if target in at
    ]


def _path(source: Placed, y: int, target: Placed) -> str:
    """From the right of a line to the left of a box's head; or to its right, where that lies further left."""
    start, end = source.x + source.width, target.y + HEAD // 2
    if target.x > start:
        bend = max(ASIDE // 2, (target.x - start) // 2)
        return f"M{start} {y}C{start + bend} {y} {target.x - bend} {end} {target.x} {end}"
    side = target.x + target.width
    return f"M{start} {y}C{start + ASIDE // 2} {y} {side + ASIDE // 2} {end} {side} {end}"
