"""The machine and the versions that a run was made with, as far as they tell without telling whose they are."""

import os
import platform
import re
import sqlite3
import subprocess
import time
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Final

from bench.process import cores

_PACKAGES: Final = ("scopekeeper", "uvicorn", "uvloop", "httptools", "msgspec", "graphql-core", "cryptography")
_WRITES: Final = 100


def machine(folder: Path) -> dict[str, str]:
    """The machine, and how long its disk takes to make one write durable where the folder is."""
    pair = cores()
    return {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.release()}",
        "pinned": "the server to one core, wrk to another" if pair else "not pinned",
        "one fsync": f"{_fsync(folder / 'synced'):.0f} µs",
    }


def versions() -> dict[str, str]:
    """Versions of what the figures depend on."""
    return {
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        **{package: version(package) for package in _PACKAGES},
        "wrk": _wrk(),
    }


def _processor() -> str:
    try:
        model = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        model = None
    return model[1] if model else platform.processor() or platform.machine()


def _wrk() -> str:
    # It has no option for this: it says so, calls it an error, and exits with 1.
    said = subprocess.run(["wrk", "-v"], capture_output=True, text=True, check=False)
    found = re.search(r"wrk (\S+)", said.stdout + said.stderr)
    return found[1] if found else "unknown"


def _fsync(path: Path) -> float:
    """Microseconds, the median of some appends of 4 kB."""
    times = []
    with path.open("wb", buffering=0) as file:
        for _ in range(_WRITES):
            file.write(b"\0" * 4096)
            began = time.perf_counter()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - began)
    return median(times) * 1e6
