"""uvicorn's server in a worker: it does what it is told over its channel, and not what is typed at the terminal."""

import asyncio
import signal
import socket
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType
from typing import Final

import uvicorn

from scopekeeper.app.notify import keep_saying
from scopekeeper.app.workers.messages import Order
from scopekeeper.app.workers.post import Post
from scopekeeper.web.leaving import Leave

_AT_ONCE: Final = 16


class WorkingServer(uvicorn.Server):
    """Serves until it is told to stop, by its channel or by SIGTERM, or the channel's other end is gone.

    Ctrl-C reaches every process of a terminal. What is to be done then is for the one who looks after all of them to
    say: it tells them the first time to stop, and the second time to hurry.
    """

    def __init__(self, config: uvicorn.Config, post: Post, *, longest: int) -> None:
        super().__init__(config)
        self.server_state: Leave = Leave()
        self._channel = post.channel
        self._post = post
        self._longest = longest

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """SIGTERM is heard from now on; until now it waited."""
        signal.signal(signal.SIGTERM, self._terminated)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGTERM,))
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen to the channel, then open the house."""
        self._channel.setblocking(False)
        asyncio.get_running_loop().add_reader(self._channel.fileno(), self._told)
        await super().startup(sockets)
        if self._post.alive_every is not None:
            keep_saying(self._post.alive, self._post.alive_every)

    def _terminated(self, number: int, frame: FrameType | None) -> None:
        self.should_exit = True

    def _told(self) -> None:
        try:
            came = self._channel.recv(_AT_ONCE)
        except BlockingIOError:
            return
        except OSError:
            came = b""
        if not came:  # nobody looks after us any more, and nobody would end us if we did not end by ourselves
            asyncio.get_running_loop().remove_reader(self._channel.fileno())
            signal.alarm(self._longest)
            self.should_exit = True
        for byte in came:
            self._carry_out(Order(bytes((byte,))))

    def _carry_out(self, what: Order) -> None:
        if what is Order.LEAVE:
            self.server_state.leaving = True
        self.force_exit = self.force_exit or what is Order.HURRY
        self.should_exit = True
