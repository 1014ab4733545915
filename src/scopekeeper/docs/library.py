"""The library: everything that documentation is made of, gathered once at start."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from graphql import GraphQLSchema

from scopekeeper.docs.shown import Held
from scopekeeper.scopes import Catalogue
from scopekeeper.sdk import ApiModule, Operation
from scopekeeper.surface.binding import Binding
from scopekeeper.surface.graphql import schema_of
from scopekeeper.surface.openapi import Document, cut, openapi
from scopekeeper.surface.projection import projected


@dataclass(frozen=True, slots=True)
class Library:
    """The API's own descriptions, whole. Whoever shows less cuts them."""

    issuer: str
    modules: Sequence[ApiModule]
    operations: tuple[Operation, ...]
    catalogue: Catalogue
    schema: GraphQLSchema
    openapi: Document

    @classmethod
    def of(
        cls, modules: Sequence[ApiModule], operations: tuple[Operation, ...], catalogue: Catalogue, *, issuer: str
    ) -> Self:
        """The library of these modules, as served by `issuer`."""
        bindings = [Binding.of(operation) for operation in operations]
        document = openapi(modules, bindings, catalogue, issuer=issuer)
        return cls(issuer, tuple(modules), operations, catalogue, schema_of(operations), document)

    def document(self, held: Held) -> Document:
        """The OpenAPI document as far as these scopes reach."""
        return self.openapi if held is None else cut(self.openapi, held)

    def projected(self, held: Held) -> GraphQLSchema:
        """The schema as far as these scopes reach."""
        return self.schema if held is None else projected(self.schema, held)
