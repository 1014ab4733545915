"""Moments in schemas: msgspec calls them text; they are RFC 3339, with a time zone, and are said to be that."""

from collections.abc import Sequence
from typing import Any, Final

from msgspec import inspect

Schema = dict[str, Any]

FORMAT: Final = "date-time"


def tell_moments(types: Sequence[Any], components: dict[str, Schema]) -> None:
    """Give the format `date-time` to every moment in the records among these types, and in what those refer to.

    A parameter of a query is let be: there, no text at all stands for none, and that is no moment.
    """
    known: set[type] = set()
    for info in inspect.multi_type_info(types):
        if isinstance(info, inspect.DataclassType | inspect.StructType):
            _tell(info, {}, components, known)


def _tell(info: inspect.Type, schema: Schema, components: dict[str, Schema], known: set[type]) -> None:
    match info:
        case inspect.Metadata(type=inner):
            _tell(inner, schema, components, known)
        case inspect.DateTimeType():
            schema["format"] = FORMAT
        case inspect.ListType(item_type=item) if "items" in schema:
            _tell(item, schema["items"], components, known)
        case inspect.UnionType(types=types):
            ways = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
            others = [each for each in types if not isinstance(each, inspect.NoneType)]
            if len(ways) == len(others) == 1:
                _tell(others[0], ways[0], components, known)
        case inspect.DataclassType(cls=cls, fields=fields) | inspect.StructType(cls=cls, fields=fields):
            if cls not in known and cls.__name__ in components:
                known.add(cls)
                properties = components[cls.__name__]["properties"]
                for field in fields:
                    _tell(field.type, properties[field.encode_name], components, known)
