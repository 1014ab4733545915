"""The call records that pages are measured in are what the module would have kept, and what is late is told."""

from dataclasses import fields
from pathlib import Path

import pytest

from bench.called import BUSY_EXTENSION, BUSY_NUMBER, BUSY_PERSON, PERSON, Many, fill
from bench.calls import Measured, Times, keep, kept, late, section, told
from scopekeeper.api.modules import installed
from scopekeeper.modules.cdr import calls
from scopekeeper.modules.cdr.moments import stamp
from scopekeeper.modules.cdr.recording import whole
from scopekeeper.modules.cdr.records import Call, Disposition, Kept
from scopekeeper.settings import Database, PostgresDatabase, SqliteFile
from scopekeeper.store import open_store
from tests.fixtures import FixedEntropy

MANY = Many(4_000, 1_800_000_000)


async def records(database: Database) -> list[Kept]:
    store = open_store(database)
    try:
        data = store.data(installed().tables, FixedEntropy())
        return [found.record for _, found in await data.page(calls, None, {}, None, 10_000)]
    finally:
        await store.close()


async def require_as_kept(database: Database) -> None:
    found = await records(database)
    assert len(found) == MANY.calls
    assert {each.disposition for each in found} == set(Disposition)
    for n, each in enumerate(found):
        assert each.id.startswith(f"{stamp(each.started)}-")
        assert int(each.started.timestamp() * 1_000) == MANY.milliseconds(n)
        told = {field.name: getattr(each, field.name) for field in fields(Call)}
        again = whole(Call(**told | {"id": "", "duration": None, "talk_seconds": None}))
        assert (again.duration, again.talk_seconds) == (each.duration, each.talk_seconds)
    outside = {MANY.number_of(n) for n in range(100) if n % 10 < 8}
    assert outside <= {each.caller for each in found} | {each.callee for each in found}
    ends = [{each.caller, each.callee} for each in found]
    assert sum(BUSY_NUMBER in each for each in ends) > MANY.calls / 50
    assert sum(BUSY_EXTENSION in (each.caller_extension, each.callee_extension) for each in found) > MANY.calls / 20
    for person in (PERSON, BUSY_PERSON):
        assert any(person in (each.caller_owner, each.callee_owner) for each in found)


async def test_the_calls_are_as_the_module_keeps_them(tmp_path: Path) -> None:
    database = SqliteFile(tmp_path / "it.db")
    fill(database, MANY)
    await require_as_kept(database)


async def test_they_are_the_same_on_postgresql(made: PostgresDatabase) -> None:
    fill(made, MANY)
    await require_as_kept(made)


def measured(p99_ms: float) -> Measured:
    pages = {"all calls: first page": Times(200, 1.0, p99_ms)}
    days, bulk = {"days of a month": Times(20, 300.0, 400.0)}, {"export, CSV": 40_000.0}
    return Measured("2026-01-02T03:04:05Z", {"cores": "2"}, 10_000_000, pages, days, bulk, 2.5)


@pytest.mark.parametrize(("p99_ms", "is_late"), [(20.0, []), (20.1, ["all calls: first page"])])
def test_a_page_that_is_late_is_named(p99_ms: float, is_late: list[str]) -> None:
    assert late(measured(p99_ms)) == is_late
    assert ("late" in told("sqlite", measured(p99_ms))) is bool(is_late)


def test_times_are_told_of_the_middle_one_and_of_the_99th_of_a_hundred() -> None:
    times = Times.of([each / 1_000 for each in range(100, 0, -1)])
    assert (times.requests, times.p50_ms, times.p99_ms) == (100, 51.0, 100.0)


def test_what_is_kept_is_told_of_both_kinds_of_database(tmp_path: Path) -> None:
    assert section(tmp_path) == ""
    keep({"sqlite": measured(9.0)}, tmp_path)
    keep({"postgresql": measured(8.0)}, tmp_path)
    assert kept(tmp_path) == {"sqlite": measured(9.0), "postgresql": measured(8.0)}
    shown = section(tmp_path)
    assert "10 000 000 call records" in shown
    assert "| all calls: first page | 1.0 | 9.0 | 1.0 | 8.0 |" in shown
    assert "| export, CSV | 40 000 | 40 000 |" in shown
