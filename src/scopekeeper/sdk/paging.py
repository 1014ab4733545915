"""Lists, a page at a time, by opaque cursor."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

R = TypeVar("R")
S = TypeVar("S")

DEFAULT_LIMIT: Final = 50
LARGEST_LIMIT: Final = 500


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page is asked for: `limit` items (1 to 500) behind the cursor `after`.

    An operation that lists takes one; REST fills it from `?limit=` and `?after=`, GraphQL from `first` and `after`.
    """

    limit: int = DEFAULT_LIMIT
    after: str | None = None
    """The place behind which the page begins, already taken out of the opaque cursor: a key, or what a list in another
    order says of its last item."""


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """One page: its items, the place of its last item if more follow, and how to count them all."""

    items: tuple[R, ...]
    next: str | None
    count: Callable[[], Awaitable[int]]
    """How many there are in all, asked for only when somebody wants to know."""
    keys: tuple[str, ...] = ()
    """The place of each item, from which its cursor is made: its key, in a list in the order of keys."""

    def of(self, turned: Callable[[R], S]) -> "Page[S]":
        """The same page with each item turned into another record."""
        return Page(tuple(map(turned, self.items)), self.next, self.count, self.keys)
