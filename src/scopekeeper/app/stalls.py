"""What keeps everybody waiting at once is told in the log, so that no slow request stands there without its cause.

The event loop's lateness is what is looked at. How much of the time the CPU worked says whose fault it was: nearly all
of it on the loop's own thread, and it was a piece of this program; mostly elsewhere in the process, and another thread
had the interpreter; hardly any, and the machine or a disk kept it waiting.
"""

import asyncio
import gc
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic, perf_counter, process_time, thread_time
from typing import Final, Literal

import structlog

log = structlog.get_logger(__name__)

HELD_UP: Final = 0.1
"""Seconds by which the event loop may be late in a second, or the garbage collector busy at once, without a word."""

_SPAN: Final = 1.0
"""Seconds that one line tells of, so that a machine that is always late does not fill the log."""

_LOOK: Final = 0.05
"""Seconds between two looks."""

_LATE: Final = 0.01
"""Seconds by which any timer may be late."""

_MOST: Final = 16
"""Collections that wait to be told of."""


async def keep_watching() -> None:
    """Tell of each second in which the event loop was held up, and of long garbage collections, until cancelled."""
    with _long_collections() as collections:
        while True:
            if (held_up := await _watched()).seconds > HELD_UP:
                log.warning(
                    "event loop was held up",
                    milliseconds=_milliseconds(held_up.seconds),
                    times=held_up.times,
                    own_cpu_milliseconds=_milliseconds(held_up.own),
                    process_cpu_milliseconds=_milliseconds(held_up.process),
                )
            while collections:
                generation, seconds = collections.popleft()
                log.warning("long garbage collection", generation=generation, milliseconds=_milliseconds(seconds))


@dataclass(slots=True)
class _HeldUp:
    """By how much the loop was late, how often, and what the CPU did meanwhile: on its thread, and in the process."""

    seconds: float = 0.0
    times: int = 0
    own: float = 0.0
    process: float = 0.0


async def _watched() -> _HeldUp:
    """Of the second that begins now."""
    held_up, end = _HeldUp(), monotonic() + _SPAN
    while (began := monotonic()) < end:
        own, process = thread_time(), process_time()
        await asyncio.sleep(_LOOK)
        late = monotonic() - began - _LOOK
        if late > _LATE:
            held_up.seconds += late
            held_up.times += 1
            held_up.own += thread_time() - own
            held_up.process += process_time() - process
    return held_up


@contextmanager
def _long_collections() -> Iterator[deque[tuple[int, float]]]:
    """The generation of each long collection, and its seconds. Told later: a collection may come amid a log line."""
    found: deque[tuple[int, float]] = deque(maxlen=_MOST)
    began = 0.0

    def heard(phase: Literal["start", "stop"], about: dict[str, int]) -> None:
        nonlocal began
        if phase == "start":
            began = perf_counter()
        elif (seconds := perf_counter() - began) > HELD_UP:
            found.append((about["generation"], seconds))

    gc.callbacks.append(heard)
    try:
        yield found
    finally:
        gc.callbacks.remove(heard)


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1_000)
