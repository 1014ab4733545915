"""Which calls are asked for: what of it is quick however many calls there are, and what is refused because it is not.

A list is read along an index that has just what is asked for, in the order in which it is asked for. So every page of
it costs the same, the first and any later one. What has no such index is refused, with what is offered in its place.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from scopekeeper.modules.cdr.moments import bound
from scopekeeper.modules.cdr.records import Direction, Disposition
from scopekeeper.sdk import AnyOf, Between, Either, Invalid
from scopekeeper.sdk.listing import Condition

NUMBERS: Final = ("caller", "callee")
EXTENSIONS: Final = ("caller_extension", "callee_extension")
OWNERS: Final = ("caller_owner", "callee_owner")

INDEXES: Final = (
    *((number,) for number in NUMBERS),
    *((extension, "disposition") for extension in EXTENSIONS),
    ("direction", "disposition"),
    ("duration",),
)
"""What lists are read along, besides the key, which is time, and whose the calls are.

An index makes every write slower, and there are few dispositions and directions: where one is not asked for, an index
that has it is read at each of its values (`everywhere`).
"""


class Sort(StrEnum):
    """What calls are in the order of: when they started, or how long they took."""

    STARTED = "started"
    DURATION = "duration"


@dataclass(frozen=True, slots=True)
class Asked:
    """Calls of this number or extension (at either end), direction and disposition, from `since` until before `until`.

    The longest, and those that took at least so many seconds, are asked for by duration alone.
    """

    number: str | None = None
    extension: str | None = None
    direction: Direction | None = None
    disposition: Disposition | None = None
    since: datetime | None = None
    until: datetime | None = None
    min_duration: int | None = None
    sort: Sort = Sort.STARTED

    def require_quick(self) -> None:
        """See that there is a quick way to them. Raises Invalid."""
        if self.sort is Sort.DURATION:
            for name in ("number", "extension", "direction", "disposition", "since", "until"):
                if getattr(self, name) is not None:
                    raise Invalid(
                        name, f"Calls by duration are not narrowed by {name}: leave it out, or sort by started."
                    )
        elif self.min_duration is not None:
            raise Invalid("min_duration", "Calls of some duration are listed by duration: say sort=duration.")
        if self.number is not None:
            for name in ("extension", "direction", "disposition"):
                if getattr(self, name) is not None:
                    raise Invalid(name, f"The calls of a number are narrowed by since and until alone, not by {name}.")
        if self.extension is not None and self.direction is not None:
            raise Invalid("direction", "The calls of an extension are narrowed by disposition, since and until alone.")

    def conditions(self) -> tuple[Condition, ...]:
        """The same in the words of the SDK. Raises Invalid."""
        found: list[Condition] = []
        if self.number is not None:
            found.append(Either(NUMBERS, self.number))
        if self.extension is not None:
            found.append(Either(EXTENSIONS, self.extension))
        if self.since is not None or self.until is not None:
            # Keys begin with the time: theirs is the one order that every index goes on with.
            found.append(Between("id", bound(self.since, "since"), bound(self.until, "until")))
        if self.min_duration is not None:
            found.append(Between("duration", self.min_duration, None))
        return tuple(found)

    def everywhere(self) -> tuple[Condition, ...]:
        """Conditions that every call meets, by which an index serves what says nothing of one of its fields."""
        found: list[Condition] = []
        if self.disposition is None and (self.extension is not None or self.direction is not None):
            found.append(AnyOf("disposition", tuple(Disposition)))
        if self.direction is None and self.disposition is not None and self.extension is None:
            found.append(AnyOf("direction", tuple(Direction)))
        return tuple(found)

    def equalities(self) -> dict[str, object]:
        """What fields are, by their names."""
        both = {"direction": self.direction, "disposition": self.disposition}
        return {name: value for name, value in both.items() if value is not None}
