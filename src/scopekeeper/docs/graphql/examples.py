"""An example of each root field that can be run as it stands: a document, its variables, a command, a link."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    is_required_argument,
)

from scopekeeper.docs.library import Library
from scopekeeper.sdk import Operation
from scopekeeper.surface.examples import argument_example
from scopekeeper.surface.graphql import camel_of
from scopekeeper.surface.openapi.paths import path_to

FIRST: Final = 5
"""How many of a list an example asks for."""
DEEPEST: Final = 2
"""An object's fields, and those of the objects in it."""

LONGEST: Final = 24
"""Letters of variables that stand in the document's first line: it should be read without scrolling."""

Value = Any
"""What JSON can say."""


@dataclass(frozen=True, slots=True)
class Example:
    """One document with its variables."""

    query: str
    variables: str
    """JSON; empty where there are none."""
    needs: tuple[str, ...]
    """The scopes that it needs."""
    curl: str

    @property
    def fragment(self) -> str:
        """How the explorer is told of it, in the part of an address that no server sees."""
        given = f"&variables={quote(self.variables, safe='')}" if self.variables else ""
        return f"query={quote(self.query, safe='')}{given}"


def example_of(library: Library, operation: Operation, field: GraphQLField, *, reads: bool) -> Example:
    """The example. A write shows as much of its answer as whoever `reads` besides is shown, else the key alone."""
    values = _values(library, operation, field)
    query = _document(operation, field, values, _selected(operation, field, whole=reads or operation.access == "read"))
    variables = json.dumps(values, indent=2, ensure_ascii=False) if values else ""
    needs = [operation.scope("gql")]
    if reads and operation.holds_back:
        needs.append(operation.read_scope("gql"))
    return Example(query, variables, tuple(dict.fromkeys(needs)), _curl(library.issuer, query, values))


def _values(library: Library, operation: Operation, field: GraphQLField) -> dict[str, Value]:
    """What is sent for each argument: those that are demanded, and those of which the author gave an example."""
    values: dict[str, Value] = {}
    for each in (*operation.path_arguments, *operation.query_arguments):
        name = camel_of(each.name)
        if is_required_argument(field.args[name]):
            values[name] = spelled(argument_example(operation, each), field.args[name].type)
    if operation.paged:
        values["first"] = FIRST
    if operation.body is not None:
        path = library.openapi["paths"][path_to(operation)][operation.method.lower()]
        body = path["requestBody"]["content"]["application/json"]["example"]
        values["body"] = spelled(body, field.args["body"].type)
    return values


def spelled(value: Value, type_: Any) -> Value:
    """A value of the REST API as GraphQL spells it: fields in camelCase, and the names of an enum's values."""
    type_ = get_nullable_type(type_)
    if value is None:
        return None
    if is_list_type(type_):
        return [spelled(each, type_.of_type) for each in value]
    if isinstance(type_, GraphQLInputObjectType):
        taken = {camel_of(name): each for name, each in value.items()}
        return {name: spelled(each, type_.fields[name].type) for name, each in taken.items() if name in type_.fields}
    if isinstance(type_, GraphQLEnumType):
        return next(name for name, each in type_.values.items() if each.value.value == value)
    return value


def _document(operation: Operation, field: GraphQLField, values: Mapping[str, Value], selected: str) -> str:
    kind = "query" if operation.access == "read" else "mutation"
    name = f"{operation.field[0].upper()}{operation.field[1:]}"
    defined = ", ".join(f"${each}: {field.args[each].type}" for each in values)
    passed = ", ".join(f"{each}: ${each}" for each in values)
    if len(defined) > LONGEST:
        defined = "\n" + "\n".join(f"  ${each}: {field.args[each].type}" for each in values) + "\n"
    head = f"{kind} {name}({defined})" if defined else f"{kind} {name}"
    return f"{head} {{\n  {operation.field}{f'({passed})' if passed else ''} {{\n{selected}\n  }}\n}}"


def _selected(operation: Operation, field: GraphQLField, *, whole: bool) -> str:
    answer = get_named_type(field.type)
    assert isinstance(answer, GraphQLObjectType)
    if operation.paged:
        nodes = get_named_type(answer.fields["nodes"].type)
        assert isinstance(nodes, GraphQLObjectType)
        listed = "\n".join(_lines(nodes, 3, DEEPEST))
        page = "    pageInfo {\n      hasNextPage\n      endCursor\n    }\n    totalCount"
        return f"    nodes {{\n{listed}\n    }}\n{page}"
    only = None if whole else set(map(camel_of, operation.shown))
    return "\n".join(_lines(answer, 2, DEEPEST, only)) or "    __typename"


def _lines(type_: GraphQLObjectType, depth: int, deeper: int, only: set[str] | None = None) -> Iterator[str]:
    """The fields, one a line, as deep as is useful."""
    indent = "  " * depth
    for name, field in type_.fields.items():
        if only is not None and name not in only:
            continue
        inner = get_named_type(field.type)
        if is_leaf_type(inner):
            yield f"{indent}{name}"
        elif deeper > 1 and isinstance(inner, GraphQLObjectType):
            lines = "\n".join(_lines(inner, depth + 1, deeper - 1))
            if lines:
                yield f"{indent}{name} {{\n{lines}\n{indent}}}"


def _curl(issuer: str, query: str, values: Mapping[str, Value]) -> str:
    """A command for a shell. What is quoted this way stays as it is, whatever it contains."""
    body = json.dumps({"query": query, **({"variables": values} if values else {})}, ensure_ascii=False)
    return (
        f'curl --silent "{issuer}/api/graphql" \\\n'
        '  --header "Authorization: Bearer $ACCESS_TOKEN" \\\n'
        '  --header "Content-Type: application/json" \\\n'
        "  --data-binary @- <<'JSON'\n"
        f"{body}\n"
        "JSON"
    )
