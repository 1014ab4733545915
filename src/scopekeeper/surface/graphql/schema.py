"""The full schema: Query from the operations that read, Mutation from those that write."""

from collections.abc import Iterable
from typing import Final

from graphql import GraphQLBoolean, GraphQLField, GraphQLObjectType, GraphQLSchema, assert_valid_schema

from scopekeeper.scopes import Access
from scopekeeper.sdk import DeclarationError, Operation
from scopekeeper.surface.demands import told_of
from scopekeeper.surface.graphql.inputs import Inputs
from scopekeeper.surface.graphql.leaves import Leaves
from scopekeeper.surface.graphql.names import Names
from scopekeeper.surface.graphql.outputs import Outputs
from scopekeeper.surface.graphql.resolving import resolver_of

_OPERATION: Final = "operation"


def schema_of(operations: Iterable[Operation]) -> GraphQLSchema:
    """The schema of these operations, each a root field. Raises DeclarationError: it stops the start."""
    names = Names()
    leaves = Leaves(names)
    outputs, inputs = Outputs(names, leaves), Inputs(names, leaves)
    roots: dict[Access, dict[str, GraphQLField]] = {"read": {}, "write": {}}
    for each in operations:
        fields = roots[each.access]
        if each.field in fields:
            other = operation_of(fields[each.field])
            places = f"by {_place(other)} and by {_place(each)}"
            raise DeclarationError(f"the GraphQL field {each.field!r} is declared twice: {places}")
        fields[each.field] = _field(each, outputs, inputs)
    schema = rooted(roots["read"], roots["write"], checked=False)
    assert_valid_schema(schema)
    return schema


def rooted(read: dict[str, GraphQLField], write: dict[str, GraphQLField], *, checked: bool) -> GraphQLSchema:
    """The schema with these root fields and the types they reach; fields that are checked already are valid together.

    GraphQL demands a Query with a field in it; where there is nothing to read, `_` stands there and says so. No
    document can select it on a server that has anything to read, because documents are validated on the full schema.
    """
    query = GraphQLObjectType("Query", read or {"_": _NOTHING}, description="What can be read.")
    mutation = GraphQLObjectType("Mutation", write, description="What can be changed.") if write else None
    return GraphQLSchema(query, mutation, assume_valid=checked)


def operation_of(field: GraphQLField) -> Operation | None:
    """The operation that a root field runs; None for introspection and for the placeholder."""
    operation: Operation | None = field.extensions.get(_OPERATION)
    return operation


def _field(operation: Operation, outputs: Outputs, inputs: Inputs) -> GraphQLField:
    """Nullable always: one field's error leaves the others' answers standing."""
    return GraphQLField(
        outputs.connection(operation.returns) if operation.paged else outputs.record(operation.returns),
        args=inputs.arguments(operation),
        resolve=resolver_of(operation),
        description=f"{told_of(operation)}\n\nScope: `{operation.scope('gql')}`",
        deprecation_reason=operation.deprecated or None,
        extensions={_OPERATION: operation},
    )


def _place(operation: Operation | None) -> str:
    return f"{operation.module}.{operation.name}" if operation is not None else "GraphQL itself"


_NOTHING: Final = GraphQLField(GraphQLBoolean, description="There is nothing to read here: no scope for it is held.")
