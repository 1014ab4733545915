"""An example of what a schema describes, from the examples that its author gave."""

from collections.abc import Mapping
from typing import Any, Final

from scopekeeper.surface.openapi.moments import FORMAT

MOMENT: Final = "2026-03-01T12:00:00Z"
_PLAIN: Final = {"string": "string", "integer": 0, "number": 0, "boolean": False}


def example_of(schema: Mapping[str, Any], components: Mapping[str, Mapping[str, Any]]) -> Any:
    """One value that fits. Optional fields are there only where their author gave an example."""
    if schema.get("examples"):
        return schema["examples"][0]
    if "$ref" in schema:
        return example_of(components[schema["$ref"].rpartition("/")[2]], components)
    if "anyOf" in schema:
        if {"type": "null"} in schema["anyOf"] and not _told(schema) and not _known(schema):
            return None
        return example_of(schema["anyOf"][0], components)
    if "oneOf" in schema:
        return {name: example_of(each, components) for name, each in schema["oneOf"][0]["properties"].items()}
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            required = schema.get("required", ())
            fields = schema.get("properties", {}).items()
            return {name: example_of(each, components) for name, each in fields if name in required or _told(each)}
        case "array":
            return [example_of(schema["items"], components)] if "items" in schema else []
        case "string" if schema.get("format") == FORMAT:
            return MOMENT
        case str(kind):
            return schema.get("minimum", _PLAIN.get(kind))
        case _:
            return None


def _told(schema: Mapping[str, Any]) -> bool:
    return bool(schema.get("examples")) or any(_told(each) for each in schema.get("anyOf", ()))


def _known(schema: Mapping[str, Any]) -> bool:
    """Is it of a kind that has an example by itself?"""
    return any("$ref" in each or each.get("format") == FORMAT for each in schema["anyOf"])
