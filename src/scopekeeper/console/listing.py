"""A list whose address is its state: the filters that narrow it, the page that is shown, and where else it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from scopekeeper.services.lists import MOST_COUNTED

PAGE: Final = 50
"""Rows of a page."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list is: its path, and the filters that narrow it."""

    path: str
    filters: Mapping[str, str]

    def at(self, below: str = "", **more: str) -> str:
        """The same list's address, or that of what lies below it (`.csv`, `/revoke`), with these fields besides."""
        query = urlencode({name: value for name, value in {**self.filters, **more}.items() if value})
        return f"{self.path}{below}{'?' if query else ''}{query}"

    @property
    def filtered(self) -> bool:
        return any(self.filters.values())


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a list, and where the rest of it is: on the next page, in a file, at the command line, in the API."""

    place: Place
    rows: Sequence[object]
    count: int
    """At most MOST_COUNTED + 1."""
    cursor: str = ""
    """What the next page begins behind; empty on the last one."""
    cli: str = ""
    curl: str = ""

    @property
    def total(self) -> str:
        return total_of(self.count)

    @property
    def next(self) -> str:
        return self.place.at(page=self.cursor) if self.cursor else ""

    @property
    def csv(self) -> str:
        return self.place.at(".csv")

    @property
    def json(self) -> str:
        return self.place.at(".json")


def total_of(count: int) -> str:
    """How many, in words: beyond MOST_COUNTED nobody has counted."""
    return f"{grouped(MOST_COUNTED)} and more" if count > MOST_COUNTED else grouped(count)


def grouped(number: int) -> str:
    """The number with its thousands apart: 10 000."""
    return f"{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
