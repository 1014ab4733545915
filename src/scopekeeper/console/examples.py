"""One call of the API that a scope opens: the simplest that reads, for programs that show how it is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from graphql import (
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)
from msgspec import json

from scopekeeper.scopes import APIS, covers
from scopekeeper.sdk import Operation

SAMPLE: Final = "1001"
"""What stands in the place of a key in the path: an extension that the sample has."""
MOST_FIELDS: Final = 5


@dataclass(frozen=True, slots=True)
class Example:
    """GET at an address; or, with a query, POST of that to GraphQL."""

    url: str
    query: str = ""

    @property
    def body(self) -> str:
        return json.encode({"query": self.query}).decode()


def example_of(
    issuer: str, operations: Sequence[Operation], schema: GraphQLSchema, held: tuple[str, ...], *, system: bool
) -> Example | None:
    """The call; None where these scopes open nothing that reads. `system`: may it be one for the whole system only?"""
    ours = [each for each in operations if each.access == "read" and (system or not each.system) and _easy(each)]
    for api in APIS:
        able = [each for each in ours if covers(held, each.scope(api))]
        if able:
            found = min(able, key=_effort)
            return _over_rest(issuer, found) if api == "rest" else _over_graphql(issuer, found, schema)
    return None


def _easy(operation: Operation) -> bool:
    """Can it be called with a key that stands for any other, and for longer than today?"""
    demanded = any(each.required for each in operation.query_arguments)
    return len(operation.path_arguments) <= 1 and not (demanded or operation.deprecated)


def _effort(operation: Operation) -> tuple[bool, bool, int]:
    return operation.system, bool(operation.path_arguments), len(operation.path)


def _over_rest(issuer: str, operation: Operation) -> Example:
    path = operation.path
    for argument in operation.path_arguments:
        path = path.replace(f"{{{argument.name}}}", SAMPLE)
    return Example(f"{issuer}/api/rest/{operation.module}{path}")


def _over_graphql(issuer: str, operation: Operation, schema: GraphQLSchema) -> Example:
    assert schema.query_type is not None
    field = schema.query_type.fields[operation.field]
    if operation.paged:
        connection = get_named_type(field.type)
        assert isinstance(connection, GraphQLObjectType)
        given, chosen = "(first: 5)", f"nodes {{ {_leaves(connection.fields['nodes'].type)} }}"
    else:
        # The arguments that are demanded are those of the path.
        keys = [name for name, argument in field.args.items() if is_required_argument(argument)]
        given = f"({', '.join(f'{name}: {json.encode(SAMPLE).decode()}' for name in keys)})" if keys else ""
        chosen = _leaves(field.type)
    return Example(f"{issuer}/api/graphql", f"{{ {operation.field}{given} {{ {chosen} }} }}")


def _leaves(type: GraphQLOutputType) -> str:
    """The first fields that have no fields of their own."""
    named = get_named_type(type)
    assert isinstance(named, GraphQLObjectType)
    plain = [
        name for name, field in named.fields.items() if is_leaf_type(get_named_type(field.type)) and not field.args
    ]
    return " ".join(plain[:MOST_FIELDS]) or "__typename"
