"""The GraphQL schemas of the API under test."""

from functools import lru_cache

from graphql import GraphQLSchema

from scopekeeper.api.modules import Modules
from scopekeeper.sdk import Operation
from scopekeeper.surface.graphql import schema_of


def schema_of_modules(modules: Modules) -> GraphQLSchema:
    """The schema of these, made once for the same operations: that takes longer than to ask."""
    return _schema_of(tuple(modules.operations))


@lru_cache(maxsize=8)
def _schema_of(operations: tuple[Operation, ...]) -> GraphQLSchema:
    return schema_of(operations)
