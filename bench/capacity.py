"""docs/guides/capacity.md: what the kept runs come to in nodes, cores, memory, connections and the database's log."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill
from typing import Final

import msgspec

from bench.capacity_text import TEXT, UNSPLIT
from bench.planning import (
    BUSY,
    CONNECTIONS,
    CORES,
    PRIMARY_CORES,
    PRIMARY_LOG_MB,
    PRIMARY_ROWS,
    Cost,
    Plan,
    Write,
    costs,
    memory_mb,
    planned,
    subject_of,
)
from bench.record import Run, kept
from bench.rows import Bytes
from bench.table import markdown, thousands
from bench.workloads import CODE, DISCOVERY, INTROSPECTION, JWT, ON_POSTGRES, OPAQUE, REFRESH, REST_READ, Workload
from scopekeeper.services.sweep import KEPT
from scopekeeper.store.tables import PROCESSES

PAGE: Final = Path(__file__).parents[1] / "docs" / "guides" / "capacity.md"
RATES: Final = (1_000, 10_000, 100_000)
"""Requests a second that reach the servers."""

WRITES: Final[Mapping[Workload, Write]] = {
    OPAQUE: Write(1, ("token",)),
    JWT: Write(1, ("JWT",)),
    CODE: Write(4, ("grant",)),
    REFRESH: Write(4, ("rotation",), ("last use",)),
    REST_READ: Write(1, over=("last use",)),
}
"""What is written for each: of a code its own row, too; of a rotation the token before, both new ones and its grant."""


@dataclass(frozen=True, slots=True)
class Mix:
    """An installation: which requests reach the servers, and what that stands for."""

    name: str
    shares: Mapping[Workload, float]
    says: str


MIXES: Final = (
    Mix(
        "Programs, opaque tokens, introspection at every call",
        {INTROSPECTION: 0.99, OPAQUE: 0.01},
        "Every token is introspected 99 times. So 100 000 requests a second are 99 000 calls of your APIs a second.",
    ),
    Mix(
        "Programs, JWTs that your APIs verify themselves",
        {JWT: 0.98, DISCOVERY: 0.02},
        "Calls do not reach the servers. Where each JWT is used 100 times, 100 000 requests a second are almost ten"
        " million calls of your APIs a second; 99 000 calls a second, as above, take 990 JWTs a second.",
    ),
    Mix(
        "People, refresh tokens that rotate",
        {REFRESH: 0.70, CODE: 0.05, REST_READ: 0.25},
        "Programs that people signed in to, and a quarter of calls to APIs that are served here. Each call is by a"
        " token that nobody used within the same second, so that each writes when: the most there can be.",
    ),
)


def page(folder: Path) -> str:
    """The whole guide, for the runs that are kept in this folder."""
    sizes = msgspec.json.decode((folder / "rows.json").read_bytes(), type=dict[str, Bytes])
    return page_of(kept(folder / "latest.json"), sizes)


def page_of(run: Run, sizes: Mapping[str, Bytes]) -> str:
    """The guide for this run, and rows of these sizes."""
    cost, worker_mb = costs(run), memory_mb(run)
    split = any(each.database for each in cost.values())
    plans = {mix.name: [planned(rate, mix.shares, cost, WRITES, sizes, worker_mb) for rate in RATES] for mix in MIXES}
    last = {name: each[-1] for name, each in plans.items()}
    return TEXT.format(
        at=run.at,
        whose="Scopekeeper on PostgreSQL" if subject_of(run) == ON_POSTGRES else "Scopekeeper on SQLite",
        unsplit="" if split else UNSPLIT,
        costs=_costs(cost),
        sizes=_sizes(sizes),
        mixes="\n\n".join(_mix(mix, plans[mix.name]) for mix in MIXES),
        nodes=_listed(str(plan.nodes) for plan in last.values()),
        enough=_enough(plans),
        days=KEPT // 86_400,
        cores=CORES,
        busy=f"{BUSY:.0%}".replace("%", " %"),
        connections=CONNECTIONS,
        node_connections=CONNECTIONS * (CORES + 1),
        processes=PROCESSES,
        most_nodes=PROCESSES // (CORES + 1),
        primary_cores=PRIMARY_CORES,
        primary_used=f"{PRIMARY_CORES * BUSY:.0f}",
        primary_log=PRIMARY_LOG_MB,
        primary_rows=thousands(PRIMARY_ROWS),
        worker_mb=f"{worker_mb:.0f}",
        jwt_day=f"{last[MIXES[1].name].kept / 1e12:.1f}",
        jwt_all=f"{last[MIXES[1].name].kept * KEPT / 86_400 / 1e12:.0f}",
    )


def _costs(cost: Mapping[str, Cost]) -> str:
    used = dict.fromkeys(workload.name for mix in MIXES for workload in mix.shares)
    lines = [
        (
            name,
            thousands(1 / (each.server + each.database)),
            _micro(each.server),
            _micro(each.database),
        )
        for name, each in ((name, cost[name]) for name in used)
    ]
    return markdown(("a request", "req/CPU-s", "µs of a server", "µs of the database"), lines)


def _sizes(sizes: Mapping[str, Bytes]) -> str:
    lines = [(name, f"{each.log:.0f}", f"{each.kept:.0f}") for name, each in sizes.items()]
    return markdown(("what is written", "bytes of log", "bytes kept"), lines)


def _mix(mix: Mix, plans: list[Plan]) -> str:
    shares = _listed(f"{share * 100:.0f} % {workload.name}" for workload, share in mix.shares.items())
    head = (
        "req/s",
        "cores",
        "nodes",
        "GB of memory",
        "connections",
        "database cores",
        "rows/s",
        "log MB/s",
        "GB a day",
    )
    lines = [
        (
            thousands(plan.per_second),
            f"{plan.server_cores:.1f}",
            str(plan.nodes),
            f"{plan.memory_mb / 1_000:.1f}",
            thousands(plan.connections),
            f"{plan.database_cores:.1f}",
            thousands(plan.rows),
            f"{plan.log / 1e6:.1f}",
            f"{plan.kept / 1e9:.0f}",
        )
        for plan in plans
    ]
    said = fill(f"{shares}. {mix.says}", 118)
    return f"### {mix.name}\n\n{said}\n\n{markdown(head, lines, words=0)}"


def _enough(plans: Mapping[str, list[Plan]]) -> str:
    lines = []
    for name, each in plans.items():
        over = next((plan for plan in each if plan.limits), None)
        said = (
            "one primary is enough at all three rates"
            if over is None
            else f"not at {thousands(over.per_second)} requests a second, for {_listed(over.limits)}"
        )
        lines.append(f"* {name}: {said}.")
    return "\n".join(lines)


def _listed(words: Iterable[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last


def _micro(seconds: float) -> str:
    return f"{seconds * 1e6:.0f}"
