"""Looks after the workers: makes them, waits until all serve, replaces whoever ends, and ends only after all of them.

It serves nobody itself, and opens no house: it never has a thread or an event loop, because only a process without them
can be forked at any time. It sleeps until a worker tells something or ends, a signal comes, or a pause is over.
"""

import gc
import os
import selectors
import signal
import socket
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol

import structlog

from scopekeeper.app.house import CannotOpen, WrongDatabase
from scopekeeper.app.notify import Herald
from scopekeeper.app.workers.forking import HEARD, ended, forked, has_terminal, in_words
from scopekeeper.app.workers.messages import Alive, Ear, Order, Ready, order
from scopekeeper.app.workers.places import Place, Worker
from scopekeeper.app.workers.post import Post
from scopekeeper.app.workers.pulse import Pulse
from scopekeeper.web.board import Board, Slab

log = structlog.get_logger(__name__)

Work = Callable[[Post], None]
"""Serves until told to stop. Raises CannotOpen where that cannot be."""


class Closed(Protocol):
    """What can be closed."""

    def close(self) -> None: ...


def supervise(
    count: int,
    work: Work,
    greet: Callable[[str | None], None],
    *,
    longest: int,
    listening: Iterable[Closed] = (),
    herald: Herald | None = None,
) -> None:
    """Serve by so many processes until told to stop, then let each finish, for `longest` seconds at most.

    `greet` is called once, when all of them serve. `listening`: what is closed as soon as it stops, for as long as one
    process has it open the system lets people in. `herald` tells the service manager how it stands. Raises CannotOpen
    where one of the first cannot.
    """
    supervisor = Supervisor(count, work, greet, longest, tuple(listening), herald or Herald())
    # What is there now is shared for as long as nobody writes to it, and the collector would.
    gc.freeze()
    with supervisor.listening():
        supervisor.run()


class Supervisor:
    """What it knows: who is in which place, what it was told, and what is still to be done."""

    def __init__(
        self,
        count: int,
        work: Work,
        greet: Callable[[str | None], None],
        longest: int,
        listening: tuple[Closed, ...],
        herald: Herald,
    ) -> None:
        self._work = work
        self._greet = greet
        self._longest = longest
        self._listening = listening
        self._herald = herald
        self._pulse = Pulse(herald)
        self._board = Board(2 * count)
        slabs, now = self._board.slabs, time.monotonic()
        self._places = [Place(n + 1, (slabs[2 * n], slabs[2 * n + 1]), now) for n in range(count)]
        self._awake, self._wakes = socket.socketpair()
        self._selector = selectors.PollSelector()
        self._setup: str | None = None
        self._greeted = False
        self._refused: CannotOpen | None = None
        self._stopped_at: float | None = None
        self._rolling: deque[tuple[Place, Worker | None]] = deque()
        self._at_a_terminal = has_terminal()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Signals wake it up. Nothing is done in their handlers: what came is read from a socket."""
        for end in (self._awake, self._wakes):
            end.setblocking(False)
        self._selector.register(self._awake, selectors.EVENT_READ)
        heard = [n for n in HEARD if n != signal.SIGHUP or signal.getsignal(n) is not signal.SIG_IGN]  # not by nohup
        before = signal.set_wakeup_fd(self._wakes.fileno(), warn_on_full_buffer=False)
        handlers = {number: signal.signal(number, lambda *_: None) for number in heard}
        try:
            yield
        finally:
            signal.set_wakeup_fd(before)
            for number, handler in handlers.items():
                signal.signal(number, handler)
            for own in self._own():
                own.close()

    def run(self) -> None:
        """Look after the workers until all have ended. Raises CannotOpen."""
        while True:
            self._roll_on()
            self._make_those_due()
            if self._stopped_at is not None and not self._everybody():
                break
            for key, _ in self._selector.select(self._patience()):
                if key.fileobj is self._awake:
                    self._heed(self._awake.recv(4_096))
            for place, worker in self._everybody():
                self._look_after(place, worker)
            if self._greeted:
                self._pulse.beat(self._places, time.monotonic())
        if self._refused is not None:
            raise self._refused

    def _everybody(self) -> list[tuple[Place, Worker]]:
        return [(place, worker) for place in self._places for worker in place.workers]

    def _patience(self) -> float | None:
        """Seconds until something is to be done though nobody says so."""
        due = [place.due for place in self._places if place.due is not None and place.free is not None]
        due += [place.told_at + self._longest for place in self._places if place.told_at is not None]
        if self._stopped_at is not None:
            due = [self._stopped_at + self._longest]
        if self._greeted and (beat := self._pulse.due(self._places, time.monotonic())) is not None:
            due.append(beat)
        return max(min(due) - time.monotonic(), 0.0) if due else None

    def _heed(self, signals: bytes) -> None:
        for number in signals:
            if number in (signal.SIGTERM, signal.SIGINT):
                hurry = self._stopped_at is not None and number == signal.SIGINT
                self._stop(Order.HURRY if hurry else Order.STOP)
            elif number == signal.SIGHUP and self._at_a_terminal and not has_terminal():
                self._stop(Order.STOP)  # it was closed: nobody asked for other workers
            elif number == signal.SIGHUP and self._greeted:
                self._herald.reloading()
                log.info("replacing the workers, one after the other")
                self._rolling = deque((place, place.working) for place in self._places)

    def _stop(self, how: Order) -> None:
        if self._stopped_at is None:
            self._stopped_at = time.monotonic()
            self._herald.stopping()
        self._rolling.clear()
        for each in self._listening:
            each.close()
        for place in self._places:
            place.due = None
        for _, worker in self._everybody():
            order(worker.ear.channel, how)

    def _roll_on(self) -> None:
        """Have the next worker replaced once the one before has been, and has left."""
        while self._rolling:
            place, before = self._rolling[0]
            if place.working is not before and place.working is not None and place.leaving is None:
                self._rolling.popleft()
                if not self._rolling:
                    log.info("all workers replaced")
                    self._herald.serving()
                continue
            if place.working is before and place.due is None and place.coming is None and place.leaving is None:
                place.due = time.monotonic()
            return

    def _make_those_due(self) -> None:
        now = time.monotonic()
        if self._stopped_at is not None:
            if now >= self._stopped_at + self._longest:
                for place, worker in self._everybody():
                    _kill(place, worker)
                self._stopped_at = now
            return
        for place in self._places:
            if place.leaving is not None and place.told_at is not None and now >= place.told_at + self._longest:
                _kill(place, place.leaving)
                place.told_at = now
            slab = place.free
            if place.due is not None and place.due <= now and slab is not None:
                place.due = None
                try:
                    self._make(place, slab)
                except OSError as failed:
                    self._not_made(place, failed)

    def _make(self, place: Place, slab: Slab) -> None:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        first = place.number == 1 and not self._greeted

        def work() -> None:
            for inherited in (ours, *self._own()):
                inherited.close()
            post = Post(place.number, first, theirs, self._board, slab, self._pulse.asked_of_workers)
            try:
                self._work(post)
            except CannotOpen as refused:
                post.refused(refused)

        with theirs:
            try:
                pid = forked(work)
            except OSError:
                ours.close()
                raise
        self._selector.register(ours, selectors.EVENT_READ)
        place.coming = Worker(pid, Ear(ours), slab)

    def _own(self) -> Iterator[Closed]:
        """What is for this process alone."""
        yield from (self._awake, self._wakes, self._selector)
        for _, worker in self._everybody():
            yield worker.ear.channel

    def _not_made(self, place: Place, failed: OSError) -> None:
        refused = CannotOpen(f"no process can be made: {failed.strerror}")
        if not self._greeted:
            self._refuse(refused)
            return
        pause = place.failed(time.monotonic())
        log.warning("no worker can be made; it is tried again", worker=place.number, reason=str(refused), pause=pause)

    def _refuse(self, refused: CannotOpen) -> None:
        """Of the first ones every one must open the house."""
        if self._refused is None:
            self._refused = refused
            self._stop(Order.STOP)

    def _look_after(self, place: Place, worker: Worker) -> None:
        """See whether it has ended, and hear what it told: in this order, or its last words would be lost."""
        code = ended(worker.pid)
        if worker.ear.open:
            for told in worker.ear.heard():
                if isinstance(told, Ready):
                    self._ready(place, worker, told)
                    continue
                if isinstance(told, Alive):
                    worker.heard_at = time.monotonic()
                    continue
                worker.refused = told.reason
                if not self._greeted:
                    self._refuse((WrongDatabase if told.database else CannotOpen)(told.reason))
            if not worker.ear.open:
                self._selector.unregister(worker.ear.channel)
        if code is not None:
            self._gone(place, worker, code)

    def _ready(self, place: Place, worker: Worker, ready: Ready) -> None:
        before = place.came(worker, time.monotonic())
        self._setup = ready.setup or self._setup
        if before is not None:
            order(before.ear.channel, Order.LEAVE)
        if self._greeted:
            log.info("worker started", worker=place.number, pid=worker.pid)
        elif self._stopped_at is None and all(each.working is not None for each in self._places):
            self._greeted = True
            self._herald.serving()
            self._greet(self._setup)

    def _gone(self, place: Place, worker: Worker, code: int) -> None:
        if worker.ear.open:
            self._selector.unregister(worker.ear.channel)
        worker.ear.channel.close()
        worker.slab.vacate()
        pause = place.gone(worker, time.monotonic())
        if self._stopped_at is not None:
            place.due = None
        elif pause is None:
            log.info("worker left", worker=place.number, pid=worker.pid)
        else:
            why = in_words(code) if worker.refused is None else worker.refused
            log.warning("worker ended", worker=place.number, pid=worker.pid, why=why, again_in=pause)


def _kill(place: Place, worker: Worker) -> None:
    log.error("worker does not end; it is killed", worker=place.number, pid=worker.pid)
    os.kill(worker.pid, signal.SIGKILL)
