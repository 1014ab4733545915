"""Is a record among those that a list asks for? As the store asks it of rows."""

from collections.abc import Iterable, Mapping
from typing import Any

from scopekeeper.sdk.listing import AnyOf, Begins, Between, Condition, Either


def fits(record: Any, where: Mapping[str, object], conditions: Iterable[Condition]) -> bool:
    """Does the record meet all of this?"""
    return all(getattr(record, name) == value for name, value in where.items()) and all(
        _meets(record, each) for each in conditions
    )


def _meets(record: Any, condition: Condition) -> bool:
    match condition:
        case Between(field, since, until):
            value = getattr(record, field)
            if since is None and until is None:
                return True
            return value is not None and (since is None or value >= since) and (until is None or value < until)
        case Begins(field, prefix):
            return (getattr(record, field) or "").startswith(prefix)
        case Either(fields, value):
            return any(getattr(record, field) == value for field in fields)
        case AnyOf(field, values):
            return getattr(record, field) in values
