"""What is kept of what was read or made, for whoever asks again: in bounds, by number and by size."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Kept(Generic[K, V]):
    """Up to `most` values by their keys. Whatever was not asked for the longest goes first.

    Where `weigh` says what a key and its value weigh, such as in bytes, all together weigh `room` at most. What is
    heavier than that by itself is not kept.
    """

    __slots__ = ("_most", "_room", "_values", "_weigh", "weight")

    def __init__(self, most: int, *, room: int = 0, weigh: Callable[[K, V], int] | None = None) -> None:
        self._most = most
        self._room = room
        self._weigh = weigh
        self._values: OrderedDict[K, V] = OrderedDict()
        self.weight = 0
        """Of all that is kept; 0 where nothing is weighed."""

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: K) -> V | None:
        """The value, which now is the last to go; or None."""
        found = self._values.get(key)
        if found is not None:
            self._values.move_to_end(key)
        return found

    def of(self, key: K, make: Callable[[K], V]) -> V:
        """The value, made where it is not there. It is kept, unless making it fails."""
        found = self.get(key)
        if found is None:
            found = make(key)
            self.keep(key, found)
        return found

    def keep(self, key: K, value: V) -> None:
        """Keep this value under this key."""
        if self._weigh is not None:
            self.drop(key)
            self.weight += self._weigh(key, value)
        self._values[key] = value
        while len(self._values) > self._most or self.weight > self._room:
            self._gone(*self._values.popitem(last=False))

    def drop(self, key: K) -> None:
        """Keep nothing under this key any more."""
        found = self._values.pop(key, None)
        if found is not None:
            self._gone(key, found)

    def clear(self) -> None:
        """Keep nothing any more."""
        self._values.clear()
        self.weight = 0

    def _gone(self, key: K, value: V) -> None:
        if self._weigh is not None:
            self.weight -= self._weigh(key, value)
