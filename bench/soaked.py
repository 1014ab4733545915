"""What a soak has shown: kept, judged, and told."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from statistics import linear_regression
from typing import Final

import msgspec

from bench.crowd import KINDS
from bench.steady import SLOW_MS, Slow
from bench.table import markdown

KEPT: Final = "soak.json"

FLAT: Final = 5.0
"""MB in ten minutes by which the memory may grow after the warm-up."""

WARM_UP: Final = 0.3
"""The part of a soak in which memories fill: after it, the memory is flat."""

CAUSES: Final = ("event loop was held up", "slow commit", "long garbage collection", "store away")
"""What the log says of what keeps requests waiting, besides that they were slow."""

_BEFORE: Final = 0.3
_AFTER: Final = 1.5
"""Seconds before and after a slow moment in which its cause may be logged: within a second after it is over."""

_APART: Final = 0.5
"""Seconds between two slow requests that are not of one moment."""

Causes = list[tuple[float, str]]
"""What the log says, and when it was written, in seconds since the epoch; the earliest first."""


class Second(msgspec.Struct, frozen=True):
    """Ten seconds that ended `at`, in seconds since the beginning. Sizes are in bytes."""

    at: int
    requests: int
    p50_ms: float
    p99_ms: float
    resident_mb: float
    database: int
    log: int


class Moment(msgspec.Struct, frozen=True):
    """Requests that were slow together: when (seconds since the epoch), how many, the longest, and why."""

    at: float
    requests: int
    longest_ms: float
    parts: list[str]
    causes: list[str]


class Soaked(msgspec.Struct, frozen=True):
    """A whole soak."""

    at: str
    minutes: float
    sustained: int
    requests: int
    errors: int
    first_error: str
    p50_ms: float
    p99_ms: float
    p999_ms: float
    longest_ms: float
    mb_in_ten_minutes: float
    seconds: list[Second]
    moments: list[Moment]

    @property
    def wrong(self) -> list[str]:
        """What is not as it must be, a line each."""
        found = []
        if self.mb_in_ten_minutes > FLAT:
            found.append(f"the memory grows by {self.mb_in_ten_minutes} MB in ten minutes")
        if unexplained := sum(each.requests for each in self.moments if not each.causes):
            found.append(f"of {unexplained} slow requests the log does not tell why")
        if self.errors:
            found.append(f"{self.errors} errors: {self.first_error}")
        return found


def growth(looks: Sequence[tuple[float, float]]) -> float:
    """MB in ten minutes, by a line through the looks (seconds, MB) after the warm-up; 0 where there are too few."""
    after = looks[round(len(looks) * WARM_UP) :]
    if len(after) < 2:
        return 0.0
    return linear_regression(*zip(*after, strict=True)).slope * 600


def causes_in(log: str) -> Causes:
    """What a server's log of JSON lines says of causes."""
    found = []
    for line in log.splitlines():
        if line.startswith("{") and any(cause in line for cause in CAUSES):
            told = msgspec.json.decode(line, type=dict[str, object])
            at = datetime.fromisoformat(str(told.pop("timestamp"))).timestamp()
            event = str(told.pop("event"))
            del told["level"]
            found.append((at, f"{event} ({', '.join(f'{name} {value}' for name, value in told.items())})"))
    return sorted(found)


def moments(slow: Sequence[Slow], causes: Causes) -> list[Moment]:
    """The slow requests by the moments that they have in common, each with what was logged about then."""
    together: list[list[Slow]] = []
    end = float("-inf")
    for each in sorted(slow, key=lambda one: one.at):
        if each.at > end + _APART:
            together.append([])
        together[-1].append(each)
        end = max(end, each.at + each.milliseconds / 1_000)
    return [_moment(some, causes) for some in together]


def _moment(some: Sequence[Slow], causes: Causes) -> Moment:
    begin = some[0].at - _BEFORE
    end = max(each.at + each.milliseconds / 1_000 for each in some) + _AFTER
    first = bisect_left(causes, begin, key=lambda cause: cause[0])
    after = bisect_right(causes, end, key=lambda cause: cause[0])
    return Moment(
        some[0].at,
        len(some),
        round(max(each.milliseconds for each in some), 1),
        sorted({each.part for each in some}),
        [cause for _, cause in causes[first:after]],
    )


def text(soaked: Soaked) -> str:
    """All of it for the eye."""
    head = f"{'s':>6}{'requests':>10}{'p50 ms':>9}{'p99 ms':>9}{'RSS MB':>9}{'database MB':>13}{'log MB':>9}"
    lines = [head, *map(_line, soaked.seconds), "", _sum(soaked)]
    for each in soaked.moments:
        when = datetime.fromtimestamp(each.at).astimezone().isoformat(timespec="milliseconds")
        lines.append(
            f"{when}: {each.requests} slow requests, at most {each.longest_ms:.0f} ms ({', '.join(each.parts)})"
        )
        lines += [f"    {cause}" for cause in each.causes] or ["    the log does not tell why"]
    return "\n".join([*lines, *soaked.wrong])


def _line(each: Second) -> str:
    figures = f"{each.at:6}{each.requests:10}{each.p50_ms:9.2f}{each.p99_ms:9.2f}{each.resident_mb:9.1f}"
    return f"{figures}{each.database / 1e6:13.1f}{each.log / 1e6:9.1f}"


def _sum(soaked: Soaked) -> str:
    return (
        f"{soaked.requests} requests in {soaked.minutes:g} minutes at half of {soaked.sustained} a second: "
        f"p50 {soaked.p50_ms} ms, p99 {soaked.p99_ms} ms, p99.9 {soaked.p999_ms} ms, at most {soaked.longest_ms} ms; "
        f"memory {soaked.mb_in_ten_minutes:+.1f} MB in ten minutes"
    )


def kept(folder: Path) -> dict[str, Soaked]:
    """The figures that are kept, by the kind of database; none where there are not any."""
    path = folder / KEPT
    return msgspec.json.decode(path.read_bytes(), type=dict[str, Soaked]) if path.exists() else {}


def keep(kind: str, soaked: Soaked, folder: Path) -> None:
    """Keep these figures; those of another kind of database stay."""
    both = kept(folder) | {kind: soaked}
    (folder / KEPT).write_bytes(msgspec.json.format(msgspec.json.encode(both), indent=1) + b"\n")


def section(folder: Path) -> str:
    """What the documentation says of it; nothing where no figures are kept."""
    shown = [_shown(kind, soaked) for kind, soaked in kept(folder).items()]
    return "\n".join([_HEAD, *shown]) if shown else ""


_HEAD: Final = """\
## Minute after minute

`python -m bench.soak` asks for half of what a server bears, while tokens come due and are swept, and secrets and keys
are rotated.
"""


def _shown(kind: str, soaked: Soaked) -> str:
    step = max(len(soaked.seconds) // 10, 1)
    shown = [
        (
            str(each.at),
            f"{each.p50_ms:.2f}",
            f"{each.p99_ms:.2f}",
            f"{each.resident_mb:.0f}",
            f"{each.database / 1e6:.0f}",
            f"{each.log / 1e6:.0f}",
        )
        for each in soaked.seconds[step - 1 :: step]
    ]
    why = Counter(cause.partition(" (")[0] for each in soaked.moments for cause in set(each.causes))
    said = ", ".join(f"{cause} ({number})" for cause, number in why.most_common())
    slow = f"{sum(each.requests for each in soaked.moments)} requests took longer than {SLOW_MS:.0f} ms"
    table = markdown(("s", "p50 ms", "p99 ms", "RSS MB", "database MB", "log MB"), shown, words=0)
    at = f"On {KINDS[kind]}, {soaked.at}: {_sum(soaked)}."
    return f"{at}\n\n{table}\n\n{slow}{f'; what the log says of those moments: {said}' if said else ''}.\n"
