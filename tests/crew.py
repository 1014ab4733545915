"""A server of several processes, seen from outside: who is at work, and what they say together."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx2
from prometheus_client.parser import text_string_to_metric_families

from tests.live import Live
from tests.waiting import PATIENCE, until


class Crew(Live):
    """So many workers, and the one that looks after them."""

    def __init__(self, data: Path, size: int, environ: Mapping[str, str] | None = None) -> None:
        super().__init__(data, {"SCOPEKEEPER_WORKERS": str(size), **(environ or {})})
        self.size = size

    def start(self) -> None:
        """Start them and wait until all serve."""
        before = self.said().count("Scopekeeper serves at")
        self._processes = [self._begun(self.port)]
        until(lambda: self.said().count("Scopekeeper serves at") > before or self._processes[0].poll() is not None)
        assert self._processes[0].poll() is None, self.said()

    @property
    def pid(self) -> int:
        """The one that looks after the workers."""
        return self._processes[0].pid

    @property
    def workers(self) -> set[int]:
        """Those that are at work now."""
        return children(self.pid)

    @property
    def whole(self) -> bool:
        """Are as many at work as are to be?"""
        return self.metric("scopekeeper_workers") == len(self.workers) == self.size

    def said(self) -> str:
        """All that was said until now."""
        return self.log.read_text() if self.log.exists() else ""

    def metric(self, name: str, **labels: str) -> float:
        """What one of them answers for all; with labels, of the samples that have them."""
        told = httpx2.get(f"{self.issuer}/metrics").text
        return sum(
            sample.value
            for family in text_string_to_metric_families(told)
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

    def kill_one(self) -> int:
        """kill -9 for one worker; its id. Back once another is in its place."""
        killed, before = min(self.workers), self.workers
        os.kill(killed, signal.SIGKILL)
        until(lambda: killed not in self.workers and len(self.workers - before) == 1 and self.whole)
        return killed

    def close(self) -> None:
        """Kill all of them."""
        workers = self.workers if self._processes else set()
        super().close()
        for pid in workers:
            if is_there(pid):
                os.kill(pid, signal.SIGKILL)


@contextmanager
def crew(folder: Path, size: int, environ: Mapping[str, str] | None = None) -> Iterator[Crew]:
    """A running server of so many workers, killed when the context ends."""
    server = Crew(folder / "data", size, environ)
    try:
        server.start()
        yield server
    finally:
        server.close()


@contextmanager
def slow_request(server: Live) -> Iterator[socket.socket]:
    """A request for discovery's document whose head is half-way through: `finish` it."""
    with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as connection:
        connection.sendall(
            b"POST /oauth/token HTTP/1.1\r\nhost: it\r\ncontent-length: 23\r\n"
            b"content-type: application/x-www-form-urlencoded\r\nexpect: 100-continue\r\n\r\n"
        )
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")  # a worker has it, and waits for the rest
        yield connection


def finish(connection: socket.socket) -> bytes:
    """Send the rest of a slow request; all that is answered until the connection is closed."""
    connection.sendall(b"grant_type=nothing_real")
    answer = b""
    while came := connection.recv(65_536):
        answer += came
    return answer


def children(pid: int) -> set[int]:
    """The processes that this one made."""
    listed = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False).stdout
    return set(map(int, listed.split()))


def is_there(pid: int) -> bool:
    """Is there such a process, and does it run?"""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.startswith("Z")
