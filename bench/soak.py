"""`python -m bench.soak`: does a server stay as quick and as small as it was, and has each slow request its cause?

First the rate that it bears is measured for ten seconds. Then half of it is asked for at a steady rate: tokens,
introspections, REST reads, refreshes. Meanwhile happens what an hour brings, squeezed into these minutes: tokens come
due and are swept, as many as are issued in an hour of ten thousand a minute; an application's secret is rotated sixty
times, at which every process forgets what it remembers; and the signing keys are rotated four times. What a timer does
is not squeezed: there is one sweep a minute, and answers to refreshes are erased by the second.

Of each ten seconds: p50 and p99, resident memory, the bytes of the database and of its log. In the end: does the memory
grow, and what does the server's log say of each moment in which requests were slow?

`--database sqlite|postgresql`, `--minutes N` (10), `--keep` keeps the figures for the documentation.

Exit codes: 0 as it must be; 1 memory grows, a slow request has no cause in the log, or an answer was wrong; 2 nothing
can be measured.
"""

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from subprocess import CalledProcessError
from tempfile import TemporaryDirectory
from typing import Final

from bench import workloads
from bench.asking import Silent
from bench.crowd import KINDS, Crowd, crowd
from bench.due import let_come_due
from bench.many import Many
from bench.ours import COMMAND
from bench.process import cores, on_core
from bench.soaked import Causes, Second, Soaked, causes_in, growth, keep, moments, text
from bench.steady import Asked, Heard, Part, asking, part_of, percentile
from bench.subject import Place

RESULTS: Final = Path(__file__).with_name("results")
HOURS_TOKENS: Final = 600_000
"""Tokens that come due: those of an hour of ten thousand a minute."""

ACTS: Final = 60
ROTATIONS: Final = 4
EVERY: Final = 10.0
"""Seconds between two looks."""

_MIX: Final = (
    (workloads.OPAQUE, 40),
    (workloads.INTROSPECTION, 30),
    (workloads.REST_READ, 20),
    (workloads.REFRESH, 10),
)
_FIRST: Final = 10.0
_GENTLY: Final = 10
"""By how much nicer the command line is than who asks."""
_JSON_LOG: Final = {"SCOPEKEEPER_LOG_FORMAT": "json"}


Look = tuple[float, float, int, int]
"""When (seconds since the epoch), MB resident, and the bytes of the database and of its log."""


def soaked(kind: str, minutes: float) -> Soaked:
    """The whole soak on one kind of database."""
    ours, theirs = cores() or (None, None)
    # In the checkout, because a system's temporary directory may lie in memory.
    with TemporaryDirectory(prefix="data-", dir=RESULTS) as name, ExitStack() as stack:
        folder = Path(name)
        many = Many(2 * HOURS_TOKENS, int(time.time()), applications=1_000, due_one_in=2, put_off=True)
        which = stack.enter_context(crowd(kind, many, Place(folder / "it", ours), None, _say, **_JSON_LOG))
        let_come_due(which.installation.database, many, minutes * 60)
        parts = [part_of(load.name, share, which.loads[load.name]) for load, share in _MIX]
        sustained = _sustained(which, parts, folder, theirs)
        _say(f"{kind}: {sustained:.0f} requests a second; half of that for {minutes:g} minutes")
        parts = [part_of(load.name, share, which.loads[load.name]) for load, share in _MIX]  # with fresh refresh tokens
        asked = Asked(which.server.port, parts, sustained / 2)
        with asking(asked, folder / "asked", theirs) as asker:
            seconds = _watched(which, minutes * 60, theirs)
            heard = asker.ended()
        log = which.server.log.read_text(encoding="utf-8", errors="replace")
        return _told(sustained, minutes, seconds, heard, causes_in(log))


def _sustained(which: Crowd, parts: list[Part], folder: Path, core: int | None) -> float:
    """Requests a second that it bears."""
    with asking(Asked(which.server.port, parts, None, connections=32), folder / "first", core) as asker:
        time.sleep(_FIRST)
        heard = asker.ended()
    if heard.errors:
        raise Silent(f"bench: {heard.errors} errors before the soak: {heard.first_error}")
    return len(heard) / _FIRST


def _watched(which: Crowd, seconds: float, core: int | None) -> list[Look]:
    """Look every ten seconds, and do what an hour brings. What each look found."""
    began = time.time()
    looks: list[Look] = []
    acts = sorted(
        [(seconds * (n + 0.5) / ACTS, ("app", "rotate", _bystander(which), "--overlap", "0")) for n in range(ACTS)]
        + [(seconds * (n + 0.5) / ROTATIONS, ("keys", "rotate", "--compromised")) for n in range(ROTATIONS)]
    )
    running: subprocess.Popen[bytes] | None = None
    while (now := time.time() - began) < seconds:
        if now >= EVERY * (len(looks) + 1):
            looks.append((time.time(), which.server.resident_mb(), *which.sizes()))
        if acts and now >= acts[0][0] and (running is None or running.poll() is not None):
            _require_done(running)
            running = _said_aside(which, acts.pop(0)[1], core)
        time.sleep(0.2)
    looks.append((time.time(), which.server.resident_mb(), *which.sizes()))
    if running is not None:
        running.wait()
    _require_done(running)
    return looks


def _bystander(which: Crowd) -> str:
    """An application that nobody asks as."""
    return f"client{which.many.clients - 1:026d}"


def _said_aside(which: Crowd, arguments: Sequence[str], core: int | None) -> subprocess.Popen[bytes]:
    """Run the command line where it takes nothing from the server, and hardly anything from who asks."""
    pinned = on_core(core)

    def gently() -> None:
        os.nice(_GENTLY)
        if pinned is not None:
            pinned()

    place, environment = which.installation.place, which.installation.environment()
    command = [COMMAND, *arguments]
    return subprocess.Popen(command, cwd=place.folder, env=environment, stdout=subprocess.DEVNULL, preexec_fn=gently)


def _require_done(act: subprocess.Popen[bytes] | None) -> None:
    if act is not None and act.returncode:
        raise Silent("bench: what an hour brings could not be done: see above")


def _told(sustained: float, minutes: float, looks: list[Look], heard: Heard, causes: Causes) -> Soaked:
    times = heard.each_until([at for at, *_ in looks])
    seconds = [_second(look, ms, heard.began) for look, ms in zip(looks, times, strict=True)]
    every = [ms for some in times for ms in some]
    return Soaked(
        at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        minutes=minutes,
        sustained=round(sustained),
        requests=len(heard),
        errors=heard.errors,
        first_error=heard.first_error,
        p50_ms=round(percentile(every, 50), 2),
        p99_ms=round(percentile(every, 99), 2),
        p999_ms=round(percentile(every, 99.9), 2),
        longest_ms=round(max(every, default=0.0), 1),
        mb_in_ten_minutes=round(growth([(each.at, each.resident_mb) for each in seconds]), 2),
        seconds=seconds,
        moments=moments(heard.slow, causes),
    )


def _second(look: Look, times: list[float], began: float) -> Second:
    at, resident_mb, database, log = look
    p50, p99 = (round(percentile(times, each), 2) for each in (50, 99))
    return Second(round(at - began), len(times), p50, p99, round(resident_mb, 1), database, log)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main() -> int:
    """Soak as the arguments say; the exit code."""
    options = argparse.ArgumentParser(prog="python -m bench.soak", description="Does it stay as it was?")
    options.add_argument("--database", choices=KINDS, default="sqlite", help="sqlite by default")
    options.add_argument("--minutes", type=float, default=10.0, help="how long, 10 by default")
    options.add_argument("--keep", action="store_true", help="keep the figures for the documentation")
    asked = options.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the servers are ended then, too
    try:
        done = soaked(asked.database, asked.minutes)
    except (Silent, CalledProcessError) as cannot:
        _say(str(cannot))
        return 2
    print(text(done))
    if asked.keep:
        keep(asked.database, done, RESULTS)
    return int(bool(done.wrong))


if __name__ == "__main__":
    sys.exit(main())
