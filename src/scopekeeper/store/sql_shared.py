"""What processes share among themselves, on an SQL database."""

from functools import partial

from scopekeeper.services.ports import SKEW, Filling
from scopekeeper.store import shared
from scopekeeper.store.engine import Reading, Writing
from scopekeeper.store.shared_statements import SharedStatements


class SqlShared:
    """The ports `Buckets`, `Spending` and `Turns`, and the guesses of sessions, on a store's readers and its writer."""

    def __init__(self, sql: SharedStatements, reader: Reading, writer: Writing) -> None:
        self._sql = sql
        self._reader = reader
        self._writer = writer

    async def fill(self, key: str, now: int, by: int, most: int) -> Filling:
        return await self._writer.commit(partial(shared.fill, key=key, now=now, by=by, most=most))

    async def give_back(self, key: str, by: int) -> None:
        await self._writer.commit(partial(shared.give_back, key=key, by=by))

    async def sweep_buckets(self, before: int, limit: int) -> int:
        return await self._writer.commit(partial(shared.sweep_buckets, before=before, limit=limit))

    async def spend(self, digest: bytes, until: int) -> bool:
        return await self._writer.commit(partial(shared.spend, digest=digest, until=until))

    async def sweep_spent(self, before: int, limit: int) -> int:
        return await self._writer.commit(partial(shared.sweep_spent, before=before, limit=limit))

    async def guess(self, row_id: int, most: int) -> bool:
        return await self._writer.commit(partial(shared.guess, row_id=row_id, most=most))

    async def take_back_guess(self, row_id: int) -> None:
        await self._writer.commit(partial(shared.take_back_guess, row_id=row_id))

    async def turn(self, name: str, holder: str, now: int, length: int) -> bool:
        for held_by, until in await self._reader.at_once(self._sql.turn, name):
            left = until - now
            if held_by == holder and length / 2 <= left <= length:
                return True
            if held_by not in (None, holder) and 0 < left <= 2 * length + SKEW:
                return False
        return await self._writer.commit(partial(shared.take_turn, name=name, holder=holder, now=now, length=length))

    async def let_go(self, name: str, holder: str) -> None:
        await self._writer.commit(partial(shared.let_go, name=name, holder=holder))
