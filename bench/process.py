"""A process of the bench: pinned to a core, asked for its CPU time and memory, and always ended."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PATIENCE: Final = 10.0
"""Seconds that a process has to end of itself."""


@dataclass(frozen=True, slots=True)
class Server:
    """A process that serves on loopback."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path
    """What it says goes there."""

    @property
    def origin(self) -> str:
        """Its address, without a path."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def ended(self) -> bool:
        """Has it ended of itself?"""
        return self.process.poll() is not None

    def cpu_seconds(self) -> float:
        """The CPU time it has used until now, its own and what the system spent for it."""
        if sys.platform == "linux":
            return _jiffies(Path(f"/proc/{self.process.pid}/stat").read_text()) / os.sysconf("SC_CLK_TCK")
        return seconds_in(_ps(self.process.pid, "time"))

    def resident_mb(self) -> float:
        """The memory it holds, in MB of 10⁶ bytes."""
        if sys.platform == "linux":
            pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
            return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
        return int(_ps(self.process.pid, "rss")) * 1024 / 1e6


@contextmanager
def serving(
    command: Sequence[str], port: int, log: Path, core: int | None, environment: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """The server that this command starts, in the folder of its log, until the block is left."""
    with log.open("ab") as said:
        process = subprocess.Popen(
            command, stdout=said, stderr=said, cwd=log.parent, env=environment, preexec_fn=on_core(core)
        )
    try:
        yield Server(process, port, log)
    finally:
        process.terminate()
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def cores() -> tuple[int, int] | None:
    """A core for the server and one for the load; None where there are not two, or processes cannot be pinned."""
    if sys.platform != "linux":
        return None
    free = sorted(os.sched_getaffinity(0))
    return (free[0], free[1]) if len(free) > 1 else None


def on_core(core: int | None) -> Callable[[], None] | None:
    """What pins a child to the core, to be run in it before it begins."""
    if sys.platform != "linux" or core is None:
        return None
    pinned = {core}
    return lambda: os.sched_setaffinity(0, pinned)


def free_port() -> int:
    """A port on loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def seconds_in(time: str) -> float:
    """The seconds of what `ps -o time=` says: `[[days-]hours:]minutes:seconds`."""
    days, _, clock = time.strip().rpartition("-")
    total = 0.0
    for part in clock.split(":"):
        total = total * 60 + float(part)
    return int(days or 0) * 86_400 + total


def _jiffies(stat: str) -> int:
    # The command's name, which may hold anything, ends with the last parenthesis; utime and stime are fields 14 and 15.
    fields = stat.rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def _ps(pid: int, column: str) -> str:
    return subprocess.run(["ps", "-o", f"{column}=", "-p", str(pid)], capture_output=True, text=True, check=True).stdout
