"""An operation of the REST API, as the OpenAPI document has it, read for its page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

from scopekeeper.docs.prose import prose
from scopekeeper.docs.rest.schemas import Schemas, text_of
from scopekeeper.docs.rest.snippets import Call, json_of, snippets_of
from scopekeeper.docs.rest.told import Answer, Body, Box, Entry, Told
from scopekeeper.docs.row import Row
from scopekeeper.docs.sought import sought_of
from scopekeeper.sdk import Operation
from scopekeeper.surface.demands import told_of
from scopekeeper.surface.openapi import path_to
from scopekeeper.surface.openapi.shared import SCHEME

Part = Mapping[str, Any]

_PLACES: Final = (("path", "Path"), ("query", "Query"), ("header", "Headers"))
MERGE_PATCH: Final = "application/merge-patch+json"


@dataclass(frozen=True, slots=True)
class Document:
    """The OpenAPI document, read."""

    parts: Part

    @property
    def schemas(self) -> Schemas:
        return Schemas(self.parts["components"]["schemas"])

    @property
    def address(self) -> str:
        """Below which all paths are."""
        return str(self.parts["servers"][0]["url"])

    def entry(self, operation: Operation) -> Entry:
        """The operation at a glance."""
        path, part = path_to(operation), self._part(operation)
        name, words = _divided(told_of(operation))
        [scope] = part["security"][0][SCHEME]
        fields = [row.name for told in self._records(part) for row in told]
        return Entry(
            id=anchor_of(operation.field),
            key=operation.field,
            module=operation.module,
            method=operation.method,
            path=path,
            section=_section(path),
            name=name,
            words=prose(words),
            scope=scope,
            writes=operation.access == "write",
            system=operation.system,
            owned=operation.of is not None,
            deprecated=operation.deprecated,
            refusals=tuple(status for status in part["responses"] if status >= "400"),
            sought=sought_of(
                operation.field, operation.method, path, str(part["description"]), scope,
                *(self.parameter(each)["name"] for each in part["parameters"]), *fields,
            ),
        )  # fmt: skip

    def told(self, operation: Operation) -> Told:
        """All that is said of it."""
        part, schemas = self._part(operation), self.schemas
        parameters = [self.parameter(each) for each in part["parameters"]]
        body = part.get("requestBody")
        rows = [
            (title, tuple(_row(schemas, each) for each in parameters if each["in"] == place))
            for place, title in _PLACES
        ]
        answers = {status: answer for status, answer in part["responses"].items() if status < "400"}
        return Told(
            parameters=tuple((title, found) for title, found in rows if found),
            body=None if body is None else _body(schemas, body),
            answers=tuple(self._answer(status, answer) for status, answer in answers.items()),
            snippets=snippets_of(self._call(operation, parameters, body)),
            boxes=tuple(_box(schemas, each) for each in parameters),
        )

    def parameter(self, part: Part) -> Part:
        """The parameter itself, where there is a reference to it."""
        if "$ref" not in part:
            return part
        found: Part = self.parts["components"]["parameters"][part["$ref"].rpartition("/")[2]]
        return found

    def _part(self, operation: Operation) -> Part:
        part: Part = self.parts["paths"][path_to(operation)][operation.method.lower()]
        return part

    def _records(self, part: Part) -> list[tuple[Row, ...]]:
        contents = [part.get("requestBody", {}).get("content", {})]
        contents += [answer.get("content", {}) for status, answer in part["responses"].items() if status < "400"]
        return [self.schemas.rows(media["schema"]) for content in contents for media in content.values()]

    def _answer(self, status: str, answer: Part) -> Answer:
        headers = self.parts["components"]["headers"]
        content = answer.get("content", {}).get("application/json")
        return Answer(
            status,
            prose(str(answer["description"])),
            tuple((name, prose(str(headers[name]["description"]))) for name in answer.get("headers", {})),
            () if content is None else self.schemas.rows(content["schema"]),
            "" if content is None else json_of(content["example"]),
        )

    def _call(self, operation: Operation, parameters: list[Part], body: Part | None) -> Call:
        given = {each["name"]: _example(self.schemas, each) for each in parameters if each.get("required")}
        named = {each.name for each in operation.path_arguments}
        path = path_to(operation)
        for name in named:
            path = path.replace(f"{{{name}}}", quote(given[name], safe=""))
        asked = {name: value for name, value in given.items() if name not in named}
        url = self.address + path + (f"?{urlencode(asked)}" if asked else "")
        if body is None:
            return Call(operation.method, url)
        media = _media(body)
        return Call(operation.method, url, media, body["content"][media]["example"])


def anchor_of(key: str) -> str:
    """Where an operation is told of on its page."""
    return f"operation-{key}"


def _divided(description: str) -> tuple[str, str]:
    """The first sentence without its stop, and the rest."""
    first, _, rest = description.strip().partition("\n\n")
    name, stop, more = " ".join(first.split()).partition(". ")
    return (name if stop else name.removesuffix(".")), "\n\n".join(each for each in (more, rest) if each)


def _section(path: str) -> str:
    parts = path.rstrip("/").split("/")
    while parts[-1].startswith("{"):
        parts.pop()
    return "/".join(parts)


def _row(schemas: Schemas, part: Part) -> Row:
    return schemas.row(
        part["name"], part["schema"], required=part.get("required", False), words=str(part.get("description", ""))
    )


def _body(schemas: Schemas, part: Part) -> Body:
    media = part["content"][_media(part)]
    return Body(tuple(part["content"]), schemas.rows(media["schema"]), json_of(media["example"]))


def _media(body: Part) -> str:
    """What a body is best called."""
    return MERGE_PATCH if MERGE_PATCH in body["content"] else next(iter(body["content"]))


def _example(schemas: Schemas, part: Part) -> str:
    """What may stand for a parameter."""
    schema, _ = schemas.plain(part["schema"])
    examples = schema.get("examples") or schema.get("enum") or [schema.get("default", part["name"])]
    return text_of(examples[0])


def _box(schemas: Schemas, part: Part) -> Box:
    schema, _ = schemas.plain(part["schema"])
    required = part.get("required", False)
    choices = ("true", "false") if schema.get("type") == "boolean" else tuple(map(str, schema.get("enum", ())))
    hints = [*map(text_of, schema.get("examples", ())), *map(text_of, filter(None, [part["schema"].get("default")]))]
    value = _example(schemas, part) if required else ""
    return Box(part["name"], part["in"], required, value, hints[0] if hints else "", choices)
