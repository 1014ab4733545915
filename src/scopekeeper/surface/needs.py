"""The scopes that a GraphQL operation needs, and of which sign-in: known from its text alone, before anything runs."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from graphql import DocumentNode, FieldNode, GraphQLSchema

from scopekeeper.oauth.authentication import Demand, strictest
from scopekeeper.scopes import missing
from scopekeeper.sdk import Operation
from scopekeeper.surface.demands import demand_of, demand_to_see, readers_of
from scopekeeper.surface.document import Fragments, fields_of, fragments_of, selected
from scopekeeper.surface.graphql import camel_of, operation_of


@dataclass(frozen=True, slots=True)
class Needs:
    """What a caller must hold to run one operation of a document."""

    scopes: tuple[str, ...]
    """Each of them, sorted."""
    introspects: bool
    """Does it ask for the schema? Then some scope of GraphQL must be held, whichever."""
    demand: Demand | None = None
    """Of which sign-in a person's token must be: the strictest of what the fields demand."""

    def missing(self, held: Collection[str]) -> tuple[str, ...]:
        """Of what is needed, what is not covered by what is held."""
        lacking = missing(held, self.scopes)
        if not lacking and self.introspects and not any(scope.partition(":")[0] == "gql" for scope in held):
            return ("gql",)
        return lacking


def needs_of(schema: GraphQLSchema, document: DocumentNode, operation_name: str | None = None) -> Needs:
    """The needs of the operation that `operation_name` selects, with every fragment it reaches.

    @skip and @include never lower them. A write whose answer is asked for more than its key, and what it gives, needs
    the read scope too, and the sign-in that reading it demands.
    The document is valid on the schema. Raises UnknownOperation.
    """
    operation, fragments = selected(document, operation_name), fragments_of(document)
    root = schema.get_root_type(operation.operation)
    scopes: set[str] = set()
    demands: list[Demand] = []
    introspects = False
    for node in fields_of(operation.selection_set, fragments):
        field = root.fields.get(node.name.value) if root is not None else None
        runs = operation_of(field) if field is not None else None
        if runs is not None:
            scopes.update(_scopes(runs, node, fragments))
            demands += _demands(schema, runs, node, fragments)
        elif node.name.value in ("__schema", "__type"):
            introspects = True
    return Needs(tuple(sorted(scopes)), introspects, strictest(demands))


def _scopes(operation: Operation, node: FieldNode, fragments: Fragments) -> Iterator[str]:
    yield operation.scope("gql")
    if _sees(operation, node, fragments):
        yield operation.read_scope("gql")


def _demands(schema: GraphQLSchema, operation: Operation, node: FieldNode, fragments: Fragments) -> Iterator[Demand]:
    demanded = [demand_of(operation)]
    if _sees(operation, node, fragments):
        fields = {} if schema.query_type is None else schema.query_type.fields
        reading = [runs for field in fields.values() if (runs := operation_of(field)) is not None]
        demanded.append(demand_to_see(operation, readers_of(reading)))
    return (each for each in demanded if each is not None)


def _sees(operation: Operation, node: FieldNode, fragments: Fragments) -> bool:
    """Is the answer of a write asked for more than it shows to whoever may not read the record?"""
    if operation.access != "write":
        return False
    shown = {"__typename", *map(camel_of, operation.shown)}
    return any(field.name.value not in shown for field in fields_of(node.selection_set, fragments))
