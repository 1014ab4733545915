"""The laws that every operation of every installed module keeps, read off the declarations and off what they became."""

from dataclasses import fields
from pathlib import Path
from typing import Any, Final

import pytest
from graphql import GraphQLObjectType

from scopekeeper.api.modules import installed
from scopekeeper.scopes import APIS, covers, lineage
from scopekeeper.sdk import Operation, Table
from scopekeeper.surface.graphql import schema_of
from scopekeeper.surface.openapi import path_to
from tests.asking import ask, bearer
from tests.building import built

MODULES: Final = installed()
SCHEMA: Final = schema_of(MODULES.operations)
TABLES: Final[dict[str, Table[Any]]] = {table.name: table for table in MODULES.tables}


def told(operation: Operation) -> str:
    return f"{operation.method} {path_to(operation)}"


every_operation = pytest.mark.parametrize("operation", MODULES.operations, ids=told)
every_write = pytest.mark.parametrize(
    "operation", [each for each in MODULES.operations if each.access == "write"], ids=told
)


def test_there_are_operations_to_keep_the_laws() -> None:
    assert {operation.access for operation in MODULES.operations} == {"read", "write"}


@every_operation
def test_it_says_whose_data_it_touches(operation: Operation) -> None:
    assert operation.system or operation.of is not None


@every_operation
def test_what_is_nobodys_is_for_the_whole_system_alone(operation: Operation) -> None:
    table = operation.of if isinstance(operation.of, Table) else TABLES.get(operation.owner_table or "")
    assert operation.system or (table is not None and table.owner is not None)


@every_operation
def test_its_scope_has_the_access_that_its_method_has(operation: Operation) -> None:
    expected = "read" if operation.method == "GET" else "write"
    for api in APIS:
        assert operation.scope(api).split(":")[:3] == [api, operation.module, expected]


@every_operation
def test_its_scopes_are_in_the_catalogue_with_all_above_them_and_words_for_people(operation: Operation) -> None:
    for api in APIS:
        assert operation.scope(api) in MODULES.catalogue.leaves
        for scope in lineage(operation.scope(api)):
            assert MODULES.catalogue[scope].description


@every_operation
def test_reading_never_opens_a_write_nor_writing_a_read(operation: Operation) -> None:
    other = {"read": "write", "write": "read"}[operation.access]
    for api in APIS:
        assert not covers({f"{api}:{operation.module}:{other}"}, operation.scope(api))


@every_operation
def test_it_is_a_field_of_the_root_that_its_access_has(operation: Operation) -> None:
    root = SCHEMA.query_type if operation.access == "read" else SCHEMA.mutation_type
    assert isinstance(root, GraphQLObjectType)
    description = root.fields[operation.field].description or ""
    assert description.startswith(operation.description)
    assert f"`{operation.scope('gql')}`" in description


@every_write
def test_who_writes_without_reading_is_shown_keys_and_what_the_write_gives_and_nothing_else(
    operation: Operation,
) -> None:
    """They are part of the answer, and all of it only where the write itself made all of it."""
    names = {field.name for field in fields(operation.returns)}
    assert set(operation.shown) <= names
    assert operation.gives or set(operation.shown) < names
    keyed = operation.path_arguments or any(table.record is operation.returns for table in MODULES.tables)
    assert operation.shown or not keyed


def test_every_scope_that_is_demanded_is_demanded_by_an_operation() -> None:
    demanded = {operation.scope(api) for operation in MODULES.operations for api in APIS}
    assert demanded == MODULES.catalogue.leaves


async def test_the_openapi_document_demands_of_each_operation_exactly_its_scope(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        paths = (await ask(house.front, "GET", "/api/rest/openapi.json")).json()["paths"]
        for operation in MODULES.operations:
            demanded = paths[path_to(operation)][operation.method.lower()]["security"]
            assert [list(each.values()) for each in demanded] == [[[operation.scope("rest")]]], told(operation)


async def test_no_operation_is_reached_without_a_token_or_with_all_scopes_but_its_own(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        for operation in MODULES.operations:
            path = "/api/rest" + path_to(operation).format_map({each.name: "1001" for each in operation.path_arguments})
            assert (await ask(house.front, operation.method, path)).status == 401, told(operation)
            others = sorted(each for each in MODULES.catalogue.leaves if not covers({each}, operation.scope("rest")))
            token = await house.token(await house.register(" ".join(others)))
            answer = await ask(house.front, operation.method, path, headers=[bearer(token)])
            assert answer.status == 403, told(operation)
            assert answer.headers["www-authenticate"].endswith(f'scope="{operation.scope("rest")}"')
