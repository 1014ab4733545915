"""Every operation of every installed module over GraphQL: its own scope opens it, and nothing else does."""

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLObjectType,
    get_named_type,
    is_required_argument,
    is_required_input_field,
)
from graphql.type import get_nullable_type

from scopekeeper.api.modules import Modules, installed
from scopekeeper.scopes import covers, lineage
from scopekeeper.sdk import Operation
from scopekeeper.surface.graphql import camel_of, schema_of
from tests.api.office import JSON, MODULES, Office, called

WORLDS = (MODULES, installed())
SCHEMAS = {world: schema_of(world.operations) for world in WORLDS}
CASES = [
    pytest.param(world, operation, id=f"{operation.module}.{operation.name}")
    for world in WORLDS
    for operation in world.operations
]
HOLDING_BACK = [case for case in CASES if case.values[1].holds_back]  # type: ignore[union-attr]  # an Operation


def literal(type_: object) -> str:
    """A value of this type, as a document spells it."""
    bare = get_nullable_type(type_)  # type: ignore[call-overload]  # any input type
    if isinstance(bare, GraphQLList):
        return "[]"
    if isinstance(bare, GraphQLEnumType):
        return str(next(iter(bare.values)))
    if isinstance(bare, GraphQLInputObjectType):
        given = (f"{name}: {literal(each.type)}" for name, each in bare.fields.items() if is_required_input_field(each))
        return f"{{{', '.join(given)}}}"
    known: dict[str, str] = {"Boolean": "true", "DateTime": '"2026-01-01T00:00:00Z"', "String": '"1001"'}
    return known.get(str(bare), "1")


def field_of(world: Modules, operation: Operation) -> GraphQLField:
    schema = SCHEMAS[world]
    root = schema.query_type if operation.access == "read" else schema.mutation_type
    assert root is not None
    field: GraphQLField = root.fields[operation.field]
    return field


def text_of(world: Modules, operation: Operation, selection: str) -> str:
    """A document that runs the operation alone."""
    arguments = field_of(world, operation).args.items()
    given = ", ".join(f"{name}: {literal(each.type)}" for name, each in arguments if is_required_argument(each))
    word = "query" if operation.access == "read" else "mutation"
    return f"{word} {{ {operation.field}{f'({given})' if given else ''} {{ {selection} }} }}"


def key_text(world: Modules, operation: Operation) -> str:
    """What asks for no more than the key."""
    key = () if operation.paged else map(camel_of, operation.key)
    return text_of(world, operation, " ".join(("__typename", *key)))


def full_text(world: Modules, operation: Operation) -> str:
    """All that the answer has at its first level, one level of records with it."""
    answer = get_named_type(field_of(world, operation).type)
    return text_of(world, operation, " ".join(_shown(answer, 2)))


def _shown(type_: object, levels: int) -> list[str]:
    if not isinstance(type_, GraphQLObjectType):
        return []
    shown = ["__typename"]
    for name, field in type_.fields.items():
        inner = get_named_type(field.type)
        if not isinstance(inner, GraphQLObjectType):
            shown.append(name)
        elif levels:
            shown.append(f"{name} {{ {' '.join(_shown(inner, levels - 1))} }}")
    return shown


def ran(status: int, answer: dict[str, object]) -> bool:
    """Did it get as far as running? What came of it is another matter."""
    return status == 200 and "data" in answer


@pytest.mark.parametrize(("world", "operation"), CASES)
async def test_its_own_scope_opens_it_and_so_does_every_scope_above(world: Modules, operation: Operation) -> None:
    office = Office(world)
    for scope in lineage(operation.scope("gql")):
        answer = await office.ask(key_text(world, operation), scope)
        assert ran(answer.status, answer.json), (scope, answer.json)


@pytest.mark.parametrize(("world", "operation"), CASES)
async def test_all_other_scopes_together_do_not_open_it(world: Modules, operation: Operation) -> None:
    needed = operation.scope("gql")
    others = [entry.scope for entry in world.catalogue if not covers({entry.scope}, needed)]
    assert "rest" in others
    answer = await Office(world).ask(key_text(world, operation), *others)
    assert answer.status == 403
    assert answer.error["extensions"] == {"code": "INSUFFICIENT_SCOPE", "missing": [needed]}
    assert f'scope="{needed}"' in answer.headers["www-authenticate"]


@pytest.mark.parametrize(("world", "operation"), CASES)
async def test_without_a_token_it_is_closed(world: Modules, operation: Operation) -> None:
    office = Office(world)
    assert (await called(office.endpoint, "POST", key_text(world, operation).encode(), JSON)).status == 401
    assert not office.data.trips


@pytest.mark.parametrize(("world", "operation"), CASES)
async def test_who_holds_everything_may_see_all_of_the_answer(world: Modules, operation: Operation) -> None:
    answer = await Office(world).ask(full_text(world, operation))
    assert ran(answer.status, answer.json), answer.json


@pytest.mark.parametrize(("world", "operation"), HOLDING_BACK)
async def test_a_write_shows_more_than_its_key_only_with_the_read_scope(world: Modules, operation: Operation) -> None:
    office = Office(world)
    read, write = operation.read_scope("gql"), operation.scope("gql")
    refused = await office.ask(full_text(world, operation), write)
    assert refused.status == 403
    assert refused.error["extensions"]["missing"] == [read]
    assert not office.data.trips
    allowed = await office.ask(full_text(world, operation), write, read)
    assert ran(allowed.status, allowed.json)


@pytest.mark.parametrize(("world", "operation"), CASES)
async def test_a_token_that_may_not_run_it_finds_it_in_no_description(world: Modules, operation: Operation) -> None:
    others = [entry.scope for entry in world.catalogue if not covers({entry.scope}, operation.scope("gql"))]
    root = "Query" if operation.access == "read" else "Mutation"
    answer = await Office(world).ask(f'{{ __type(name: "{root}") {{ fields {{ name }} }} }}', *others)
    fields = (answer.data["__type"] or {}).get("fields", ())
    assert operation.field not in [field["name"] for field in fields]
