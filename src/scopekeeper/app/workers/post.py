"""A worker's post: which one it is, what it tells, and where it counts."""

import socket
from dataclasses import dataclass

from scopekeeper.app.house import CannotOpen, WrongDatabase
from scopekeeper.app.workers.messages import Alive, Ready, Refused, tell
from scopekeeper.web.board import Board, Slab


@dataclass(frozen=True, slots=True)
class Post:
    """What a worker is given when it is made."""

    number: int
    """From 1 on. Whoever takes its place has it too."""
    first: bool
    """Does it what only one has to do: the set-up link, the first keys?"""
    channel: socket.socket
    board: Board
    slab: Slab
    alive_every: float | None = None
    """Seconds between two signs of life; None where nobody waits for them."""

    def ready(self, setup: str | None) -> None:
        """Tell that it serves; with the link for the first administrator, if it made one."""
        tell(self.channel, Ready(setup))

    def alive(self) -> None:
        """Tell that its event loop turns."""
        tell(self.channel, Alive())

    def refused(self, refused: CannotOpen) -> None:
        """Tell that it cannot open the house."""
        # A file's name may hold what is no Unicode.
        reason = str(refused).encode("utf-8", "backslashreplace").decode()
        tell(self.channel, Refused(reason, isinstance(refused, WrongDatabase)))
