"""When the service manager hears that the server lives: while the one who looks after the workers does, and they do."""

from collections.abc import Sequence

import structlog

from scopekeeper.app.notify import Herald
from scopekeeper.app.workers.places import Place, Worker

log = structlog.get_logger(__name__)


class Pulse:
    """A sign of life for as long as every worker gave one lately. Who is dead is replaced, and is not waited for."""

    def __init__(self, herald: Herald) -> None:
        self._herald = herald
        self._every = herald.alive_every
        self._next = 0.0
        self._missed: Worker | None = None

    @property
    def asked_of_workers(self) -> float | None:
        """Seconds between two signs of life of a worker: one may come late. None where none are asked for."""
        return None if self._every is None else self._every / 2

    def due(self, places: Sequence[Place], now: float) -> float | None:
        """When it is to beat, though nobody tells anything. While a worker is silent only that one is waited for."""
        return None if self._every is None or self._silent(places, now) else self._next

    def beat(self, places: Sequence[Place], now: float) -> None:
        """Give a sign of life, if it is time to, and nobody is silent."""
        if self._every is None or now < self._next:
            return
        silent = self._silent(places, now)
        if silent is None:
            self._herald.alive()
            self._next = now + self._every
        elif self._missed is not silent.working and silent.working is not None:
            log.error("worker does not answer", worker=silent.number, pid=silent.working.pid)
        self._missed = None if silent is None else silent.working

    def _silent(self, places: Sequence[Place], now: float) -> Place | None:
        return next((place for place in places if self._is_silent(place.working, now)), None)

    def _is_silent(self, worker: Worker | None, now: float) -> bool:
        if worker is None or worker.heard_at is None or self._every is None:
            return False
        return now - worker.heard_at > self._every
