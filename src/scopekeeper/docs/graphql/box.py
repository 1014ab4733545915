"""A box of a diagram: a type with its fields, and how large it is.

Measures are pixels. Text is set in a monospace face, so that a server that knows no fonts knows its width.
"""

from dataclasses import dataclass
from typing import Final

LETTER: Final = 7.25
"""The width of a letter of the lines."""
HEAD: Final = 28
LINE: Final = 20
INSIDE: Final = 12
"""Between a box and its text."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a box: a field, its type as written, and the boxes that it leads to."""

    name: str
    type: str
    link: str
    """Where it is explained: an anchor; empty for where its box is."""
    leads: str
    takes: tuple[str, ...] = ()
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """A type to be drawn."""

    name: str
    link: str
    kind: str
    lines: tuple[Line, ...]

    @property
    def width(self) -> int:
        longest = max((len(each.name) + len(each.type) + 3 for each in self.lines), default=0)
        return round(max(longest, len(self.name) + 2) * LETTER) + 2 * INSIDE

    @property
    def height(self) -> int:
        return HEAD + LINE * len(self.lines) + (6 if self.lines else 0)
