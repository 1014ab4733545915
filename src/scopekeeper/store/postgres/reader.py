"""The readers of a process: whatever is read, the event loop waits for nobody.

A read that loses its connection is asked once more on a fresh one: the server may have been started anew, or another
one have taken its place.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from asyncpg import PostgresError

from scopekeeper.store.postgres.connection import LOCK_TIMEOUT, POINT, Connection, Connections
from scopekeeper.store.postgres.errors import DRIVER, lost, told
from scopekeeper.store.postgres.points import Points
from scopekeeper.store.statement import Statement

MOST: Final = 8
"""Connections for reading."""

AT_ONCE: Final = 4
"""How many of them are for point reads: so many statements are asked at the same time."""

PATIENCE: Final = 10.0
"""Seconds after which a search is given up."""

_WAITING: Final = f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"
_PINNED: Final = "; ".join((_WAITING, *(f"SET LOCAL {name} = {value}" for name, value in POINT.items())))
_PLANNED: Final = f"{_WAITING}; SET LOCAL plan_cache_mode = force_custom_plan"
"""What has many rows of a table and what has few are found in different ways, so a plan is made for what is asked."""

_NUL: Final = "\0"
_NEXT: Final = "\1"

Ask = Callable[[Connection], Awaitable[list[Any]]]


class PostgresReader:
    """Implements `Reading` on some connections, which it closes."""

    def __init__(
        self,
        connections: Connections,
        at_once: Connections | None = None,
        watching: Connections | None = None,
        *,
        patience: float = PATIENCE,
    ) -> None:
        self._connections = connections
        self._at_once = at_once or connections
        self._watching = watching or connections
        self._points = Points(self._ask)
        self._patience = f"{_PLANNED}; SET LOCAL statement_timeout = {round(patience * 1000)}"

    async def at_once(self, statement: Statement, *places: object) -> list[Any]:
        """The rows of a point read. Raises Unavailable."""
        return await self._points.rows(statement, _storable(places))

    async def watch(self, statement: Statement, *places: object) -> list[Any]:
        """The same, on a connection that is kept for it: nobody who waits for a lock keeps it waiting."""
        return await self._read(_point(statement.text, _storable(places), self._watching), self._watching)

    async def aside(self, statement: Statement, *places: object) -> list[Any]:
        """The same: no read keeps another waiting. Raises Unavailable."""
        asked = _storable(places)
        return await self._read(
            lambda connection: _within(_PLANNED, connection, statement.text, asked), self._connections
        )

    async def search(self, statement: Statement, *places: object) -> list[Any]:
        """The rows of a read that may go through a whole table. Raises Unavailable when it takes too long."""
        asked = _storable(places)
        return await self._read(
            lambda connection: _within(self._patience, connection, statement.text, asked), self._connections
        )

    async def close(self) -> None:
        """Let the connections go."""
        await self._at_once.close()
        await self._connections.close()
        await self._watching.close()

    async def _ask(self, text: str, places: Sequence[object]) -> list[Any]:
        return await self._read(_point(text, places, self._at_once), self._at_once)

    async def _read(self, ask: Ask, connections: Connections) -> list[Any]:
        try:
            return await self._asked(ask, connections)
        except DRIVER as error:
            if not lost(error):
                raise told(error) from error
        try:
            return await self._asked(ask, connections, fresh=True)
        except DRIVER as error:
            raise told(error) from error

    async def _asked(self, ask: Ask, connections: Connections, *, fresh: bool = False) -> list[Any]:
        connection = await connections.take(fresh=fresh)
        sound = False
        try:
            rows = await ask(connection)
            sound = True
            return rows
        except PostgresError as error:
            sound = not lost(error) and not connection.is_in_transaction()
            raise
        finally:
            connections.give(connection, sound=sound)


def _point(text: str, places: Sequence[object], connections: Connections) -> Ask:
    if connections.pinned:
        return lambda connection: _within(_PINNED, connection, text, places)
    return lambda connection: connection.fetch(text, *places)


async def _within(beginning: str, connection: Connection, text: str, places: Sequence[object]) -> list[Any]:
    """Ask in a transaction, at one server process from beginning to end."""
    await connection.execute(f"BEGIN READ ONLY; {beginning}")
    rows: list[Any] = await connection.fetch(text, *places)
    await connection.execute("COMMIT")
    return rows


def _storable(places: tuple[object, ...]) -> tuple[object, ...]:
    """The same, without the one character that PostgreSQL can neither keep nor look for; in its place the next.

    What has either in it is nowhere; and among what is sorted it lies where it did.
    """
    for place in places:
        if isinstance(place, str) and _NUL in place:
            return tuple(each.replace(_NUL, _NEXT) if isinstance(each, str) else each for each in places)
    return places
