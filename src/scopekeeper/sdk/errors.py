"""What an operation may raise. Each becomes the right status over REST and the right code over GraphQL."""

from collections.abc import Sequence
from typing import ClassVar


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


class InUse(Conflict):
    """It cannot be removed: others refer to it."""

    title = "In use"
    code = "IN_USE"


class Invalid(Problem):
    """A value cannot stand. `path` names it: `ring_timer`, or `members[2].number` within a body."""

    status = 422
    title = "Invalid value"
    code = "INVALID"

    def __init__(self, path: str | Sequence[str], detail: str) -> None:
        super().__init__(detail)
        self.path = path if isinstance(path, str) else ".".join(path)
