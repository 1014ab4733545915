"""An answer that is written as it is made, because the whole of it need not be in memory at once."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from starlette.types import Receive, Scope, Send

from scopekeeper.wire.reply import Headers


@dataclass(frozen=True, slots=True)
class Streamed:
    """Headers, and a body in chunks, of an answer with status 200. It is an ASGI application that gives itself, once.

    Where a chunk cannot be made the connection breaks: whoever reads must not take half of it for all.
    """

    chunks: AsyncIterator[bytes]
    headers: Headers = ()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [*self.headers]})
        if scope["method"] != "HEAD":
            async for chunk in self.chunks:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
