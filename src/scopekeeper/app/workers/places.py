"""The places of the workers, and who is in them: one who works, one who comes, and one who leaves."""

from dataclasses import dataclass
from typing import Final

from scopekeeper.app.workers.messages import Ear
from scopekeeper.web.board import Slab

SHORTEST: Final = 0.1
LONGEST: Final = 5.0
"""Seconds until a worker that ended has a successor: the shortest the first time, twice as many each time after."""

SETTLED: Final = 10.0
"""Seconds after which one that works is not one that ends again and again."""


@dataclass(eq=False, slots=True)
class Worker:
    """A process that works, or is about to."""

    pid: int
    ear: Ear
    slab: Slab
    ready_at: float | None = None
    heard_at: float | None = None
    """When it last told that it serves, or lives."""
    refused: str | None = None
    """Why it did not open the house."""


@dataclass(eq=False, slots=True)
class Place:
    """A place with a number. Its two slabs let a successor count while the one before finishes."""

    number: int
    slabs: tuple[Slab, Slab]
    due: float | None
    """When the next worker is to be made, if one is."""
    working: Worker | None = None
    coming: Worker | None = None
    leaving: Worker | None = None
    told_at: float | None = None
    """When whoever leaves was told to."""
    failures: int = 0
    """How often in a row a worker ended before it had settled."""

    @property
    def workers(self) -> tuple[Worker, ...]:
        """Everybody who is here."""
        return tuple(each for each in (self.working, self.coming, self.leaving) if each is not None)

    @property
    def free(self) -> Slab | None:
        """A slab on which nobody writes."""
        used = [worker.slab for worker in self.workers]
        return next((slab for slab in self.slabs if slab not in used), None)

    def came(self, worker: Worker, now: float) -> Worker | None:
        """It works now. Returns whose place it takes, if there is one: that one leaves."""
        worker.ready_at = worker.heard_at = now
        before, self.working, self.coming = self.working, worker, None
        if before is not None:
            self.leaving, self.told_at = before, now
        return before

    def failed(self, now: float) -> float:
        """Somebody ended who was to work: another is due. Returns in how many seconds."""
        pause = min(SHORTEST * (1 << self.failures), LONGEST)
        self.failures = min(self.failures + 1, 16)
        if self.coming is None:
            self.due = now + pause
        return pause

    def gone(self, worker: Worker, now: float) -> float | None:
        """It has ended. Returns in how many seconds another takes its place; None where it left as it was to."""
        if worker is self.leaving:
            self.leaving = self.told_at = None
            return None
        if worker.ready_at is not None and now - worker.ready_at >= SETTLED:
            self.failures = 0
        if worker is self.working:
            self.working = None
        else:
            self.coming = None
        return self.failed(now)
