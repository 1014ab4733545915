"""What became of one line."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class Fate(StrEnum):
    """In one word."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one line, and what of it was written, or why nothing was."""

    fate: Fate
    fields: tuple[str, ...] = ()
    """What was set, by the names of the columns: of what is created all that was given, else what is different now."""
    field: str | None = None
    """Of a refusal: where."""
    detail: str | None = None
    """Of a refusal: why. It names nothing secret."""
    waits: bool = False
    """Of a refusal: is it for an extension that another line may add?"""

    @classmethod
    def refused(cls, field: str, detail: str, *, waits: bool = False) -> Self:
        """Nothing of the line was written."""
        return cls(Fate.REFUSED, (), field or None, detail, waits)
