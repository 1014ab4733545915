"""A real server, as a process of its own, for the tests that must not know the house from inside."""

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx2

PATIENCE: Final = 20.0
"""Seconds that a server may take to be ready."""

COMMAND: Final = (sys.executable, "-m", "scopekeeper")


class Live:
    """A server on a port and a data directory of its own."""

    def __init__(self, data: Path, environ: Mapping[str, str] | None = None) -> None:
        self.data = data
        self.port = free_port()
        self.issuer = f"http://127.0.0.1:{self.port}"
        self.log = data.parent / f"{data.name}-{self.port}.log"
        plain = {name: value for name, value in os.environ.items() if not name.startswith("SCOPEKEEPER_")}
        self._environ = {**plain, "SCOPEKEEPER_DATA": str(data), **(environ or {})}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server and wait until it is ready."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*COMMAND, "serve", "--port", str(self.port)],
                cwd=self.data.parent,
                env=self._environ,
                stdout=log,
                stderr=log,
            )
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self._process.poll() is not None:
                break
            try:
                if httpx2.get(f"{self.issuer}/health/ready").status_code == 200:
                    return
            except httpx2.TransportError:
                time.sleep(0.02)
        raise AssertionError(f"the server did not become ready:\n{self.log.read_text()}")

    def kill(self) -> None:
        """kill -9."""
        self._stop(signal.SIGKILL)

    def terminate(self) -> int:
        """SIGTERM, and the exit code."""
        return self._stop(signal.SIGTERM)

    def signal(self, number: int) -> None:
        """Send a signal and do not wait."""
        assert self._process is not None
        self._process.send_signal(number)

    def fill_disk(self, *, full: bool) -> None:
        """From now on no file of the server may grow beyond what its database's log has; or again may. Linux only."""
        assert self._process is not None
        most = (self.data / "scopekeeper.db-wal").stat().st_size if full else resource.RLIM_INFINITY
        resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))

    def wait(self) -> int:
        """The exit code, once the process has ended."""
        assert self._process is not None
        return self._process.wait(PATIENCE)

    def run(self, *arguments: str, input: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run the command line on the same data."""
        return subprocess.run(
            [*COMMAND, *arguments],
            cwd=self.data.parent,
            env={**self._environ, "SCOPEKEEPER_ISSUER": self.issuer},
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

    def _stop(self, number: int) -> int:
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(number)
        return self.wait()


@contextmanager
def live(folder: Path, environ: Mapping[str, str] | None = None, *, sample: bool = True) -> Iterator[Live]:
    """A running server with the sample loaded, killed when the context ends."""
    server = Live(folder / "data", environ)
    if sample:
        done = server.run("sample")
        assert done.returncode == 0, done.stderr
    server.start()
    try:
        yield server
    finally:
        server.kill()


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
