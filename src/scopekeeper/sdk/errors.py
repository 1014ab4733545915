"""What an operation may raise. Each becomes the right status over REST and the right code over GraphQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self


class Problem(Exception):
    """An outcome of an operation that the caller is told of. The message is shown: it names nothing secret."""

    status: ClassVar[int] = 400
    title: ClassVar[str] = "The request cannot be carried out"
    code: ClassVar[str] = "BAD_REQUEST"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class NotFound(Problem):
    """It is not there, or not for this caller: both look the same."""

    status = 404
    title = "Not found"
    code = "NOT_FOUND"


class Forbidden(Problem):
    """It is there, and this caller may not do it whatever scopes it holds."""

    status = 403
    title = "Not allowed"
    code = "FORBIDDEN"


class Conflict(Problem):
    """It cannot be done as things stand: it exists already, or changed meanwhile."""

    status = 409
    title = "Conflict"
    code = "CONFLICT"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds on to a row: how many records of a module, and the keys of those that may be named."""

    module: str
    count: int
    keys: tuple[str, ...] = ()
    table: str = ""
    """Which of its tables, where that is known."""


class InUse(Conflict):
    """It cannot be removed: others refer to it. `holders` are those who do, as far as that is known."""

    title = "In use"
    code = "IN_USE"

    def __init__(self, detail: str, holders: Sequence[Holder] = (), *, key: str = "") -> None:
        super().__init__(detail)
        self.key = key
        """What is in use; empty where only the words tell."""
        self.holders = tuple(holders)

    @classmethod
    def by(cls, key: str, holders: Sequence[Holder]) -> Self:
        """The row with this key is held by these: `1001 is in use: ringgroups 600, 601; 3 in followme.`"""
        return cls(f"{key} is in use: {'; '.join(map(_told, holders))}.", holders, key=key)


def _told(holder: Holder) -> str:
    more = holder.count - len(holder.keys)
    if not holder.keys:
        return f"{more} in {holder.module}"
    return f"{holder.module} {', '.join(holder.keys)}{f' and {more} more' if more else ''}"


class Invalid(Problem):
    """A value cannot stand. `path` names it: `ring_timer`, or `members[2].number` within a body."""

    status = 422
    title = "Invalid value"
    code = "INVALID"

    def __init__(self, path: str | Sequence[str], detail: str) -> None:
        super().__init__(detail)
        self.path = path if isinstance(path, str) else ".".join(path)
