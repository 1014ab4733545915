"""Whatever stands in a file: a rehearsal says what would be, nothing of it is written, and nothing breaks."""

import asyncio
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from scopekeeper.api.bulk.giving import given as given_out
from scopekeeper.api.bulk.outcome import Outcome
from scopekeeper.api.bulk.overlay import Overlay
from scopekeeper.api.bulk.taking import Taking
from scopekeeper.api.modules import installed
from scopekeeper.api.operator import OPERATOR
from scopekeeper.api.perform import Performer
from scopekeeper.modules.extensions import Extension
from scopekeeper.sdk import Invalid
from scopekeeper.surface.bulk.entries import Item, Row, Sheet
from scopekeeper.surface.bulk.plan import Plan
from tests.fixtures_data import DictData

MODULES = installed()
PLAN = Plan.of(MODULES.operations)
NUMBERS = ("1001", "1002", "1003", "1004")
FLAGS = ("true", "false")
PLAUSIBLE: dict[str, tuple[str, ...]] = {
    "name": ("Ada", "Bea"),
    "owner": ("alice",),
    "callforward.unconditional": NUMBERS,
    "callforward.busy": NUMBERS,
    "callforward.ring_timer": ("5", "-1"),
    "donotdisturb.enabled": FLAGS,
    "followme.enabled": FLAGS,
    "followme.members": ("[]", '[{"extension":"1002"}]', '[{"number":"7"},{"extension":"1004"}]'),
    "followme.destination.extension": NUMBERS,
    "followme.destination.number": ("7",),
    "voicemail.email": ("a@b.c",),
    "voicemail.attach": FLAGS,
    "voicemail.delete_sent": FLAGS,
}
ODD = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)


def cell(column: str) -> st.SearchStrategy[str]:
    """Most often empty or plausible, and now and then anything."""
    plausible = st.sampled_from(PLAUSIBLE[column])
    return st.sampled_from(range(20)).flatmap(lambda n: ODD if n == 19 else plausible if n % 2 else st.just(""))


def line(key: str, **told: str) -> tuple[str, ...]:
    """A line that says this alone: `followme_destination_extension`."""
    return (key, *(told.get(column.replace(".", "_"), "") for column in PLAUSIBLE))


CELLS = st.tuples(st.sampled_from(NUMBERS), *map(cell, PLAUSIBLE))
LINES = st.lists(CELLS, max_size=8)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(NUMBERS) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["extension", "number", "x"]), inner, max_size=2)
    ),
    max_leaves=4,
)
OBJECTS = st.fixed_dictionaries(
    {"extension": st.sampled_from(NUMBERS)},
    optional={
        "name": VALUES,
        "callforward": st.dictionaries(st.sampled_from(["busy", "unconditional", "x"]), VALUES, max_size=2),
        "followme": st.dictionaries(st.sampled_from(["members", "destination", "enabled"]), VALUES, max_size=3),
    },
)


async def told(data: DictData, lines: list[Any]) -> list[tuple[int, Outcome]]:
    """What is said of these lines, those that waited at their end."""
    taking = Taking(PLAN, Performer(data), data, OPERATOR)
    done = [each async for each in taking.take_all(enumerate(lines))]
    waiting = [(place, lines[place]) for place, outcome in done if outcome.waits]
    return [each for each in done if not each[1].waits] + list((await taking.settle(waiting)).items())


async def whole(data: DictData) -> list[dict[str, Any]]:
    return [each async for each in given_out(PLAN, Performer(data), OPERATOR)]


async def rehearsed_and_done(lines: list[Any]) -> None:
    data = DictData(MODULES.tables)
    data.keep(Extension("1001", "Ada"), Extension("1002", "Bea", "alice"))
    before = await whole(data)
    rehearsed = await told(Overlay(data, relied_on=False), lines)  # type: ignore[arg-type]  # either is data
    assert await whole(data) == before
    assert rehearsed == await told(data, lines)
    after = await whole(data)
    again = await told(data, [Item(PLAN, each) for each in after])
    assert {outcome.fate.value for _, outcome in again} == {"unchanged"}
    assert await whole(data) == after


@given(LINES)
@example([line("1001", followme_destination_extension="1003")])
@example(
    [line(new, name="A", followme_destination_extension=other) for new, other in (("1003", "1004"), ("1004", "1003"))]
)
@example([line(one, callforward_unconditional=other) for one, other in (("1001", "1002"), ("1002", "1001"))])
@settings(max_examples=40)
def test_of_any_table_a_rehearsal_says_what_would_be(lines: list[tuple[str, ...]]) -> None:
    sheet = Sheet(PLAN, ["extension", *PLAUSIBLE])
    asyncio.run(rehearsed_and_done([Row(sheet, line) for line in lines]))


@given(st.lists(OBJECTS, max_size=6))
@settings(max_examples=40)
def test_of_any_objects_a_rehearsal_says_what_would_be(objects: list[dict[str, Any]]) -> None:
    def read(told: dict[str, Any]) -> Any:
        try:
            return Item(PLAN, told)
        except Invalid as wrong:
            return wrong

    asyncio.run(rehearsed_and_done([read(each) for each in objects]))
