"""What each process of a server has counted, as it stands on the board that they share; and all of it together."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import msgspec
import structlog
from prometheus_client import ProcessCollector
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

from scopekeeper.web.board import Board, Slab

log = structlog.get_logger(__name__)

Requests = Mapping[tuple[str, int], int]
"""How many requests, by endpoint and status."""

PROCESS: Final = ProcessCollector(registry=None)
"""What the system says of this process; nothing where it says nothing (macOS)."""

_SPENT: Final = "process_cpu_seconds"
_BEGAN: Final = "process_start_time_seconds"


class Times(msgspec.Struct, array_like=True):
    """How long the requests of one endpoint took: in which bucket each lies, and all seconds together."""

    buckets: list[int]
    seconds: float = 0.0


class Note(msgspec.Struct, array_like=True, frozen=True):
    """All that a process has counted, and all that those had whose place it has."""

    requests: list[tuple[str, int, int]] = []
    """Endpoint, status, how many."""
    times: list[tuple[str, Times]] = []
    process: dict[str, float] = {}
    """What the system says of it, by metric."""


_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(Note).decode


@dataclass(frozen=True, slots=True)
class Every:
    """The notes of all processes that ever were, and among them those of the ones that are."""

    ever: tuple[Note, ...]
    now: tuple[Note, ...]


class Share:
    """One process's share in the board: it writes on its own slab, and reads all."""

    def __init__(self, board: Board, slab: Slab) -> None:
        self._board = board
        self._slab = slab
        self.before: Final = _in(slab)
        """What had been counted by those who were here before."""
        self._fits = True

    def put(self, requests: list[tuple[str, int, int]], times: list[tuple[str, Times]]) -> None:
        """Put this in place of the last note. Where it has no room the last one stays, so that nothing falls."""
        process = {family.name: family.samples[0].value for family in PROCESS.collect()}
        process[_SPENT] = process.get(_SPENT, 0.0) + self.before.process.get(_SPENT, 0.0)
        fits = self._slab.write(_encode(Note(requests, times, process)))
        if self._fits and not fits:
            log.error("what was counted has no room on the board: the metrics stand still")
        self._fits = fits

    def all(self) -> Every:
        """The notes on all slabs."""
        ever = [(_in(slab), slab.taken) for slab in self._board.slabs]
        return Every(tuple(note for note, _ in ever), tuple(note for note, taken in ever if taken))


def requests_of(notes: Iterable[Note]) -> dict[tuple[str, int], int]:
    """The requests of all of them together."""
    added: defaultdict[tuple[str, int], int] = defaultdict(int)
    for note in notes:
        for endpoint, status, times in note.requests:
            added[endpoint, status] += times
    return added


def times_of(notes: Iterable[Note]) -> dict[str, Times]:
    """The times of all of them together."""
    added: dict[str, Times] = {}
    for note in notes:
        for endpoint, times in note.times:
            so_far = added.get(endpoint)
            if so_far is None:
                added[endpoint] = Times(list(times.buckets), times.seconds)
            else:
                so_far.buckets = [mine + theirs for mine, theirs in zip(so_far.buckets, times.buckets, strict=True)]
                so_far.seconds += times.seconds
    return added


def system_of(every: Every) -> Iterator[Metric]:
    """What the system says of all together: what all have, when the first began, and what all that ever were spent."""
    for family in PROCESS.collect():
        name, told = family.name, family.documentation
        if name == _SPENT:
            yield CounterMetricFamily(name, told, value=sum(note.process.get(name, 0.0) for note in every.ever))
        else:
            values = [note.process[name] for note in every.now if name in note.process]
            together = min(values, default=0.0) if name == _BEGAN else sum(values)
            yield GaugeMetricFamily(name, told, value=together)


def _in(slab: Slab) -> Note:
    kept = slab.read()
    return _decode(kept) if kept else Note()
