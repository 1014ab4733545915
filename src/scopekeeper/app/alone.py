"""uvicorn's server in the one process that there is: the service manager hears how it stands."""

import asyncio
import signal
import socket

import structlog
import uvicorn

from scopekeeper.app.notify import Herald, keep_saying

log = structlog.get_logger(__name__)


class LoneServer(uvicorn.Server):
    """Serves until told to stop, with nobody beside it who could take its place."""

    def __init__(self, config: uvicorn.Config, herald: Herald) -> None:
        super().__init__(config)
        self._herald = herald

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the house, take whoever comes, and say so."""
        await super().startup(sockets)
        if not self._herald.is_heard:
            return
        # A service manager's reload would end it, and SIGHUP is an end after which it is not started anew.
        # On the loop: a handler might come amid a log line, whose lock nobody takes twice.
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self._stay)
        self._herald.serving()
        if self._herald.alive_every is not None:
            keep_saying(self._herald.alive, self._herald.alive_every)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Say that it stops, then drain."""
        self._herald.stopping()
        await super().shutdown(sockets)

    def _stay(self) -> None:
        self._herald.reloading()
        log.warning("there is one process alone, and nobody to take its place: it goes on as it is")
        self._herald.serving()
