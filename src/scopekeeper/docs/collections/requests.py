"""The requests that a collection is made of, read from the OpenAPI document: one for each operation, by module."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from scopekeeper.scopes import least_cover
from scopekeeper.surface.openapi import Document
from scopekeeper.surface.openapi.shared import SCHEME

Part = Mapping[str, Any]

JSON: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a request, with a value to begin with: an example where there is one, else nothing."""

    name: str
    value: str
    words: str
    required: bool


@dataclass(frozen=True, slots=True)
class Request:
    """One operation as a request. `path` is below `/api/rest`, with its parameters in braces."""

    id: str
    title: str
    words: str
    scope: str
    method: str
    path: str
    in_path: tuple[Parameter, ...]
    in_query: tuple[Parameter, ...]
    in_header: tuple[Parameter, ...]
    body: Any = None
    """An example of the body, as JSON has it; None where the operation takes none."""


@dataclass(frozen=True, slots=True)
class Folder:
    """The requests of one module."""

    name: str
    title: str
    requests: tuple[Request, ...]


def folders_of(document: Document) -> tuple[Folder, ...]:
    """All requests of the document, by module. A module without any is left out."""
    found: dict[str, list[Request]] = {tag["name"]: [] for tag in document["tags"]}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            found[operation["tags"][0]].append(_request(document, path, method, operation))
    titles = {tag["name"]: tag["description"] for tag in document["tags"]}
    return tuple(Folder(name, titles[name], tuple(requests)) for name, requests in found.items() if requests)


def asked_scope(document: Document) -> str:
    """What a client asks for where only some scopes are documented: the least that the requests need."""
    needed = (
        operation["security"][0][SCHEME][0]
        for operations in document["paths"].values()
        for operation in operations.values()
    )
    return " ".join(least_cover(needed))


def _request(document: Document, path: str, method: str, operation: Part) -> Request:
    parameters: dict[str, list[Parameter]] = {"path": [], "query": [], "header": []}
    for each in operation["parameters"]:
        part = _resolved(document, each)
        parameters[part["in"]].append(_parameter(part))
    [scope] = operation["security"][0][SCHEME]
    content = operation.get("requestBody", {}).get("content", {})
    return Request(
        id=operation["operationId"],
        title=operation["summary"].partition(". ")[0],
        words=f"{operation['description']}\n\nNeeds the scope `{scope}`.",
        scope=scope,
        method=method.upper(),
        path=path,
        in_path=tuple(parameters["path"]),
        in_query=tuple(parameters["query"]),
        in_header=tuple(parameters["header"]),
        body=content[JSON]["example"] if content else None,
    )


def _parameter(part: Part) -> Parameter:
    schema = part["schema"]
    value = schema.get("default", next(iter(schema.get("examples", ())), ""))
    text = value if isinstance(value, str) else json.dumps(value)
    return Parameter(part["name"], text, part.get("description", ""), part.get("required", False))


def _resolved(document: Document, part: Part) -> Part:
    if "$ref" not in part:
        return part
    found: Part = document["components"]["parameters"][part["$ref"].rpartition("/")[2]]
    return found
