"""Records: what an operation takes and gives. Frozen, typed, described by their docstrings.

    @record
    class Forward:
        "Where one extension's calls go."
        extension: str
        busy: Annotated[str, Meta(pattern=r"^[0-9]{1,32}$", description="When busy")] | None = None

Field types: str, int, float, bool, datetime.datetime, an Enum, another record, `list[…]` of these, and `… | None`.
`Annotated[…, Meta(…)]` adds pattern, min_length, max_length, ge, le, gt, lt, description and examples; they bind REST
and GraphQL alike and stand in both descriptions.
"""

from dataclasses import MISSING, dataclass, fields, replace
from typing import Any, Generic, TypeVar, dataclass_transform

from msgspec import Meta

from scopekeeper.sdk.errors import Invalid

__all__ = ["Meta", "Patch", "record"]

T = TypeVar("T")
R = TypeVar("R")


@dataclass_transform(frozen_default=True)
def record(cls: type[T]) -> type[T]:
    """Make a class a record: a frozen dataclass with slots. It must have a docstring, which is its documentation."""
    if not (cls.__doc__ or "").strip():
        raise TypeError(f"the record {cls.__qualname__} needs a docstring: it is the API's documentation")
    return dataclass(frozen=True, slots=True)(cls)


class Patch(Generic[T]):
    """The body of a PATCH: only the fields that were given (JSON Merge Patch, RFC 7396); null clears.

    `body.onto(old)` gives the record with the changes made. A cleared field takes its default.
    """

    __slots__ = ("changes",)

    def __init__(self, changes: dict[str, Any]) -> None:
        self.changes = changes
        """Field name to its new value, already validated; None where null was sent."""

    def __contains__(self, field: str) -> bool:
        return field in self.changes

    def __repr__(self) -> str:
        return f"Patch({', '.join(self.changes)})"

    def onto(self, old: R) -> R:
        """The record `old` with these changes. Raises Invalid where a field that has no default is cleared."""
        defaults = {field.name: field.default for field in fields(old)}  # type: ignore[arg-type]
        made: dict[str, Any] = {}
        for name, value in self.changes.items():
            if value is None and defaults[name] is MISSING:
                raise Invalid(name, "This field cannot be cleared.")
            made[name] = defaults[name] if value is None else value
        return replace(old, **made)  # type: ignore[type-var]
