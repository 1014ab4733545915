"""What a caller sends, bound to typed arguments: strict at every depth, and every refusal names its field."""

from dataclasses import field
from typing import Annotated, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopekeeper.sdk import ApiModule, Caller, DeclarationError, Invalid, Meta, NotFound, Page, Paging, Patch, record
from scopekeeper.surface.binding import Binding, MalformedJson


@record
class Seat:
    """Where somebody sits."""

    row: Annotated[str, Meta(pattern=r"^\d{1,2}$")]
    side: str | None = None
    height: Annotated[int, Meta(ge=0)] = 40


@record
class Guest:
    """Somebody who comes."""

    name: str
    age: int | None = None
    seat: Seat | None = None
    spare: list[Seat] = field(default_factory=list)


guests = ApiModule("guests", title="Guests", read="See guests", write="Invite guests")
table = guests.table(Guest, key="name")


@guests.read("GET /{name}/{visit}", field="visit", of=table)
async def get_visit(caller: Caller, name: str, visit: int, full: bool = False, since: int | None = None) -> Guest:
    """One visit of a guest."""
    return await caller.rows(table).get(name)


@guests.read("GET /", field="guests", of=table)
async def list_guests(caller: Caller, paging: Paging, side: str) -> Page[Guest]:
    """The guests of one side."""
    return await caller.rows(table).page(paging)


@guests.write("PUT /{name}", field="setGuest", of=table)
async def set_guest(caller: Caller, name: str, body: Guest) -> Guest:
    """Invite a guest."""
    return caller.rows(table).put(body)


@guests.write("PATCH /{name}", field="updateGuest", of=table)
async def update_guest(caller: Caller, name: str, body: Patch[Guest]) -> Guest:
    """Change a guest."""
    return caller.rows(table).put(body.onto(await caller.rows(table).get(name)))


VISIT, LIST, PUT, PATCH = map(Binding.of, guests.operations)
ANNA = {"name": "anna"}
OLD = Guest("anna", 40, Seat("1", "left", 50), [Seat("2")])


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        ({"seat": {"row": "1", "colour": "red"}}, "seat.colour"),
        ({"spare": [{"row": "1"}, {"row": "1", "colour": "red"}]}, "spare[1].colour"),
        ({"spare": [{"row": "1"}, {}]}, "spare[1].row"),
        ({"seat": {"row": "1\n"}}, "seat.row"),
        ({"seat": {"row": "\u0661"}}, "seat.row"),
        ({"seat": {"row": "1", "height": -1}}, "seat.height"),
        ({"seat": {"row": "1", "side": "a\0b"}}, "seat.side"),
        ({"seat": {"row": "1", "side": "\ud800"}}, "seat.side"),
        ({"age": "40"}, "age"),
        ({"age": 1.5}, "age"),
        ({"age": 2**63}, "age"),
        ({"name": "bert"}, "name"),
        ({"colour": "red"}, "colour"),
        ([], "$"),
    ],
)
@pytest.mark.parametrize("binding", [PUT, PATCH], ids=["put", "patch"])
def test_a_refusal_names_the_field_at_any_depth(binding: Binding, raw: object, path: str) -> None:
    with pytest.raises(Invalid) as caught:
        binding.body(raw, ANNA)
    assert caught.value.path == path


def test_a_number_that_no_database_takes_leads_nowhere() -> None:
    with pytest.raises(NotFound):
        VISIT.path(["anna", str(2**70)])


def test_a_pattern_is_told_as_its_author_wrote_it() -> None:
    with pytest.raises(Invalid, match=r"matching \^\\d\{1,2\}\$\.$"):
        PUT.body({"seat": {"row": "x"}}, ANNA)


@pytest.mark.parametrize(
    "name",
    ["a matching regex b - at `c", "a matching regex ((( - at `c", "a - at `$.b", "`", "a` matching regex '", "a\n`"],
)
def test_row_32_a_field_whose_name_looks_like_a_message_is_just_unknown(name: str) -> None:
    for raw, path in (({name: 1}, name), ({"seat": {"row": "1", name: 1}}, f"seat.{name}")):
        with pytest.raises(Invalid, match=r"^There is no such field\.$") as caught:
            PUT.body(raw, ANNA)
        assert caught.value.path == path


@given(st.text(min_size=1))
def test_whatever_an_unknown_field_is_called_it_is_refused(name: str) -> None:
    with pytest.raises((Invalid, MalformedJson)):
        PUT.read(msgspec.json.encode({f"{name} ": 1}), ANNA)


def test_the_key_comes_from_the_path() -> None:
    assert PUT.body({}, ANNA) == Guest("anna")
    assert PUT.body({"name": "anna"}, ANNA) == Guest("anna")
    assert PATCH.body({"name": "anna"}, ANNA).changes == {}


def test_text_and_parsed_json_are_bound_alike() -> None:
    raw = {"age": 7, "seat": {"row": "3"}, "spare": [{"row": "4", "side": None}]}
    assert PUT.body(raw, ANNA) == PUT.read(msgspec.json.encode(raw), ANNA)
    assert PUT.body(raw, ANNA) == Guest("anna", 7, Seat("3"), [Seat("4")])


@pytest.mark.parametrize(
    "text", [b"", b"{", b'{"age": 5', b'{"colour": ]', b"\xff", b'{"name": "\xff"}', b"[" * 10_000]
)
def test_what_is_no_json_is_malformed_wherever_else_it_is_wrong(text: bytes) -> None:
    with pytest.raises(MalformedJson):
        PUT.read(text, ANNA)


def test_parameters_of_path_and_query_are_typed() -> None:
    assert VISIT.path(["anna", "7"]) == {"name": "anna", "visit": 7}
    assert VISIT.query({"full": "true", "since": "5"}) == {"full": True, "since": 5}
    assert VISIT.query({}) == {}
    assert LIST.query({"side": "left", "limit": "500"}) == {"side": "left", "paging": Paging(500)}


def test_a_path_that_has_not_the_form_leads_nowhere() -> None:
    with pytest.raises(NotFound):
        VISIT.path(["anna", "seven"])


@pytest.mark.parametrize(
    ("binding", "given", "path"),
    [
        (VISIT, {"full": "perhaps"}, "full"),
        (VISIT, {"colour": "red"}, "colour"),
        (LIST, {}, "side"),
        (LIST, {"limit": "1"}, "side"),
    ],
)
def test_a_query_that_cannot_stand_is_named(binding: Binding, given: dict[str, str], path: str) -> None:
    with pytest.raises(Invalid) as caught:
        binding.query(given)
    assert caught.value.path == path


def test_typed_arguments_are_checked_too() -> None:
    assert VISIT.arguments({"name": "anna", "visit": 7}) == {"name": "anna", "visit": 7}
    with pytest.raises(Invalid):
        VISIT.arguments({"name": "an\0na"})


def test_a_record_that_contains_itself_stops_the_start() -> None:
    module = ApiModule("boxes", title="Boxes", read="See boxes", write="Pack boxes")
    boxes = module.table(Box, key="name")

    @module.write("POST /", field="addBox", of=boxes)
    async def add_box(caller: Caller, body: Box) -> Box:
        """Pack a box."""
        return body

    with pytest.raises(DeclarationError, match="Box contains itself"):
        Binding.of(module.operations[0])


@record
class Box:
    """What may hold another."""

    name: str
    inner: "Box | None" = None


# JSON Merge Patch, as RFC 7396 §2 writes it, against what a Patch does to a record.

seats = st.fixed_dictionaries(
    {"row": st.sampled_from(["1", "2"])},
    optional={"side": st.sampled_from(["left", None]), "height": st.integers(0, 9)},
)
seat_patches = st.fixed_dictionaries(
    {},
    optional={
        "row": st.sampled_from(["1", "2"]),
        "side": st.sampled_from(["left", None]),
        "height": st.one_of(st.none(), st.integers(0, 9)),
    },
)
patches = st.fixed_dictionaries(
    {},
    optional={
        "age": st.one_of(st.none(), st.integers(0, 9)),
        "seat": st.one_of(st.none(), seat_patches),
        "spare": st.one_of(st.none(), st.lists(seats, max_size=2)),
    },
)
olds = st.builds(
    Guest,
    st.just("anna"),
    st.one_of(st.none(), st.integers(0, 9)),
    st.one_of(
        st.none(), st.builds(Seat, st.sampled_from(["1", "2"]), st.sampled_from(["left", None]), st.integers(0, 9))
    ),
    st.just([Seat("9")]),
)


def merged(target: Any, patch: Any) -> Any:
    """MergePatch(Target, Patch) of RFC 7396 §2."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


@given(olds, patches)
def test_a_patch_does_what_json_merge_patch_says(old: Guest, patch: dict[str, Any]) -> None:
    expected = merged(msgspec.to_builtins(old), patch)
    body = PATCH.body(patch, ANNA)
    if expected.get("seat") is not None and "row" not in expected["seat"]:
        with pytest.raises(Invalid) as caught:
            body.onto(old)
        assert caught.value.path == "seat.row"
    else:
        assert body.onto(old) == msgspec.convert(expected, Guest)


@given(olds)
def test_an_empty_patch_changes_nothing(old: Guest) -> None:
    assert PATCH.body({}, ANNA).onto(old) == old
