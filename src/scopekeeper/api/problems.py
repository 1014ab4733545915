"""What went wrong over REST, as `application/problem+json` (RFC 9457)."""

from typing import Final

from scopekeeper.api.body import MERGE_PATCH, UnsupportedMediaType
from scopekeeper.api.preconditions import MalformedCondition
from scopekeeper.scopes import MalformedScope
from scopekeeper.sdk import InUse, Invalid, Problem
from scopekeeper.surface.binding import MalformedJson
from scopekeeper.wire import MalformedForm, Reply, TooLarge, problem

PROBLEMS: Final = (
    Problem,
    MalformedJson,
    MalformedForm,
    MalformedScope,
    MalformedCondition,
    TooLarge,
    UnsupportedMediaType,
)
"""What a request can have wrong with it. The words of each are safe to show."""


def reply_of(wrong: Exception) -> Reply:
    """What went wrong, as a problem."""
    match wrong:
        case Invalid():
            errors = [{"path": wrong.path, "detail": wrong.detail}]
            return problem(wrong.status, wrong.title, f"{wrong.path}: {wrong.detail}", errors=errors)
        case InUse() if wrong.holders:
            return problem(wrong.status, wrong.title, wrong.detail, holders=holders_of(wrong))
        case Problem():
            return problem(wrong.status, wrong.title, wrong.detail)
        case TooLarge():
            return problem(413, "Body too large", str(wrong))
        case UnsupportedMediaType():
            named = b"accept-patch" if wrong.accepted.startswith(MERGE_PATCH) else b"accept"
            return problem(415, "Unsupported media type", str(wrong), headers=((named, wrong.accepted),))
        case _:
            return problem(400, "Malformed request", str(wrong))


def holders_of(wrong: InUse) -> list[dict[str, object]]:
    """Who holds on to it, as both APIs tell it: the module, how many of its records, and the keys that are named."""
    return [{"module": each.module, "count": each.count, "keys": each.keys} for each in wrong.holders]
