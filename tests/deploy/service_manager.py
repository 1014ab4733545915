"""What stands in for systemd: a datagram socket on which a server tells how it stands (`sd_notify(3)`)."""

import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.crew import Crew
from tests.waiting import PATIENCE

WATCHED: Final = 0.4
"""Seconds within which a watched server gives a sign of life. No test waits for their end: only for signs, and until
there are none."""


class ServiceManager:
    """It hears what is told, one thing after the other."""

    def __init__(self, address: str) -> None:
        self.address: Final = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(f"\0{address[1:]}" if address.startswith("@") else address)

    def hears(self) -> dict[str, str]:
        """The next thing that is told."""
        self._socket.settimeout(PATIENCE)
        told = self._socket.recv(4_096).decode()
        return dict(line.split("=", maxsplit=1) for line in told.splitlines())

    def hears_nothing_for(self, seconds: float) -> bool:
        """Is nothing told for so long? If something is, it is heard by that."""
        self._socket.settimeout(seconds)
        try:
            self._socket.recv(4_096)
        except (TimeoutError, BlockingIOError):
            return True
        return False

    def close(self) -> None:
        """Hear no more."""
        self._socket.close()


class Told(Crew):
    """A server whose start nobody waits for: the service manager hears of it."""

    def start(self) -> None:
        """Begin it."""
        self._processes = [self._begun(self.port)]


@contextmanager
def managed(folder: Path, workers: int = 1, *, watched: bool = False) -> Iterator[tuple[ServiceManager, Told]]:
    """A server that has begun to start for a service manager, killed when the context ends."""
    place = Path(tempfile.mkdtemp(prefix="sknt-", dir="/tmp"))  # the name of a socket must be short
    manager = ServiceManager(str(place / "notify"))
    asked = {"NOTIFY_SOCKET": manager.address, **({"WATCHDOG_USEC": str(int(WATCHED * 1e6))} if watched else {})}
    server = Told(folder / "data", workers, asked)
    try:
        server.start()
        yield manager, server
    finally:
        server.close()
        manager.close()
        shutil.rmtree(place)
