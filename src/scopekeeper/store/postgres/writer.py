"""PostgreSQL's writer of a process: it commits what has gathered (group commit), on one connection or a few.

Each lane has a connection, and at most one group under way on it. What is asked for meanwhile, or within one turn of
the event loop, goes into the next group together. A waiter that is cancelled leaves its place; the commit goes on.
"""

import asyncio
import random
from asyncio import AbstractEventLoop, Task
from collections.abc import Callable
from typing import Final

from sqlalchemy.util import greenlet_spawn

from scopekeeper.store.gathering import Gathering
from scopekeeper.store.group import Group, Outcome, carry_out
from scopekeeper.store.postgres.connection import Connections
from scopekeeper.store.postgres.transaction import PostgresTransaction
from scopekeeper.store.statements import Statements
from scopekeeper.store.transaction import Again

LANES: Final = 2
"""Connections for writing."""

_TRIES: Final = 12
"""How often a group is carried out while others come between."""

_PAUSE: Final = 0.002
"""Seconds before the second try, at most; twice as long before each that follows, up to a fifth of a second."""


class PostgresWriter:
    """Implements `Writing` on some connections, which it closes.

    It calls `changed` after whatever a cache could hide was committed. A NOTIFY in that transaction would have every
    other one that has one, too, wait for its disk.
    """

    def __init__(self, connections: Connections, sql: Statements, *, changed: Callable[[], None]) -> None:
        self._connections = connections
        self._changed = changed
        self._sql = sql
        self._lanes_free = LANES
        self._gathering = Gathering(self._hand_over)
        self.insert, self.commit = self._gathering.insert, self._gathering.commit
        self._tasks: set[Task[None]] = set()

    async def close(self) -> None:
        """Commit what waits, then let the connections go. Whoever comes later hears Unavailable."""
        self._gathering.closed = True
        loop = asyncio.get_running_loop()
        while self._gathering.loop is loop or self._tasks:
            await asyncio.sleep(0)
            if self._tasks:
                await asyncio.wait(self._tasks)
        await self._connections.close()

    def _hand_over(self, loop: AbstractEventLoop) -> None:
        if self._lanes_free and self._gathering:
            self._lanes_free -= 1
            task = loop.create_task(self._go_on())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        if self._lanes_free:
            self._gathering.loop = None

    async def _go_on(self) -> None:
        """One lane: one group after another, until nothing has gathered."""
        try:
            while self._gathering:
                for outcome in await self._carried_out(self._gathering.taken()):
                    outcome.tell()
        finally:
            self._lanes_free += 1
            self._gathering.loop = None

    async def _carried_out(self, group: Group) -> list[Outcome]:
        reason = Again()
        for attempt in range(_TRIES):
            try:
                return await self._tried(group)
            except Again as again:
                reason = again
                await asyncio.sleep(random.uniform(0, min(_PAUSE * 2**attempt, 0.2)))  # noqa: S311 - no secret
            except Exception as error:
                return group.lost(error)
        return group.lost(reason)

    async def _tried(self, group: Group) -> list[Outcome]:
        connection = await self._connections.take()
        transaction = PostgresTransaction(connection, self._sql, pinned=not self._connections.bounded)
        sound = False
        try:
            outcomes = await greenlet_spawn(carry_out, group, transaction)
            if transaction.changed:
                self._changed()
            sound = transaction.sound and not connection.is_in_transaction()
            return outcomes
        except Again:
            sound = transaction.sound and not connection.is_in_transaction()
            raise
        finally:
            if transaction.read_only:
                self._connections.era.end()
            self._connections.give(connection, sound=sound)
