"""A whole list in one answer: a table, or a line for each record, written as it is read; and never half of it."""

import asyncio
import csv
import io
import json
import tracemalloc
from collections.abc import Sequence
from pathlib import Path

import pytest

from scopekeeper.api.streaming import PAGE
from scopekeeper.sdk import NotFound
from scopekeeper.services.ports import Unavailable
from scopekeeper.settings import SqliteFile
from scopekeeper.store import open_store
from scopekeeper.wire.body import Disconnected
from scopekeeper.wire.streamed import BrokenOff
from tests.api.house import Answer, House, called, scope_of
from tests.api.lines import FEW, MODULES, Line, house_of, lines
from tests.api.reader import Forgetful, Reader
from tests.fixtures import FixedEntropy

CSV, LINES = {"accept": "text/csv"}, {"accept": "application/x-ndjson"}
MANY = [Line(f"{number:04}", f"{number % 7}", f"{number % 5}", number % 11) for number in range(PAGE * 3 + 7)]


def table(answer: Answer) -> list[dict[str, str]]:
    """The lines of a table, by the names of its columns."""
    return list(csv.DictReader(io.StringIO(answer.body.decode(), newline="")))


async def test_a_table_has_a_column_for_each_field_and_a_line_for_each_record() -> None:
    answer = await house_of().ask("GET", "/lines/lines", "rest", headers=CSV)
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert answer.headers["content-disposition"] == 'attachment; filename="lines.csv"'
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["vary"] == "accept"
    assert "link" not in answer.headers
    first, *lines = answer.body.decode().split("\r\n")
    assert first == (
        "id,near,far,seconds,near_owner,far_owner,kind,at,lit,"
        "place.room,place.target.extension,place.target.number,tags"
    )
    assert lines[0] == "1,1001,1002,5,alice,bob,quiet,2026-03-01T12:00:00Z,true,,,,"
    assert lines[1] == "2,1002,1001,,bob,alice,loud,,false,kitchen,,+49301234,"
    assert len(table(answer)) == len(FEW)


async def test_no_cell_is_run_by_a_spreadsheet_and_numbers_stay_as_they_are() -> None:
    found = table(await house_of().ask("GET", "/lines/lines", "rest", headers=CSV))
    assert [line["near"] for line in found] == ["1001", "1002", "'=SUM(A1)", "-1"]
    assert found[3]["far"] == "'@x"
    assert found[3]["place.room"] == " two\nlines, and a comma"
    assert json.loads(found[2]["tags"]) == ["a", 'b "c"']


async def test_each_line_is_a_record_as_it_is_read_alone() -> None:
    house = house_of()
    answer = await house.ask("GET", "/lines/lines", "rest", headers=LINES)
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.body.endswith(b"}\n")
    for line, each in zip(answer.body.splitlines(), FEW, strict=True):
        assert json.loads(line) == (await house.ask("GET", f"/lines/lines/{each.id}", "rest")).json


@pytest.mark.parametrize("headers", [CSV, LINES])
async def test_all_records_come_each_once_in_the_order_asked_for(headers: dict[str, str]) -> None:
    house = house_of(*MANY)
    answer = await house.ask("GET", "/lines/lines?sort=seconds&order=desc", "rest", headers=headers)
    found = [line["id"] for line in (table(answer) if headers is CSV else map(json.loads, answer.body.splitlines()))]
    expected = sorted(MANY, key=lambda each: (each.seconds or 0, each.id), reverse=True)
    assert found == [each.id for each in expected]
    assert house.data.trips.count("page") == 4


async def test_a_limit_and_a_filter_and_a_beginning_hold_for_streams_too() -> None:
    house = house_of(*MANY)
    limited = await house.ask("GET", "/lines/lines?limit=3", "rest", headers=LINES)
    assert [json.loads(line)["id"] for line in limited.body.splitlines()] == ["0000", "0001", "0002"]
    first = (await house.ask("GET", "/lines/lines?limit=10&begins=02", "rest")).json
    rest = await house.ask("GET", f"/lines/lines?begins=02&after={first['next']}", "rest", headers=LINES)
    assert [json.loads(line)["id"] for line in rest.body.splitlines()] == [f"{each:04}" for each in range(210, 300)]


async def test_a_stream_of_nothing_is_a_table_without_lines() -> None:
    house = house_of(Line("1"))
    assert (await house.ask("GET", "/lines/lines?begins=9", "rest", headers=CSV)).body.count(b"\r\n") == 1
    assert (await house.ask("GET", "/lines/lines?begins=9", "rest", headers=LINES)).body == b""


@pytest.mark.parametrize(
    ("accept", "given"),
    [
        ("text/csv", "text/csv"),
        ("TEXT/CSV; header=present", "text/csv"),
        ("text/*", "text/csv"),
        ("text/csv, */*", "text/csv"),
        ("application/x-ndjson, text/csv;q=0.9", "application/x-ndjson"),
        ("text/csv;q=0.5, application/x-ndjson", "application/x-ndjson"),
        ("application/json;q=0.1, text/csv;q=0.2", "text/csv"),
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("text/csv, application/json", "application/json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
        ("text/csv;q=0", "application/json"),
        ("text/csv;q=x", "application/json"),
        ("image/png", "application/json"),
        ("image/png, " * 49 + "text/csv", "text/csv"),
        ("image/png, " * 50 + "text/csv", "application/json"),
    ],
)
async def test_what_is_given_is_what_is_preferred_and_json_where_nothing_fits(accept: str, given: str) -> None:
    answer = await house_of().ask("GET", "/lines/lines", "rest", headers={"accept": accept} if accept else {})
    assert answer.status == 200
    assert answer.headers["content-type"].partition(";")[0] == given


async def test_one_record_is_json_whatever_is_preferred() -> None:
    answer = await house_of().ask("GET", "/lines/lines/1", "rest", headers=CSV)
    assert answer.headers["content-type"] == "application/json"


async def test_a_stream_that_is_only_asked_about_has_no_body() -> None:
    house = house_of(*MANY)
    answer = await house.ask("HEAD", "/lines/lines", "rest", headers=CSV)
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.body == b""
    assert house.data.trips == ["page"]


@pytest.mark.parametrize(
    ("path", "scope", "status"),
    [
        ("/lines/lines", (), 401),
        ("/lines/lines", ("rest:lines:write",), 403),
        ("/lines/lines?sort=up", ("rest",), 422),
        ("/lines/lines?after=x", ("rest",), 422),
        ("/lines/lines?limit=501", ("rest",), 422),
    ],
)
async def test_what_is_refused_is_a_problem_as_ever(path: str, scope: Sequence[str], status: int) -> None:
    answer = await house_of().ask("GET", path, *scope, headers=CSV)
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_person_is_given_what_is_theirs() -> None:
    answer = await house_of().ask("GET", "/lines/lines", "rest", user="bob", headers=CSV)
    assert [line["id"] for line in table(answer)] == ["1", "2"]


async def test_a_token_that_is_revoked_meanwhile_ends_the_stream_unfinished() -> None:
    house = house_of(*MANY)
    token = house.doorman.token("rest")

    class Revoked(Reader):
        async def after_some(self) -> None:
            house.doorman.forget(token)

    reader = Revoked(house, token)
    with pytest.raises(BrokenOff):
        await reader.read()
    assert reader.sent[0]["status"] == 200
    assert len(reader.sent) == 2
    assert not reader.whole


@pytest.mark.parametrize("other", [{"user": "alice"}, {"ceiling": ("rest:lines:write",)}])
async def test_a_token_that_shows_less_meanwhile_ends_the_stream_unfinished(other: dict[str, object]) -> None:
    house = house_of(*MANY)
    token = house.doorman.token("rest", user="alice", admin=True)

    class Narrowed(Reader):
        async def after_some(self) -> None:
            house.doorman.exchange(token, "rest", **other)

    reader = Narrowed(house, token)
    with pytest.raises(BrokenOff):
        await reader.read()
    assert not reader.whole


@pytest.mark.parametrize("wrong", [Unavailable("away"), NotFound("It is gone.")])
async def test_what_cannot_be_read_to_the_end_is_not_finished(
    wrong: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = house_of(*MANY)

    class Failing(Reader):
        async def after_some(self) -> None:
            async def page(*_: object, **__: object) -> None:
                raise wrong

            monkeypatch.setattr(house.data, "page", page)

    reader = Failing(house, house.doorman.token("rest"))
    with pytest.raises(BrokenOff):
        await reader.read()
    assert not reader.whole


async def test_nothing_more_is_read_for_one_who_has_gone() -> None:
    house = house_of(*MANY)

    class Leaving(Reader):
        async def after_some(self) -> None:
            self.gone.set()
            await asyncio.sleep(0)

    reader = Leaving(house, house.doorman.token("rest"))
    with pytest.raises(Disconnected):
        await reader.read()
    assert house.data.trips.count("page") <= 2


async def test_a_page_is_read_when_the_one_before_it_is_taken() -> None:
    house = house_of(*MANY)
    read_before: list[int] = []

    class Slow(Reader):
        async def after_some(self) -> None:
            read_before.append(house.data.trips.count("page"))
            await asyncio.sleep(0)

    reader = Slow(house, house.doorman.token("rest"))
    await reader.read()
    assert read_before == [1, 2, 3, 4, 4]
    assert reader.whole


async def test_the_guard_is_asked_for_each_page_and_it_is_one_call() -> None:
    house = house_of(*MANY)
    token = house.doorman.token("rest")
    scope = scope_of("GET", b"/api/rest/lines/lines", headers=[("authorization", f"Bearer {token}"), *CSV.items()])
    await called(house.app, scope)
    assert len(house.doorman.seen_from) == 4


async def test_others_are_served_while_a_stream_is_given() -> None:
    house = house_of(*MANY)
    done: list[str] = []

    async def other() -> None:
        await house.ask("GET", "/lines/lines/0001", "rest")
        done.append("other")

    async def stream() -> None:
        await house.ask("GET", "/lines/lines", "rest", headers=CSV)
        done.append("stream")

    await asyncio.gather(stream(), other())
    assert done == ["other", "stream"]


async def test_the_description_tells_of_all_three_media_types_with_an_example_of_each() -> None:
    document = (await house_of().ask("GET", "/openapi.json")).json
    told = document["paths"]["/lines/lines"]["get"]["responses"]["200"]
    assert set(told["content"]) == {"application/json", "application/x-ndjson", "text/csv"}
    lines = json.loads(told["content"]["application/x-ndjson"]["example"])
    (row,) = csv.DictReader(io.StringIO(told["content"]["text/csv"]["example"], newline=""))
    assert row["id"] == lines["id"] == "1001"
    assert set(document["paths"]["/lines/lines/{id}"]["get"]["responses"]["200"]["content"]) == {"application/json"}


async def test_a_long_stream_takes_no_more_memory_than_a_short_one(tmp_path: Path) -> None:
    store = open_store(SqliteFile(tmp_path / "it.db"))
    try:
        data = store.data(MODULES.tables, FixedEntropy())
        house = House(data, modules=MODULES)
        token = house.doorman.token("rest")
        peaks = []
        for count in (PAGE * 3, PAGE * 3, PAGE * 30):  # the first time statements and cells are made ready
            await data.append(lines, [Line(f"{number:05}", tags=["x" * 100]) for number in range(count)])
            reader = Forgetful(house, token)
            tracemalloc.start()
            await reader.read()
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
            assert reader.bytes > count * 100
        assert peaks[2] < peaks[1] * 1.5
    finally:
        await store.close()
