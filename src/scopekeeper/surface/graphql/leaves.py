"""Leaf types: what a str, an int, a time or an Enum is called in GraphQL."""

import inspect
from datetime import datetime
from enum import Enum
from typing import Any, Final

import msgspec
from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLError,
    GraphQLFloat,
    GraphQLInt,
    GraphQLScalarType,
    GraphQLString,
)

from scopekeeper.sdk import DeclarationError
from scopekeeper.surface.graphql.annotation import Annotation
from scopekeeper.surface.graphql.names import Names

_LARGEST_INT: Final = 2**31 - 1
_LARGEST_LONG: Final = 2**63 - 1


def _long(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and -_LARGEST_LONG - 1 <= value <= _LARGEST_LONG:
        return value
    raise GraphQLError("A Long is a whole number of at most 64 bits.")


def _moment(value: Any) -> str:
    """Checked here, made a datetime by the binding, as over REST."""
    if isinstance(value, str):
        try:
            msgspec.convert(value, datetime)
        except msgspec.ValidationError:
            pass
        else:
            return value
    raise GraphQLError("A DateTime is written as in RFC 3339, such as 2026-03-01T12:00:00Z.")


def _written(moment: Any) -> str:
    return str(msgspec.to_builtins(moment))


LONG: Final = GraphQLScalarType(
    "Long",
    description="A whole number of up to 64 bits.",
    coerce_output_value=_long,
    coerce_input_value=_long,
)
DATE_TIME: Final = GraphQLScalarType(
    "DateTime",
    description="A moment, written as in RFC 3339.",
    specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
    coerce_output_value=_written,
    coerce_input_value=_moment,
)

_SCALARS: Final = {str: GraphQLString, float: GraphQLFloat, bool: GraphQLBoolean, datetime: DATE_TIME}


class Leaves:
    """The leaf types of one schema: scalars are everybody's, an Enum is made into a type once."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._enums: dict[type[Enum], GraphQLEnumType] = {}

    def required(self, annotation: Annotation, where: str) -> GraphQLScalarType | GraphQLEnumType:
        """The leaf type. Raises DeclarationError where there is none."""
        if annotation.type is int:
            return GraphQLInt if _fits_int(annotation) else LONG
        if isinstance(annotation.type, type) and issubclass(annotation.type, Enum):
            return self._enum(annotation.type)
        scalar = _SCALARS.get(annotation.type)
        if scalar is None:
            raise DeclarationError(f"{where}: GraphQL has no type for {annotation.type!r}")
        return scalar

    def _enum(self, enum: type[Enum]) -> GraphQLEnumType:
        if enum not in self._enums:
            name = self._names.claim(enum.__name__, enum)
            self._enums[enum] = GraphQLEnumType(name, enum, names_as_values=None, description=inspect.getdoc(enum))
        return self._enums[enum]


def _fits_int(annotation: Annotation) -> bool:
    """Do the bounds say that the 32 bits of an Int hold it?"""
    lowest = [bound for meta in annotation.metas for bound in (meta.ge, meta.gt) if bound is not None]
    highest = [bound for meta in annotation.metas for bound in (meta.le, meta.lt) if bound is not None]
    return bool(lowest and highest) and max(lowest) >= -_LARGEST_INT - 1 and min(highest) <= _LARGEST_INT
