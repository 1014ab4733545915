"""What is measured: a server, and the load for each workload that it can bear."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from bench.load import Load
from bench.process import Server


@dataclass(frozen=True, slots=True)
class Place:
    """Where a subject may put its files, and the core that its server runs on."""

    folder: Path
    core: int | None


@dataclass(frozen=True, slots=True)
class Subject:
    """A server that runs, and its loads by the workload's name."""

    server: Server
    loads: Mapping[str, Load]


Opening = Callable[[Place], AbstractContextManager[Subject | None]]
"""Starts a subject and ends it; None where it cannot be had.

A peer is one more of these: its loads bear the names of the workloads that it has."""
