"""Who is yet to hear that a session has ended, on an SQL database."""

from collections.abc import Sequence
from functools import partial

from scopekeeper.services.ports import Farewell
from scopekeeper.store import farewells
from scopekeeper.store.engine import Reading, Writing
from scopekeeper.store.farewell_statements import FarewellStatements


class SqlFarewells:
    """The port `Farewells`, on the readers and the writer of a store."""

    def __init__(self, sql: FarewellStatements, reader: Reading, writer: Writing) -> None:
        self._sql = sql
        self._reader = reader
        self._writer = writer

    async def farewells(self, now: int, waits: Sequence[int], limit: int) -> Sequence[Farewell]:
        if not await self._reader.at_once(self._sql.some_due, now):
            return ()  # it is asked every second: nothing is committed where nothing is due
        return await self._writer.commit(partial(farewells.take, now=now, waits=waits, limit=limit))

    async def farewell_told(self, told: Sequence[tuple[int, str]]) -> None:
        await self._writer.commit(partial(farewells.told, told=told))

    async def session_clients(self, session_id: int) -> Sequence[str]:
        rows = await self._reader.aside(self._sql.session_clients, session_id)
        return tuple(client_id for (client_id,) in rows)
