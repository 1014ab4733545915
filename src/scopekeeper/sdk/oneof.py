"""One of several: a record of which exactly one field is given.

    @one_of
    class Destination:
        "Where a call goes."
        extension: Number | None = None
        number: Outside | None = None

Over REST this is `{"extension": "1001"}`; further fields that are null are no fault, so that what was read can be
written back. GraphQL takes it as a `@oneOf` input. A PATCH replaces it as a whole.
"""

from dataclasses import fields
from typing import Any, Final, TypeVar, dataclass_transform

from scopekeeper.sdk.errors import Invalid
from scopekeeper.sdk.record import record

T = TypeVar("T")

ONE_OF: Final = "__one_of__"
"""The attribute that tells of a class that it is one."""


@dataclass_transform(frozen_default=True)
def one_of(cls: type[T]) -> type[T]:
    """Make a class a record of which exactly one field is given. Made otherwise, it raises Invalid.

    Every field is `… | None = None`. Raises TypeError for a class that says otherwise.
    """
    setattr(cls, "__post_init__", _require_one)  # noqa: B010  # before it is made a record, which looks for it
    made: Any = record(cls)
    names = fields(made)
    for field in names:
        if field.default is not None:
            raise TypeError(f"{cls.__qualname__}.{field.name}: each field of a @one_of is `… | None = None`")
    if len(names) < 2:
        raise TypeError(f"{cls.__qualname__}: a @one_of has two fields or more")
    setattr(made, ONE_OF, True)
    return made  # type: ignore[no-any-return]


def is_one_of(record: Any) -> bool:
    """Is this the type of a record of which exactly one field is given?"""
    return getattr(record, ONE_OF, False) is True


def _require_one(value: Any) -> None:
    """See that exactly one field is given. Raises Invalid of the record itself, which has no path yet."""
    names = [field.name for field in fields(value)]
    given = [name for name in names if getattr(value, name) is not None]
    if len(given) != 1:
        choice = f"{', '.join(names[:-1])} or {names[-1]}"
        raise Invalid("", f"Exactly one is to be given, {choice}: {_listed(given)}.")


def _listed(given: list[str]) -> str:
    return f"{' and '.join(given)} are" if given else "none is"
