"""What a document may cost: the limits, and that hostile documents meet them before they cost anything."""

import contextlib
from collections.abc import Callable
from dataclasses import fields

import pytest
from graphql import GraphQLSyntaxError, get_introspection_query
from hypothesis import given
from hypothesis import strategies as st

from scopekeeper.surface.limits import LIMITS, LimitExceeded, Limits
from scopekeeper.surface.reading import parsed_within
from tests.altered import replace


def refused(text: str, limits: Limits = LIMITS) -> str:
    with pytest.raises(LimitExceeded) as exceeded:
        parsed_within(text, limits)
    return str(exceeded.value)


AT_THE_LIMIT: dict[str, Callable[[int], str]] = {
    "characters": lambda n: "{a}".ljust(n),
    "tokens": lambda n: "{" + " ".join(f"a{i}" for i in range(n - 2)) + "}",
    "definitions": lambda n: " ".join(f"query q{i} {{a}}" for i in range(n)),
    "directives": lambda n: "{" + "a " + "@include(if: true)" * n + "}",
    "levels": lambda n: "{" + "...{" * (n - 1) + "a" + "}" * n,
    "depth": lambda n: "{a" * n + "}" * n,
    "roots": lambda n: "{" + " ".join(f"a{i}" for i in range(n)) + "}",
    "fields": lambda n: "{a{" + " ".join(f"a{i}" for i in range(n - 1)) + "}}",
    "repeats": lambda n: "{a{" + "a " * n + "}}",
    "aliases": lambda n: "{a{" + " ".join(f"a{i}: b" for i in range(n)) + "}}",
    "values": lambda n: f"{{a(first: {n - 1}) {{ b }}}}",
    "introspected": lambda n: "{__schema{" + " ".join(f"a{i}: types {{ name }}" for i in range(n)) + "}}",
}
WIDE = Limits(**{each.name: 10**6 for each in fields(Limits)} | {"levels": 100})


@pytest.mark.parametrize("name", [each.name for each in fields(Limits)])
def test_each_limit_lets_by_what_is_at_it_and_nothing_beyond(name: str) -> None:
    document, limits = AT_THE_LIMIT[name], replace(WIDE, **{name: 8})
    parsed_within(document(8), limits)
    with pytest.raises((LimitExceeded, GraphQLSyntaxError)):
        parsed_within(document(9), limits)


@pytest.mark.parametrize(
    "options",
    [{}, {"descriptions": True, "specified_by_url": True, "input_value_deprecation": True}, {"descriptions": False}],
)
def test_the_introspection_of_the_usual_tools_keeps_within_the_limits(options: dict[str, bool]) -> None:
    parsed_within(get_introspection_query(**options))


def test_what_a_fragment_holds_counts_each_time_it_is_spread() -> None:
    text = "{ ...a ...a ...b } fragment a on Query { x y } fragment b on Query { ...a }"
    parsed_within(text, replace(WIDE, roots=6, fields=6))
    assert "root fields" in refused(text, replace(WIDE, roots=5))
    assert "fields" in refused(text, replace(WIDE, fields=5))


def test_depth_is_counted_through_fragments() -> None:
    text = "{ a { ...f } } fragment f on A { b { ...g } } fragment g on B { c { d } }"
    parsed_within(text, replace(WIDE, depth=4))
    assert "inside one another" in refused(text, replace(WIDE, depth=3))


def test_a_fragment_seen_before_at_a_lesser_depth_is_still_too_deep_below() -> None:
    text = "{ ...f a { a { a { a { a { ...f } } } } } } fragment f on A { b { b { b } } }"
    parsed_within(text, replace(WIDE, levels=10))
    assert "inside one another" in refused(text, replace(WIDE, levels=8))


def test_items_asked_for_multiply_and_a_variable_may_ask_for_the_most() -> None:
    rows = "{ rooms(first: %s) { nodes { " + " ".join(f"f{i}" for i in range(198)) + " } } }"
    parsed_within("query($n: Int)" + rows % "$n")
    assert "values" in refused("query($n: Int)" + rows.replace("f0", "f0 g0") % "$n")
    parsed_within(rows.replace("f0", "f0 g0") % "5")
    parsed_within(rows % "-1")
    assert "values" in refused(rows.replace("f0", "f0 g0") % ("9" * 5_000))


def test_lists_within_lists_multiply_though_nobody_says_how_many() -> None:
    rooms = " ".join(f"r{i}: rooms {{ nodes {{ items {{ {'amount ' * 19} }} }} }}" for i in range(20))
    parsed_within(f"{{ {rooms} }}")
    parsed_within(f"{{ {rooms} }}", lists={"rooms": 50, "items": 3})
    with pytest.raises(LimitExceeded, match="values"):
        parsed_within(f"{{ {rooms} }}", lists={"rooms": 50, "items": 10})


@pytest.mark.parametrize(
    "text",
    ["{ a {" + "... { b { c } } " * 21 + "} }",
     "{ a {" + "... { " * 21 + "b" + " b }" * 21 + "} }",
     "{ a { ...f ...g b } } fragment f on A {" + " b" * 10 + " } fragment g on A {" + " ...{ b }" * 10 + " }"],
    ids=["beside", "within", "by name"],
)  # fmt: skip
def test_row_59_fields_of_one_name_are_counted_through_fragments(text: str) -> None:
    """Validation compares them pair by pair, however they come together."""
    assert "side by side" in refused(text)


def test_a_fragment_that_is_spread_again_repeats_nothing() -> None:
    parsed_within("{" + " ...f" * 50 + "} fragment f on Query { a }", replace(LIMITS, roots=50))


def test_operations_that_do_not_run_count_too() -> None:
    assert "fields" in refused(
        "query a { a } query b { " + " ".join(f"a: a{i} {{ b }}" for i in range(9)) + " }", replace(WIDE, fields=18)
    )


def test_fragments_that_nobody_spreads_count_too() -> None:
    assert "inside one another" in refused("{ a } fragment f on A " + "{a" * 16 + "}" * 16)


@pytest.mark.parametrize(
    "text",
    [
        "{ ...a } fragment a on Query { ...a }",
        "{ a } fragment a on Query { ...b } fragment b on Query { ...c } fragment c on Query { ...a }",
        "{ a { ... { ...a } } } fragment a on Query { a { ...a } }",
    ],
)
def test_a_fragment_that_spreads_itself_is_refused(text: str) -> None:
    assert "spreads itself" in refused(text)


def test_a_bomb_of_fragments_is_measured_without_being_expanded() -> None:
    doubled = "".join(f"fragment f{i} on Q {{ ...f{i + 1} ...f{i + 1} }} " for i in range(35))
    assert "fields" in refused("{ a { ...f0 } } " + doubled + "fragment f35 on Q { a }")


def test_a_chain_of_fragments_is_refused_before_it_exhausts_the_stack() -> None:
    limits = replace(LIMITS, definitions=2_000, tokens=100_000, characters=10**6)
    chain = "".join(f"fragment f{i} on Q {{ ...f{i + 1} }} " for i in range(1_500))
    assert "inside one another" in refused("{ ...f0 } " + chain, limits)
    assert "inside one another" in refused("{ a } " + chain, limits)


@pytest.mark.parametrize(
    "text", ["{a" * 5_000, "{a(b:" + "[" * 5_000, "{a(b:" + "{c:" * 3_000, "query(" + "$a:[" * 2_000]
)
def test_nesting_without_end_is_a_syntax_error(text: str) -> None:
    with pytest.raises(GraphQLSyntaxError):
        parsed_within(text)


@given(st.text(alphabet='{}()[]$@!:=.|&"#\\\n aqf1-,', max_size=80))
def test_whatever_is_sent_is_a_document_or_refused(text: str) -> None:
    with contextlib.suppress(LimitExceeded, GraphQLSyntaxError):
        parsed_within(text)
