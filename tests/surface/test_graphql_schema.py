"""The GraphQL schema that the operations make."""

from typing import Annotated, Any

import pytest
from graphql import GraphQLSchema, print_type, validate_schema

from scopekeeper.sdk import ApiModule, Caller, DeclarationError, Meta, Page, Paging, record
from scopekeeper.surface.graphql import camel_of, schema_of
from tests.api.office import MODULES, Item, Kind

SCHEMA = schema_of(MODULES.operations)


def printed(name: str, schema: GraphQLSchema = SCHEMA) -> str:
    found = schema.get_type(name)
    assert found is not None
    return print_type(found)


def record_named(name: str, **fields: Any) -> Any:
    """A record of this name with these fields."""
    return record(type(name, (), {"__doc__": "A thing.", "__annotations__": fields or {"name": str}}))


def module_with(returns: Any, *, field: str = "thing", name: str = "things", paged: bool = False) -> ApiModule:
    """A module whose one operation gives `returns`."""
    api = ApiModule(name, title="Things", read="See", write="Change")

    async def get_thing(caller: Caller) -> Any:
        """One thing."""

    async def list_things(caller: Caller, paging: Paging) -> Any:
        """All of them."""

    run = list_things if paged else get_thing
    run.__annotations__["return"] = Page[returns] if paged else returns
    api.read("GET /", field=field, system=True)(run)
    return api


def test_the_schema_of_all_modules_is_valid() -> None:
    assert validate_schema(SCHEMA) == []


def test_a_read_is_a_field_of_query_and_a_write_one_of_mutation() -> None:
    assert SCHEMA.query_type is not None
    assert SCHEMA.mutation_type is not None
    for root, access in ((SCHEMA.query_type, "read"), (SCHEMA.mutation_type, "write")):
        assert set(root.fields) == {each.field for each in MODULES.operations if each.access == access}


def test_every_root_field_is_nullable_so_that_one_error_leaves_the_others_standing() -> None:
    for root in (SCHEMA.query_type, SCHEMA.mutation_type):
        assert root is not None
        assert not any(str(each.type).endswith("!") for each in root.fields.values())


def test_a_docstring_is_the_description_and_names_the_scope() -> None:
    assert SCHEMA.query_type is not None
    assert SCHEMA.query_type.fields["room"].description == "One room.\n\nScope: `gql:rooms:read`"
    assert "Scope: `gql:rooms:read:windows`" in str(SCHEMA.query_type.fields["roomWindows"].description)


def test_a_record_is_an_object_type_with_its_words() -> None:
    assert printed("Room") == (
        '"""A room of the office."""\ntype Room {\n  name: String!\n\n  """Counted from the street."""\n  floor: Int!\n'
        "  kind: Kind!\n  openedAt: DateTime\n  volume: Long!\n  items: [Item!]!\n  keeper: Item\n}"
    )


def test_the_body_of_a_post_is_an_input_type_whose_defaults_may_be_left_out() -> None:
    assert printed("RoomInput") == (
        '"""A room of the office."""\ninput RoomInput {\n  name: String!\n\n  """Counted from the street."""\n'
        "  floor: Int! = 0\n  kind: Kind! = TALK\n  openedAt: DateTime\n  volume: Long! = 0\n"
        "  items: [ItemInput!]! = []\n  keeper: ItemInput\n}"
    )


def test_the_body_of_a_patch_may_leave_out_and_clear_every_field() -> None:
    assert printed("RoomPatch").splitlines()[2:] == [
        "  name: String",
        "",
        '  """Counted from the street."""',
        "  floor: Int",
        "  kind: Kind",
        "  openedAt: DateTime",
        "  volume: Long",
        "  items: [ItemInput!]",
        "  keeper: ItemPatch",
        "}",
    ]


def test_what_the_path_says_need_not_be_said_again_in_the_body() -> None:
    assert "  ticket: String\n" in printed("BookInput")


def test_a_list_is_a_connection() -> None:
    lines = printed("RoomConnection").splitlines()
    for expected in ("edges: [RoomEdge!]!", "nodes: [Room!]!", "pageInfo: PageInfo!", "totalCount: Int!"):
        assert f"  {expected}" in lines
    assert SCHEMA.query_type is not None
    arguments = SCHEMA.query_type.fields["rooms"].args
    assert [(name, str(each.type)) for name, each in arguments.items()] == [
        ("kind", "Kind"),
        ("since", "DateTime"),
        ("first", "Int"),
        ("after", "String"),
    ]


def test_an_enum_is_spelled_by_its_names() -> None:
    assert printed("Kind").splitlines()[1:] == ["enum Kind {", "  TALK", "  WORK", "}"]
    assert Kind.WORK.value == "work-alone"


def test_a_whole_number_is_an_int_only_where_32_bits_are_known_to_hold_it() -> None:
    @record
    class Counted:
        """Numbers."""

        near: Annotated[int, Meta(ge=0, le=2**31 - 1)]
        far: Annotated[int, Meta(ge=0, le=2**31)]
        half: Annotated[int, Meta(ge=0)]
        free: int

    types = {line.strip() for line in printed("Counted", schema_of(module_with(Counted).operations)).splitlines()}
    assert types > {"near: Int!", "far: Long!", "half: Long!", "free: Long!"}


def test_a_record_may_contain_itself() -> None:
    @record
    class Knot:
        """A knot in a rope."""

        name: str
        next: "Knot | None"

    Knot.__annotations__["next"] = Knot | None
    assert "  next: Knot" in printed("Knot", schema_of(module_with(Knot).operations)).splitlines()


def test_two_records_of_one_name_stop_the_start() -> None:
    one, two = record_named("Twin"), record_named("Twin")
    modules = [module_with(one, field="one"), module_with(two, field="two", name="others")]
    with pytest.raises(DeclarationError, match="the GraphQL type 'Twin' is made of .* and of .*: rename one"):
        schema_of([each for module in modules for each in module.operations])


def test_a_record_named_as_a_type_of_graphql_stops_the_start() -> None:
    query = record_named("Query")
    with pytest.raises(DeclarationError, match="'Query' is made of GraphQL itself"):
        schema_of(module_with(query).operations)


def test_a_record_named_as_anothers_connection_stops_the_start() -> None:
    page = record_named("Leaf")
    other = record_named("LeafEdge")
    modules = [module_with(page, paged=True), module_with(other, field="edge", name="edges")]
    with pytest.raises(DeclarationError, match="LeafEdge"):
        schema_of([each for module in modules for each in module.operations])


def test_a_field_declared_twice_stops_the_start() -> None:
    thing = record_named("Thing")
    modules = [module_with(thing), module_with(thing, name="others")]
    with pytest.raises(
        DeclarationError, match=r"'thing' is declared twice: by things\.get_thing and by others\.get_thing"
    ):
        schema_of([each for module in modules for each in module.operations])


def test_two_fields_of_a_record_with_one_camel_case_name_stop_the_start() -> None:
    odd = record_named("Odd", ring_timer=int, ringTimer=int)
    with pytest.raises(DeclarationError, match="ringTimer"):
        schema_of(module_with(odd).operations)


@pytest.mark.parametrize("type_", [dict[str, str], str | int, bytes, complex])
def test_a_field_that_graphql_has_no_type_for_stops_the_start(type_: Any) -> None:
    odd = record_named("Odd", field=type_)
    with pytest.raises(DeclarationError, match=r"Odd\.field: GraphQL has no type"):
        schema_of(module_with(odd).operations)


def test_an_operation_that_lists_and_takes_a_body_stops_the_start() -> None:
    api = ApiModule("things", title="Things", read="See", write="Change")

    @api.write("POST /found", field="findItems", system=True)
    async def find_items(caller: Caller, body: Item, paging: Paging) -> Page[Item]:
        """Those that look like this one."""
        raise NotImplementedError

    with pytest.raises(DeclarationError, match=r"things\.find_items: an operation that lists takes no body"):
        schema_of(api.operations)


def test_a_schema_with_nothing_to_read_says_so() -> None:
    schema = schema_of([each for each in MODULES.operations if each.access == "write"])
    assert validate_schema(schema) == []
    assert schema.query_type is not None
    assert list(schema.query_type.fields) == ["_"]


def test_names_are_camel_case_throughout_a_path() -> None:
    assert camel_of("ring_timer") == "ringTimer"
    assert camel_of("$.some_members[2].last_name") == "$.someMembers[2].lastName"
    assert camel_of("e164_number_2") == "e164Number2"
    assert camel_of("_hidden") == "_hidden"
