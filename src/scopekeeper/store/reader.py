"""SQLite's readers of a process: point reads at once on the event loop, everything longer in a thread.

No read on the event loop waits for a lock: one that would is asked again in a thread, for a bounded time.
"""

import asyncio
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Final

from scopekeeper.services.ports import Unavailable
from scopekeeper.store.connection import busy, connect, told
from scopekeeper.store.statement import Statement

THREADS: Final = 2
WAIT: Final = 2.0
"""Seconds that a read in a thread waits for a lock."""

PATIENCE: Final = 10.0
"""Seconds after which a search is given up."""

_OFTEN: Final = 100_000
"""Instructions of the database between two looks at the time: less than a millisecond apart, mostly."""


class Reader:
    """Query-only connections to one file: one on the event loop, and one for each thread."""

    def __init__(self, path: Path, *, wait: float = WAIT, patience: float = PATIENCE) -> None:
        self._path = path
        self._wait = wait
        self._patience = patience
        self._here = connect(path, wait=0, read_only=True)
        self._threads = ThreadPoolExecutor(THREADS, "scopekeeper-reader")
        self._spare: SimpleQueue[sqlite3.Connection] = SimpleQueue()
        self._closed = False

    async def at_once(self, statement: Statement, *places: object) -> list[Any]:
        """The rows of a point read: a few microseconds on the event loop. Raises Unavailable."""
        if self._closed:
            raise Unavailable("the store is closed")
        try:
            return self._here.execute(statement.text, places).fetchall()
        except sqlite3.Error as error:
            if busy(error):
                return await self.aside(statement, *places)
            raise told(error) from error

    async def watch(self, statement: Statement, *places: object) -> list[Any]:
        """The same. Raises Unavailable."""
        return await self.at_once(statement, *places)

    async def aside(self, statement: Statement, *places: object) -> list[Any]:
        """The rows of a longer read, in a thread. Raises Unavailable."""
        return await self._in_a_thread(statement.text, places, None)

    async def search(self, statement: Statement, *places: object) -> list[Any]:
        """The rows of a read that may go through a whole table, in a thread. Raises Unavailable when it takes too long.

        So nobody keeps the threads from those who come after.
        """
        return await self._in_a_thread(statement.text, places, self._patience)

    async def close(self) -> None:
        """Let the connections go once nobody reads any more."""
        if self._closed:
            return
        self._closed = True
        await asyncio.to_thread(self._threads.shutdown)
        self._here.close()
        while not self._spare.empty():
            self._spare.get().close()

    async def _in_a_thread(self, text: str, places: tuple[object, ...], patience: float | None) -> list[Any]:
        if self._closed:
            raise Unavailable("the store is closed")
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._read, text, places, patience)

    def _read(self, text: str, places: tuple[object, ...], patience: float | None) -> list[Any]:
        try:
            try:
                connection = self._spare.get_nowait()
            except Empty:
                connection = connect(self._path, wait=self._wait, read_only=True)
            try:
                if patience is not None:
                    end = time.monotonic() + patience
                    connection.set_progress_handler(lambda: time.monotonic() >= end, _OFTEN)
                return connection.execute(text, places).fetchall()
            finally:
                connection.set_progress_handler(None, 0)
                self._spare.put(connection)
        except sqlite3.Error as error:
            raise told(error) from error
