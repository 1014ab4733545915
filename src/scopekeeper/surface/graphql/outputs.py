"""Records as GraphQL shows them: an object type for each record, and a connection for each that is listed."""

import inspect
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from operator import attrgetter
from typing import Any, get_type_hints

from graphql import GraphQLField, GraphQLList, GraphQLNonNull, GraphQLObjectType, GraphQLOutputType

from scopekeeper.sdk import DeclarationError
from scopekeeper.surface.graphql.annotation import Annotation, taken_apart
from scopekeeper.surface.graphql.connections import connection_of
from scopekeeper.surface.graphql.leaves import Leaves
from scopekeeper.surface.graphql.lengths import length_of
from scopekeeper.surface.graphql.names import Names, camel_of


class Outputs:
    """The object types of one schema, each made once."""

    def __init__(self, names: Names, leaves: Leaves) -> None:
        self._names = names
        self._leaves = leaves
        self._records: dict[type, GraphQLObjectType] = {}
        self._connections: dict[type, GraphQLObjectType] = {}

    def record(self, record: type) -> GraphQLObjectType:
        """The object type of a record. One that contains itself is fine."""
        if record not in self._records:
            name = self._names.claim(record.__name__, record)
            shown: dict[str, GraphQLField] = {}
            self._records[record] = GraphQLObjectType(name, lambda: shown, description=inspect.getdoc(record))
            self._fill(shown, record)
        return self._records[record]

    def connection(self, record: type) -> GraphQLObjectType:
        """The connection to a list of these records."""
        if record not in self._connections:
            self._connections[record] = connection_of(self.record(record), record, self._names)
        return self._connections[record]

    def _fill(self, shown: dict[str, GraphQLField], record: Any) -> None:
        hints = get_type_hints(record, include_extras=True)
        for each in fields(record):
            where = f"{record.__qualname__}.{each.name}"
            annotation = taken_apart(hints[each.name], where)
            name = camel_of(each.name)
            if name in shown:
                raise DeclarationError(f"{where}: another field of this record is {name!r} in GraphQL, too")
            shown[name] = GraphQLField(
                self._type(annotation, where),
                resolve=_attribute(each.name),
                description=annotation.description,
                extensions=length_of(annotation),
            )

    def _type(self, annotation: Annotation, where: str) -> GraphQLOutputType:
        bare = self._bare(annotation, where)
        return bare if annotation.nullable else GraphQLNonNull(bare)

    def _bare(self, annotation: Annotation, where: str) -> Any:
        if annotation.item is not None:
            return GraphQLList(self._type(taken_apart(annotation.item, where), where))
        if is_dataclass(annotation.type):
            record: Any = annotation.type
            return self.record(record)
        return self._leaves.required(annotation, where)


def _attribute(name: str) -> Callable[[Any, object], Any]:
    get = attrgetter(name)
    return lambda record, _info: get(record)
