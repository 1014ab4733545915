"""HTTP as uvicorn speaks it, with a bound on what it would gather, or wait for, without end."""

from asyncio import BaseTransport, TimerHandle
from typing import ClassVar, Final

from scopekeeper.web.cork import CorkedProtocol

LARGEST_HEAD: Final = 64 * 1024
"""Bytes of request line and headers, or of trailers, not counting the packet that they begin in."""

_TOO_LONG: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: text/plain; charset=utf-8\r\ncontent-length: 29\r\nconnection: close\r\n\r\n"
    b"The request head is too long."
)
_TOO_SLOW: Final = (
    b"HTTP/1.1 408 Request Timeout\r\n"
    b"content-type: text/plain; charset=utf-8\r\ncontent-length: 28\r\nconnection: close\r\n\r\n"
    b"The request came too slowly."
)


class BoundedProtocol(CorkedProtocol):
    """Hangs up on whoever sends a head that is too long, with 431 (RFC 6585 §5), or too slowly, with 408.

    A request is to be there, whole, within `patience` seconds of its first byte, and the first byte within as many of
    the connection. One timer for each connection looks after it, whatever the number of its requests.
    """

    patience: ClassVar[float] = 60.0

    _head = 0
    _went_on = False
    _awaited_since: float | None = None
    _watch: TimerHandle | None = None

    def connection_made(self, transport: BaseTransport) -> None:
        """Somebody has connected, and is waited for from now on."""
        super().connection_made(transport)
        self._awaited_since = self.loop.time()
        self._watch = self.loop.call_later(self.patience, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """They have gone, or were sent away."""
        if self._watch is not None:
            self._watch.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in a packet. Where no request begins in it and no body comes, it is all head or trailers."""
        self._went_on = False
        super().data_received(data)
        self._head = 0 if self._went_on else self._head + len(data)
        if self._head > LARGEST_HEAD and not self.transport.is_closing():
            self.transport.write(_TOO_LONG)
            self.transport.close()

    def on_message_begin(self) -> None:
        """A request begins."""
        self._went_on = True
        self._awaited_since = self.loop.time()
        super().on_message_begin()

    def on_body(self, body: bytes) -> None:
        """Some of the body has come."""
        self._went_on = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is there, whole: however long its answer takes now is our own affair."""
        self._awaited_since = None
        super().on_message_complete()

    def _look(self) -> None:
        """Has it been waited for too long? Between two requests nothing is waited for: uvicorn closes idle ones."""
        since = self._awaited_since
        left = self.patience if since is None else since + self.patience - self.loop.time()
        if left > 0:
            self._watch = self.loop.call_later(left, self._look)
        elif not self.transport.is_closing():
            if self.cycle is None or not self.cycle.response_started:
                self.transport.write(_TOO_SLOW)
            self.transport.close()
