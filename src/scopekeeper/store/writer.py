"""SQLite's one writer of a process: a thread of its own that commits what has gathered (group commit).

At most one group is under way. What is asked for meanwhile, or within two turns of the event loop, goes into the next
together; its waiters hear of it together, by one call into the loop. So a disk that needs 0.2 ms for one durable commit
carries tens of thousands in a second. A waiter that is cancelled leaves its place; the commit goes on without it.
"""

import asyncio
from asyncio import AbstractEventLoop, Future
from queue import SimpleQueue
from threading import Thread

from scopekeeper.store.gathering import Gathering
from scopekeeper.store.group import Group, Outcome, carry_out
from scopekeeper.store.sqlite_transaction import SqliteTransaction


class Writer:
    """Takes decisions from the event loop, and carries them out on its own thread and connection, which it closes."""

    def __init__(self, transaction: SqliteTransaction) -> None:
        self._transaction = transaction
        self._gathering = Gathering(self._hand_over)
        self.insert, self.commit = self._gathering.insert, self._gathering.commit
        self._idle: Future[None] | None = None
        self._handed_over: SimpleQueue[tuple[AbstractEventLoop, Group] | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name="scopekeeper-writer", daemon=True)
        self._thread.start()

    async def close(self) -> None:
        """Commit what waits, then let the connection go. Whoever comes later hears Unavailable."""
        self._gathering.closed = True
        loop = asyncio.get_running_loop()
        if self._gathering.loop is loop:
            self._idle = loop.create_future()
            await self._idle
        self._handed_over.put(None)
        await asyncio.to_thread(self._thread.join)

    def _hand_over(self, loop: AbstractEventLoop) -> None:
        self._handed_over.put((loop, self._gathering.taken()))

    def _landed(self, loop: AbstractEventLoop, outcomes: list[Outcome]) -> None:
        for outcome in outcomes:
            outcome.tell()
        if self._gathering:
            self._gathering.soon(loop)
            return
        self._gathering.loop = None
        if self._idle is not None and not self._idle.done():
            self._idle.set_result(None)

    def _work(self) -> None:
        """The thread: one group after another, until there is nothing more to come."""
        while (handed_over := self._handed_over.get()) is not None:
            loop, group = handed_over
            outcomes = carry_out(group, self._transaction)
            try:
                loop.call_soon_threadsafe(self._landed, loop, outcomes)
            except RuntimeError:
                continue  # the loop was closed under its waiters: nobody is left to be told
        self._transaction.connection.close()
