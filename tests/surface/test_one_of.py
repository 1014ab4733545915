"""A record of which exactly one field is given: checked where it comes in, replaced as a whole, and described so."""

from dataclasses import field
from typing import Annotated, Any

import msgspec
import pytest
from graphql import GraphQLInputObjectType, graphql_sync, print_type
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from scopekeeper.sdk import ApiModule, Caller, DeclarationError, Invalid, Meta, Patch, one_of, record
from scopekeeper.surface.binding import Binding
from scopekeeper.surface.graphql import schema_of
from scopekeeper.surface.openapi.examples import example_of
from scopekeeper.surface.openapi.schemas import Schemas


@record
class Post:
    """An address."""

    street: str
    town: str = "Bonn"


@one_of
class Way:
    """How somebody is reached."""

    phone_number: Annotated[str, Meta(pattern="^[0-9]{1,9}$", examples=["1001"])] | None = None
    post: Post | None = None
    tries: Annotated[int, Meta(ge=0)] | None = None


@record
class Person:
    """Somebody."""

    name: str
    first: Way | None = None
    ways: list[Way] = field(default_factory=list)


people = ApiModule("people", title="People", read="See", write="Change")
table = people.table(Person, key="name")


@people.read("GET /{name}", field="person", of=table)
async def get_person(caller: Caller, name: str) -> Person:
    """Somebody."""
    return await caller.rows(table).get(name)


@people.write("PUT /{name}", field="setPerson", of=table)
async def set_person(caller: Caller, name: str, body: Person) -> Person:
    """Say who somebody is."""
    return caller.rows(table).put(body)


@people.write("PATCH /{name}", field="updatePerson", of=table)
async def update_person(caller: Caller, name: str, body: Patch[Person]) -> Person:
    """Change who somebody is."""
    return caller.rows(table).put(body.onto(await caller.rows(table).get(name)))


@people.write("PUT /{name}/first", field="setWay", of=table)
async def set_way(caller: Caller, name: str, body: Way) -> Person:
    """Say how somebody is reached first."""
    return Person(name, body)


GET, PUT, PATCH, WAY = map(Binding.of, people.operations)
ANNA = {"name": "anna"}
SCHEMA = schema_of(people.operations)
SCHEMAS = Schemas([GET, PUT, PATCH, WAY])


@pytest.mark.parametrize(
    ("body", "made"),
    [
        ({"phone_number": "1"}, Way("1")),
        ({"post": {"street": "A"}}, Way(post=Post("A"))),
        ({"tries": 0, "phone_number": None, "post": None}, Way(tries=0)),
    ],
)
def test_one_field_is_given_and_others_may_be_null(body: dict[str, Any], made: Way) -> None:
    assert WAY.body(body, ANNA) == made
    assert PUT.body({"first": body, "ways": [body]}, ANNA) == Person("anna", made, [made])


@given(st.sampled_from(["1", "999999999"]) | st.none(), st.integers(0, 9) | st.none())
def test_what_is_read_can_be_written_back(number: str | None, tries: int | None) -> None:
    if (number is None) == (tries is None):
        with pytest.raises(Invalid):
            Way(number, tries=tries)
        return
    person = Person("anna", Way(number, tries=tries), [Way(post=Post("A"))])
    assert PUT.read(msgspec.json.encode(person), ANNA) == person


@pytest.mark.parametrize(
    ("body", "path", "detail"),
    [
        ({"first": {}}, "first", "phone_number, post or tries: none is."),
        ({"first": {"phone_number": None}}, "first", "phone_number, post or tries: none is."),
        ({"ways": [{"tries": 1}, {"tries": 1, "phone_number": "1"}]}, "ways[1]", "phone_number and tries are."),
        ({"first": {"mail": "x"}}, "first.mail", "There is no such field."),
        ({"first": {"phone_number": "x"}}, "first.phone_number", "matching"),
        ({"first": {"post": {}}}, "first.post.street", "This field is required."),
    ],
)
@pytest.mark.parametrize("binding", [PUT, PATCH], ids=["put", "patch"])
def test_a_refusal_names_the_place_and_what_there_is_to_choose(
    binding: Binding, body: dict[str, Any], path: str, detail: str
) -> None:
    with pytest.raises(Invalid) as refused:
        binding.body(body, ANNA)
    assert refused.value.path == path
    assert detail in refused.value.detail


def test_a_body_that_is_one_itself_is_refused_as_the_body() -> None:
    with pytest.raises(Invalid, match="Exactly one is to be given") as refused:
        WAY.body({}, ANNA)
    assert refused.value.path == "$"


def test_a_patch_replaces_it_as_a_whole_and_null_clears_it() -> None:
    old = Person("anna", Way(post=Post("A")), [Way("1")])
    assert PATCH.body({"first": {"tries": 3}}, ANNA).onto(old).first == Way(tries=3)
    assert PATCH.body({"first": {"post": {"street": "B"}}}, ANNA).onto(old).first == Way(post=Post("B"))
    assert PATCH.body({"first": None}, ANNA).onto(old).first is None
    assert PATCH.body({"ways": [{"tries": 1}]}, ANNA).onto(old) == Person("anna", old.first, [Way(tries=1)])


def test_graphql_takes_it_as_one_of() -> None:
    taken = SCHEMA.get_type("WayInput")
    assert isinstance(taken, GraphQLInputObjectType)
    assert print_type(taken).startswith(
        '"""How somebody is reached."""\ninput WayInput @oneOf {\n  phoneNumber: String\n'
    )
    assert SCHEMA.get_type("WayPatch") is None
    for way, message in (
        ("{}", "must be specified"),
        ('{phoneNumber: "1", tries: 1}', "must be specified"),
        ("{tries: null}", "non-null"),
    ):
        document = f'mutation {{ updatePerson(name: "anna", body: {{first: {way}}}) {{ name }} }}'
        errors = graphql_sync(SCHEMA, document).errors
        assert errors
        assert message in errors[0].message


@pytest.mark.parametrize("name", ["Way", "WayInput"])
def test_the_schema_says_exactly_which_values_stand(name: str) -> None:
    schema = {**SCHEMAS.components[name], "components": {"schemas": SCHEMAS.components}}
    valid = Draft202012Validator(schema).is_valid
    for stands in ({"phone_number": "1"}, {"post": {"street": "A"}}, {"phone_number": None, "post": None, "tries": 1}):
        assert valid(stands)
    for falls in ({}, {"phone_number": None}, {"phone_number": "1", "tries": 1}, {"phone_number": "x"}, {"tries": -1}):
        assert not valid(falls)


def test_its_example_is_one_that_stands() -> None:
    assert example_of({"$ref": "#/components/schemas/Way"}, SCHEMAS.components) == {"phone_number": "1001"}
    assert WAY.body(example_of(SCHEMAS.of(WAY.struct), SCHEMAS.components), ANNA) == Way("1001")


def test_it_is_declared_with_fields_that_may_all_be_left_out() -> None:
    with pytest.raises(TypeError, match=r"Odd\.one: each field of a @one_of is"):

        @one_of
        class Odd:
            """Cannot be left out."""

            one: str
            two: str | None = None

    with pytest.raises(TypeError, match="Single: a @one_of has two fields or more"):

        @one_of
        class Single:
            """Leaves nothing to choose."""

            one: str | None = None


def test_there_is_no_patch_of_it() -> None:
    api = ApiModule("ways", title="Ways", read="See", write="Change")

    @api.write("PATCH /{name}", field="updateWay", system=True)
    async def update_way(caller: Caller, name: str, body: Patch[Way]) -> Person:
        """Change a way."""
        return Person(name)

    with pytest.raises(DeclarationError, match="Way is a @one_of: that is replaced as a whole"):
        Binding.of(api.operations[0])
