"""Connections to one PostgreSQL database, lent out one at a time: made when needed, kept, made anew when lost."""

import asyncio
from asyncio import Semaphore
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from typing import Any, Final, Protocol

import asyncpg
from sqlalchemy import Dialect
from sqlalchemy.dialects.postgresql import asyncpg as words

from scopekeeper.services.ports import Unavailable
from scopekeeper.settings import PostgresDatabase
from scopekeeper.store.postgres.errors import DRIVER, told


class Connection(Protocol):
    """What is needed of the driver's connection."""

    async def execute(self, query: str, *args: object) -> str: ...
    async def executemany(self, command: str, args: Iterable[Sequence[object]]) -> None: ...
    async def fetch(self, query: str, *args: object) -> list[Any]: ...
    async def fetchval(self, query: str, *args: object) -> Any: ...
    async def close(self, *, timeout: float | None = None) -> None: ...  # noqa: ASYNC109 - the driver has it
    def transaction(self) -> AbstractAsyncContextManager[object]: ...
    def terminate(self) -> None: ...
    def is_closed(self) -> bool: ...
    def is_in_transaction(self) -> bool: ...
    def get_server_pid(self) -> int: ...


NO_SETTINGS: Final[Mapping[str, str]] = {}

DIALECT: Final[Dialect] = words.dialect()  # type: ignore[no-untyped-call]

_PATIENCE: Final = 5.0
"""Seconds that a connection may take to be made, and that whoever needs one waits for one to be free."""

_LONGEST: Final = 15.0
"""Seconds that a statement may take, else its connection is given up: the machine behind it may be gone."""

_STATEMENTS_KEPT: Final = 1024

LOCK_TIMEOUT: Final = "2s"
"""How long a statement waits for a lock that somebody else holds: a connection that waits is missing elsewhere."""


async def connect(
    database: PostgresDatabase, statements_kept: int = 0, settings: Mapping[str, str] = NO_SETTINGS
) -> Connection:
    """A connection. Raises what the driver raises.

    Where no statement is kept there is nothing in it that another connection of a pooler would not know: then a
    statement must be in a transaction, for it is prepared and carried out in two steps. A pooler refuses settings.
    """
    connection: Connection = await asyncpg.connect(
        database.url,
        timeout=_PATIENCE,
        command_timeout=_LONGEST,
        statement_cache_size=statements_kept,
        max_cached_statement_lifetime=0,
        max_cacheable_statement_size=0,
        server_settings={"application_name": "scopekeeper", **settings},
    )
    return connection


async def statements_to_keep(database: PostgresDatabase, connection: Connection) -> int:
    """How many prepared statements a connection to this database keeps, unless its URL says so itself.

    A pooler such as PgBouncer gives its clients numbers of its own in place of the server's process. Behind one,
    statements may end up at a server process that does not know them.
    """
    if database.statements_kept is not None:
        return database.statements_kept
    async with connection.transaction():
        pid = await connection.fetchval("SELECT pg_backend_pid()")
    return _STATEMENTS_KEPT if pid == connection.get_server_pid() else 0


class Connections:
    """Up to `most` connections."""

    def __init__(self, database: PostgresDatabase, statements_kept: int, most: int) -> None:
        self.pinned: Final = statements_kept == 0
        """Must every statement be in a transaction?"""
        self._database = database
        self._statements_kept = statements_kept
        direct = not self.pinned and database.statements_kept is None
        self._settings: Final = {"lock_timeout": LOCK_TIMEOUT} if direct else NO_SETTINGS
        self._places = Semaphore(most)
        self._free: list[Connection] = []
        self._lent: set[Connection] = set()
        self._closed = False

    async def take(self, *, fresh: bool = False) -> Connection:
        """A connection, to be given back; with `fresh` one that was just made. Raises Unavailable."""
        if self._closed:
            raise Unavailable("the store is closed")
        if self._places.locked():
            await self._wait()
        else:
            await self._places.acquire()
        try:
            connection = await self._any(fresh)
        except BaseException as error:
            self._places.release()
            if isinstance(error, DRIVER):
                raise told(error) from error
            raise
        self._lent.add(connection)
        return connection

    def give(self, connection: Connection, *, sound: bool = True) -> None:
        """Take a connection back. One that is not sound is let go: nobody knows what is still to come from it."""
        self._lent.discard(connection)
        self._places.release()
        if not sound or self._closed:
            connection.terminate()
        elif not connection.is_closed():
            self._free.append(connection)

    async def close(self) -> None:
        """Let all connections go."""
        self._closed = True
        while self._free:
            with suppress(*DRIVER):
                await self._free.pop().close(timeout=_PATIENCE)
        for connection in self._lent:
            connection.terminate()

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._places.acquire()
        except TimeoutError:
            raise Unavailable("every connection to the database is busy") from None

    async def _any(self, fresh: bool) -> Connection:
        while self._free and not fresh:
            connection = self._free.pop()
            if not connection.is_closed():
                return connection
        return await connect(self._database, self._statements_kept, self._settings)
