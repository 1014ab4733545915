"""The types of the schema as the documentation tells them, each once, with what it is searched by."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypedDict

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_required_argument,
    is_required_input_field,
    print_ast,
)
from graphql.utilities.get_default_value_ast import get_default_value_ast
from markupsafe import Markup

from scopekeeper.docs.graphql.declared import Declared, Facts, facts_of
from scopekeeper.docs.prose import prose
from scopekeeper.docs.row import Row
from scopekeeper.docs.sought import sought_of
from scopekeeper.surface.graphql.annotation import Annotation

KINDS: Final = (
    ("objects", "Objects"),
    ("inputs", "Inputs"),
    ("enums", "Enums"),
    ("lists", "Lists"),
    ("scalars", "Scalars"),
)
"""The kinds of types, in the order in which they are shown: the anchor of each, and its title."""
ONE_OF: Final = "Exactly one field is to be given (`@oneOf`)."
ROOTS: Final = ("Query", "Mutation", "Subscription")


@dataclass(frozen=True, slots=True)
class Typed:
    """One type. The roots are none: their fields are shown by module."""

    id: str
    name: str
    kind: str
    words: Markup
    rows: tuple[Row, ...]
    """Its fields; of an enum its values."""
    leads: tuple[str, ...]
    """The names of the types that its fields are of."""
    sought: str = field(repr=False)
    specified: str = ""
    """Where a scalar is specified: an address."""
    writes: bool = False
    """For the side navigation: no type has a mark."""


def type_id(name: str) -> str:
    """The anchor of a type."""
    return f"type-{name}"


class Reference(TypedDict):
    """What a Row says of a type."""

    type: str
    before: str
    after: str
    type_id: str


def reference(type_: Any) -> Reference:
    """A type as a Row has it: `[Forward!]!` is a name between brackets."""
    name = get_named_type(type_).name
    before, _, after = str(type_).partition(name)
    return {"type": name, "before": before, "after": after, "type_id": type_id(name)}


def argument_row(name: str, taken: GraphQLArgument | GraphQLInputField, annotation: Annotation | None) -> Row:
    """What is sent: an argument, or a field of an input type."""
    required = is_required_argument(taken) if isinstance(taken, GraphQLArgument) else is_required_input_field(taken)
    default = get_default_value_ast(taken)
    told: Facts = (("Default", print_ast(default)),) if default is not None else ()
    return Row(
        name,
        **reference(taken.type),
        required=required,
        words=prose(taken.description or ""),
        facts=(*told, *facts_of(annotation)),
        deprecated=taken.deprecation_reason or "",
    )


def types_of(schema: GraphQLSchema, declared: Declared) -> dict[str, Typed]:
    """Every type that the schema's fields reach, by name."""
    return {
        name: _typed(type_, declared)
        for name, type_ in schema.type_map.items()
        if not name.startswith("__") and name not in ROOTS
    }


def reached(start: Iterable[str], types: Mapping[str, Typed]) -> set[str]:
    """The names of these types and of all that they lead to."""
    seen: set[str] = set()
    waiting = list(start)
    while waiting:
        name = waiting.pop()
        if name not in seen and name in types:
            seen.add(name)
            waiting += types[name].leads
    return seen


def _typed(type_: GraphQLNamedType, declared: Declared) -> Typed:
    words = ""
    match type_:
        case GraphQLObjectType():
            kind = "lists" if type_.name in declared.lists else "objects"
            rows = tuple(_field_row(type_, name, each, declared) for name, each in type_.fields.items())
        case GraphQLInputObjectType():
            kind, words = "inputs", ONE_OF if type_.is_one_of else ""
            rows = tuple(
                argument_row(name, taken, declared.of_field(type_.name, name)) for name, taken in type_.fields.items()
            )
        case GraphQLEnumType():
            kind, rows = "enums", tuple(_value_row(name, value) for name, value in type_.values.items())
        case _:
            kind, rows = "scalars", ()
    parts: Mapping[str, Any] = getattr(type_, "fields", None) or getattr(type_, "values", {})
    told = (f"{row.name} {row.type} {parts[row.name].description or ''}" for row in rows)
    return Typed(
        type_id(type_.name),
        type_.name,
        kind,
        prose("\n\n".join(filter(None, (type_.description, words)))),
        rows,
        tuple(dict.fromkeys(row.type for row in rows if row.type)),
        sought_of(type_.name, type_.description or "", *told),
        getattr(type_, "specified_by_url", None) or "",
    )


def _field_row(type_: GraphQLObjectType, name: str, shown: GraphQLField, declared: Declared) -> Row:
    return Row(
        name,
        **reference(shown.type),
        words=prose(shown.description or ""),
        facts=facts_of(declared.of_field(type_.name, name)),
        deprecated=shown.deprecation_reason or "",
    )


def _value_row(name: str, value: Any) -> Row:
    return Row(name, "", words=prose(value.description or ""), deprecated=value.deprecation_reason or "")
