"""What the modules' records say of the fields that GraphQL makes of them: the schema itself keeps no constraints."""

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, get_type_hints

from graphql import GraphQLArgument, GraphQLField, GraphQLNamedType, GraphQLSchema, get_named_type

from scopekeeper.sdk import Operation
from scopekeeper.surface.graphql import camel_of, operation_of
from scopekeeper.surface.graphql.annotation import Annotation, taken_apart

Facts = tuple[tuple[str, str], ...]
"""Pairs of word and value: ("Pattern", "^[0-9]+$")."""


class Declared:
    """The annotation of each field of a type that is made of a record, and of each argument of a root field."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._fields: dict[tuple[str, str], Annotation] = {}
        self._seen: set[str] = set()
        self.lists: set[str] = set()
        """The names of the types that lists are made of: connections, edges, and what they share."""
        for root in (schema.query_type, schema.mutation_type):
            for field in root.fields.values() if root is not None else ():
                if (operation := operation_of(field)) is not None:
                    self._read(operation, field)

    def of_field(self, type_name: str, field: str) -> Annotation | None:
        """Of a field of an object type or an input type."""
        return self._fields.get((type_name, field))

    def of_arguments(self, operation: Operation) -> Mapping[str, Annotation]:
        """Of the path's and the query's arguments, by their names in GraphQL."""
        given = (*operation.path_arguments, *operation.query_arguments)
        return {camel_of(each.name): taken_apart(each.type, operation.name) for each in given}

    def _read(self, operation: Operation, field: GraphQLField) -> None:
        answer: Any = get_named_type(field.type)
        if operation.paged:
            others = (get_named_type(answer.fields[name].type).name for name in ("edges", "pageInfo"))
            self.lists.update((answer.name, *others))
        self._pair(get_named_type(answer.fields["nodes"].type) if operation.paged else answer, operation.returns)
        body: GraphQLArgument | None = field.args.get("body")
        if operation.body is not None and body is not None:
            self._pair(get_named_type(body.type), operation.body)

    def _pair(self, type_: GraphQLNamedType, record: Any) -> None:
        """A type, and the record that it is made of; and so on, through what is in it."""
        if type_.name in self._seen:
            return
        self._seen.add(type_.name)
        made: Mapping[str, Any] = getattr(type_, "fields", {})
        hints = get_type_hints(record, include_extras=True)
        for each in fields(record):
            name = camel_of(each.name)
            if name in made:
                annotation = taken_apart(hints[each.name], record.__qualname__)
                self._fields[type_.name, name] = annotation
                inner = innermost(annotation)
                if is_dataclass(inner.type):
                    self._pair(get_named_type(made[name].type), inner.type)


def innermost(annotation: Annotation) -> Annotation:
    """The annotation of what a list is of, however deep."""
    while annotation.item is not None:
        annotation = taken_apart(annotation.item, "")
    return annotation


def facts_of(annotation: Annotation | None) -> Facts:
    """What binds a value besides its type, and the author's examples."""
    if annotation is None:
        return ()
    metas = annotation.metas if annotation.item is None else (*annotation.metas, *innermost(annotation).metas)
    told = [
        (word, str(value))
        for meta in metas
        for word, value in (
            ("Pattern", meta.pattern),
            ("At least", meta.ge),
            ("More than", meta.gt),
            ("At most", meta.le),
            ("Less than", meta.lt),
            ("Multiple of", meta.multiple_of),
            ("Shortest", meta.min_length),
            ("Longest", meta.max_length),
        )
        if value is not None
    ]
    return (*told, *_examples(example for meta in metas for example in meta.examples or ()))


def _examples(given: Iterable[object]) -> Facts:
    return tuple(("Example", str(each)) for each in dict.fromkeys(map(str, given)))
