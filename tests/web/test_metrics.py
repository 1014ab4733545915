"""Metrics add up as Prometheus expects it."""

import sys
from pathlib import Path
from typing import Final

import pytest
from prometheus_client.parser import text_string_to_metric_families

from scopekeeper.web.board import ROOM, Board
from scopekeeper.web.counts import Share
from scopekeeper.web.front import Front
from scopekeeper.web.metrics import Metrics
from tests.asking import ask
from tests.building import built

STATUSES: Final = (200, 201, 202, 204, 206, 303, 304, *range(400, 418), 422, 428, 429, 431, 499, 500, 501, 502, 503)
"""Every one that an endpoint could conceivably answer with."""


async def test_times_lie_in_buckets_that_hold_all_that_was_faster() -> None:
    metrics = Metrics()
    for seconds in (0.0005, 0.002, 0.002, 9.0):
        metrics.note("/oauth/token", 200, seconds)
    text = (await ask(metrics, "GET", "/metrics")).body.decode()
    told = {
        (sample.name, sample.labels.get("le")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.labels.get("endpoint") == "/oauth/token"
    }
    assert told["scopekeeper_requests_total", None] == 4
    assert told["scopekeeper_request_seconds_count", None] == 4
    assert told["scopekeeper_request_seconds_sum", None] == 9.0045
    buckets = [(le, count) for (name, le), count in told.items() if name == "scopekeeper_request_seconds_bucket"]
    assert buckets[:4] == [("0.0005", 1), ("0.001", 1), ("0.0025", 3), ("0.005", 3)]
    assert buckets[-1] == ("+Inf", 4)


async def test_whoever_is_asked_answers_for_all() -> None:
    board = Board(2)
    one, other = (Metrics(Share(board, slab)) for slab in board.slabs)
    for metrics, times in ((one, 3), (other, 4)):
        for _ in range(times):
            metrics.note("/oauth/token", 200, 0.002)
    other.note("/health/live", 200, 9.0)
    other.write()
    told = await asked(one)
    assert told["scopekeeper_workers", ()] == 2
    assert told["scopekeeper_requests_total", ("/oauth/token", "200")] == 7
    assert told["scopekeeper_requests_total", ("/health/live", "200")] == 1
    assert told["scopekeeper_request_seconds_sum", ("/oauth/token",)] == pytest.approx(0.014)
    assert told["scopekeeper_request_seconds_bucket", ("/oauth/token", "0.0025")] == 7
    assert told["scopekeeper_request_seconds_bucket", ("/health/live", "2.5")] == 0
    assert told["scopekeeper_request_seconds_bucket", ("/health/live", "+Inf")] == 1
    one.write()
    assert only_ours(await asked(other)) == only_ours(told)


async def test_a_successor_counts_on_from_what_was_counted_before() -> None:
    board = Board(2)
    first, other = (Metrics(Share(board, slab)) for slab in board.slabs)
    first.note("none", 404, 0.1)
    first.write()
    board.slabs[0].vacate()
    assert (await asked(other))["scopekeeper_workers", ()] == 1
    successor = Metrics(Share(board, board.slabs[0]))
    successor.note("none", 404, 0.1)
    told = await asked(successor)
    assert told["scopekeeper_requests_total", ("none", "404")] == 2
    assert told["scopekeeper_request_seconds_count", ("none",)] == 2
    assert told["scopekeeper_workers", ()] == 2


@pytest.mark.skipif(sys.platform != "linux", reason="the system says nothing of processes elsewhere")
async def test_of_processes_the_time_that_all_ever_spent_is_told_and_the_memory_of_those_that_are() -> None:
    board = Board(2)
    one, other = (Metrics(Share(board, slab)) for slab in board.slabs)
    alone = await asked(Metrics())
    other.write()
    both = await asked(one)
    assert both["process_open_fds", ()] == 2 * alone["process_open_fds", ()]
    assert both["process_resident_memory_bytes", ()] > 1.5 * alone["process_resident_memory_bytes", ()]
    assert both["process_start_time_seconds", ()] == alone["process_start_time_seconds", ()]
    board.slabs[1].vacate()
    left = await asked(one)
    assert left["process_open_fds", ()] == alone["process_open_fds", ()]
    assert left["process_cpu_seconds_total", ()] >= both["process_cpu_seconds_total", ()]


async def test_what_has_no_room_stands_still_and_nothing_falls(logbook: pytest.CaptureFixture[str]) -> None:
    board = Board(1)
    metrics = Metrics(Share(board, board.slabs[0]))
    metrics.note("none", 404, 0.1)
    metrics.write()
    for number in range(5_000):
        metrics.note(f"an endpoint that there is not, number {number}", 200, 0.1)
    for _ in range(3):
        told = await asked(metrics)
        assert told["scopekeeper_requests_total", ("none", "404")] == 1
    assert logbook.readouterr().err.count("no room on the board") == 1


async def test_all_that_there_is_fits_with_every_status_that_there_could_be(tmp_path: Path) -> None:
    async with built(tmp_path) as house:
        assert isinstance(house.front, Front)
        names = {name for name, _ in house.front._fixed.values()} | {name for _, name, _ in house.front._under}
    board = Board(1)
    metrics = Metrics(Share(board, board.slabs[0]))
    for name in (*names, "none"):
        for status in STATUSES:
            for _ in range(300):
                metrics.note(name, status, 0.1)
    metrics.write()
    assert 4 * len(board.slabs[0].read()) < 3 * ROOM


async def asked(metrics: Metrics) -> dict[tuple[str, tuple[str, ...]], float]:
    """What is told: by name, and the values of the labels in their order."""
    text = (await ask(metrics, "GET", "/metrics")).body.decode()
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def only_ours(told: dict[tuple[str, tuple[str, ...]], float]) -> dict[tuple[str, tuple[str, ...]], float]:
    """Without what the system says of the process, which changes all the time."""
    return {name: value for name, value in told.items() if name[0].startswith("scopekeeper_")}
