"""An operation, asked for over REST and over GraphQL: one outcome, whichever way."""

import json
from collections.abc import Awaitable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLObjectType,
    get_named_type,
    get_nullable_type,
)

from scopekeeper.sdk import Operation
from scopekeeper.surface.graphql.names import camel_of
from scopekeeper.surface.openapi import path_to
from tests.api.schemas import schema_of_modules
from tests.api.world import Untried, World
from tests.asking import Answer, ask, bearer

Headers = Sequence[tuple[str, str]]

_DEEPEST: Final = 6


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an operation, whichever way it was asked for."""

    kind: Literal["done", "missing", "forbidden"]
    text: str


class Face(Protocol):
    """REST or GraphQL."""

    def __call__(
        self,
        world: World,
        operation: Operation,
        token: str,
        arguments: Mapping[str, str],
        body: Any,
        headers: Headers = (),
    ) -> Awaitable[Outcome]:
        """Ask for the operation. Raises Untried for an answer that says nothing about whose data it is."""
        ...


async def over_rest(
    world: World,
    operation: Operation,
    token: str,
    arguments: Mapping[str, str],
    body: Any,
    headers: Headers = (),
) -> Outcome:
    """Ask over REST."""
    sent = [bearer(token), *headers, *([("content-type", "application/json")] if body is not None else [])]
    path = "/api/rest" + path_to(operation).format_map(arguments)
    text = b"" if body is None else json.dumps(body).encode()
    answer = await ask(world.h.front, operation.method, path, headers=sent, body=text)
    if answer.status in (404, 412):  # where PUT would make what is missing, If-Match says that it is
        return Outcome("missing", answer.body.decode())
    if answer.status == 403 and "www-authenticate" not in answer.headers:
        return Outcome("forbidden", answer.body.decode())
    return _done(operation, answer, answer.status in (200, 201, 204))


async def over_graphql(
    world: World,
    operation: Operation,
    token: str,
    arguments: Mapping[str, str],
    body: Any,
    headers: Headers = (),
    only: Collection[str] | None = None,
) -> Outcome:
    """Ask over GraphQL, for every field that there is, or for these only."""
    sent = [bearer(token), ("content-type", "application/json"), *headers]
    text = json.dumps(document_of(world, operation, arguments, body, only)).encode()
    answer = await ask(world.h.front, "POST", "/api/graphql", headers=sent, body=text)
    codes = {each["extensions"]["code"] for each in answer.json().get("errors", ())}
    if codes == {"NOT_FOUND"}:
        return Outcome("missing", answer.body.decode())
    if codes == {"FORBIDDEN"}:
        return Outcome("forbidden", answer.body.decode())
    return _done(operation, answer, answer.status == 200 and not codes)


def document_of(
    world: World, operation: Operation, arguments: Mapping[str, str], body: Any, only: Collection[str] | None = None
) -> dict[str, Any]:
    """`query` and `variables` that ask for the operation: for every field that there is, or for these only."""
    schema = schema_of_modules(world.modules)
    root = schema.query_type if operation.access == "read" else schema.mutation_type
    assert root is not None
    field = root.fields[operation.field]
    given = {camel_of(name): value for name, value in arguments.items()} | ({} if body is None else {"body": body})
    variables = {name: _variable(field.args[name].type, value) for name, value in given.items()}
    declared = ", ".join(f"${name}: {field.args[name].type}" for name in given)
    passed = ", ".join(f"{name}: ${name}" for name in given)
    shown = _selection(field) if only is None else _chosen(only)
    query = (
        f"{'query' if operation.access == 'read' else 'mutation'}{f'({declared})' if given else ''} "
        f"{{ {operation.field}{f'({passed})' if given else ''} {shown} }}"
    )
    return {"query": query, "variables": variables}


def _done(operation: Operation, answer: Answer, done: bool) -> Outcome:
    text = answer.body.decode()
    if not done:
        raise Untried(f"{operation.module}.{operation.name} answered {answer.status}: {text}")
    return Outcome("done", text)


def _selection(field: GraphQLField, depth: int = 0) -> str:
    shown = get_named_type(field.type)
    if not isinstance(shown, GraphQLObjectType):
        return ""
    below = {name: each for name, each in shown.fields.items() if depth < _DEEPEST or _leaf(each)}
    return f"{{ {' '.join(f'{name} {_selection(each, depth + 1)}' for name, each in below.items())} }}"


def _chosen(names: Collection[str]) -> str:
    return f"{{ {' '.join(map(camel_of, names))} }}"


def _leaf(field: GraphQLField) -> bool:
    return not isinstance(get_named_type(field.type), GraphQLObjectType)


def _variable(type: Any, value: Any) -> Any:
    """The value as GraphQL writes it: fields in camelCase, an Enum by its name."""
    bare = get_nullable_type(type)
    if isinstance(bare, GraphQLInputObjectType) and isinstance(value, dict):
        camel = {camel_of(name): each for name, each in value.items()}
        return {name: _variable(bare.fields[name].type, each) for name, each in camel.items()}
    if isinstance(bare, GraphQLList) and isinstance(value, list):
        return [_variable(bare.of_type, each) for each in value]
    if isinstance(bare, GraphQLEnumType):
        return next(name for name, each in bare.values.items() if getattr(each.value, "value", each.value) == value)
    return value
