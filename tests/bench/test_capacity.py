"""The guide to capacity is what the kept figures come to, and its arithmetic is right with plain numbers."""

from dataclasses import replace

import pytest

from bench.__main__ import RESULTS
from bench.capacity import MIXES, PAGE, WRITES, page
from bench.planning import Cost, Plan, Write, costs, memory_mb, planned, subject_of
from bench.rows import Bytes
from bench.workloads import DISCOVERY, FLOOR, ON_POSTGRES, OPAQUE, OURS
from tests.bench.runs import round_of, run_of

COSTS = {OPAQUE.name: Cost(server=0.001, database=0.0005), DISCOVERY.name: Cost(server=0.0001, database=0.0)}
SIZES = {"token": Bytes(log=400.0, kept=200.0)}
HALVES = {OPAQUE: 0.5, DISCOVERY: 0.5}


def plan(per_second: float) -> Plan:
    return planned(per_second, HALVES, COSTS, {OPAQUE: Write(1, ("token",))}, SIZES, worker_mb=100.0)


def test_cores_are_the_seconds_of_cpu_that_a_second_takes() -> None:
    assert plan(10_000).server_cores == pytest.approx(5.5)
    assert plan(10_000).database_cores == pytest.approx(2.5)


def test_no_core_of_a_node_is_used_for_more_than_six_tenths() -> None:
    assert plan(40_000).server_cores == pytest.approx(22)
    assert plan(40_000).nodes == 5  # 22 cores, of which a node gives 4.8


def test_there_are_two_nodes_however_little_there_is_to_do() -> None:
    assert plan(1).nodes == 2


def test_what_is_written_is_counted_in_rows_and_bytes() -> None:
    assert plan(10_000).rows == 5_000
    assert plan(10_000).log == 2_000_000
    assert plan(10_000).kept == 5_000 * 200 * 86_400


def test_what_is_written_over_is_in_the_log_and_makes_no_table_grow() -> None:
    writes = {OPAQUE: Write(1, over=("token",))}
    found = planned(10_000, HALVES, COSTS, writes, SIZES, worker_mb=100.0)
    assert (found.log, found.kept) == (2_000_000, 0)


def test_a_node_has_a_worker_for_each_core_and_room_to_replace_one() -> None:
    assert plan(1).memory_mb == 2 * 8 * 100
    assert plan(1).connections == 2 * 9 * 12


@pytest.mark.parametrize(
    ("change", "limit"),
    [
        ({"database_cores": 39.0}, "the database's cores"),
        ({"rows": 100_001.0}, "the rows that it writes"),
        ({"log": 201e6}, "its log"),
        ({"server_cores": 600.0}, "the number of processes"),
    ],
)
def test_what_is_too_much_for_one_primary_is_named(change: dict[str, float], limit: str) -> None:
    small = plan(1_000)
    assert small.limits == ()
    assert replace(small, **change).limits == (limit,)


def test_the_databases_time_is_not_the_servers() -> None:
    run = run_of({FLOOR: {}, ON_POSTGRES: {OPAQUE.name: [replace(round_of(1_000, 2.0), database_cpu_seconds=0.5)]}})
    assert costs(run) == {OPAQUE.name: Cost(server=0.0015, database=0.0005)}
    assert memory_mb(run) == 50


def test_figures_on_postgresql_count_where_there_are_any() -> None:
    assert subject_of(run_of({OURS: {}, ON_POSTGRES: {}})) == ON_POSTGRES
    assert subject_of(run_of({OURS: {}})) == OURS


def test_every_installation_is_of_whole_requests_and_writes_what_is_known() -> None:
    assert [sum(mix.shares.values()) for mix in MIXES] == pytest.approx([1, 1, 1])
    assert {kind for write in WRITES.values() for kind in write.kinds + write.over} <= {
        "token", "JWT", "grant", "rotation", "last use",
    }  # fmt: skip


def test_the_guide_is_what_the_kept_figures_come_to() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(RESULTS), "run `python -m bench --page`"
