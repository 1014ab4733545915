"""The document cut to a set of scopes: what a token with just these would find."""

from collections.abc import Collection, Iterator
from typing import Any

from scopekeeper.scopes import covers
from scopekeeper.surface.openapi.shared import SCHEME

Part = dict[str, Any]


def cut(document: Part, held: Collection[str]) -> Part:
    """The document with the operations that `held` covers, and of the rest only what those refer to."""
    paths = {path: kept for path, operations in document["paths"].items() if (kept := _kept(operations, held))}
    tagged = {tag for operations in paths.values() for operation in operations.values() for tag in operation["tags"]}
    components = document["components"]
    reached = _reached(components["schemas"], paths) | {"Problem"}
    return {
        **document,
        "tags": [tag for tag in document["tags"] if tag["name"] in tagged],
        "paths": paths,
        "components": {
            **components,
            "schemas": {name: schema for name, schema in components["schemas"].items() if name in reached},
            "securitySchemes": {SCHEME: _security(components["securitySchemes"][SCHEME], held)},
        },
    }


def _kept(operations: Part, held: Collection[str]) -> Part:
    return {
        method: operation
        for method, operation in operations.items()
        if all(covers(held, scope) for scope in operation["security"][0][SCHEME])
    }


def _security(scheme: Part, held: Collection[str]) -> Part:
    flow = scheme["flows"]["clientCredentials"]
    scopes = {scope: words for scope, words in flow["scopes"].items() if covers(held, scope)}
    return {**scheme, "flows": {"clientCredentials": {**flow, "scopes": scopes}}}


def _reached(schemas: Part, paths: Part) -> set[str]:
    """The names of the schemas that the paths refer to, however far down."""
    reached: set[str] = set()
    waiting = list(_references(paths))
    while waiting:
        name = waiting.pop()
        if name in schemas and name not in reached:
            reached.add(name)
            waiting += _references(schemas[name])
    return reached


def _references(part: object) -> Iterator[str]:
    """The last part of every `$ref` within."""
    if isinstance(part, dict):
        for name, value in part.items():
            if name == "$ref" and isinstance(value, str):
                yield value.rpartition("/")[2]
            else:
                yield from _references(value)
    elif isinstance(part, list):
        for each in part:
            yield from _references(each)
