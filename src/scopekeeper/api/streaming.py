"""All of a list in one answer: written page by page while it is read, so that it may be as long as it likes.

The guard is asked again for each page. What cannot go on breaks off: the connection is closed before the body is
whole, so nobody takes half of a list for all of it.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

from starlette.types import Scope

from scopekeeper.api.answers import encode
from scopekeeper.api.guard import Admitted, Guard
from scopekeeper.api.media import Medium
from scopekeeper.api.perform import Performer
from scopekeeper.oauth.authentication import Demand
from scopekeeper.sdk import Operation, Page, Paging, Problem
from scopekeeper.services.ports import Unavailable
from scopekeeper.surface.bulk.lines import Lines
from scopekeeper.wire import address_of
from scopekeeper.wire.bearer import Refused
from scopekeeper.wire.reply import Headers
from scopekeeper.wire.streamed import BrokenOff, Streamed

PAGE: Final = 100
"""Records that are read and written at once: for a millisecond or two nobody else is served."""

_TYPES: Final = {
    Medium.CSV: (b"text/csv; charset=utf-8; header=present", "csv"),
    Medium.LINES: (b"application/x-ndjson", "ndjson"),
}


class Streaming:
    """The streams of one operation that lists. Its columns were made at start."""

    def __init__(self, operation: Operation, demand: Demand | None, guard: Guard, performer: Performer) -> None:
        self._operation = operation
        self._scope = operation.scope("rest")
        self._demand = demand
        self._guard = guard
        self._performer = performer
        self._lines = Lines(operation.returns)

    async def reply(
        self, scope: Scope, admitted: Admitted, arguments: Mapping[str, Any], medium: Medium, *, limited: bool
    ) -> Streamed:
        """All records that match, or as many as were asked for. What the first page raises is raised here."""
        if not limited:
            arguments = {**arguments, "paging": Paging(PAGE, arguments["paging"].after)}
        first = await self._page(scope, admitted, arguments)
        pages = self._pages(scope, admitted, arguments, first, limited=limited)
        chunks = self._as_csv(pages) if medium is Medium.CSV else _as_lines(pages)
        return Streamed(chunks, self._headers(medium))

    async def _page(self, scope: Scope, admitted: Admitted, arguments: Mapping[str, Any]) -> Page[Any]:
        done = await self._performer.perform(self._operation, admitted, "rest", arguments, address=address_of(scope))
        page: Page[Any] = done.result
        return page

    async def _pages(
        self, scope: Scope, admitted: Admitted, arguments: Mapping[str, Any], first: Page[Any], *, limited: bool
    ) -> AsyncIterator[tuple[Any, ...]]:
        items, following = first.items, first.next
        del first
        while True:
            yield items
            if following is None or limited:
                return
            items, following = await self._next(scope, admitted, {**arguments, "paging": Paging(PAGE, following)})

    async def _next(
        self, scope: Scope, admitted: Admitted, arguments: Mapping[str, Any]
    ) -> tuple[tuple[Any, ...], str | None]:
        try:
            await self._guard.require_still(scope, admitted, self._scope, demand=self._demand)
            page = await self._page(scope, admitted, arguments)
        except Refused as refused:
            raise BrokenOff("the token does not hold any more") from refused
        except (Problem, Unavailable) as wrong:
            raise BrokenOff(str(wrong)) from wrong
        return page.items, page.next

    async def _as_csv(self, pages: AsyncIterator[tuple[Any, ...]]) -> AsyncIterator[bytes]:
        before = self._lines.head()
        async for items in pages:
            yield before + self._lines.of(items)
            before = b""

    def _headers(self, medium: Medium) -> Headers:
        media_type, ending = _TYPES[medium]
        named = f'attachment; filename="{self._operation.field}.{ending}"'.encode()
        return (
            (b"content-type", media_type),
            (b"content-disposition", named),
            (b"cache-control", b"no-store"),
            (b"vary", b"accept"),
        )


async def _as_lines(pages: AsyncIterator[tuple[Any, ...]]) -> AsyncIterator[bytes]:
    async for items in pages:
        yield b"".join(encode(item) + b"\n" for item in items)
