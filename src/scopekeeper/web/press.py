"""The press: pages that anybody may ask for, in as many editions as they please, are printed one at a time.

They are public, and take tens of milliseconds each. So they are made in a thread, where no other request waits for
them; one after the other, so that they have no more than their share of the machine; and only so many wait in line. The
last ones printed are kept, compressed, in bounds.
"""

import asyncio
import gzip
import hashlib
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Final

from scopekeeper.services.kept import Kept

MOST_KEPT: Final = 64
ROOM: Final = 8_000_000
"""Bytes of compressed pages that are kept in all."""
MOST_WAITING: Final = 32

_LEVEL: Final = 6


class Busy(Exception):
    """So many wait for other pages that this one would be long in coming."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A page as it is kept: compressed, with what it is known by again (RFC 9110 §8.8.3: weak, for any encoding)."""

    packed: bytes
    etag: bytes

    @property
    def plain(self) -> bytes:
        """The page itself."""
        return gzip.decompress(self.packed)


class Press:
    """Prints, and keeps the last."""

    def __init__(self, *, most: int = MOST_KEPT, room: int = ROOM, waiting: int = MOST_WAITING) -> None:
        self._kept: Kept[Hashable, Printed] = Kept(most, room=room, weigh=lambda _, printed: len(printed.packed))
        self._most_waiting = waiting
        self._waiting = 0
        self._one = asyncio.Lock()

    async def of(self, key: Hashable, write: Callable[[], str]) -> Printed:
        """The page that `key` names, which `write` writes. Raises Busy."""
        found = self._kept.get(key)
        if found is not None:
            return found
        if self._waiting >= self._most_waiting:
            raise Busy
        self._waiting += 1
        try:
            async with self._one:
                found = self._kept.get(key)  # printed while we waited
                if found is None:
                    found = await asyncio.to_thread(_printed, write)
                    self._kept.keep(key, found)
                return found
        finally:
            self._waiting -= 1

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def weight(self) -> int:
        """Bytes of all that is kept."""
        return self._kept.weight


def _printed(write: Callable[[], str]) -> Printed:
    body = write().encode()
    etag = b'W/"%s"' % hashlib.sha256(body).hexdigest()[:32].encode()
    return Printed(gzip.compress(body, _LEVEL, mtime=0), etag)
