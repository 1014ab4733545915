"""The audit log, read: who did what, to what, from where. Nobody writes here; every act writes its own record."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final

from scopekeeper.services.lists import ActsAsked
from scopekeeper.services.ports import Act, Audit, Gone

STEP: Final = 500


@dataclass(frozen=True, slots=True)
class AuditLog:
    """Acts, newest first."""

    store: Audit

    async def page(self, asked: ActsAsked, *, before: int | None = None, limit: int = 50) -> Sequence[Act]:
        """Those that match, from before this row id."""
        return await self.store.acts(asked, before=before, limit=limit)

    async def count(self, asked: ActsAsked) -> int:
        """How many; at most MOST_COUNTED + 1."""
        return await self.store.count_acts(asked)

    async def every(self, asked: ActsAsked) -> AsyncIterator[Act]:
        """All that match, read as they are taken: what an export writes."""
        before: int | None = None
        while page := await self.page(asked, before=before, limit=STEP):
            for act in page:
                yield act
            before = page[-1].id

    async def get(self, row_id: int) -> Act:
        """One act. Raises Gone."""
        act = await self.store.act(row_id)
        if act is None:
            raise Gone("there is no such record")
        return act
