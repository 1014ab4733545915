"""Requests at a steady rate, whatever the server does meanwhile (an open loop).

Each request has its moment, and its time runs from that moment until all of its answer is there: where the server
stands still, those that should have been sent meanwhile wait too, and are counted. Timers tick by the millisecond, so
up to one is added to each. Where no rate is given, every connection asks again as soon as it has its answer.
What asks is a process of its own: bench/asker.py.
"""

import subprocess
import sys
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import ceil
from pathlib import Path
from typing import Final

import msgspec

from bench.load import Load, Shot
from bench.process import on_core
from scopekeeper.web.slow import SLOW

SLOW_MS: Final = 1_000 * SLOW
"""From here on the server's log tells of a request, too."""

PATIENCE: Final = 10.0
"""Seconds that what is under way in the end has."""

ASKED: Final = "steady.json"
HEARD: Final = "steady.msgpack"
"""Between the two processes: what is to be asked, and what was heard."""


class Part(msgspec.Struct, frozen=True):
    """One kind of request, and how many of a hundred are of it."""

    name: str
    share: int
    shots: list[Shot]
    headers: dict[str, str]
    expected: str
    follows: str = ""


class Asked(msgspec.Struct, frozen=True):
    """What is to be asked. Shares add up to a hundred; `rate` is requests a second."""

    port: int
    parts: list[Part]
    rate: float | None
    connections: int = 64


class Slow(msgspec.Struct, frozen=True):
    """A slow request: when it was due (seconds since the epoch), how long it took, and its name in the server's log."""

    at: float
    milliseconds: float
    part: str
    request_id: str


class Written(msgspec.Struct):
    """What was heard, as the process that asks writes it down: three arrays, and the rest."""

    began: float
    parts: list[str]
    at: bytes
    milliseconds: bytes
    part: bytes
    slow: list[Slow]
    errors: int
    first_error: str


class Heard:
    """What was heard: of each request its moment, its part, and its milliseconds."""

    def __init__(self, written: Written) -> None:
        self._at, self._ms, self._part = array("d"), array("d"), array("B")
        self._at.frombytes(written.at)
        self._ms.frombytes(written.milliseconds)
        self._part.frombytes(written.part)
        self._names = written.parts
        self.began = written.began
        """Seconds since the epoch."""
        self.slow = written.slow
        self.errors = written.errors
        self.first_error = written.first_error

    def __len__(self) -> int:
        return len(self._at)

    def between(self, begin: float, end: float, name: str | None = None) -> list[float]:
        """The milliseconds of those that were due in this time (seconds since the epoch)."""
        part = None if name is None else self._names.index(name)
        begin, end = begin - self.began, end - self.began
        told = zip(self._at, self._ms, self._part, strict=True)
        return [ms for at, ms, of in told if begin <= at < end and part in (None, of)]

    def each_until(self, ends: Sequence[float]) -> list[list[float]]:
        """The milliseconds of those that were due until the first of these moments, from then until the next, …"""
        ends = [end - self.began for end in ends]
        found: list[list[float]] = [[] for _ in ends]
        for at, ms in zip(self._at, self._ms, strict=True):
            if (place := bisect_right(ends, at)) < len(ends):
                found[place].append(ms)
        return found


def part_of(name: str, share: int, load: Load) -> Part:
    """A load as a part of what is asked."""
    shots = load.shots if load.fresh is None else load.fresh()
    return Part(name, share, list(shots), dict(load.headers), load.expected, load.follows)


def percentile(values: Sequence[float], percent: float) -> float:
    """The least of the values that so many percent of them do not exceed; 0 where there are none."""
    ordered = sorted(values)
    return ordered[max(ceil(len(ordered) * percent / 100), 1) - 1] if ordered else 0.0


def schedule(shares: Sequence[int]) -> list[int]:
    """The order of a round: as many of each part as its share, each spread as evenly as can be."""
    places = [((turn + 0.5) / share, part) for part, share in enumerate(shares) for turn in range(share)]
    return [part for _, part in sorted(places)]


class Asking:
    """The process that asks."""

    def __init__(self, folder: Path, process: "subprocess.Popen[str]") -> None:
        self._folder = folder
        self._process = process

    def ended(self) -> Heard:
        """Let it end; what it heard."""
        self._process.terminate()
        if self._process.wait(6 * PATIENCE):
            raise RuntimeError("bench: the process that asks has failed")
        return Heard(msgspec.msgpack.decode((self._folder / HEARD).read_bytes(), type=Written))


@contextmanager
def asking(asked: Asked, folder: Path, core: int | None) -> Iterator[Asking]:
    """A process of its own asks until it is told to end, or the block is left."""
    folder.mkdir(exist_ok=True)
    (folder / ASKED).write_bytes(msgspec.json.encode(asked))
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.asker", str(folder.resolve())],
        cwd=Path(__file__).parents[1],
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=on_core(core),
    )
    assert process.stdout is not None
    try:
        if process.stdout.readline() != "begun\n":
            raise RuntimeError("bench: the process that asks did not begin")
        yield Asking(folder, process)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
