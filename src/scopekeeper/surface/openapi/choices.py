"""Records of which exactly one field is given, said to be that: `oneOf`, with one way for each field."""

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import inspect

from scopekeeper.sdk.oneof import is_one_of

Schema = dict[str, Any]


def tell_choices(types: Sequence[Any], components: dict[str, Schema]) -> None:
    """Say it of every @one_of among the records of these types, and in what those refer to.

    The other fields may stand there as null: each way demands its own field, and that it is not.
    """
    seen: dict[type, None] = {}
    for info in inspect.multi_type_info(types):
        _look(info, seen)
    for cls in seen:
        if is_one_of(cls) and cls.__name__ in components:
            component = components[cls.__name__]
            component["oneOf"] = [
                {"required": [name], "properties": {name: _given(schema)}}
                for name, schema in component["properties"].items()
            ]


def _look(info: inspect.Type, seen: dict[type, None]) -> None:
    match info:
        case inspect.DataclassType(cls=cls, fields=fields) | inspect.StructType(cls=cls, fields=fields):
            if cls not in seen:
                seen[cls] = None
                for field in fields:
                    _look(field.type, seen)
        case _:
            for each in _within(info):
                _look(each, seen)


def _within(info: inspect.Type) -> Iterator[inspect.Type]:
    match info:
        case inspect.Metadata(type=inner):
            yield inner
        case inspect.ListType(item_type=item):
            yield item
        case inspect.UnionType(types=types):
            yield from types


def _given(schema: Schema) -> Schema:
    """The schema of a field that is not null."""
    ways = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    return ways[0] if len(ways) == 1 else {"not": {"type": "null"}}
