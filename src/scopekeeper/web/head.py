"""HTTP as uvicorn speaks it, with a bound on what it would gather without end: the head of a request, and trailers."""

from typing import Final

from scopekeeper.web.cork import CorkedProtocol

LARGEST_HEAD: Final = 64 * 1024
"""Bytes of request line and headers, or of trailers, not counting the packet that they begin in."""

_REFUSAL: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: text/plain; charset=utf-8\r\ncontent-length: 29\r\nconnection: close\r\n\r\n"
    b"The request head is too long."
)


class BoundedProtocol(CorkedProtocol):
    """Hangs up on whoever sends a head that is too long, with 431 (RFC 6585 §5)."""

    _head = 0
    _went_on = False

    def data_received(self, data: bytes) -> None:
        """Take in a packet. Where no request begins in it and no body comes, it is all head or trailers."""
        self._went_on = False
        super().data_received(data)
        self._head = 0 if self._went_on else self._head + len(data)
        if self._head > LARGEST_HEAD and not self.transport.is_closing():
            self.transport.write(_REFUSAL)
            self.transport.close()

    def on_message_begin(self) -> None:
        """A request begins."""
        self._went_on = True
        super().on_message_begin()

    def on_body(self, body: bytes) -> None:
        """Some of the body has come."""
        self._went_on = True
        super().on_body(body)
