"""PostgreSQL's writer of a process: it commits what has gathered (group commit), on two connections.

Each is a lane, with at most one group under way. What is asked for meanwhile, or while the event loop is busy with more
of it (settling.py), goes into the next group together. A waiter that is cancelled leaves its place; the commit goes on.

On one of them go tokens and swaps, which get along with whatever others do; on the other all else, in serializable
transactions, of which two of one process would only come between each other.
"""

import asyncio
import random
from asyncio import AbstractEventLoop, Task
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, TypeVar

from sqlalchemy.util import greenlet_spawn

from scopekeeper.store.gathering import Gathering
from scopekeeper.store.group import Group, Outcome, carry_out
from scopekeeper.store.postgres.abreast import decided
from scopekeeper.store.postgres.connection import Connections
from scopekeeper.store.postgres.settling import settled
from scopekeeper.store.postgres.transaction import PostgresTransaction
from scopekeeper.store.statements import Statements
from scopekeeper.store.transaction import Again, Decision, Swap

T = TypeVar("T")

_TRIES: Final = 12
"""How often a group is carried out while others come between."""

_PAUSE: Final = 0.002
"""Seconds before the second try, at most; twice as long before each that follows, up to a fifth of a second."""


class PostgresWriter:
    """Implements `Writing` on a connection for swaps and one for all other decisions. It closes both.

    It calls `changed` after whatever a cache could hide was committed. A NOTIFY in that transaction would have every
    other one that has one, too, wait for its disk.
    """

    def __init__(
        self, swaps: Connections, decisions: Connections, sql: Statements, *, changed: Callable[[], None]
    ) -> None:
        self._changed = changed
        self._sql = sql
        self._pools = swaps, decisions
        self._swaps = _Lane(partial(self._carried_out, connections=swaps, swaps=True))
        self._decisions = _Lane(partial(self._carried_out, connections=decisions, swaps=False))
        self.insert = self._swaps.gathering.insert

    async def commit(self, decide: Decision[T]) -> T:
        """Carry out one decision; its result, or what it raised. Raises Unavailable."""
        lane = self._swaps if isinstance(decide, Swap) else self._decisions
        return await lane.gathering.commit(decide)

    async def close(self) -> None:
        """Commit what waits, then let the connections go. Whoever comes later hears Unavailable."""
        await asyncio.gather(self._swaps.close(), self._decisions.close())
        for each in self._pools:
            await each.close()

    async def _carried_out(self, group: Group, *, connections: Connections, swaps: bool) -> list[Outcome]:
        reason = Again()
        for attempt in range(_TRIES):
            try:
                return await self._tried(group, connections, swaps)
            except Again as again:
                reason = again
                await asyncio.sleep(random.uniform(0, min(_PAUSE * 2**attempt, 0.2)))  # noqa: S311 - no secret
            except Exception as error:
                return group.lost(error)
        return group.lost(reason)

    async def _tried(self, group: Group, connections: Connections, swaps: bool) -> list[Outcome]:
        connection = await connections.take()
        pinned = not connections.bounded
        transaction = PostgresTransaction(connection, self._sql, pinned=pinned, swaps=swaps)
        sound = False
        try:
            outcomes = await greenlet_spawn(carry_out, group, transaction, partial(decided, t=transaction))
            if transaction.changed:
                self._changed()
            sound = transaction.sound and not connection.is_in_transaction()
            return outcomes
        except Again:
            sound = transaction.sound and not connection.is_in_transaction()
            raise
        finally:
            if transaction.read_only:
                connections.era.end()
            connections.give(connection, sound=sound)


class _Lane:
    """One group after another, as long as something gathers."""

    def __init__(self, carry_out: Callable[[Group], Awaitable[list[Outcome]]]) -> None:
        self.gathering = Gathering(self._hand_over)
        self._carry_out = carry_out
        self._task: Task[None] | None = None

    async def close(self) -> None:
        self.gathering.closed = True
        loop = asyncio.get_running_loop()
        while self.gathering.loop is loop:
            await asyncio.sleep(0)
            if self._task is not None:
                await asyncio.wait([self._task])

    def _hand_over(self, loop: AbstractEventLoop) -> None:
        self._task = loop.create_task(self._go_on())

    async def _go_on(self) -> None:
        try:
            while self.gathering:
                await settled(self.gathering.__len__)
                for outcome in await self._carry_out(self.gathering.taken()):
                    outcome.tell()
        finally:
            self.gathering.loop = None
