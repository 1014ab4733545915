"""What scopes a document needs: known from its text, whatever its fragments and directives do."""

from dataclasses import dataclass

import pytest
from graphql import parse, validate
from hypothesis import given
from hypothesis import strategies as st

from scopekeeper.surface.document import UnknownOperation
from scopekeeper.surface.graphql import schema_of
from scopekeeper.surface.needs import Needs, needs_of
from tests.api.office import MODULES

SCHEMA = schema_of(MODULES.operations)


def needs(text: str, operation_name: str | None = None) -> Needs:
    document = parse(text)
    assert validate(SCHEMA, document) == []
    return needs_of(SCHEMA, document, operation_name)


def test_a_field_needs_its_scope_and_no_other() -> None:
    assert needs('{ room(name: "a") { name } }') == Needs(("gql:rooms:read",), introspects=False)


def test_a_field_of_a_resource_needs_the_scope_of_the_resource() -> None:
    assert needs('{ roomWindows(name: "a") { name } }').scopes == ("gql:rooms:read:windows",)


def test_fragments_of_every_kind_on_the_root_are_reached() -> None:
    text = """
        { ... { room(name: "a") { name } } ... on Query { ...one } }
        fragment one on Query { ...two }
        fragment two on Query { bookings { totalCount } }
    """
    assert needs(text).scopes == ("gql:bookings:read", "gql:rooms:read")


def test_an_alias_hides_nothing() -> None:
    assert needs("{ a: bookings { totalCount } }").scopes == ("gql:bookings:read",)


def test_only_the_selected_operation_counts() -> None:
    text = """
        query a { room(name: "a") { name } }
        query b { bookings { totalCount } }
        mutation c { removeRoom(name: "a") { name } }
    """
    assert needs(text, "a").scopes == ("gql:rooms:read",)
    assert needs(text, "b").scopes == ("gql:bookings:read",)
    assert needs(text, "c").scopes == ("gql:rooms:write",)


@pytest.mark.parametrize("name", [None, "", "d"])
def test_which_operation_is_meant_must_be_said(name: str | None) -> None:
    with pytest.raises(UnknownOperation):
        needs('query a { room(name: "a") { name } } query b { room(name: "a") { name } }', name)


def test_a_write_that_shows_the_key_needs_no_read() -> None:
    assert needs('mutation { removeRoom(name: "a") { __typename name } }').scopes == ("gql:rooms:write",)


@pytest.mark.parametrize(
    "selection",
    [
        "floor",
        "alias: floor",
        "... { floor }",
        "... on Room { floor }",
        "...f",
        "floor @skip(if: true)",
        "floor @include(if: false)",
        "... @skip(if: true) { floor }",
        "...f @include(if: false)",
    ],
)
def test_a_write_that_shows_more_than_the_key_needs_the_read_scope(selection: str) -> None:
    fragment = "fragment f on Room { floor }" if "...f" in selection else ""
    text = f'mutation {{ removeRoom(name: "a") {{ name {selection} }} }} {fragment}'
    assert needs(text).scopes == ("gql:rooms:read", "gql:rooms:write")


def test_a_write_that_shows_what_it_gives_needs_no_read() -> None:
    assert needs('mutation { cutKey(name: "a") { name keyCode } }').scopes == ("gql:rooms:write",)
    more = needs('mutation { cutKey(name: "a") { keyCode cuts } }')
    assert more.scopes == ("gql:rooms:read", "gql:rooms:write")


def test_a_write_whose_answer_has_no_key_may_show_its_type_alone() -> None:
    assert needs('mutation { closeOffice(body: {itemName: "a"}) { __typename } }').scopes == ("gql:rooms:write",)
    assert len(needs('mutation { closeOffice(body: {itemName: "a"}) { itemName } }').scopes) == 2


def test_introspection_needs_some_scope_of_graphql_whichever() -> None:
    for text in (
        "{ __schema { queryType { name } } }",
        '{ ...f } fragment f on Query { __type(name: "Room") { name } }',
    ):
        found = needs(text)
        assert found == Needs((), introspects=True)
        assert found.missing(frozenset({"rest", "rest:rooms:read", "openid"})) == ("gql",)
        assert found.missing(frozenset({"gql:bookings:write"})) == ()
        assert found.missing(frozenset({"gql"})) == ()


def test_what_is_missing_is_named_exactly() -> None:
    found = needs('mutation { removeRoom(name: "a") { floor } }')
    assert found.missing(frozenset()) == ("gql:rooms:read", "gql:rooms:write")
    assert found.missing(frozenset({"gql:rooms:write"})) == ("gql:rooms:read",)
    assert found.missing(frozenset({"gql:rooms"})) == ()
    assert found.missing(frozenset({"rest"})) == ("gql:rooms:read", "gql:rooms:write")


# Random documents: what each part needs is known from how it was made.


@dataclass(frozen=True)
class Part:
    """A selection, the fragments it spreads, and what it needs."""

    text: str
    fragments: tuple[str, ...] = ()
    scopes: frozenset[str] = frozenset()


DIRECTIVES = ("", " @skip(if: true)", " @include(if: false)", " @skip(if: $yes)", " @include(if: $no) @skip(if: $yes)")


def leaf(text: str, *scopes: str) -> Part:
    return Part(text, (), frozenset(scopes))


READS = (
    leaf('room(name: "a")§ { name floor }', "gql:rooms:read"),
    leaf('roomWindows(name: "a")§ { name }', "gql:rooms:read:windows"),
    leaf("bookings§ { nodes§ { holder§ } }", "gql:bookings:read"),
    leaf("__typename§"),
)
WRITES = (
    leaf('removeRoom(name: "a")§ { name§ }', "gql:rooms:write"),
    leaf('removeRoom(name: "a")§ { name ... on Room§ { floor§ } }', "gql:rooms:write", "gql:rooms:read"),
    leaf('book(ticket: "t", body: {room: "a", holder: "b"})§ { __typename }', "gql:bookings:write"),
    leaf('book(ticket: "t", body: {room: "a", holder: "b"})§ { room§ }', "gql:bookings:write", "gql:bookings:read"),
)


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, str, frozenset[str]]:
    """A document with directives, the same without, and the scopes that both need."""
    word, leaves, root = draw(st.sampled_from([("query", READS, "Query"), ("mutation", WRITES, "Mutation")]))
    made: list[str] = []

    def wrapped(part: Part) -> Part:
        match draw(st.sampled_from(["plain", "inline", "typed", "spread"])):
            case "inline":
                return Part(f"...§ {{ {part.text} }}", part.fragments, part.scopes)
            case "typed":
                return Part(f"... on {root}§ {{ {part.text} }}", part.fragments, part.scopes)
            case "spread":
                name = f"f{len(made)}"
                made.append(name)
                return Part(
                    f"...{name}§", (*part.fragments, f"fragment {name} on {root} {{ {part.text} }}"), part.scopes
                )
            case _:
                return part

    parts = []
    for number, chosen in enumerate(draw(st.lists(st.sampled_from(leaves), min_size=1, max_size=4))):
        part = Part(f"a{number}: {chosen.text}", (), chosen.scopes)
        for _ in range(draw(st.integers(0, 3))):
            part = wrapped(part)
        parts.append(part)
    text = " ".join(part.text for part in parts)
    fragments = " ".join(each for part in parts for each in part.fragments)
    pieces = f"{{ {text} }} {fragments}".split("§")
    marked = pieces[0] + "".join(draw(st.sampled_from(DIRECTIVES)) + piece for piece in pieces[1:])
    used = " ".join(f"${name}: Boolean!" for name in ("yes", "no") if f"${name}" in marked)
    head = f"{word} q({used})" if used else f"{word} q"
    return f"{head} {marked}", f"{word} {''.join(pieces)}", frozenset().union(*(part.scopes for part in parts))


@given(documents())
def test_directives_never_change_what_a_document_needs(made: tuple[str, str, frozenset[str]]) -> None:
    marked, plain, scopes = made
    assert needs(marked).scopes == needs(plain).scopes == tuple(sorted(scopes))
