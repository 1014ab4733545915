"""A board that the processes of one server share: each keeps a note on a slab of its own, and reads everybody's.

It is anonymous memory that was there before they were forked, so it costs no file, no lock and no call into the system.
A slab has two halves. A note goes into the older one, with a number and a checksum, so that whoever reads meanwhile
finds the other, and so does whoever comes after a writer that was killed half-way.
"""

import mmap
from collections.abc import Sequence
from struct import Struct
from typing import Final
from zlib import crc32

_HEAD: Final = Struct("<QII")
"""The number of the note, its length in bytes, and its checksum."""

_HALF: Final = 64 * 1024

ROOM: Final = _HALF - _HEAD.size
"""Bytes that a note may have."""

_TRIES: Final = 100
"""How often a slab is read anew whose writer came by meanwhile, twice."""


class Slab:
    """A place for the notes of one process at a time. Only that process writes here, but anybody may take its sign."""

    def __init__(self, memory: mmap.mmap, sign: int, begin: int) -> None:
        self._memory = memory
        self._sign = sign
        self._halves = (begin, begin + _HALF)

    @property
    def taken(self) -> bool:
        """Is somebody at work who keeps notes here?"""
        return self._memory[self._sign] == 1

    def write(self, note: bytes) -> bool:
        """Keep this note in place of the last, and set the sign. False, and nothing is done, where it has no room."""
        if len(note) > ROOM:
            return False
        number = self._newest()[0] + 1
        begin = self._halves[number % 2]
        self._memory[begin + _HEAD.size : begin + _HEAD.size + len(note)] = note
        _HEAD.pack_into(self._memory, begin, number, len(note), _checksum(number, note))
        self._memory[self._sign] = 1
        return True

    def read(self) -> bytes:
        """The last note, whoever wrote it and however they ended; nothing where there was none."""
        return self._newest()[1]

    def vacate(self) -> None:
        """Take the sign away: nobody is at work here any more. The note stays."""
        self._memory[self._sign] = 0

    def _newest(self) -> tuple[int, bytes]:
        for _ in range(_TRIES):
            first, second = map(self._half, self._halves)
            if second is None:
                # It is being written: meanwhile the first may have been, and what was there is older than the last.
                first = self._half(self._halves[0])
            found = [whole for whole in (first, second) if whole is not None]
            if found:
                return max(found)
        return 0, b""

    def _half(self, begin: int) -> tuple[int, bytes] | None:
        number, length, checksum = _HEAD.unpack_from(self._memory, begin)
        note = self._memory[begin + _HEAD.size : begin + _HEAD.size + min(length, ROOM)]
        return (number, note) if checksum == _checksum(number, note) else None


class Board:
    """So many slabs, 128 KiB of address space each: of that, what was never written takes no memory."""

    def __init__(self, slabs: int) -> None:
        signs = -(-slabs // mmap.PAGESIZE) * mmap.PAGESIZE
        memory = mmap.mmap(-1, signs + slabs * 2 * _HALF)
        self.slabs: Final[Sequence[Slab]] = tuple(
            Slab(memory, index, signs + index * 2 * _HALF) for index in range(slabs)
        )


def _checksum(number: int, note: bytes) -> int:
    """Of a half that was never written it is not 0, so that one holds no note."""
    return crc32(note, crc32(number.to_bytes(8, "little")))
