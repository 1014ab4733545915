"""The time, which never runs back: what has expired stays so, whatever becomes of the machine's clock.

A wall clock that is set back, by hand or by NTP, would let expired tokens, codes and sessions live again. So each
reading is held against the monotonic clock: where the wall clock is behind what that explains, time goes on from where
it was, a hundredth slower, until the wall clock has caught up. A wall clock that is ahead is believed.
"""

import time
from collections.abc import Callable
from typing import Final

import structlog

log = structlog.get_logger(__name__)

_SLOWER: Final = 100
"""A clock that waits for the wall clock loses a second in so many. NTP slews one in two thousand, at most."""

_JUMP: Final = 500_000_000
"""Nanoseconds: what is less is put right without a word."""

_A_MILLISECOND: Final = 1_000_000
_A_SECOND: Final = 1_000_000_000

Reading = Callable[[], int]
"""Nanoseconds."""


class SystemClock:
    """The machine's own clock, steady. It is asked on one thread."""

    __slots__ = ("_behind", "_monotonic", "_told", "_wall", "_when")

    def __init__(self, wall: Reading = time.time_ns, monotonic: Reading = time.monotonic_ns) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._told = wall()
        self._when = monotonic()
        """When that was told, by the monotonic clock."""
        self._behind = 0
        """Nanoseconds that the wall clock was behind what was told last."""

    def now(self) -> int:
        """Whole seconds since the epoch."""
        return self._read() // _A_SECOND

    def milliseconds(self) -> int:
        """Milliseconds since the epoch."""
        return self._read() // _A_MILLISECOND

    def take_forward(self, milliseconds: int) -> None:
        """Go on from this moment, if it is later: somebody has seen it already."""
        behind = milliseconds * _A_MILLISECOND - self._read()
        if behind > 0:
            self._told += behind
            self._behind += behind

    def _read(self) -> int:
        # In this order: whoever is held up between the two sees a wall clock that is ahead, and believes it.
        wall, when = self._wall(), self._monotonic()
        passed = when - self._when
        steady = self._told + passed - passed // _SLOWER
        self._when = when
        if wall >= steady:
            self._told, self._behind = wall, 0
            return wall
        behind = steady - wall
        if behind > self._behind + _JUMP:
            self._warn(steady)
        self._told, self._behind = steady, behind
        return steady

    def _warn(self, told: int) -> None:
        """Say so once for each jump; whoever was held up between two readings has seen none."""
        behind = told - self._wall()
        if behind > self._behind + _JUMP:
            log.warning(
                "the machine's clock was set back; time goes on from where it was until that clock has caught up",
                seconds=round(behind / _A_SECOND, 1),
            )
