"""Records as GraphQL takes them: an input type for each body, and the arguments of an operation."""

import inspect
from collections.abc import Collection
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from typing import Any, Final, get_type_hints

import msgspec
from graphql import (
    GraphQLArgument,
    GraphQLDefaultInput,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLString,
)

from scopekeeper.sdk import DeclarationError, Operation
from scopekeeper.sdk.oneof import is_one_of
from scopekeeper.sdk.operation import Argument
from scopekeeper.sdk.paging import DEFAULT_LIMIT, LARGEST_LIMIT
from scopekeeper.surface.graphql.annotation import Annotation, taken_apart
from scopekeeper.surface.graphql.leaves import Leaves
from scopekeeper.surface.graphql.names import Names, camel_of

_FIRST: Final = GraphQLArgument(
    GraphQLInt, default=GraphQLDefaultInput(DEFAULT_LIMIT), description=f"How many: 1 to {LARGEST_LIMIT}."
)
_AFTER: Final = GraphQLArgument(GraphQLString, description="The cursor behind which the page begins.")


class Inputs:
    """The input types of one schema, each made once. They coerce to what the binding takes: names in snake_case."""

    def __init__(self, names: Names, leaves: Leaves) -> None:
        self._names = names
        self._leaves = leaves
        self._types: dict[tuple[type, str], GraphQLInputObjectType] = {}

    def arguments(self, operation: Operation) -> dict[str, GraphQLArgument]:
        """What a field takes: the path's parameters, the query's, the page, the body. Raises DeclarationError."""
        where = f"{operation.module}: {operation.name}"
        given = [
            (camel_of(each.name), self._argument(each, where))
            for each in (*operation.path_arguments, *operation.query_arguments)
        ]
        if operation.paged:
            given += [("first", _FIRST), ("after", _AFTER)]
        if operation.body is not None:
            given.append(("body", GraphQLArgument(GraphQLNonNull(self._body(operation)))))
        arguments = dict(given)
        if len(arguments) < len(given):
            raise DeclarationError(f"{where}: two of its GraphQL arguments have one name")
        return arguments

    def _argument(self, argument: Argument, where: str) -> GraphQLArgument:
        annotation = taken_apart(argument.type, f"{where}({argument.name})")
        type_, default = _optional(
            self._bare(annotation, where, patch=False), annotation, MISSING if argument.required else argument.default
        )
        return GraphQLArgument(type_, default=default, out_name=argument.name, description=annotation.description)

    def _body(self, operation: Operation) -> GraphQLInputObjectType:
        """Where the path says what the body's record says too, the field need not be given, and the type is its own."""
        record: Any = operation.body
        if operation.patch:
            return self._record(record, f"{record.__name__}Patch", patch=True)
        named = {each.name for each in operation.path_arguments} & {each.name for each in fields(record)}
        if named:
            return self._record(record, f"{operation.field[0].upper()}{operation.field[1:]}Input", optional=named)
        return self._record(record, f"{record.__name__}Input")

    def _record(
        self, record: type, name: str, *, patch: bool = False, optional: Collection[str] = ()
    ) -> GraphQLInputObjectType:
        if (record, name) not in self._types:
            taken: dict[str, GraphQLInputField] = {}
            self._types[record, name] = GraphQLInputObjectType(
                self._names.claim(name, record),
                lambda: taken,
                description=inspect.getdoc(record),
                is_one_of=is_one_of(record),
            )
            hints = get_type_hints(record, include_extras=True)
            for each in fields(record):
                where = f"{record.__qualname__}.{each.name}"
                annotation = taken_apart(hints[each.name], where)
                bare = self._bare(annotation, where, patch=patch)
                free = patch or each.name in optional
                type_, default = (bare, None) if free else _optional(bare, annotation, _default_of(each))
                taken[camel_of(each.name)] = GraphQLInputField(
                    type_, default=default, out_name=each.name, description=annotation.description
                )
        return self._types[record, name]

    def _bare(self, annotation: Annotation, where: str, *, patch: bool) -> Any:
        if annotation.item is not None:  # a patch replaces a list as a whole (RFC 7396 §1)
            item = taken_apart(annotation.item, where)
            bare = self._bare(item, where, patch=False)
            return GraphQLList(bare if item.nullable else GraphQLNonNull(bare))
        if is_dataclass(annotation.type):
            record: Any = annotation.type
            patch = patch and not is_one_of(record)
            return self._record(record, f"{record.__name__}{'Patch' if patch else 'Input'}", patch=patch)
        return self._leaves.required(annotation, where)


def _optional(bare: Any, annotation: Annotation, default: Any) -> tuple[GraphQLInputType, GraphQLDefaultInput | None]:
    """What may be left out where it has a default; but null may stand only where None may."""
    if default is None and annotation.nullable:
        return bare, None
    shown = None if default is MISSING else GraphQLDefaultInput(_spelled(default))
    return (bare if annotation.nullable else GraphQLNonNull(bare)), shown


def _default_of(field: "Field[Any]") -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()


def _spelled(value: Any) -> Any:
    """A default as a caller would spell it."""
    if isinstance(value, Enum):
        return value.name
    if is_dataclass(value):
        return {camel_of(each.name): _spelled(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, list):
        return [_spelled(each) for each in value]
    return msgspec.to_builtins(value)
