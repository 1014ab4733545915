"""An answer that is written as it is made, because the whole of it need not be in memory at once."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, nullcontext
from dataclasses import dataclass

from starlette.types import Receive, Scope, Send

from scopekeeper.wire.body import Disconnected
from scopekeeper.wire.reply import Headers


class BrokenOff(Exception):
    """What was to follow cannot be given. The message is for the log."""


@dataclass(frozen=True, slots=True)
class Streamed:
    """Headers, and a body in chunks, of an answer with status 200. It is an ASGI application that gives itself, once.

    Where a chunk cannot be made the connection breaks: whoever reads must not take half of it for all. A chunk is made
    when the one before it is on its way, and none any more once whoever reads has gone.
    """

    chunks: AsyncIterator[bytes]
    headers: Headers = ()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Give it. Raises Disconnected."""
        await send({"type": "http.response.start", "status": 200, "headers": [*self.headers]})
        if scope["method"] != "HEAD":
            await self._give(receive, send)
        await send({"type": "http.response.body", "body": b""})

    async def _give(self, receive: Receive, send: Send) -> None:
        gone = asyncio.ensure_future(_departure(receive))
        chunks = self.chunks
        try:
            async with aclosing(chunks) if isinstance(chunks, AsyncGenerator) else nullcontext():
                async for chunk in chunks:
                    if gone.done():
                        raise Disconnected
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
                    await asyncio.sleep(0)  # what is read and sent at once would let nobody else be served
        finally:
            gone.cancel()


async def _departure(receive: Receive) -> None:
    """Wait until whoever reads has gone."""
    message = await receive()
    while message["type"] != "http.disconnect":
        message = await receive()
