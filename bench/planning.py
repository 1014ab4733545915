"""The arithmetic of capacity: from what one request costs to nodes, the database, memory and connections.

All of it is on paper: costs are what the bench measured on one or two cores, and are taken to stay as they are.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Final

from bench.record import Run
from bench.rows import Bytes
from bench.workloads import ON_POSTGRES, OURS, Workload
from scopekeeper.store.tables import PROCESSES

CORES: Final = 8
"""Of a node. Each has a worker."""
BUSY: Final = 0.6
"""How much of a core is used at the most, so that one node may fail and a peak may come."""
CONNECTIONS: Final = 12
"""That a process has to PostgreSQL at most."""
PRIMARY_CORES: Final = 64
PRIMARY_LOG_MB: Final = 200
PRIMARY_ROWS: Final = 100_000
"""What one PostgreSQL primary is taken to bear: cores, of which it uses BUSY; log and rows in a second."""
A_DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class Cost:
    """What one request costs, in seconds of CPU: the server's processes, and the database's."""

    server: float
    database: float


@dataclass(frozen=True, slots=True)
class Write:
    """What a request of a workload has the database do: rows, and of what kinds in rows.json."""

    rows: int = 0
    kinds: tuple[str, ...] = ()
    over: tuple[str, ...] = ()
    """Of kinds that are written over what is there: they are in the log, and vacuum gives back the room they take."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What so many requests a second take. Log in bytes a second, kept in bytes a day."""

    per_second: float
    server_cores: float
    database_cores: float
    rows: float
    log: float
    kept: float
    worker_mb: float
    """What one worker holds."""

    @property
    def nodes(self) -> int:
        """Of CORES cores each: enough that no core is more than BUSY, and two at least, for one may fail."""
        return max(math.ceil(self.server_cores / CORES / BUSY), 2)

    @property
    def memory_mb(self) -> float:
        """Of all nodes."""
        return self.nodes * CORES * self.worker_mb

    @property
    def connections(self) -> int:
        """That all nodes may open, one more process in each while its workers are replaced."""
        return self.nodes * (CORES + 1) * CONNECTIONS

    @property
    def limits(self) -> tuple[str, ...]:
        """What of this is more than one primary bears, or one database serves; nothing where it is enough."""
        found = {
            "the database's cores": self.database_cores > PRIMARY_CORES * BUSY,
            "the rows that it writes": self.rows > PRIMARY_ROWS,
            "its log": self.log > PRIMARY_LOG_MB * 1e6,
            "the number of processes": self.nodes * (CORES + 1) > PROCESSES,
        }
        return tuple(what for what, over in found.items() if over)


def subject_of(run: Run) -> str:
    """Whose figures count: those on PostgreSQL, where the run has them."""
    return ON_POSTGRES if ON_POSTGRES in run.rounds else OURS


def costs(run: Run) -> dict[str, Cost]:
    """What a request of each workload costs, the median over the rounds."""
    return {
        name: Cost(
            median((each.cpu_seconds - each.database_cpu_seconds) / each.requests for each in rounds),
            median(each.database_cpu_seconds / each.requests for each in rounds),
        )
        for name, rounds in run.rounds[subject_of(run)].items()
    }


def memory_mb(run: Run) -> float:
    """The most that a server's process held, MB."""
    return max(each.resident_mb for rounds in run.rounds[subject_of(run)].values() for each in rounds)


def planned(
    per_second: float,
    shares: Mapping[Workload, float],
    costs: Mapping[str, Cost],
    writes: Mapping[Workload, Write],
    sizes: Mapping[str, Bytes],
    worker_mb: float,
) -> Plan:
    """What so many requests a second take, that are of these workloads by these shares (1 in sum)."""
    of_each = {workload: per_second * share for workload, share in shares.items()}

    def done(workload: Workload) -> Write:
        return writes.get(workload, Write())

    cores = sum(rate * costs[workload.name].server for workload, rate in of_each.items())
    return Plan(
        per_second,
        cores,
        sum(rate * costs[workload.name].database for workload, rate in of_each.items()),
        sum(rate * done(each).rows for each, rate in of_each.items()),
        sum(rate * sizes[kind].log for each, rate in of_each.items() for kind in done(each).kinds + done(each).over),
        sum(rate * sizes[kind].kept for each, rate in of_each.items() for kind in done(each).kinds) * A_DAY,
        worker_mb,
    )
