"""The GraphQL schema, made of the operations that the modules declare."""

from scopekeeper.surface.graphql.lengths import lists_of
from scopekeeper.surface.graphql.names import camel_of
from scopekeeper.surface.graphql.resolving import Call
from scopekeeper.surface.graphql.schema import operation_of, schema_of

__all__ = ["Call", "camel_of", "lists_of", "operation_of", "schema_of"]
