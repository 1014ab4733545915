"""Many lines at once: each of them whole or not at all, and a rehearsal that says the same and writes nothing."""

from pathlib import Path

from scopekeeper.api.bulk.outcome import Fate, Outcome
from scopekeeper.api.bulk.overlay import Overlay
from scopekeeper.surface.bulk.entries import Item
from tests.api.desks import ADA, PLAN, moving


async def test_what_is_taken_out_and_in_again_changes_nothing(tmp_path: Path) -> None:
    async with moving(tmp_path) as made:
        assert await made.all() == [ADA]
        assert await made.take(ADA) == [Outcome(Fate.UNCHANGED)]


async def test_a_line_says_what_it_created_and_what_it_changed(tmp_path: Path) -> None:
    async with moving(tmp_path) as made:
        bea = {"extension": "1002", "name": "Bea", "callforward": {"ring_timer": 20}, "desks": {"room": "12"}}
        changed = {"extension": "1001", "name": "Ada W", "callforward": {"busy": "7", "unavailable": "8"}}
        assert await made.take(bea, changed) == [
            Outcome(Fate.CREATED, ("name", "callforward.ring_timer", "desks.room")),
            Outcome(Fate.CHANGED, ("name", "callforward.unavailable")),
        ]
        one, two = await made.all()
        assert (one["name"], one["callforward"]["unavailable"], two["desks"]["room"]) == ("Ada W", "8", "12")


async def test_a_line_of_which_one_thing_is_refused_is_refused_whole(tmp_path: Path) -> None:
    async with moving(tmp_path) as made:
        [existing, new, odd] = await made.take(
            {"extension": "1001", "name": "Eve", "callforward": {"unconditional": "1001"}, "desks": {"room": "1"}},
            {"extension": "1002", "name": "Bea", "desks": {"room": "too long"}},
            {"extension": "no number", "name": "Cem"},
        )
        assert (existing.fate, existing.field) == (Fate.REFUSED, "callforward.unconditional")
        assert existing.detail == "The extension would forward to itself: 1001 → 1001."
        assert (new.fate, new.field) == (Fate.REFUSED, "desks.room")
        assert (odd.fate, odd.field) == (Fate.REFUSED, "extension")
        assert await made.all() == [ADA]


async def test_an_extension_that_is_new_needs_what_every_one_needs(tmp_path: Path) -> None:
    async with moving(tmp_path) as made:
        assert await made.take({"extension": "1002", "desks": {"room": "1"}}) == [
            Outcome.refused("name", "This field is required.")
        ]


async def test_a_put_alone_keeps_what_the_line_does_not_speak_of(tmp_path: Path) -> None:
    async with moving(tmp_path) as made:
        await made.take({"extension": "1001", "desks": {"room": "1", "beside": "1001"}})
        [outcome] = await made.take({"extension": "1001", "desks": {"room": "2"}})
        assert outcome == Outcome(Fate.CHANGED, ("desks.room",))
        assert (await made.all())[0]["desks"] == {"room": "2", "beside": "1001"}


async def test_what_is_only_written_is_always_a_change(tmp_path: Path) -> None:
    async with moving(tmp_path) as made:
        assert await made.take({"extension": "1001", "desks": {"code": "8350"}}) == [
            Outcome(Fate.CHANGED, ("desks.code",))
        ]


FILE = (
    {"extension": "1001", "name": "Ada"},
    {"extension": "1002", "name": "Bea", "desks": {"beside": "1001"}, "callforward": {"unconditional": "1003"}},
    {"extension": "1003", "name": "Cem", "desks": {"beside": "1002"}},
    {"extension": "1003", "callforward": {"unconditional": "1002"}},
    {"extension": "1003", "name": "Cem S", "desks": {"beside": "1009"}},
    {"extension": "1002", "callforward": {"unconditional": None}},
    {"extension": "1003", "callforward": {"unconditional": "1002"}},
    {"extension": "1003", "owner": "bob", "callforward": {"unconditional": "1002"}},
    {"extension": "1004"},
)
"""Lines that are what they are because of those before them."""


async def test_a_rehearsal_says_exactly_what_would_be_and_writes_nothing(tmp_path: Path) -> None:
    async with moving(tmp_path) as made:
        rehearsed = await made.rehearse(*FILE)
        assert await made.all() == [ADA]
        assert rehearsed == await made.take(*FILE)
        assert [each.fate.value for each in rehearsed] == [
            "unchanged", "created", "created", "refused", "refused", "changed", "changed", "changed", "refused",
        ]  # fmt: skip
        assert rehearsed[3].field == "callforward.unconditional"
        assert rehearsed[4].field == "desks.beside"
        again = await made.take(*FILE)
        assert [each.fate.value for each in again][-2:] == ["unchanged", "refused"]


async def test_lines_that_name_one_another_wait_and_are_carried_out_together(tmp_path: Path) -> None:
    lines = [
        {"extension": "1002", "name": "Bea", "desks": {"beside": "1003"}},
        {"extension": "1003", "name": "Cem", "desks": {"beside": "1002"}},
        {"extension": "1004", "name": "Dora", "desks": {"beside": "1005"}},
        {"extension": "1005", "name": "Emil", "desks": {"beside": "1004", "room": "too long"}},
        {"extension": "1006", "name": "Finn", "desks": {"beside": "1007"}},
        {"extension": "1007", "name": "Gül", "desks": {"beside": "1001"}},
    ]
    async with moving(tmp_path) as made:
        for data in (Overlay(made.data, relied_on=False), made.data):
            first = await made.take(*lines, data=data)
            assert [each.waits for each in first] == [True, True, True, False, True, False]
            waiting = [(place, Item(PLAN, lines[place])) for place, each in enumerate(first) if each.waits]
            settled = await made.taking(data).settle(waiting)
            fates = {place: each.fate.value for place, each in settled.items()}
            assert fates == {0: "created", 1: "created", 2: "refused", 4: "created"}
            assert (settled[2].field, settled[2].detail) == ("desks.beside", "There is no '1005' here.")
        told = {each["extension"]: each["desks"]["beside"] for each in await made.all()}
        assert told == {"1001": None, "1002": "1003", "1003": "1002", "1006": "1007", "1007": "1001"}
