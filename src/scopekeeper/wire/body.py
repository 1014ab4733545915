"""The body of a request, read whole and never beyond its bound."""

from starlette.types import Receive, Scope

from scopekeeper.wire.headers import header


class TooLarge(Exception):
    """The body is larger than this endpoint takes."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"The body has more than {limit} bytes.")
        self.limit = limit


class Disconnected(Exception):
    """Whoever asked has gone before the body was whole."""


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """The whole body, at most `limit` bytes. Raises TooLarge as soon as that is known."""
    declared = header(scope, b"content-length")
    if declared is not None and declared.isdigit() and int(declared[:20]) > limit:
        raise TooLarge(limit)
    message = await receive()
    if message["type"] == "http.disconnect":
        raise Disconnected
    body: bytes = message.get("body", b"")
    if not message.get("more_body", False):
        if len(body) > limit:
            raise TooLarge(limit)
        return body
    chunks, size = [body], len(body)
    while message.get("more_body", False):
        if size > limit:
            raise TooLarge(limit)
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
    if size > limit:
        raise TooLarge(limit)
    return b"".join(chunks)
