"""What a writer's next group is made of: both writers begin with it."""

import asyncio
from asyncio import AbstractEventLoop, Future
from collections.abc import Callable
from typing import Any, TypeVar

from scopekeeper.services.ports import Unavailable
from scopekeeper.store.group import Group
from scopekeeper.store.rows import Row
from scopekeeper.store.transaction import Decision

T = TypeVar("T")


class Gathering:
    """Rows and decisions that wait for the next group, until a writer takes them.

    It calls the writer once, two turns of the event loop from now, and not again before the writer says that it is
    idle: whoever is at work takes what has gathered meanwhile.
    """

    def __init__(self, take_up: Callable[[AbstractEventLoop], None]) -> None:
        self._take_up = take_up
        self._group = Group()
        self.loop: AbstractEventLoop | None = None
        """The loop on which the writer is at work, or about to be; None where it is idle."""
        self.closed = False

    def __len__(self) -> int:
        return len(self._group.rows) + len(self._group.decisions)

    async def insert(self, row: Row) -> None:
        """Insert a token. Raises Taken where its row id is there already, Unavailable."""
        waiter = self._waiter()
        self._group.rows.append((waiter, row))
        await waiter

    async def commit(self, decide: Decision[T]) -> T:
        """Carry out one decision; its result, or what it raised. Raises Unavailable."""
        waiter = self._waiter()
        self._group.decisions.append((waiter, decide))
        result: T = await waiter
        return result

    def taken(self) -> Group:
        """What has gathered; from now on the next gathers."""
        group, self._group = self._group, Group()
        return group

    def soon(self, loop: AbstractEventLoop) -> None:
        """Have the writer take it up, but not before whoever came in this turn of the loop, and the next, is in it.

        One commit for a few more of them costs a tenth less, and nobody waits for longer by it.
        """
        loop.call_soon(loop.call_soon, self._take_up, loop)

    def _waiter(self) -> "Future[Any]":
        if self.closed:
            raise Unavailable("the store is closed")
        loop = asyncio.get_running_loop()
        if self.loop is not loop:
            self.loop = loop
            self.soon(loop)
        return loop.create_future()
