"""Data that is only looked at."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from scopekeeper.sdk import Forbidden
from scopekeeper.sdk.data import Data, Found, Report, Work
from scopekeeper.sdk.table import Table

READ_ONLY: Final = "A view is there to read: mutations are not run in it."


class Unwritten:
    """Data that is there to be read: it takes no writes, whoever asks."""

    def __init__(self, data: Data) -> None:
        self._data = data

    async def get(self, table: Table[Any], key: str, whose: str | None) -> Found | None:
        return await self._data.get(table, key, whose)

    async def page(
        self, table: Table[Any], whose: str | None, where: Mapping[str, object], after: str | None, limit: int
    ) -> Sequence[tuple[str, Found]]:
        return await self._data.page(table, whose, where, after, limit)

    async def count(self, table: Table[Any], whose: str | None, where: Mapping[str, object]) -> int:
        return await self._data.count(table, whose, where)

    async def exists(self, table: str, key: str, whose: str | None) -> int | None:
        return await self._data.exists(table, key, whose)

    async def commit(self, work: Work) -> Report:
        """Refuse it. Raises Forbidden."""
        raise Forbidden(READ_ONLY)
