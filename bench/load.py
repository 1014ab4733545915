"""The load: requests fired by wrk, every reply of which is looked at."""

import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from bench.process import on_core

SCRIPT: Final = Path(__file__).with_name("wrk.lua")


class NoWrk(Exception):
    """wrk is not installed. The message is one line that says how to mend that."""

    def __init__(self) -> None:
        super().__init__("bench: wrk is not installed; `make system` installs it, or your system's package manager")


class Shot(NamedTuple):
    """One request: its method, path and body."""

    method: str
    path: str
    body: str = ""


@dataclass(frozen=True, slots=True)
class Load:
    """Requests to fire in turn, the headers that all of them carry, and what every reply's body has to hold."""

    shots: tuple[Shot, ...]
    headers: Mapping[str, str]
    expected: str
    fresh: Callable[[], tuple[Shot, ...]] | None = None
    """Makes the shots anew before each go, where a request can be sent only once."""
    follows: str = ""
    """A field of the replies. A reply's value of it takes the place of what the request had, and is sent later."""
    most: int | None = None
    """Connections at most, where a server is so slow that more would only wait in line beyond the end of the go."""

    def made(self) -> "Load":
        """The same with its shots made now, which takes the time of whoever has to make them."""
        return self if self.fresh is None else replace(self, shots=self.fresh(), fresh=None)


@dataclass(frozen=True, slots=True)
class Heard:
    """What wrk has to say of one go. Times are of replies, in milliseconds; `wrong` and `broken` count errors."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    broken: int
    wrong: int
    first_wrong: str


def require_wrk() -> None:
    """Raises NoWrk."""
    if shutil.which("wrk") is None:
        raise NoWrk


def fire(load: Load, origin: str, seconds: int, connections: int, folder: Path, core: int | None) -> Heard:
    """Fire for so many seconds. `folder` is for scratch; `core` is where wrk runs."""
    shots = folder / "shots"
    shots.write_text("".join("\t".join(shot) + "\n" for shot in load.made().shots), encoding="utf-8")
    headers = [part for name, value in load.headers.items() for part in ("-H", f"{name}: {value}")]
    connections = min(connections, load.most or connections)
    timing = ["-t", "1", "-c", str(connections), "-d", f"{seconds}s", "--timeout", "10s"]
    command = ["wrk", *timing, *headers, "-s", str(SCRIPT), origin, "--", str(shots), load.expected, load.follows]
    done = subprocess.run(command, capture_output=True, text=True, check=True, preexec_fn=on_core(core))
    return heard_in(done.stdout)


def heard_in(output: str) -> Heard:
    """What the script said, in its last line. Raises ValueError where it said nothing."""
    lines = [line for line in output.splitlines() if line.startswith("{")]
    if not lines:
        raise ValueError(f"wrk said nothing that could be read: {output[-200:]!r}")
    return msgspec.json.decode(lines[-1], type=Heard)
