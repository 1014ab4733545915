"""What a run has measured, as it is kept in bench/results."""

from dataclasses import dataclass, field
from pathlib import Path

import msgspec


@dataclass(frozen=True, slots=True)
class Round:
    """One go at one workload: what wrk heard, and what the server used meanwhile."""

    requests: int
    seconds: float
    cpu_seconds: float
    p50_ms: float
    p99_ms: float
    errors: int
    resident_mb: float
    database_cpu_seconds: float = 0.0
    """What of `cpu_seconds` was the database's, where it has a server."""

    @property
    def per_second(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds

    @property
    def per_cpu_second(self) -> float:
        """Requests per second of the server's CPU time."""
        return self.requests / self.cpu_seconds


@dataclass(frozen=True, slots=True)
class Method:
    """How it was measured. Seconds of warm-up and of measuring, for each go."""

    seconds: int = 8
    warm_up: int = 2
    rounds: int = 3
    connections: int = 32


@dataclass(frozen=True, slots=True)
class Start:
    """The start of a server: seconds until its first token (median of some), and MB resident when idle after it."""

    first_token_s: float
    idle_mb: float


@dataclass(frozen=True, slots=True)
class Run:
    """A whole run: `rounds` by subject and by workload. `absent` says of peers that were left out why."""

    at: str
    machine: dict[str, str]
    versions: dict[str, str]
    method: Method
    start: Start
    rounds: dict[str, dict[str, list[Round]]] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)


def kept(path: Path) -> Run:
    """The run that the file holds."""
    return msgspec.json.decode(path.read_bytes(), type=Run)


def keep(run: Run, path: Path) -> None:
    """Write the run to the file."""
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(run), indent=1) + b"\n")
