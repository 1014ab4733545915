"""Connections to one PostgreSQL database, lent out one at a time: made when needed, kept, made anew when lost."""

import asyncio
import time
from asyncio import Semaphore
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from typing import Any, Final, Protocol

import asyncpg
from sqlalchemy import Dialect
from sqlalchemy.dialects.postgresql import asyncpg as words

from scopekeeper.services.ports import Unavailable
from scopekeeper.settings import PostgresDatabase
from scopekeeper.store.postgres.errors import DRIVER, told
from scopekeeper.store.postgres.hosts import at_one_of


class Connection(Protocol):
    """What is needed of the driver's connection."""

    async def execute(self, query: str, *args: object) -> str: ...
    async def executemany(self, command: str, args: Iterable[Sequence[object]]) -> None: ...
    async def fetch(self, query: str, *args: object) -> list[Any]: ...
    async def fetchval(self, query: str, *args: object) -> Any: ...
    async def copy_records_to_table(
        self, table_name: str, *, records: Iterable[Sequence[object]], columns: Sequence[str]
    ) -> str: ...
    async def close(self, *, timeout: float | None = None) -> None: ...  # noqa: ASYNC109 - the driver has it
    def transaction(self) -> AbstractAsyncContextManager[object]: ...
    def terminate(self) -> None: ...
    def is_closed(self) -> bool: ...
    def is_in_transaction(self) -> bool: ...
    def get_server_pid(self) -> int: ...
    async def add_listener(self, channel: str, callback: Callable[["Connection", int, str, str], None]) -> None: ...
    def add_termination_listener(self, callback: Callable[["Connection"], None]) -> None: ...


NO_SETTINGS: Final[Mapping[str, str]] = {}

DIALECT: Final[Dialect] = words.dialect()  # type: ignore[no-untyped-call]

_PATIENCE: Final = 5.0
"""Seconds that a connection may take to be made, and that whoever needs one waits for one to be free."""

LONGEST: Final = 15.0
"""Seconds that a statement may take, else its connection is given up: the machine behind it may be gone."""

_STATEMENTS_KEPT: Final = 1024

_BY_INDEX: Final = dict.fromkeys(("enable_seqscan", "enable_hashjoin", "enable_mergejoin"), "off")

POINT: Final = {"plan_cache_mode": "force_generic_plan", **_BY_INDEX}
"""How point reads and swaps find their rows: by key or by index. So their plans can be kept: to make one takes as long
as to read, and one that was made while a table was small is as good when it has grown."""

BY_KEY: Final = {"plan_cache_mode": "force_custom_plan", **_BY_INDEX}
"""How other decisions find their rows: each by key or by index, if there is one. The plan of a prepared statement
would be kept, and one that was made while a table was small reads all of it later; and a transaction that read all of a
table collides with whoever writes to it."""

LOCK_TIMEOUT: Final = "2s"
"""How long a statement waits for a lock that somebody else holds: a connection that waits is missing elsewhere."""


async def connect(
    database: PostgresDatabase,
    statements_kept: int = 0,
    settings: Mapping[str, str] = NO_SETTINGS,
    longest: float | None = LONGEST,
) -> Connection:
    """A connection, on which a statement may take so many seconds. Raises what the driver raises.

    Where no statement is kept there is nothing in it that another connection of a pooler would not know: then a
    statement must be in a transaction, for it is prepared and carried out in two steps. A pooler refuses settings.
    """

    async def reach(url: str, patience: float) -> Connection:
        connection: Connection = await asyncpg.connect(
            url,
            timeout=patience,
            command_timeout=longest,
            statement_cache_size=statements_kept,
            max_cached_statement_lifetime=0,
            max_cacheable_statement_size=0,
            server_settings={"application_name": "scopekeeper", **settings},
        )
        return connection

    return await at_one_of(database.url, _PATIENCE, reach)


async def statements_to_keep(database: PostgresDatabase, connection: Connection) -> int:
    """How many prepared statements a connection to this database keeps, unless its URL says so itself.

    Behind a pooler, statements may end up at a server process that does not know them.
    """
    if database.statements_kept is not None:
        return database.statements_kept
    return _STATEMENTS_KEPT if await is_direct(connection) else 0


async def is_direct(connection: Connection) -> bool:
    """Is it the server's own, from end to end?

    A pooler such as PgBouncer gives its clients numbers of its own in place of the server's process.
    """
    async with connection.transaction():
        pid: int = await connection.fetchval("SELECT pg_backend_pid()")
    return pid == connection.get_server_pid()


class Era:
    """The time in which one server takes a process's writes. Its connections are of no use in the next."""

    def __init__(self) -> None:
        self.number = 0
        self._until = 0.0
        """Before this moment (monotonic) no other begins: a server that takes no writes at all may be the only one."""

    def end(self) -> None:
        """The server takes no writes any more: what it says may be old."""
        if time.monotonic() >= self._until:
            self._until = time.monotonic() + 1.0
            self.number += 1


class Connections:
    """Up to `most` connections."""

    def __init__(
        self,
        database: PostgresDatabase,
        statements_kept: int,
        most: int,
        *,
        era: Era | None = None,
        settings: Mapping[str, str] = NO_SETTINGS,
    ) -> None:
        """`settings`: what each connection begins with, where there is no pooler, which refuses them."""
        self.era: Final = era or Era()
        self.pinned: Final = statements_kept == 0
        """Must every statement be in a transaction?"""
        self._database = database
        self._statements_kept = statements_kept
        direct = not self.pinned and database.statements_kept is None
        self.bounded: Final = direct
        """Does a connection itself bound how long a statement waits for a lock? Else each transaction must."""
        self._settings: Final = {"lock_timeout": LOCK_TIMEOUT, **settings} if direct else NO_SETTINGS
        self._places = Semaphore(most)
        self._free: list[Connection] = []
        self._lent: set[Connection] = set()
        self._made: dict[Connection, int] = {}
        """In which era each was made."""
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
        if not sound or self._closed or self._is_past(connection):
            self._made.pop(connection, None)
            connection.terminate()
        elif connection.is_closed():
            self._made.pop(connection, None)
        else:
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
            if not connection.is_closed() and not self._is_past(connection):
                return connection
            self._made.pop(connection, None)
            connection.terminate()
        era = self.era.number
        made = await connect(self._database, self._statements_kept, self._settings)
        self._made[made] = era
        return made

    def _is_past(self, connection: Connection) -> bool:
        return self._made.get(connection) != self.era.number
