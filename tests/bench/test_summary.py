"""Medians over the rounds, and ratios to the floor of the same round."""

from bench.summary import ratio_of, summary
from bench.workloads import FLOOR, OURS
from tests.bench.runs import round_of, run_of

OPAQUE, READ = "client_credentials, opaque", "REST read"


def test_a_rate_is_counted_by_the_clock_and_by_the_cpu() -> None:
    done = round_of(1000, cpu_seconds=0.5)
    assert done.per_second == 500
    assert done.per_cpu_second == 2000


def test_a_ratio_is_the_median_of_the_rounds_ratios_so_drift_cancels_out() -> None:
    floor = [round_of(1000), round_of(500), round_of(2000)]
    ours = [round_of(500), round_of(250), round_of(800)]
    assert ratio_of(ours, floor) == 0.5


def test_each_workload_is_held_against_its_own_floor() -> None:
    run = run_of(
        {
            FLOOR: {"POST": [round_of(1000)], "GET": [round_of(2000)]},
            OURS: {OPAQUE: [round_of(400)], READ: [round_of(400)]},
        }
    )
    assert {row.workload: row.ratio for row in summary(run)} == {"POST": None, "GET": None, OPAQUE: 0.4, READ: 0.2}
    assert {row.workload for row in summary(run) if row.missed} == {READ}


def test_rates_are_medians_and_errors_are_all_of_them() -> None:
    rounds = [round_of(100, errors=1), round_of(900), round_of(200, errors=2)]
    [row] = [row for row in summary(run_of({FLOOR: {"POST": rounds}, OURS: {}})) if row.workload == "POST"]
    assert row.per_second == 100
    assert row.per_cpu_second == 200
    assert row.errors == 3


def test_a_peer_stands_below_ours_and_has_no_targets() -> None:
    run = run_of({FLOOR: {"POST": [round_of(1000)]}, OURS: {OPAQUE: [round_of(400)]}, "peer": {OPAQUE: [round_of(20)]}})
    _, ours, peer = summary(run)
    assert (ours.subject, ours.must) == (OURS, 0.3)
    assert (peer.subject, peer.must, peer.ratio) == ("peer", None, 0.02)
