"""Fresh row ids and fresh entropy.

A row id is 63 bit: 41 of milliseconds, 10 of this process's number, 12 of a counter. Ids of one process only ever rise,
even where the clock is set back; ids of two processes never meet, because the number is leased from the database.
"""

import os
from typing import Final

from scopekeeper.oauth.secrets import ALPHABET, ENTROPY_LENGTH
from scopekeeper.services.ports import Clock, Lease, Unavailable

EPOCH: Final = 1_735_689_600_000
"""2025-01-01T00:00:00Z in milliseconds: where row ids begin to count."""

_COUNTER_BITS: Final = 12
_PROCESS_BITS: Final = 10
_LAST_COUNT: Final = (1 << _COUNTER_BITS) - 1

# 248 = 4 × 62: dropping the eight bytes above leaves every character equally likely.
_TABLE: Final = bytes(ord(ALPHABET[byte % 62]) for byte in range(256))
_DROPPED: Final = bytes(range(248, 256))

_AT_ONCE: Final = 1_024
"""Bytes: one call into the system costs as much as all else that makes a secret."""


def first_row_id(second: int) -> int:
    """What no row id is less than that is made at this time or after it."""
    return max(second * 1_000 - EPOCH, 0) << (_PROCESS_BITS + _COUNTER_BITS)


class LeasedMint:
    """Ids under a leased process number, and entropy from the operating system."""

    def __init__(self, lease: Lease, clock: Clock) -> None:
        self._clock = clock
        self._drawn = b""
        self._last, self._count = EPOCH - 1, _LAST_COUNT
        self.renew(lease)

    def renew(self, lease: Lease) -> None:
        """Go on under this lease: the same number for longer, or another."""
        self._process = lease.number << _COUNTER_BITS
        self._until = lease.until
        if lease.not_before > self._last:
            # The moment before may have been the last holder's: as good as full.
            self._last, self._count = lease.not_before - 1, _LAST_COUNT

    def row_id(self) -> int:
        """A fresh id, greater than every one before. Raises Unavailable once the lease has run out."""
        now = self._clock.milliseconds()
        if now > self._last:
            self._last, self._count = now, 0
        elif self._count < _LAST_COUNT:
            self._count += 1
        else:
            self._last, self._count = self._last + 1, 0
        if self._last > self._until:
            raise Unavailable("the lease of this process's number has run out and could not be renewed")
        return (self._last - EPOCH) << (_PROCESS_BITS + _COUNTER_BITS) | self._process | self._count

    def entropy(self) -> str:
        """32 base62 characters, each drawn evenly: 190 bits. The system is asked for those of many at a time."""
        while len(self._drawn) < ENTROPY_LENGTH:
            self._drawn += os.urandom(_AT_ONCE).translate(_TABLE, _DROPPED)
        drawn, self._drawn = self._drawn[:ENTROPY_LENGTH], self._drawn[ENTROPY_LENGTH:]
        return drawn.decode("ascii")
