"""How long lists can be: told in the schema beside each field, for whoever measures a document before it runs."""

from collections.abc import Mapping
from typing import Final

from graphql import GraphQLObjectType, GraphQLSchema

from scopekeeper.sdk.paging import DEFAULT_LIMIT
from scopekeeper.surface.graphql.annotation import Annotation

USUAL_LENGTH: Final = 10
"""Items of a list within a record that says no `max_length`: what people write down of one thing is not many."""

_LENGTH: Final = "length"


def length_of(annotation: Annotation) -> dict[str, int]:
    """What the schema tells of a record's field. A list that says no `max_length` is taken for a short one."""
    if annotation.item is None:
        return {}
    return {_LENGTH: USUAL_LENGTH if annotation.longest is None else annotation.longest}


def lists_of(schema: GraphQLSchema) -> Mapping[str, int]:
    """The names of the fields that are lists, and the most items that one of the name has where no `first` says it."""
    found: dict[str, int] = {}
    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLObjectType):
            for name, field in type_.fields.items():
                length = DEFAULT_LIMIT if "first" in field.args else field.extensions.get(_LENGTH, 0)
                if length:
                    found[name] = max(length, found.get(name, 0))
    return found
