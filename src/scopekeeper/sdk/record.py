"""Records: what an operation takes and gives. Frozen, typed, described by their docstrings.

    @record
    class Forward:
        "Where one extension's calls go."
        extension: str
        busy: Annotated[str, Meta(pattern=r"^[0-9]{1,32}$", description="When busy")] | None = None

Field types: str, int, float, bool, datetime.datetime, an Enum, another record, `list[…]` of these, and `… | None`.
`Annotated[…, Meta(…)]` adds pattern, min_length, max_length, ge, le, gt, lt, description and examples; they bind REST
and GraphQL alike and stand in both descriptions. `Ref("extensions")` beside it says which row the text names. Of a
`@one_of`, which is a record, exactly one field is given.
"""

from dataclasses import MISSING, Field, dataclass, fields, replace
from typing import Any, Final, Generic, TypeVar, dataclass_transform

from msgspec import Meta

from scopekeeper.sdk.errors import Invalid

__all__ = ["PRINTABLE", "Meta", "Patch", "record"]

T = TypeVar("T")
R = TypeVar("R")

PRINTABLE: Final = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]+$"
"""The pattern of text that stands on one line: at least one character, none that controls, none that ends the line."""


@dataclass_transform(frozen_default=True)
def record(cls: type[T]) -> type[T]:
    """Make a class a record: a frozen dataclass with slots. It must have a docstring, which is its documentation."""
    if not (cls.__doc__ or "").strip():
        raise TypeError(f"the record {cls.__qualname__} needs a docstring: it is the API's documentation")
    return dataclass(frozen=True, slots=True)(cls)


class Patch(Generic[T]):
    """The body of a PATCH: only the fields that were given (JSON Merge Patch, RFC 7396); null clears.

    `body.onto(old)` gives the record with the changes made. A cleared field takes its default. A record within the
    record is patched in its turn; a list is replaced as a whole.
    """

    __slots__ = ("_record", "changes")

    def __init__(self, changes: dict[str, Any], record: type[T] | None = None) -> None:
        self.changes = changes
        """Field name to its new value, already validated; None where null was sent."""
        self._record = record

    def __contains__(self, field: str) -> bool:
        return field in self.changes

    def __repr__(self) -> str:
        return f"Patch({', '.join(self.changes)})"

    def onto(self, old: R) -> R:
        """The record `old` with these changes. Raises Invalid where a field that has no default is cleared."""
        return replace(old, **self._made(old))  # type: ignore[type-var]

    def _made(self, old: Any) -> dict[str, Any]:
        """The changed fields' new values. `old` is None where a record comes into being where none was."""
        known = {field.name: field for field in fields(self._record if old is None else old)}  # type: ignore[arg-type]
        made: dict[str, Any] = {}
        for name, value in self.changes.items():
            try:
                if value is None:
                    made[name] = _default_of(known[name])
                elif isinstance(value, Patch):
                    made[name] = value._within(getattr(old, name, None))
                else:
                    made[name] = value
            except Invalid as wrong:
                raise Invalid(f"{name}.{wrong.path}" if wrong.path else name, wrong.detail) from None
        return made

    def _within(self, old: Any) -> Any:
        if old is not None:
            return self.onto(old)
        made = self._made(None)
        for field in fields(self._record):  # type: ignore[arg-type]
            if field.name not in made and field.default is MISSING and field.default_factory is MISSING:
                raise Invalid(field.name, "This field is required.")
        return self._record(**made)  # type: ignore[misc]


def _default_of(field: "Field[Any]") -> Any:
    if field.default is not MISSING:
        return field.default
    if field.default_factory is not MISSING:
        return field.default_factory()
    raise Invalid("", "This field cannot be cleared.")
