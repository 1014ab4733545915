"""Call records from a file, taken in while a server serves: new ones, and the same once more."""

import csv
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from bench.called import DAY, Many

LINES: Final = 100_000
_COLUMNS: Final = (
    *("uid", "started", "ended", "direction", "disposition", "answered_at", "caller", "callee", "callee_extension"),
    *("did", "channel", "destination_channel", "application"),
)


class _Said(msgspec.Struct):
    new: int
    there: int
    seconds: float


def taken_in(folder: Path, many: Many, said: Callable[..., bytes]) -> dict[str, float]:
    """Import a file of calls of the last month, twice: how many in a second."""
    file = folder / "calls.csv"
    with file.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(_COLUMNS)
        writer.writerows(_row(many, n) for n in range(LINES))
    found: dict[str, float] = {}
    for name in ("import", "import of what is there"):
        told = msgspec.json.decode(said("cdr", "import", str(file), "--json"), type=_Said)
        assert told.new + told.there == LINES
        found[name] = round(LINES / told.seconds)
    return found


def _row(many: Many, n: int) -> tuple[str, ...]:
    at = many.until - 30 * DAY + n * 30 * DAY // LINES
    moments = [time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at + each)) for each in (0, 60, 10)]
    started, ended, answered = moments
    extension = str(1_000 + n * 7_919 % 2_000)
    lines = ("PJSIP/trunk-1", f"PJSIP/{extension}-{n}")
    number = f"+49301{n * 104_729 % 1_000_000:06}"
    return (
        *(f"import{n}", started, ended, "inbound", "answered", answered),
        *(number, "+4930555100", extension, "+4930555100", *lines, "Dial"),
    )
