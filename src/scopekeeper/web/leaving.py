"""How a process leaves whose place another has taken: nobody who was connected to it notices.

uvicorn closes idle connections at once when it stops. A client that sends its next request at that very moment gets no
answer. Here it gets one, which says that the connection ends with it (RFC 9112 §9.6), and it connects anew: to
somebody else, who listens on the same socket.
"""

from asyncio import BaseTransport
from typing import ClassVar, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState


class Leave(ServerState):
    """What all connections of a server share, and whether it leaves."""

    leaving = False


class LeavingProtocol(HttpToolsProtocol):
    """HTTP over a connection that, once the server leaves, is open for one more answer, or for `linger` seconds."""

    linger: ClassVar[float] = 2.0

    def connection_made(self, transport: BaseTransport) -> None:
        """Somebody has connected, perhaps at the last moment."""
        super().connection_made(transport)  # type: ignore[arg-type]  # as asyncio types it
        if self._leaves:
            self.shutdown()

    def on_headers_complete(self) -> None:
        """A request begins; where the server leaves it is the last one of this connection."""
        super().on_headers_complete()
        if self._leaves:
            self.cycle.keep_alive = False

    def shutdown(self) -> None:
        """The server stops, or leaves."""
        if not self._leaves:
            super().shutdown()
            return
        if self.cycle is not None and not self.cycle.response_started:
            self.cycle.keep_alive = False
        self.loop.call_later(self.linger, super().shutdown)

    @property
    def _leaves(self) -> bool:
        return cast(Leave, self.server_state).leaving
