"""A call at the console: who came, for what, with which form. Made at its door, once it is certain that they may."""

from collections.abc import Mapping
from dataclasses import dataclass

from scopekeeper.pages.visit import Stay, Visit


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of a query or a form of ours. One may be there many times; an empty one counts as not there."""

    values: Mapping[str, tuple[str, ...]]

    def one(self, name: str, otherwise: str = "") -> str:
        """The first value of this name."""
        return self.values.get(name, (otherwise,))[0]

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of this name, in the order sent."""
        return self.values.get(name, ())

    def __contains__(self, name: object) -> bool:
        return name in self.values


@dataclass(frozen=True, slots=True)
class Call:
    """An administrator asks for a page, or sends a form of one."""

    visit: Visit
    stay: Stay
    path: Mapping[str, str]
    """The parameters of the path."""
    query: Fields
    form: Fields
    """Empty where a page is asked for."""
    part: str | None = None
    """The block of the page that is asked for alone, by a page that shows the rest of it already."""

    @property
    def actor(self) -> str:
        """Who acts, for the audit log."""
        return f"user:{self.stay.user.name}"

    @property
    def address(self) -> str | None:
        """Whence."""
        return self.visit.address

    @property
    def now(self) -> int:
        return self.visit.now

    def __repr__(self) -> str:
        return f"Call({self.visit!r}, {self.stay!r})"
