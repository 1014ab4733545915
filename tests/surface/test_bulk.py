"""What is moved in bulk: which columns there are, and that cells say what records say, there and back."""

from dataclasses import field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopekeeper.api.modules import installed
from scopekeeper.sdk import ApiModule, Caller, DeclarationError, Invalid, Meta, Patch, one_of, record
from scopekeeper.sdk.spreadsheet import guarded, unguarded
from scopekeeper.surface.bulk.cells import asked_of, cells_of, merged
from scopekeeper.surface.bulk.columns import columns_of
from scopekeeper.surface.bulk.entries import Item, Row, Sheet
from scopekeeper.surface.bulk.kinds import plain
from scopekeeper.surface.bulk.plan import Plan

Words = Annotated[str, Meta(min_length=1)]


class Colour(StrEnum):
    """Of a lamp."""

    RED = "red"
    GREEN = "green"


@record
class Lamp:
    """On a desk."""

    colour: Colour = Colour.RED
    level: float = 0.0
    label: Words | None = None


@one_of
class Place:
    """Where it is: one of these."""

    room: Words | None = None
    floor: int | None = None


@record
class Desk:
    """With all kinds of fields."""

    on: bool = False
    count: int = 0
    note: str = ""
    label: Words | None = None
    since: datetime | None = None
    lamp: Lamp | None = None
    place: Place | None = None
    fixed: Lamp = field(default_factory=Lamp)
    tags: list[str] = field(default_factory=list)
    stops: list[Place] = field(default_factory=list)


COLUMNS = columns_of(Desk)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
FILLED = TEXT.filter(bool)
LAMPS = st.builds(Lamp, st.sampled_from(Colour), st.floats(-1e9, 1e9).map(lambda each: each + 0.0), st.none() | FILLED)
PLACES = st.builds(Place, room=FILLED) | st.builds(Place, floor=st.integers(-99, 99))
DESKS = st.builds(
    Desk,
    st.booleans(),
    st.integers(-(2**60), 2**60),
    TEXT,
    st.none() | FILLED,
    st.none() | st.datetimes(timezones=st.just(UTC)),
    st.none() | LAMPS,
    st.none() | PLACES,
    LAMPS,
    st.lists(TEXT, max_size=3),
    st.lists(PLACES, max_size=3),
)


def cells(desk: Desk) -> dict[str, str]:
    return dict(cells_of(COLUMNS, plain(desk)))


@given(DESKS)
def test_cells_that_say_what_is_so_ask_for_nothing(desk: Desk) -> None:
    assert asked_of(COLUMNS, cells(desk), plain(desk)) == {}


@given(DESKS, DESKS)
def test_cells_make_of_any_record_the_one_that_they_say(before: Desk, after: Desk) -> None:
    asked = asked_of(COLUMNS, cells(after), plain(before))
    assert cells_of_plain(merged(COLUMNS, plain(before), asked)) == cells(after)


def cells_of_plain(told: dict[str, Any]) -> dict[str, str]:
    return dict(cells_of(COLUMNS, told))


@given(TEXT)
def test_no_spreadsheet_runs_a_text_and_it_comes_back_as_it_was(text: str) -> None:
    cell = guarded(text)
    assert unguarded(cell) == text
    assert cell[:1] not in ("=", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
    assert cell[:1] not in ("+", "-") or cell[1:].replace(".", "").isdigit()


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("+4930901820", "+4930901820"),
        ("-1", "-1"),
        ("=1+1", "'=1+1"),
        ("+1+1", "'+1+1"),
        ("'=x", "''=x"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("\n=1", "'\n=1"),
        ("'tis", "'tis"),
    ],
)
def test_numbers_stay_numbers_and_formulas_become_texts(text: str, cell: str) -> None:
    assert guarded(text) == cell


def test_fields_within_fields_have_columns_of_their_own() -> None:
    assert list(cells(Desk(place=Place(floor=3), stops=[Place(room="A")], tags=["x"]))) == [
        "on", "count", "note", "label", "since", "lamp.colour", "lamp.level", "lamp.label", "place.room", "place.floor",
        "fixed.colour", "fixed.level", "fixed.label", "tags", "stops",
    ]  # fmt: skip
    assert cells(Desk(stops=[Place(room="A")]))["stops"] == '[{"room":"A"}]'


def test_an_empty_cell_is_null_or_the_empty_text_or_says_nothing() -> None:
    desk = plain(Desk(note="x", label="y", count=3, place=Place(room="A"), fixed=Lamp(level=2.0)))
    told = dict.fromkeys(("note", "label", "count", "place.room", "place.floor", "fixed.level"), "")
    assert asked_of(COLUMNS, told, desk) == {"note": "", "label": None, "place": None}


def test_one_of_several_is_replaced_as_a_whole_and_other_records_in_part() -> None:
    desk = plain(Desk(place=Place(room="A"), lamp=Lamp(level=2.0)))
    told = {"place.room": "", "place.floor": "3", "lamp.level": "5"}
    assert asked_of(COLUMNS, told, desk) == {"place": {"floor": 3}, "lamp": {"level": 5}}


def test_a_cell_that_is_no_json_is_refused_at_its_column() -> None:
    with pytest.raises(Invalid, match="no JSON") as refused:
        asked_of(COLUMNS, {"tags": "[oops"}, plain(Desk()))
    assert refused.value.path == "tags"


def plan() -> Plan:
    return Plan.of(installed().operations)


def test_every_module_that_keeps_something_for_an_extension_takes_part() -> None:
    header = plan().header
    assert header[:4] == ("extension", "name", "owner", "email")
    assert {"callforward.unconditional", "donotdisturb.enabled", "voicemail.email"} <= set(header)
    assert header.count("callforward.ring_timer") == 1
    assert not [name for name in header if "number" in name.split(".")[0] or name.startswith(("ringgroups", "admin"))]


def test_what_can_only_be_written_is_taken_and_never_given() -> None:
    assert "voicemail.pin" in plan().known
    assert "voicemail.pin" not in plan().header
    assert "voicemail.has_pin" not in plan().known


def test_without_extensions_there_is_nothing_to_move() -> None:
    with pytest.raises(LookupError):
        Plan.of([each for each in installed().operations if each.module != "extensions"])


def test_a_module_that_bears_the_name_of_a_field_of_extensions_is_refused() -> None:
    api = ApiModule("email", title="Mail", read="See mail", write="Change mail")

    @api.read("GET /users/{extension}", field="mail", of="extension")
    async def get(caller: Caller, extension: str) -> Lamp:
        """A lamp."""
        raise NotImplementedError

    @api.write("PATCH /users/{extension}", field="updateMail", of="extension")
    async def update(caller: Caller, extension: str, body: Patch[Lamp]) -> Lamp:
        """Another lamp."""
        raise NotImplementedError

    with pytest.raises(DeclarationError, match="'email' bears the name of a field of extensions"):
        Plan.of([*installed().operations, *api.operations])


@pytest.mark.parametrize(
    ("header", "path"),
    [
        (["name"], "extension"),
        (["extension", "nam"], "nam"),
        (["extension", "name", "name"], "name"),
        (["extension", ""], "column 2"),
    ],
)
def test_a_header_that_cannot_be_is_refused_at_its_column(header: list[str], path: str) -> None:
    with pytest.raises(Invalid) as refused:
        Sheet(plan(), header)
    assert refused.value.path == path


@pytest.mark.parametrize("row", [["1001"], ["1001", "a", "b"], ["", "a"]])
def test_a_row_of_another_width_or_without_an_extension_is_refused(row: list[str]) -> None:
    with pytest.raises(Invalid):
        Row(Sheet(plan(), ["extension", "name"]), row)


@pytest.mark.parametrize(
    ("item", "path"),
    [
        ([], ""),
        ({}, "extension"),
        ({"extension": 1001}, "extension"),
        ({"extension": "1", "x": 1}, "x"),
        ({"extension": "1", "callforward": []}, "callforward"),
    ],
)
def test_an_item_that_cannot_be_is_refused_at_its_field(item: object, path: str) -> None:
    with pytest.raises(Invalid) as refused:
        Item(plan(), item)
    assert refused.value.path == path
