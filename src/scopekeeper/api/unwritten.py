"""Data that is only looked at."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from scopekeeper.sdk import Forbidden
from scopekeeper.sdk.data import Data, Found, Owned, Report, Work
from scopekeeper.sdk.listing import Condition, Counted
from scopekeeper.sdk.table import Table

READ_ONLY: Final = "A view is there to read: mutations are not run in it."


class Unwritten:
    """Data that is there to be read: it takes no writes, whoever asks."""

    def __init__(self, data: Data) -> None:
        self._data = data

    async def get(self, table: Table[Any], key: str, whose: str | None) -> Found | None:
        return await self._data.get(table, key, whose)

    async def page(
        self,
        table: Table[Any],
        whose: str | None,
        where: Mapping[str, object],
        after: str | None,
        limit: int,
        conditions: Sequence[Condition] = (),
        sort: str | None = None,
        descending: bool = False,
    ) -> Sequence[tuple[str, Found]]:
        return await self._data.page(table, whose, where, after, limit, conditions, sort, descending)

    async def count(
        self,
        table: Table[Any],
        whose: str | None,
        where: Mapping[str, object],
        conditions: Sequence[Condition] = (),
    ) -> int:
        return await self._data.count(table, whose, where, conditions)

    async def counts(
        self,
        table: Table[Any],
        whose: str | None,
        where: Mapping[str, object],
        conditions: Sequence[Condition],
        prefix: int,
        by: Sequence[str],
        sums: Sequence[str],
    ) -> Sequence[Counted]:
        return await self._data.counts(table, whose, where, conditions, prefix, by, sums)

    async def append(self, table: Table[Any], records: Sequence[Any]) -> int:
        """Refuse it. Raises Forbidden."""
        raise Forbidden(READ_ONLY)

    async def exists(self, table: str, key: str, whose: str | None) -> int | None:
        return await self._data.exists(table, key, whose)

    async def owner(self, table: str, key: str) -> Owned | None:
        return await self._data.owner(table, key)

    async def commit(self, work: Work) -> Report:
        """Refuse it. Raises Forbidden."""
        raise Forbidden(READ_ONLY)
