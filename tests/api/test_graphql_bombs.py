"""Hostile documents: each is refused with 400 before it costs anything, and never with a 500."""

import asyncio
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.api.office import Office

ROOM = 'room(name: "r1")'
AMOUNTS = " ".join(f"a{i}: amount" for i in range(44))
ITEMS = "items { " + "amount " * 19 + "}"
REMOVED = 'removeRoom(name: "r1") { name }'
DOUBLED = "".join(f"fragment f{i} on Room {{ ...f{i + 1} ...f{i + 1} }} " for i in range(30))
WIDENED = "".join(f"fragment f{i} on Query {{ " + f"...f{i + 1} " * 20 + "} " for i in range(12))

BOMBS = {
    "many aliases": "{" + " ".join(f"a{i}: {ROOM} {{ name }}" for i in range(1_000)) + "}",
    "aliases below": f"{{ {ROOM} {{ " + " ".join(f"a{i}: name" for i in range(51)) + " } }",
    "mutations in one request": "mutation {" + " ".join(f"a{i}: {REMOVED}" for i in range(21)) + "}",
    "mutations by fragments": "mutation { ...f ...f ...f } fragment f on Mutation {" + f" {REMOVED}" * 8 + "}",
    "doubling fragments": f"{{ {ROOM} {{ ...f0 }} }} {DOUBLED} fragment f30 on Room {{ name }}",
    "widening fragments": f"{{ ...f0 }} {WIDENED} fragment f12 on Query {{ {ROOM} {{ name }} }}",
    "circular fragments": f"{{ {ROOM} {{ ...f }} }} fragment f on Room {{ ...g }} fragment g on Room {{ ...f }}",
    "deep selection": "{ rooms { edges { node { " + "keeper { " * 200 + "amount" + " }" * 204,
    "deeper than any stack": "{a" * 9_000,
    "deep list": "{ room(name: " + "[" * 9_000 + ") { name } }",
    "deep inline fragments": "{ " + "... { " * 150 + "__typename" + " }" * 151,
    "one field again and again": f"{{ {ROOM} {{ " + "keeper { amount } " * 900 + "} }",
    "directives": f"{{ {ROOM} {{ name " + "@include(if: true) " * 900 + "} }",
    "many definitions": " ".join(f"query q{i} {{ __typename }}" for i in range(900)),
    "too long": "{ __typename } #" + "x" * 20_000,
    "tokens": "{ __typename }" + " ,{}" * 1 + "(" * 5_000,
    "introspection, nested": "{ __schema { types { " + "fields { type { " * 6 + "name" + " } }" * 6 + " } } }",
    "introspection, by aliases": "{ __schema { " + " ".join(f"a{i}: types {{ name }}" for i in range(40)) + " } }",
    "items times fields": "{ rooms(first: 500) { nodes { " + " ".join(f"a{i}: name" for i in range(40)) + " } "
    "edges { node { " + " ".join(f"keeper {{ a{i}: amount }}" for i in range(80)) + " } } } }",
    "items of items": f"{{ rooms(first: 500) {{ nodes {{ items {{ {AMOUNTS} }} }} }} "
    f"r: rooms(first: 500) {{ nodes {{ {ITEMS} }} edges {{ node {{ {ITEMS} }} }} }} }}",
    "zero bytes": "{ room(name: \"\x00\") { name } }\x00",
    "line separators": "\u2028" * 5_000 + "{",
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
async def test_row_59_a_bomb_is_refused_before_anything_runs(name: str) -> None:
    office = Office()
    answer = await office.ask(BOMBS[name])
    assert answer.status == 400, answer.body[:500]
    assert not office.data.trips
    assert len(answer.body) < 20_000


async def test_row_59_a_bomb_in_an_operation_that_is_not_selected_is_refused_too() -> None:
    query = "query safe { __typename } query bomb " + BOMBS["many aliases"]
    assert (await Office().ask(query, operation_name="safe")).status == 400


@pytest.mark.parametrize(
    "value",
    ["[" * 4_000 + "]" * 4_000, '{"items":' * 4_000 + "1" + "}" * 4_000, "[" + "1," * 20_000 + "1]", "1" * 60_000],
    ids=["nested lists", "nested objects", "a long list", "a long number"],
)
@pytest.mark.parametrize(
    "query",
    ["query($a: String!) { room(name: $a) { name } }", "mutation($a: RoomInput!) { addRoom(body: $a) { name } }"],
    ids=["text", "record"],
)
async def test_row_59_a_variable_without_end_is_refused(query: str, value: str) -> None:
    office = Office()
    body = f'{{"query": {json.dumps(query)}, "variables": {{"a": {value}}}}}'.encode()
    answer = await office.post(body)
    assert answer.status in (200, 400)
    assert {each["extensions"]["code"] for each in answer.json["errors"]} in ({"BAD_REQUEST"}, {"INVALID"})
    assert not office.data.trips


async def test_a_name_of_thousands_of_characters_is_not_repeated_at_length() -> None:
    answer = await Office().ask(f"{{ {'a' * 15_000} }}")
    assert answer.status == 400


ALL_KINDS = """
    query($text: String!, $number: Int, $kind: Kind, $moment: DateTime, $yes: Boolean = true) {
        room(name: $text) { name @include(if: $yes) }
        rooms(first: $number, after: $text, kind: $kind, since: $moment) { totalCount }
    }
"""
PARTS = """
    mutation($room: RoomInput!, $part: RoomPatch!, $change: RoomChangeInput!, $text: String!) {
        addRoom(body: $room) { name volume }
        updateRoom(name: $text, body: $part) { name openedAt items { itemName } }
        setRoom(name: $text, body: $change) { name kind keeper { amount } }
    }
"""
NAMES = ("text", "number", "kind", "moment", "yes", "room", "part", "change")
FIELDS = ("name", "floor", "kind", "openedAt", "volume", "items", "keeper", "itemName", "amount", "item_name", "")
ODD = (
    "r1",
    "TALK",
    "\x00",
    "AQ",
    "AXIx",
    "2026-01-01T00:00:00Z",
    "9999-99-99",
    2**31,
    2**63,
    -(2**70),
    1e300,
    "é" * 50,
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from(ODD),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.sampled_from([ALL_KINDS, PARTS]), st.dictionaries(st.sampled_from(NAMES), values))
def test_whatever_variables_are_sent_nothing_breaks(query: str, variables: dict[str, object]) -> None:
    answer = asyncio.run(Office.furnished().ask(query, variables={"text": "r1"} | variables))
    codes = {error["extensions"]["code"] for error in answer.json.get("errors", ())}
    assert answer.status in (200, 400)
    assert codes <= {"INVALID", "NOT_FOUND", "CONFLICT", "BAD_REQUEST"}, answer.json


@settings(deadline=None)
@given(st.text(max_size=40))
def test_whatever_text_is_sent_is_refused(text: str) -> None:
    assert asyncio.run(Office().ask(text)).status == 400


@settings(deadline=None)
@given(st.binary(max_size=60).map(lambda tail: b'{"query": "{ __typename }", ' + tail))
def test_whatever_bytes_are_posted_are_refused(body: bytes) -> None:
    assert asyncio.run(Office().post(body)).status in (200, 400)
