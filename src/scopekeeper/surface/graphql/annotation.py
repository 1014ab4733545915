"""A type annotation of a record's field, taken apart."""

import types
from dataclasses import dataclass
from typing import Annotated, Any, Union, get_args, get_origin

from msgspec import Meta

from scopekeeper.sdk import DeclarationError


@dataclass(frozen=True, slots=True)
class Annotation:
    """What `Annotated[str | None, Meta(description="…")]` says: the type, whether None may stand, the constraints."""

    type: Any
    nullable: bool
    metas: tuple[Meta, ...]

    @property
    def item(self) -> Any | None:
        """The annotation of a list's items; None where this is no list."""
        return get_args(self.type)[0] if get_origin(self.type) is list else None

    @property
    def longest(self) -> int | None:
        """How many items there can be, where that is said."""
        return min((meta.max_length for meta in self.metas if meta.max_length is not None), default=None)

    @property
    def description(self) -> str | None:
        """The words for the field."""
        return next((meta.description for meta in self.metas if meta.description), None)


def taken_apart(annotation: Any, where: str) -> Annotation:
    """The annotation, with `Annotated` and `None` looked through. Raises DeclarationError for any other union."""
    metas: list[Meta] = []
    nullable = False
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            metas += [each for each in annotation.__metadata__ if isinstance(each, Meta)]
            annotation = annotation.__origin__
        elif origin in (Union, types.UnionType):
            others = [each for each in get_args(annotation) if each is not types.NoneType]
            if len(others) != 1:
                raise DeclarationError(f"{where}: GraphQL has no type for a union, unless it is of one type and None")
            nullable, annotation = True, others[0]
        else:
            return Annotation(annotation, nullable, tuple(metas))
