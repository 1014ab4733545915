"""A real server, as a process of its own, for the tests that must not know the house from inside."""

import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Final, TypeVar

import httpx2

from scopekeeper.store.cached import LOOK_EVERY
from tests.forked import Forked, carried_out
from tests.waiting import PATIENCE

T = TypeVar("T")

COMMAND: Final = (sys.executable, "-m", "scopekeeper")


LOOKING: Final = (("list",), ("show",))
"""What changes nothing that a server could remember."""


class Live:
    """A server on a port and a data directory of its own."""

    processes: ClassVar[int] = 1
    """How many there are that may be asked."""

    command: tuple[str, ...] = COMMAND
    """What is run."""

    def __init__(self, data: Path, environ: Mapping[str, str] | None = None) -> None:
        self.data = data
        self.port = free_port()
        self.issuer = f"http://127.0.0.1:{self.port}"
        self.log = data.parent / f"{data.name}-{self.port}.log"
        self.settings = {"SCOPEKEEPER_DATA": str(data), **(environ or {})}
        """In whose names server and command line are started."""
        self._processes: list[subprocess.Popen[bytes] | Forked] = []

    def start(self) -> None:
        """Start the server and wait until it is ready."""
        self._processes = [self._begun(self.port)]
        self._wait_for(self.issuer)

    def close(self) -> None:
        """Kill it, and remove what it had outside of its data directory."""
        self.kill()

    def kill(self) -> None:
        """kill -9."""
        if self._processes:
            self._stop(signal.SIGKILL)

    def terminate(self) -> int:
        """SIGTERM, and the exit code."""
        return self._stop(signal.SIGTERM)

    def signal(self, number: int) -> None:
        """Send a signal and do not wait."""
        for process in self._processes:
            process.send_signal(number)

    def fill_disk(self, *, full: bool) -> None:
        """From now on no file of the server may grow beyond what its database's log has; or again may. Linux only."""
        [process] = self._processes
        most = (self.data / "scopekeeper.db-wal").stat().st_size if full else resource.RLIM_INFINITY
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))

    def wait(self) -> int:
        """The exit code, once the process has ended; of several the first that is not 0."""
        return next(filter(None, [process.wait(PATIENCE) for process in self._processes]), 0)

    def run(self, *arguments: str, input: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run the command line on the same data."""
        if self.command == COMMAND:
            done = carried_out(
                arguments, cwd=self.data.parent, env=self._environ(SCOPEKEEPER_ISSUER=self.issuer), input=input
            )
            if self._processes and arguments[1:2] not in LOOKING:
                time.sleep(LOOK_EVERY / 1000)  # so long the server may not know of it yet
            return done
        return subprocess.run(
            [*self.command, *arguments],
            cwd=self.data.parent,
            env=self._environ(SCOPEKEEPER_ISSUER=self.issuer),
            input=input,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def json(self, *arguments: str) -> Any:
        """What the command line prints with `--json`."""
        done = self.run(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def token(self, application: Mapping[str, str], **form: str) -> str:
        """A token for a machine-to-machine application."""
        answer = httpx2.post(
            f"{self.issuer}/oauth/token",
            data={"grant_type": "client_credentials", **form},
            auth=(application["client_id"], application["client_secret"]),
        )
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["access_token"]
        return token

    def set_up_link(self) -> str:
        """The path of the link for the first administrator, as it was printed last: it alone works."""
        said = self.log.read_text()
        found = re.findall(rf"{re.escape(self.issuer)}(/link\?\S+)", said)
        assert found, said
        link: str = found[-1]
        return link

    def _begun(self, port: int, **settings: str) -> subprocess.Popen[bytes] | Forked:
        """A process that begins to serve on this port."""
        if self.command == COMMAND:
            return Forked(
                ("serve", "--port", str(port)),
                cwd=self.data.parent,
                env=self._environ(**settings),
                stdout=self.log,
                stderr=self.log,
            )
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [*self.command, "serve", "--port", str(port)],
                cwd=self.data.parent,
                env=self._environ(**settings),
                stdout=log,
                stderr=log,
            )

    def _wait_for(self, address: str) -> None:
        """Wait until whoever listens there is ready."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and all(process.poll() is None for process in self._processes):
            try:
                if httpx2.get(f"{address}/health/ready").status_code == 200:
                    return
            except httpx2.TransportError:
                pass
            time.sleep(0.02)
        raise AssertionError(f"the server did not become ready:\n{self.log.read_text()}")

    def _environ(self, **settings: str) -> dict[str, str]:
        """Nothing of the surroundings is a setting."""
        plain = {name: value for name, value in os.environ.items() if not name.startswith("SCOPEKEEPER_")}
        return plain | self.settings | settings

    def _stop(self, number: int) -> int:
        for process in self._processes:
            if process.poll() is None:
                process.send_signal(number)
        return self.wait()


_kind: list[type[Live]] = [Live]


def serve_by(kind: type[Live]) -> None:
    """From now on `live` serves by this."""
    _kind[:] = [kind]


@contextmanager
def live(folder: Path, environ: Mapping[str, str] | None = None, *, sample: bool = True) -> Iterator[Live]:
    """A running server with the sample loaded, killed when the context ends; or what stands in for it (`serve_by`)."""
    server = _kind[0](folder / "data", environ)
    try:
        if sample:
            done = server.run("sample")
            assert done.returncode == 0, done.stderr
        server.start()
        yield server
    finally:
        server.close()


def felt(look: Callable[[], T], expected: T) -> None:
    """What a request changed is seen by the next: at once where one process serves, soon by all where several do.

    `look` sends one request.
    """
    end = time.monotonic() + (PATIENCE if _kind[0].processes > 1 else 0)
    in_a_row = 0
    while in_a_row < _kind[0].processes:
        seen = look()
        in_a_row = in_a_row + 1 if seen == expected else 0
        assert in_a_row or time.monotonic() < end, seen


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
