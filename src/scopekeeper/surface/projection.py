"""The schema as far as held scopes reach: introspection, descriptions and execution see nothing beyond."""

from functools import cached_property
from typing import Final

from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema, print_schema

from scopekeeper.scopes import covers
from scopekeeper.services.kept import Kept
from scopekeeper.surface.graphql import operation_of
from scopekeeper.surface.graphql.schema import rooted


class Projection:
    """The root fields that some scopes open, and the types these reach."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.schema: Final = schema

    @cached_property
    def sdl(self) -> str:
        """The schema as text, printed when first asked for."""
        return print_schema(self.schema) + "\n"


class Projections:
    """The projections of one schema, by the scopes held. The least recently used go when there are too many."""

    def __init__(self, schema: GraphQLSchema, *, most: int = 256) -> None:
        self._schema = schema
        self._kept: Kept[frozenset[str], Projection] = Kept(most)

    def of(self, held: frozenset[str]) -> Projection:
        """The projection on these scopes."""
        return self._kept.of(held, self._made)

    def __len__(self) -> int:
        return len(self._kept)

    def _made(self, held: frozenset[str]) -> Projection:
        return Projection(projected(self._schema, held))


def projected(schema: GraphQLSchema, held: frozenset[str]) -> GraphQLSchema:
    """The schema with the root fields whose own scope is held.

    A write that is held keeps the type of its answer, though more of it than the key needs the read scope: that is
    asked of each document, before it runs (`needs`).
    """
    return rooted(_held(schema.query_type, held), _held(schema.mutation_type, held), checked=True)


def _held(root: GraphQLObjectType | None, held: frozenset[str]) -> dict[str, GraphQLField]:
    return {
        name: field
        for name, field in (root.fields.items() if root is not None else ())
        if (operation := operation_of(field)) is not None and covers(held, operation.scope("gql"))
    }
