"""Runs to test with, of figures that are easy to reckon with."""

from bench.record import Method, Round, Run, Start


def round_of(requests: int, cpu_seconds: float = 1.0, errors: int = 0) -> Round:
    """Two seconds of so many requests."""
    return Round(requests, 2.0, cpu_seconds, p50_ms=1.0, p99_ms=3.0, errors=errors, resident_mb=50.0)


def run_of(rounds: dict[str, dict[str, list[Round]]]) -> Run:
    """A run in which this was measured."""
    return Run(
        at="2026-01-02T03:04:05Z",
        machine={"processor": "an abacus"},
        versions={"python": "3.11.0"},
        method=Method(),
        start=Start(0.4, 55.0),
        rounds=rounds,
    )
