"""The GraphQL face of the API: the endpoint, the same through others' eyes, and the schema as text."""

from scopekeeper.api.graphql.endpoint import GraphqlEndpoint
from scopekeeper.api.graphql.looking import Looking
from scopekeeper.api.graphql.sdl import SchemaEndpoint

__all__ = ["GraphqlEndpoint", "Looking", "SchemaEndpoint"]
