"""Point reads that wait at the same time: those of one statement are one question to the database.

What is asked while a question of the same statement is under way, or while the event loop is busy with more of them
(settling.py), goes into the next one, as writes go into the next group. So many who wait cost one round trip, and
whoever asks alone asks as before. Nobody is told what was read before they asked.
"""

import asyncio
from asyncio import AbstractEventLoop, Future, Task
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from scopekeeper.services.ports import Unavailable
from scopekeeper.store.postgres.settling import settled
from scopekeeper.store.statement import Statement

Places = tuple[object, ...]
Rows = list[Any]

Ask = Callable[[str, Sequence[object]], Awaitable[Rows]]
"""The rows that a text finds with these parameters. Raises Unavailable, or what tells of a mistake of ours."""

_Waiting = dict[Places, list["Future[Rows]"]]
"""Who waits for the rows of these parameters. Those who ask for the same are told the same."""


class Points:
    """Asks for those who wait. Their parameters can be hashed."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._loop: AbstractEventLoop | None = None
        self._waiting: dict[Statement, _Waiting] = {}
        """Of each statement that is being asked, or about to be, who waits for the next time."""
        self._tasks: set[Task[None]] = set()

    async def rows(self, statement: Statement, places: Places) -> Rows:
        """The rows that the statement finds; they are shared with others. Raises Unavailable."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._waiting = loop, {}
        waiter: Future[Rows] = loop.create_future()
        waiting = self._waiting.get(statement)
        if waiting is None:
            self._waiting[statement] = {places: [waiter]}
            task = loop.create_task(self._go_on(statement))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        else:
            waiting.setdefault(places, []).append(waiter)
        return await waiter

    async def _go_on(self, statement: Statement) -> None:
        """One question after the other, until nobody waits."""
        waiting: _Waiting = {}
        try:
            while waiting := self._waiting[statement]:
                await settled(waiting.__len__)
                self._waiting[statement] = {}
                await self._tell(statement, waiting)
        finally:
            for waiters in (*waiting.values(), *self._waiting.pop(statement, {}).values()):
                for waiter in waiters:
                    waiter.cancel()

    async def _tell(self, statement: Statement, waiting: _Waiting) -> None:
        text = statement.rows_of_arrays if len(waiting) > 1 else None
        if text is not None:
            try:
                found = await self._ask(text, [list(column) for column in zip(*waiting, strict=True)])
            except Unavailable as away:
                _refuse(waiting, away)
                return
            except Exception:  # of one of them, who is to hear of it alone
                text = None
        if text is None:
            await asyncio.gather(*(self._tell_alone(statement, *each) for each in waiting.items()))
            return
        rows: list[Rows] = [[] for _ in waiting]
        for row in found:
            rows[row[0] - 1].append(row[1:])
        for each, waiters in zip(rows, waiting.values(), strict=True):
            _answer(waiters, each)

    async def _tell_alone(self, statement: Statement, places: Places, waiters: "list[Future[Rows]]") -> None:
        try:
            found = await self._ask(statement.text, places)
        except Exception as error:
            _refuse({places: waiters}, error)
        else:
            _answer(waiters, found)


def _answer(waiters: "list[Future[Rows]]", rows: Rows) -> None:
    for waiter in waiters:
        if not waiter.done():
            waiter.set_result(rows)


def _refuse(waiting: _Waiting, error: Exception) -> None:
    for waiters in waiting.values():
        for waiter in waiters:
            if not waiter.done():
                waiter.set_exception(error)
