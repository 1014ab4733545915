"""An answer, as a value: it is made by whoever knows what to say, and sent once, at the front door."""

from typing import Final

import msgspec
from starlette.types import Receive, Scope, Send

Headers = tuple[tuple[bytes, bytes], ...]

NO_STORE: Final[Headers] = ((b"cache-control", b"no-store"),)
"""What nobody keeps (RFC 9111 §5.2.2.5)."""

_JSON: Final[Headers] = ((b"content-type", b"application/json"),)
_PROBLEM: Final[Headers] = ((b"content-type", b"application/problem+json"),)

_encode = msgspec.json.Encoder().encode


class Reply(msgspec.Struct, frozen=True):
    """Status, headers and body of an answer. It is an ASGI application that gives itself."""

    status: int
    body: bytes = b""
    headers: Headers = ()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        bodiless = self.status in (204, 304)
        length = () if bodiless else ((b"content-length", b"%d" % len(self.body)),)
        await send({"type": "http.response.start", "status": self.status, "headers": [*self.headers, *length]})
        shown = b"" if bodiless or scope["method"] == "HEAD" else self.body
        await send({"type": "http.response.body", "body": shown})


def json_reply(value: object, status: int = 200, headers: Headers = ()) -> Reply:
    """The value as JSON."""
    return Reply(status, _encode(value), _JSON + headers)


def problem(
    status: int, title: str, detail: str, *, headers: Headers = (), type: str = "about:blank", **more: object
) -> Reply:
    """What went wrong, as `application/problem+json` (RFC 9457)."""
    body = {"type": type, "title": title, "status": status, "detail": detail, **more}
    return Reply(status, _encode(body), _PROBLEM + headers)
