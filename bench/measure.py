"""The measuring: round by round, the floor and everyone else in turn, so that a machine's drift meets all alike."""

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Final

from bench.bare import floor
from bench.load import Load, fire
from bench.ours import installed, on_postgres, scopekeeper, two_workers
from bench.process import Server, cores
from bench.record import Method, Round, Start
from bench.subject import Opening, Place
from bench.workloads import FLOOR, ON_POSTGRES, OURS, TWO_WORKERS

SUBJECTS: Final[Mapping[str, Opening]] = {
    FLOOR: floor,
    OURS: scopekeeper,
    ON_POSTGRES: on_postgres,
    TWO_WORKERS: two_workers,
}

_STARTS: Final = 5
_SETTLED: Final = 1.0
"""Seconds after its first token that a server counts as idle."""

Rounds = dict[str, dict[str, list[Round]]]


def measured(
    method: Method, folder: Path, say: Callable[[str], None], openings: Mapping[str, Opening] = SUBJECTS
) -> Rounds:
    """Every subject's rounds at each of its workloads. All servers run throughout; one at a time has work."""
    ours, theirs = cores() or (None, None)
    with ExitStack() as stack:
        opened = {
            name: stack.enter_context(opening(Place(_made(folder / str(number)), ours)))
            for number, (name, opening) in enumerate(openings.items())
        }
        subjects = {name: subject for name, subject in opened.items() if subject is not None}
        rounds: Rounds = {name: {load: [] for load in subject.loads} for name, subject in subjects.items()}
        for turn in range(1, method.rounds + 1):
            for name, subject in subjects.items():
                for workload, load in subject.loads.items():
                    done = round_of(subject.server, load, method, folder, theirs, say)
                    rounds[name][workload].append(done)
                    say(f"round {turn}: {name}, {workload}: {done.per_cpu_second:.0f} requests per CPU-second")
    return rounds


def started(folder: Path) -> Start:
    """How long a server takes to its first token, and what it then holds."""
    core, _ = cores() or (None, None)
    installation = installed(Place(_made(folder), core))
    with installation.serving() as server:
        installation.first_token(server)  # the first start of all makes the signing keys
    times, sizes = [], []
    for _ in range(_STARTS):
        began = time.perf_counter()
        with installation.serving() as server:
            installation.first_token(server)
            times.append(time.perf_counter() - began)
            time.sleep(_SETTLED)
            sizes.append(server.resident_mb())
    return Start(round(median(times), 3), round(median(sizes), 1))


def round_of(
    server: Server, load: Load, method: Method, folder: Path, core: int | None, say: Callable[[str], None]
) -> Round:
    """One go at one workload, after its warm-up. `core` is where wrk runs."""
    if method.warm_up:
        fire(load, server.origin, method.warm_up, method.connections, folder, core)
    load = load.made()
    before, of_database = server.cpu_seconds(), server.database_seconds()
    heard = fire(load, server.origin, method.seconds, method.connections, folder, core)
    used, of_database = server.cpu_seconds() - before, server.database_seconds() - of_database
    if heard.first_wrong:
        say(f"a wrong reply: {heard.first_wrong}")
    return Round(
        requests=heard.requests,
        seconds=round(heard.seconds, 3),
        cpu_seconds=round(used, 3),
        p50_ms=heard.p50_ms,
        p99_ms=heard.p99_ms,
        errors=heard.broken + heard.wrong,
        resident_mb=round(server.resident_mb(), 1),
        database_cpu_seconds=round(of_database, 3),
    )


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
