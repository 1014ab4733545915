"""The schema as far as held scopes reach."""

import pytest
from graphql import (
    GraphQLObjectType,
    GraphQLSchema,
    build_client_schema,
    build_schema,
    introspection_from_schema,
    validate_schema,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from scopekeeper.scopes import covers
from scopekeeper.surface.graphql import operation_of, schema_of
from scopekeeper.surface.projection import Projections, projected
from tests.api.office import MODULES

SCHEMA = schema_of(MODULES.operations)
SCOPES = [entry.scope for entry in MODULES.catalogue]

held = st.frozensets(st.sampled_from(SCOPES))


def roots(schema: GraphQLSchema) -> set[str]:
    """The root fields that run something."""
    types = [each for each in (schema.query_type, schema.mutation_type) if each is not None]
    return {f"{root.name}.{name}" for root in types for name, field in root.fields.items() if operation_of(field)}


@given(held)
def test_a_projection_has_what_is_held_and_nothing_beyond(scopes: frozenset[str]) -> None:
    assert roots(projected(SCHEMA, scopes)) == {
        f"{'Query' if each.access == 'read' else 'Mutation'}.{each.field}"
        for each in MODULES.operations
        if covers(scopes, each.scope("gql"))
    }


@given(held)
def test_a_projection_has_no_type_that_its_fields_do_not_reach(scopes: frozenset[str]) -> None:
    schema = projected(SCHEMA, scopes)
    records = {each.returns.__name__ for each in MODULES.operations if covers(scopes, each.scope("gql"))}
    shown = {name for name, type_ in schema.type_map.items() if isinstance(type_, GraphQLObjectType)}
    for record in ("Room", "Booking"):
        assert (record in shown) == (record in records)
    assert not shown & {"BookingConnection", "BookingEdge"} or "Query.bookings" in roots(schema)


@given(held, held)
def test_more_scopes_never_show_less(some: frozenset[str], more: frozenset[str]) -> None:
    assert roots(projected(SCHEMA, some)) <= roots(projected(SCHEMA, some | more))


@given(held)
@settings(max_examples=25)
def test_a_projection_is_a_valid_schema_for_every_tool(scopes: frozenset[str]) -> None:
    projection = Projections(SCHEMA).of(scopes)
    assert validate_schema(projection.schema) == []
    assert validate_schema(build_schema(projection.sdl)) == []
    assert validate_schema(build_client_schema(introspection_from_schema(projection.schema))) == []


def test_everything_held_shows_everything() -> None:
    assert roots(projected(SCHEMA, frozenset({"gql"}))) == roots(SCHEMA)


@pytest.mark.parametrize("scopes", [set(), {"rest"}, {"openid"}, {"gql:rooms:write"}])
def test_where_nothing_can_be_read_a_placeholder_says_so(scopes: set[str]) -> None:
    query = projected(SCHEMA, frozenset(scopes)).query_type
    assert query is not None
    assert list(query.fields) == ["_"]
    assert "nothing to read" in str(query.fields["_"].description)


def test_a_token_that_only_writes_still_sees_the_type_of_the_answer() -> None:
    schema = projected(SCHEMA, frozenset({"gql:rooms:write"}))
    assert schema.get_type("Room") is not None
    assert schema.get_type("RoomConnection") is None


def test_the_scope_of_a_resource_shows_that_resource_alone() -> None:
    assert roots(projected(SCHEMA, frozenset({"gql:rooms:read:windows"}))) == {"Query.roomWindows"}


def test_a_projection_is_made_once_for_a_set_of_scopes() -> None:
    projections = Projections(SCHEMA)
    assert projections.of(frozenset({"gql"})) is projections.of(frozenset({"gql"}))


def test_projections_are_kept_in_bounds_the_least_recently_used_go_first() -> None:
    projections = Projections(SCHEMA, most=3)
    first = projections.of(frozenset({"gql"}))
    for number in range(10):
        projections.of(frozenset({f"rest:a{number}"}))
        assert projections.of(frozenset({"gql"})) is first
    assert len(projections) == 3
