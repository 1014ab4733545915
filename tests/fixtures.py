"""The time and the entropy of tests: what they say is known beforehand."""

from typing import Final

NOON: Final = 1_767_268_800
"""2026-01-01T12:00:00Z."""


class FixedClock:
    """A clock that stands still until it is told to go on."""

    def __init__(self, now: float = NOON) -> None:
        self._milliseconds = round(now * 1000)

    def now(self) -> int:
        return self._milliseconds // 1000

    def milliseconds(self) -> int:
        return self._milliseconds

    def advance(self, seconds: float) -> None:
        """Let so many seconds pass; negative: set the clock back."""
        self._milliseconds += round(seconds * 1000)


class FixedEntropy:
    """Row ids that count up from 1, and entropy that counts with them."""

    def __init__(self, first: int = 1) -> None:
        self._next_row = first
        self._drawn = 0

    def row_id(self) -> int:
        row_id = self._next_row
        self._next_row += 1
        return row_id

    def entropy(self) -> str:
        self._drawn += 1
        return f"{self._drawn:032d}"
