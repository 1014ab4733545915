"""Call records: what is kept, who sees it, which questions are answered, and what is told of days."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from scopekeeper.modules.cdr.moments import ident_of, recorded
from scopekeeper.settings import SqliteFile
from scopekeeper.store import open_store
from tests.api.house import MODULES, Answer, House
from tests.fixtures import FixedEntropy
from tests.postgres import a_database

CDR = "rest:cdr"
TOLD: dict[str, Any] = {
    "uid": "17.1",
    "started": "2026-11-29T22:24:01.123Z",
    "ended": "2026-11-29T22:26:31Z",
    "answered_at": "2026-11-29T22:24:31Z",
    "direction": "inbound",
    "disposition": "answered",
    "caller": "+4930123456",
    "callee": "+4930555100",
    "callee_extension": "1001",
}
MISSED: dict[str, Any] = {"answered_at": None, "disposition": "no_answer"}


FOUND: list[tuple[str, list[int]]] = [
    ("number=1", [4, 1, 0]),
    ("number=100&order=asc", [0, 2, 4]),
    ("number=10", []),
    ("extension=1001", [4, 3, 1, 0]),
    ("extension=1001&disposition=no_answer", [4, 3]),
    ("direction=inbound", [4, 2, 0]),
    ("disposition=answered", [1, 0]),
    ("direction=inbound&disposition=no_answer", [4, 2]),
    ("since=2026-11-29T12:03:00Z", [4, 3]),
    ("since=2026-11-29T13:03:00%2B01:00&until=2026-11-29T12:04:00Z", [3]),
    ("since=2026-11-29T12:03:00.0001Z", [4]),
    ("until=2026-11-29T12:00:00.0001Z", [0]),
    ("since=0001-01-01T00:00:00%2B14:00&until=9999-12-31T23:59:59-14:00", [4, 3, 2, 1, 0]),
    ("number=1&since=2026-11-29T12:01:00Z", [4, 1]),
    ("extension=1001&disposition=no_answer&until=2026-11-29T12:04:00Z", [3]),
    ("direction=inbound&disposition=no_answer&since=2026-11-29T12:03:00Z", [4]),
    ("sort=duration", [4, 3, 2, 1, 0]),
    ("sort=duration&order=asc&min_duration=720", [2, 3, 4]),
]
"""Of the calls that `several` records: what is asked, and which of them are found."""


@pytest.fixture
def house() -> House:
    """A house whose extensions 1001 and 1002 are alice's, and 1003 bob's."""
    return House.furnished()


async def post(house: House, **told: object) -> Answer:
    return await house.ask("POST", "/cdr/calls", CDR, body={**TOLD, **told})


async def recorded_as(house: House, **told: object) -> str:
    answer = await post(house, **told)
    assert answer.status == 201, answer.body
    return str(answer.json["id"])


async def several(house: House) -> list[str]:
    """Five calls, one each minute."""
    ids = []
    for minute, told in enumerate(
        (
            {"direction": "inbound", "caller": "1", "callee": "100", "callee_extension": "1001"},
            {"direction": "outbound", "caller": "1001", "callee": "1", "caller_extension": "1001"},
            {"direction": "inbound", "caller": "2", "callee": "100", "callee_extension": "1003", **MISSED},
            {"direction": "internal", "caller_extension": "1001", "callee_extension": "1003", **MISSED},
            {"direction": "inbound", "caller": "1", "callee": "100", "callee_extension": "1001", **MISSED},
        )
    ):
        at = {"started": f"2026-11-29T12:0{minute}:00Z", "answered_at": f"2026-11-29T12:0{minute}:10Z"}
        fresh = {"callee_extension": None, "ended": f"2026-11-29T12:1{minute * 2}:00Z"}
        ids.append(await recorded_as(house, uid=f"u{minute}", **{**at, **fresh, **told}))
    return ids


async def listed(house: House, query: str = "", user: str | None = None) -> list[str]:
    answer = await house.ask("GET", f"/cdr/calls{query}", CDR, user=user)
    assert answer.status == 200, answer.body
    return [each["id"] for each in answer.json["items"]]


async def test_what_was_recorded_is_read_back_with_what_follows_from_it(house: House) -> None:
    made = await post(house)
    assert made.status == 201
    assert made.headers["location"] == f"/api/rest/cdr/calls/{made.json['id']}"
    assert made.json["id"].startswith("20261129T222401123-")
    assert (made.json["duration"], made.json["talk_seconds"]) == (149, 120)
    assert made.json | TOLD == made.json | {"started": TOLD["started"]}
    assert made.json["started"] == "2026-11-29T22:24:01.123000Z"
    read = await house.ask("GET", f"/cdr/calls/{made.json['id']}", CDR)
    assert (read.status, read.json) == (200, made.json)


async def test_nobody_is_shown_whose_the_extensions_were(house: House) -> None:
    made = await post(house)
    assert b"alice" not in made.body
    assert not {"caller_owner", "callee_owner"} & made.json.keys()
    assert (await post(house, caller_owner="bob", uid="17.2")).status == 422


async def test_where_calls_are_forwarded_to_is_no_news_for_who_calls(house: House) -> None:
    """They could not read the forward either: it is somebody else's."""
    away: dict[str, Any] = {"callee": "1003", "callee_extension": "1003", "forwarded_to": "+4917055512"}
    away["destination_channel"] = "Local/+4917055512@outside-0001;2"
    ident = await recorded_as(house, caller="1001", caller_extension="1001", forwarded_by="1003", **away)
    for user, told in ((None, True), ("bob", True), ("alice", False)):
        read = await house.ask("GET", f"/cdr/calls/{ident}", CDR, user=user)
        assert read.json["forwarded_by"] == "1003"
        assert (b"+4917055512" in read.body) is told
        found = await house.ask("GET", "/cdr/calls", CDR, user=user)
        assert found.json["items"] == [read.json]


async def test_whoever_may_only_write_learns_the_id_alone(house: House) -> None:
    made = await house.ask("POST", "/cdr/calls", "rest:cdr:write", body=TOLD)
    assert (made.status, list(made.json)) == (201, ["id"])


async def test_a_call_that_is_told_again_is_the_same_record(house: House) -> None:
    first = await post(house)
    await house.ask("PATCH", "/extensions/1001", "rest:extensions", body={"owner": "bob"})
    for again in (TOLD, first.json, {**TOLD, "started": "2026-11-29T23:24:01.123456+01:00"}):
        answer = await house.ask("POST", "/cdr/calls", CDR, body=again)
        assert (answer.status, answer.json) == (201, first.json)
    assert len(await listed(house)) == 1
    assert await listed(house, user="bob") == []


async def test_another_call_under_the_same_id_is_a_conflict(house: House) -> None:
    await post(house)
    answer = await post(house, callee="+4930555101")
    assert (answer.status, "another call" in answer.json["detail"]) == (409, True)


async def test_legs_of_one_call_are_told_apart_by_the_line_that_rang(house: House) -> None:
    ids = {await recorded_as(house, destination_channel=each) for each in (None, "PJSIP/1001-1", "PJSIP/1002-2")}
    assert len(ids) == 3


@pytest.mark.parametrize(
    ("told", "path"),
    [
        ({"started": "2026-11-29T22:24:01"}, "started"),
        ({"started": "1899-12-31T23:59:59Z"}, "started"),
        ({"started": "0001-01-01T00:00:00+14:00"}, "started"),
        ({"ended": "9999-12-31T23:59:59-14:00"}, "ended"),
        ({"ended": "2026-11-29T22:24:00Z"}, "ended"),
        ({"ended": "2094-12-18T01:38:10Z"}, "ended"),
        ({"answered_at": "2026-11-29T22:24:00Z"}, "answered_at"),
        ({"answered_at": "2026-11-29T22:26:32Z"}, "answered_at"),
        ({"answered_at": None}, "answered_at"),
        ({"disposition": "busy"}, "answered_at"),
        ({"disposition": "ANSWERED"}, "disposition"),
        ({"direction": None}, "direction"),
        ({"id": "20261129T222401123-aaaaaaaaaaaa"}, "id"),
        ({"uid": ""}, "uid"),
        ({"uid": "two words"}, "uid"),
        ({"caller": ""}, "caller"),
        ({"callee_extension": "reception"}, "callee_extension"),
        ({"duration": -1}, "duration"),
        ({"recording": "../in.wav"}, "recording"),
        ({"caller_name": "tab\there"}, "caller_name"),
    ],
)
async def test_each_field_has_its_form(house: House, told: dict[str, object], path: str) -> None:
    answer = await post(house, **told)
    assert answer.status == 422
    assert [error["path"] for error in answer.json["errors"]] == [path]


async def test_what_the_telephone_system_counted_is_believed(house: House) -> None:
    answer = await post(house, duration=150, talk_seconds=121)
    assert (answer.json["duration"], answer.json["talk_seconds"]) == (150, 121)


async def test_calls_are_listed_from_the_newest_a_page_at_a_time(house: House) -> None:
    ids = await several(house)
    assert await listed(house) == ids[::-1]
    assert await listed(house, "?order=asc") == ids
    found, query = [], "?limit=2"
    while query:
        answer = await house.ask("GET", f"/cdr/calls{query}", CDR)
        found += [each["id"] for each in answer.json["items"]]
        query = f"?limit=2&after={answer.json['next']}" if answer.json["next"] else ""
    assert found == ids[::-1]


@pytest.mark.parametrize(("query", "found"), FOUND)
async def test_calls_are_found_by_what_is_asked(house: House, query: str, found: list[int]) -> None:
    ids = await several(house)
    assert await listed(house, f"?{query}") == [ids[each] for each in found]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_they_are_found_alike_on_a_real_database(kind: str, tmp_path: Path) -> None:
    with ExitStack() as stack:
        file = SqliteFile(tmp_path / "it.db")
        store = open_store(file if kind == "sqlite" else stack.enter_context(a_database()))
        house = await House.furnished_on(store.data(MODULES.tables, FixedEntropy()))
        try:
            ids = await several(house)
            for query, found in FOUND:
                assert await listed(house, f"?{query}") == [ids[each] for each in found], query
            assert await listed(house, "?direction=inbound", user="alice") == [ids[4], ids[0]]
            told = (await days(house, "?since=2026-11-29T00:00:00Z&zone=Europe/Berlin"))[0]
            assert (told["calls"], told["answered"], told["missed"], told["mean_talk_seconds"]) == (5, 2, 3, 620)
            assert (await days(house, "?number=1&since=2026-11-29T00:00:00Z", user="alice"))[0]["calls"] == 3
        finally:
            await store.close()


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("number=1&extension=1001", "extension"),
        ("number=1&direction=inbound", "direction"),
        ("number=1&disposition=busy", "disposition"),
        ("extension=1001&direction=inbound", "direction"),
        ("min_duration=10", "min_duration"),
        ("sort=duration&number=1", "number"),
        ("sort=duration&since=2026-11-29T12:00:00Z", "since"),
        ("since=2026-11-29T12:00:00", "since"),
        ("extension=reception", "extension"),
        ("sort=caller", "sort"),
    ],
)
async def test_what_could_not_be_quick_is_refused_and_named(house: House, query: str, path: str) -> None:
    answer = await house.ask("GET", f"/cdr/calls?{query}", CDR)
    assert answer.status == 422
    assert [error["path"] for error in answer.json["errors"]] == [path]


async def test_a_person_sees_the_calls_of_their_own_extensions_at_either_end(house: House) -> None:
    ids = await several(house)
    assert await listed(house, user="bob") == [ids[3], ids[2]]
    assert await listed(house, user="alice") == [ids[each] for each in (4, 3, 1, 0)]
    assert await listed(house, "?number=100", user="bob") == [ids[2]]
    assert await listed(house, "?direction=inbound", user="alice") == [ids[4], ids[0]]
    assert (await house.ask("GET", f"/cdr/calls/{ids[0]}", CDR, user="bob")).status == 404
    assert (await house.ask("GET", f"/cdr/calls/{ids[3]}", CDR, user="bob")).status == 200


async def test_who_is_given_an_extension_is_not_given_its_past(house: House) -> None:
    before = await recorded_as(house)
    await house.ask("PATCH", "/extensions/1001", "rest:extensions", body={"owner": "bob"})
    after = await recorded_as(house, uid="18.1")
    assert await listed(house, user="alice") == [before]
    assert await listed(house, user="bob") == [after]


async def test_calls_outlive_their_extension(house: House) -> None:
    call = await recorded_as(house)
    assert (await house.ask("DELETE", "/extensions/1001", "rest:extensions")).status == 204
    assert await listed(house, "?extension=1001") == [call]
    assert await listed(house, user="alice") == [call]


async def test_no_person_records_calls(house: House) -> None:
    assert (await house.ask("POST", "/cdr/calls", CDR, user="alice", body=TOLD)).status == 403


async def days(house: House, query: str = "", user: str | None = None) -> list[dict[str, Any]]:
    answer = await house.ask("GET", f"/cdr/days{query}", CDR, user=user)
    assert answer.status == 200, answer.body
    items: list[dict[str, Any]] = answer.json["items"]
    return items


async def test_a_day_tells_what_became_of_its_calls(house: House) -> None:
    for number, disposition in enumerate(("no_answer", "cancelled", "busy", "failed")):
        await recorded_as(house, uid=f"n{number}", answered_at=None, disposition=disposition)
    await recorded_as(house, uid="a1", talk_seconds=100)
    await recorded_as(house, uid="a2", talk_seconds=51)
    assert (await days(house))[-1] == {
        "day": "2026-11-29",
        "calls": 6,
        "answered": 2,
        "missed": 2,
        "busy": 1,
        "failed": 1,
        "talk_seconds": 151,
        "mean_talk_seconds": 75.5,
    }


async def test_days_without_calls_are_told_too_and_the_newest_is_the_last(house: House) -> None:
    assert await days(house) == []
    await several(house)
    await recorded_as(house, uid="old", started="2026-11-01T00:00:00Z")
    found = await days(house)
    assert (found[0]["day"], found[-1]["day"], len(found)) == ("2026-10-30", "2026-11-29", 31)
    assert [each["calls"] for each in found] == [0, 0, 1, *[0] * 27, 5]
    assert found[0]["mean_talk_seconds"] == 0


async def test_days_begin_at_midnight_in_the_zone_of_whoever_asks(house: House) -> None:
    moments = ("2026-10-24T21:59:59Z", "2026-10-24T22:00:00Z", "2026-10-25T22:59:59Z", "2026-10-25T23:00:00Z")
    for number, moment in enumerate(moments):
        await recorded_as(house, uid=f"m{number}", started=moment, ended="2026-10-26T00:00:00Z", **MISSED)
    query = "?since=2026-10-24T00:00:00Z&until=2026-10-27T00:00:00Z&zone="
    berlin = await days(house, f"{query}Europe/Berlin")
    assert [(each["day"][-2:], each["calls"]) for each in berlin] == [("24", 1), ("25", 2), ("26", 1), ("27", 0)]
    utc = await days(house, f"{query}UTC")
    assert [(each["day"][-2:], each["calls"]) for each in utc] == [("24", 2), ("25", 2), ("26", 0)]
    kathmandu = await days(house, f"{query}Asia/Kathmandu")
    assert [each["calls"] for each in kathmandu] == [0, 2, 2, 0]


async def test_only_what_is_between_is_counted_on_the_first_and_the_last_day(house: House) -> None:
    await several(house)
    found = await days(house, "?since=2026-11-29T12:01:00Z&until=2026-11-29T12:03:00Z")
    assert [(each["day"], each["calls"]) for each in found] == [("2026-11-29", 2)]
    assert await days(house, "?since=2026-11-29T12:01:00Z&until=2026-11-29T12:01:00Z") == []


@pytest.mark.parametrize(
    ("query", "calls"),
    [("number=1", 3), ("extension=1003", 2), ("direction=inbound", 3), ("number=2&extension=1003", 1)],
)
async def test_days_are_counted_of_what_is_asked(house: House, query: str, calls: int) -> None:
    await several(house)
    assert (await days(house, f"?since=2026-11-29T00:00:00Z&{query}"))[-1]["calls"] == calls


async def test_a_person_is_told_of_the_days_of_their_own_calls(house: House) -> None:
    await several(house)
    assert [each["calls"] for each in await days(house, "?since=2026-11-29T00:00:00Z", user="bob")] == [2]
    assert await days(house, user="carol") == []


async def test_days_are_paged(house: House) -> None:
    await several(house)
    first = await house.ask("GET", "/cdr/days?limit=30", CDR)
    second = await house.ask("GET", f"/cdr/days?limit=30&after={first.json['next']}", CDR)
    assert [each["day"] for each in second.json["items"]] == ["2026-11-29"]
    assert second.json["next"] is None


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("since=2025-01-01T00:00:00Z&until=2026-01-03T00:00:00Z", "since"),
        ("since=2026-01-01T00:00:00", "since"),
        ("until=2026-01-01T00:00:00", "until"),
        ("zone=Europe", "zone"),
        ("zone=Europe/Atlantis", "zone"),
        ("zone=../../etc/passwd", "zone"),
    ],
)
async def test_days_that_cannot_be_told_are_refused(house: House, query: str, path: str) -> None:
    await several(house)
    answer = await house.ask("GET", f"/cdr/days?{query}", CDR)
    assert answer.status == 422
    assert [error["path"] for error in answer.json["errors"]] == [path]


async def test_a_whole_year_is_told_at_once(house: House) -> None:
    found = await days(house, "?since=2024-01-01T00:00:00Z&until=2025-01-01T00:00:00Z&limit=500")
    assert len(found) == 366


def test_the_order_of_ids_is_that_of_time() -> None:
    moments = [
        datetime(1900, 1, 1, tzinfo=UTC),
        datetime(2026, 3, 29, 1, 59, tzinfo=timezone(timedelta(hours=2))),
        datetime(2026, 3, 29, 0, 30, tzinfo=UTC),
        datetime(2026, 3, 29, 0, 30, 0, 1_000, tzinfo=UTC),
        datetime(8999, 12, 31, tzinfo=UTC),
    ]
    ids = [ident_of(recorded(each, "started"), "17.1", None) for each in moments]
    assert ids == sorted(ids)
    assert len({len(each) for each in ids}) == 1
