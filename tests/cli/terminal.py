"""The command line as a process of its own, at a terminal or not."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

COMMAND: Final = (sys.executable, "-m", "scopekeeper")

_ROWS: Final = 24

_LONGEST: Final = 60.0
"""Seconds until a command that has not ended is given up."""

_PATIENCE: Final = 1.0
"""Seconds until an answer that had no effect is typed again."""


def environ(data: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a shell: nothing of ours but the data directory."""
    ours = ("SCOPEKEEPER_", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES")
    plain = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**plain, "SCOPEKEEPER_DATA": str(data), "HOME": str(data.parent), "TERM": "xterm", **(more or {})}


@dataclass(frozen=True, slots=True)
class Typed:
    """What was seen on the terminal, and the exit code."""

    code: int
    seen: str


def typed(
    data: Path, *arguments: str, answer: bytes = b"", columns: int = 80, more: Mapping[str, str] | None = None
) -> Typed:
    """Run a command line at a terminal of that width, and type the answer once it asks (a line that ends in `: `)."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, columns, 0, 0))
    with closing(os.fdopen(ours, "wb", buffering=0)) as keyboard:
        process = subprocess.Popen(
            [*COMMAND, *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environ(data, more),
            cwd=data.parent,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0) and None,
        )
        os.close(theirs)
        seen, asked, end = b"", False, time.monotonic() + _LONGEST
        while True:
            if time.monotonic() > end:
                process.kill()
                raise AssertionError(f"the command did not come to an end: {seen!r}")
            came = bool(select.select([ours], [], [], _PATIENCE)[0])
            chunk = _read(ours) if came else b""
            seen += chunk
            if came and not chunk:
                break
            if answer and not asked and seen.endswith(b": "):
                asked = True
                keyboard.write(answer)
            elif asked and not came:  # a read does not notice an interrupt of the moment before
                keyboard.write(answer)
        return Typed(process.wait(20), seen.decode().replace("\r\n", "\n"))


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # Linux says so when the other side has hung up
        return b""
