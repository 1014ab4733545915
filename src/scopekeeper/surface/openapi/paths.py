"""One operation in the OpenAPI document."""

from typing import Any, Final

import msgspec

from scopekeeper.sdk import Operation
from scopekeeper.sdk.operation import Argument
from scopekeeper.surface.binding import Binding
from scopekeeper.surface.bulk.lines import Lines
from scopekeeper.surface.demands import told_of
from scopekeeper.surface.openapi.examples import example_of
from scopekeeper.surface.openapi.schemas import Schemas
from scopekeeper.surface.openapi.shared import SCHEME, header_ref, parameter_ref, response_ref

Part = dict[str, Any]

_UNTOLD: Final[Part] = {}
_PAGE: Final = """\
One page of the list; with `Accept: text/csv` or `Accept: application/x-ndjson` all records that match, as a stream."""
_LINES: Final[Part] = {"type": "string", "description": "All records that match: a JSON object on each line."}
_TABLE: Final[Part] = {
    "type": "string",
    "description": "All records that match: the names of the fields, then a line for each record (RFC 4180).",
}


def path_to(operation: Operation) -> str:
    """The operation's path below `/api/rest`, with its parameters in braces: `/callforward/users/{extension}`."""
    return f"/{operation.module}{operation.path}"


def described(binding: Binding, schemas: Schemas) -> Part:
    """The Operation Object (OpenAPI 3.1 §4.8.10), with the one scope that it needs, and the sign-in that it demands.

    That stands in two members of ours, `x-max-age` (seconds) and `x-acr-values`: OpenAPI has none for it.
    """
    operation, told = binding.operation, told_of(binding.operation)
    part: Part = {
        "operationId": operation.field,
        "tags": [operation.module],
        "summary": operation.title,
        "description": told,
        "security": [{SCHEME: [operation.scope("rest")]}],
        "parameters": _parameters(operation, schemas),
    }
    if operation.deprecated:
        part |= {"deprecated": True, "description": f"{told}\n\nDeprecated: {operation.deprecated}"}
    if operation.max_age is not None:
        part["x-max-age"] = operation.max_age
    if operation.acr:
        part["x-acr-values"] = list(operation.acr)
    if binding.struct is not None:
        part["requestBody"] = _body(binding, schemas)
    part["responses"] = {**_answers(operation, schemas), **_refusals(operation)}
    return part


def _parameters(operation: Operation, schemas: Schemas) -> list[Part]:
    record = schemas.fields_of(operation.returns)
    found = [_parameter(each, "path", schemas, record.get(each.name, {})) for each in operation.path_arguments]
    found += [_parameter(each, "query", schemas) for each in operation.query_arguments]
    if operation.paged:
        found += [parameter_ref("limit"), parameter_ref("after")]
    elif operation.access == "read":
        found.append(parameter_ref("If-None-Match"))
    if operation.access == "write" and operation.path_arguments:
        found.append(parameter_ref("If-Match"))
    return found


def _parameter(argument: Argument, place: str, schemas: Schemas, field: Part = _UNTOLD) -> Part:
    """A parameter of a path that says nothing of itself is told of as the `field` of the record that it names is."""
    schema = dict(schemas.of(argument.type))
    if argument.default is not None:
        schema["default"] = msgspec.to_builtins(argument.default)
    told = {name: schema.get(name, field.get(name)) for name in ("description", "examples")}
    schema.pop("description", None)
    part: Part = {"name": argument.name, "in": place, "required": argument.required, "schema": schema}
    if told["description"]:
        part["description"] = told["description"]
    if told["examples"]:
        schema["examples"] = told["examples"]
    return part


def _body(binding: Binding, schemas: Schemas) -> Part:
    schema = schemas.of(binding.struct)
    content: Part = {"schema": schema, "example": example_of(schema, schemas.components)}
    kinds = ["application/json", *(["application/merge-patch+json"] if binding.operation.patch else [])]
    return {"required": True, "content": dict.fromkeys(kinds, content)}


def _answers(operation: Operation, schemas: Schemas) -> Part:
    match operation.method:
        case "GET" if operation.paged:
            return {"200": _listed(operation, schemas)}
        case "GET":
            record = _answer("The record.", schemas.of(operation.returns), schemas, "ETag")
            return {"200": record, "304": {"description": "It is still as the request knows it."}}
        case "POST":
            answer = _answer("Added.", schemas.created(operation), schemas, "Location", "ETag")
            answer["description"] = f"Added. Without {operation.read_scope('rest')} {_less(operation)} alone is shown."
            return {"201": answer}
        case "DELETE":
            return {
                "204": {"description": "Done.", "headers": {"Scopekeeper-Removed": header_ref("Scopekeeper-Removed")}}
            }
        case _:
            hidden = {"description": f"Changed. Without {operation.read_scope('rest')} the record is not shown."}
            if operation.gives:
                hidden["description"] += f" Where the change made one, {_less(operation)} is, with 200."
            shown = schemas.created(operation) if operation.gives else schemas.of(operation.returns)
            return {"200": _answer("The record as it now is.", shown, schemas, "ETag"), "204": hidden}


def _listed(operation: Operation, schemas: Schemas) -> Part:
    """A page; or, by `Accept`, all records in one stream."""
    answer = _answer(_PAGE, schemas.page_of(operation.returns), schemas)
    record = example_of(schemas.of(operation.returns), schemas.components)
    line, lines = msgspec.json.encode(record).decode(), Lines(operation.returns)
    answer["headers"] = {name: header_ref(name) for name in ("Content-Disposition", "Link", "Vary")}
    answer["content"] |= {
        "application/x-ndjson": {"schema": _LINES, "example": f"{line}\n"},
        "text/csv": {"schema": _TABLE, "example": (lines.head() + lines.of_plain([record])).decode()},
    }
    return answer


def _less(operation: Operation) -> str:
    """What of a write's answer is shown without the scope to read."""
    return ", ".join(operation.shown) or "nothing"


def _answer(description: str, schema: Part, schemas: Schemas, *headers: str) -> Part:
    content = {"schema": schema, "example": example_of(schema, schemas.components)}
    told = {name: header_ref(name) for name in headers}
    return {"description": description, "headers": told, "content": {"application/json": content}}


def _refusals(operation: Operation) -> Part:
    statuses = {"400", "401", "403", "422", "503"}
    if operation.path_arguments or operation.access == "write":
        statuses.add("404")
    if operation.access == "write":
        statuses |= {"409", "412"}
    if operation.body is not None:
        statuses |= {"413", "415"}
    return {status: response_ref(status) for status in sorted(statuses)}
