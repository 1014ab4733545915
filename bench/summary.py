"""What a run says: medians over the rounds, and ratios to the floor."""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from bench.record import Round, Run
from bench.workloads import FLOOR, OURS, WORKLOADS, Workload


@dataclass(frozen=True, slots=True)
class Row:
    """A workload of a subject: medians over the rounds; errors are added up, memory is the most there was."""

    subject: str
    workload: str
    per_second: float
    per_cpu_second: float
    ratio: float | None
    must: float | None
    aim: float | None
    p50_ms: float
    p99_ms: float
    errors: int
    resident_mb: float

    @property
    def missed(self) -> bool:
        """Is the ratio less than it must be?"""
        return self.must is not None and self.ratio is not None and self.ratio < self.must


def summary(run: Run) -> tuple[Row, ...]:
    """The floor's rows, then those of each workload: ours first, then the peers'."""
    return (*_floor(run), *(row for workload in WORKLOADS for row in _rows(run, workload)))


def _floor(run: Run) -> Iterator[Row]:
    for name, rounds in run.rounds[FLOOR].items():
        yield _row(FLOOR, name, rounds)


def _rows(run: Run, workload: Workload) -> Iterator[Row]:
    for subject, by_workload in run.rounds.items():
        rounds = by_workload.get(workload.name)
        if rounds and subject != FLOOR:
            targets = workload if subject == OURS else None
            ratio = ratio_of(rounds, run.rounds[FLOOR][workload.floor])
            yield _row(subject, workload.name, rounds, ratio, targets)


def ratio_of(rounds: list[Round], floor: list[Round]) -> float:
    """Requests per CPU-second against the floor's: the median of each round's ratio, so that drift cancels out."""
    return median(ours.per_cpu_second / bare.per_cpu_second for ours, bare in zip(rounds, floor, strict=True))


def _row(
    subject: str, name: str, rounds: list[Round], ratio: float | None = None, targets: Workload | None = None
) -> Row:
    return Row(
        subject=subject,
        workload=name,
        per_second=median(each.per_second for each in rounds),
        per_cpu_second=median(each.per_cpu_second for each in rounds),
        ratio=ratio,
        must=targets.must if targets else None,
        aim=targets.aim if targets else None,
        p50_ms=median(each.p50_ms for each in rounds),
        p99_ms=median(each.p99_ms for each in rounds),
        errors=sum(each.errors for each in rounds),
        resident_mb=max(each.resident_mb for each in rounds),
    )
