"""PostgreSQL's writer of a process: it commits what has gathered (group commit), on one connection or a few.

Each lane has a connection, and at most one group under way on it. What is asked for meanwhile, or within one turn of
the event loop, goes into the next group together. A waiter that is cancelled leaves its place; the commit goes on.
"""

import asyncio
import random
from asyncio import AbstractEventLoop, Future, Task
from typing import Any, Final, TypeVar

from sqlalchemy.util import greenlet_spawn

from scopekeeper.services.ports import Unavailable
from scopekeeper.store.group import Group, Outcome, carry_out
from scopekeeper.store.postgres.connection import Connections
from scopekeeper.store.postgres.transaction import PostgresTransaction
from scopekeeper.store.rows import Row
from scopekeeper.store.statements import Statements
from scopekeeper.store.transaction import Again, Decision

T = TypeVar("T")

LANES: Final = 2
"""Connections for writing."""

_TRIES: Final = 12
"""How often a group is carried out while others come between."""

_PAUSE: Final = 0.002
"""Seconds before the second try, at most; twice as long before each that follows, up to a fifth of a second."""


class PostgresWriter:
    """Implements `Writing` on some connections, which it closes."""

    def __init__(self, connections: Connections, sql: Statements, *, lanes: int = LANES) -> None:
        self._connections = connections
        self._sql = sql
        self._lanes_free = lanes
        self._gathering = Group()
        self._called = False
        """Is the event loop about to hand over what has gathered?"""
        self._tasks: set[Task[None]] = set()
        self._closed = False

    async def insert(self, row: Row) -> None:
        """Insert a token. Raises Taken where its row id is there already, Unavailable."""
        waiter = self._waiter()
        self._gathering.rows.append((waiter, row))
        await waiter

    async def commit(self, decide: Decision[T]) -> T:
        """Carry out one decision; its result, or what it raised. Raises Unavailable."""
        waiter = self._waiter()
        self._gathering.decisions.append((waiter, decide))
        result: T = await waiter
        return result

    async def close(self) -> None:
        """Commit what waits, then let the connections go. Whoever comes later hears Unavailable."""
        self._closed = True
        while self._called or self._tasks:
            await asyncio.sleep(0)
            if self._tasks:
                await asyncio.wait(self._tasks)
        await self._connections.close()

    def _waiter(self) -> "Future[Any]":
        if self._closed:
            raise Unavailable("the store is closed")
        loop = asyncio.get_running_loop()
        if self._lanes_free and not self._called:
            self._called = True
            loop.call_soon(self._hand_over, loop)
        return loop.create_future()

    def _hand_over(self, loop: AbstractEventLoop) -> None:
        self._called = False
        if self._lanes_free and self._gathering:
            self._lanes_free -= 1
            task = loop.create_task(self._go_on())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _go_on(self) -> None:
        """One lane: one group after another, until nothing has gathered."""
        try:
            while self._gathering:
                group, self._gathering = self._gathering, Group()
                for outcome in await self._carried_out(group):
                    outcome.tell()
        finally:
            self._lanes_free += 1

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
        transaction = PostgresTransaction(connection, self._sql, pinned=self._connections.pinned)
        sound = False
        try:
            outcomes = await greenlet_spawn(carry_out, group, transaction)
            sound = transaction.sound and not connection.is_in_transaction()
            return outcomes
        except Again:
            sound = transaction.sound and not connection.is_in_transaction()
            raise
        finally:
            self._connections.give(connection, sound=sound)
