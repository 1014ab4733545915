"""A process of the bench: pinned to a core, asked for its CPU time and memory, and always ended."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
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
    database: int | None = None
    """The process of the database's server, where it has one."""

    @property
    def origin(self) -> str:
        """Its address, without a path."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def ended(self) -> bool:
        """Has it ended of itself?"""
        return self.process.poll() is not None

    def cpu_seconds(self) -> float:
        """The CPU time used until now by all its processes and its database's, and what the system spent for them."""
        return sum(map(_cpu_seconds, family_of(self.process.pid, self.database)))

    def database_seconds(self) -> float:
        """What of that its database used."""
        return sum(map(_cpu_seconds, family_of(self.database)))

    def resident_mb(self) -> float:
        """The memory that its processes hold, without the database's, in MB of 10⁶ bytes."""
        return sum(map(_resident_mb, family_of(self.process.pid)))


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


def family_of(*elders: int | None) -> list[int]:
    """These processes, their children, and theirs."""
    said = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = {int(pid): int(parent) for pid, parent in map(str.split, said.splitlines())}
    found = [each for each in elders if each is not None]
    for elder in found:
        found += [pid for pid, parent in parents.items() if parent == elder]
    return found


def pin(elder: int, core: int | None) -> None:
    """Pin a process and its children to the core; those to come follow them."""
    if sys.platform == "linux" and core is not None:
        for each in family_of(elder):
            with suppress(ProcessLookupError):  # it has just ended
                os.sched_setaffinity(each, {core})


def _cpu_seconds(pid: int) -> float:
    try:
        if sys.platform == "linux":
            return _jiffies(Path(f"/proc/{pid}/stat").read_text()) / os.sysconf("SC_CLK_TCK")
        return seconds_in(_ps(pid, "time"))
    except (OSError, subprocess.CalledProcessError):
        return 0.0  # it has just ended: its parent has its time


def _resident_mb(pid: int) -> float:
    try:
        if sys.platform == "linux":
            return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
        return int(_ps(pid, "rss")) * 1024 / 1e6
    except (OSError, subprocess.CalledProcessError):
        return 0.0


def seconds_in(time: str) -> float:
    """The seconds of what `ps -o time=` says: `[[days-]hours:]minutes:seconds`."""
    days, _, clock = time.strip().rpartition("-")
    total = 0.0
    for part in clock.split(":"):
        total = total * 60 + float(part)
    return int(days or 0) * 86_400 + total


def _jiffies(stat: str) -> int:
    # The command's name, which may hold anything, ends with the last parenthesis. Fields 14 to 17 are utime and stime,
    # of its own and of the children that have ended.
    return sum(map(int, stat.rpartition(")")[2].split()[11:15]))


def _ps(pid: int, column: str) -> str:
    return subprocess.run(["ps", "-o", f"{column}=", "-p", str(pid)], capture_output=True, text=True, check=True).stdout
