"""The GraphQL face of the API: the endpoint, and the schema as text."""

from scopekeeper.api.graphql.endpoint import GraphqlEndpoint
from scopekeeper.api.graphql.sdl import SchemaEndpoint

__all__ = ["GraphqlEndpoint", "SchemaEndpoint"]
