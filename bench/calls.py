"""`python -m bench.calls`: how quick is it to look at call records, when there are millions of them?

A server on a database with so many calls is asked one request after the other: every kind of list, its first page, one
from its middle and its last ones; one call; a new one. Then days are counted, 100 000 calls are exported, and as many
imported while the server serves.

`--database sqlite|postgresql` (both, unless one is named), `--calls N` (a million; ten for the record), `--times N`
requests of each kind, `--keep` keeps the figures for the documentation.

Exit codes: 0 every page was there in time; 1 one was not; 2 nothing can be measured.
"""

import argparse
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import msgspec

from bench import surroundings
from bench.asked_of_calls import Questions
from bench.asking import Silent, basic, until_answered
from bench.bare import FORM
from bench.called import BUSY_PERSON, DAY, PERSON, Many, fill
from bench.crowd import KINDS
from bench.granted import REDIRECT, Granted
from bench.ours import COMMAND, Installation, durable_postgres, installed
from bench.process import Server, cores
from bench.subject import Place
from bench.table import markdown, thousands
from bench.taken_in import taken_in
from scopekeeper.settings import SqliteFile

FEW: Final = 1_000_000
MUST_MS: Final = 20.0
"""Of a page, of one call, and of a new one: the 99th of a hundred."""

RESULTS: Final = Path(__file__).with_name("results")
KEPT: Final = "calls.json"


class _Added(msgspec.Struct):
    client_id: str
    client_secret: str


class _Issued(msgspec.Struct):
    access_token: str


class Times(msgspec.Struct):
    """Milliseconds of so many requests, one after the other."""

    requests: int
    p50_ms: float
    p99_ms: float

    @classmethod
    def of(cls, seconds: list[float]) -> "Times":
        told = sorted(each * 1_000 for each in seconds)
        return cls(len(told), round(told[len(told) // 2], 2), round(told[int(len(told) * 0.99)], 2))


class Measured(msgspec.Struct):
    """What was measured on one kind of database."""

    at: str
    machine: dict[str, str]
    calls: int
    pages: dict[str, Times]
    days: dict[str, Times]
    bulk: dict[str, float]
    """Of what is done with 100 000 calls: how many in a second."""
    grown_mb: float
    """By how much the server had grown after the exports."""


def measured(kind: str, many: Many, times: int, made: Path | None) -> Measured:
    """All of it on one kind of database."""
    ours, _ = cores() or (None, None)
    # In the checkout, because a system's temporary directory may lie in memory.
    with TemporaryDirectory(prefix="data-", dir=RESULTS) as name, ExitStack() as stack:
        place = Place(Path(name), ours)
        installation = stack.enter_context(_filled(kind, many, place, made))
        application = installation.application("calls", "--type", "m2m", "--scope", "rest:cdr")
        people = {name: _person(installation, name) for name in (PERSON, BUSY_PERSON)}
        with installation.serving() as server:
            token = _token(server, application, "grant_type=client_credentials")
            theirs = {name: _token(server, *asked) for name, asked in people.items()}
            questions = Questions(server, many, token, theirs)
            pages = dict(_told_of(questions.pages(times)))
            days = dict(_told_of(questions.days(max(times // 10, 3))))
            before = server.resident_mb()
            bulk = dict(questions.exports())
            grown = server.resident_mb() - before
            bulk |= taken_in(place.folder, many, partial(_said, installation))
        at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return Measured(at, surroundings.machine(place.folder), many.calls, pages, days, bulk, round(grown, 1))


def _told_of(asked: Iterator[tuple[str, list[float]]]) -> Iterator[tuple[str, Times]]:
    for name, seconds in asked:
        times = Times.of(seconds)
        _say(f"{name}: {times.p50_ms} ms, {times.p99_ms} ms")
        yield name, times


@contextmanager
def _filled(kind: str, many: Many, place: Place, made: Path | None) -> Iterator[Installation]:
    with ExitStack() as stack:
        database = None if kind == "sqlite" else stack.enter_context(durable_postgres(place.core))[0]
        file = SqliteFile(place.folder / "data" / "scopekeeper.db")
        file.path.parent.mkdir(mode=0o700)
        began = time.perf_counter()
        if database is None and made is not None:
            subprocess.run(["cp", str(made), str(file.path)], check=True)
        else:
            fill(file if database is None else database, many)
        _say(f"{kind}: {many.calls} calls are there after {time.perf_counter() - began:.0f} s")
        yield installed(place, database)


def _person(installation: Installation, name: str) -> tuple[str, str]:
    """Somebody who has granted an application to see their calls: its Authorization, and what it asks for a token."""
    _said(installation, "user", "add", name, "--password-stdin", said="a password for the bench\n")
    arguments = ("--type", "web", "--scope", "rest:cdr:read", "--redirect-uri", REDIRECT, "--json")
    added = msgspec.json.decode(_said(installation, "app", "add", f"of {name}", *arguments), type=_Added)
    [secret] = Granted(installation.database, added.client_id, "rest:cdr:read", name).refresh_tokens(1)
    return basic(added.client_id, added.client_secret), f"grant_type=refresh_token&refresh_token={secret}"


def _token(server: Server, authorization: str, form: str) -> str:
    answer = until_answered(server, "POST", "/oauth/token", {**FORM, "Authorization": authorization}, form)
    return msgspec.json.decode(answer, type=_Issued).access_token


def _said(installation: Installation, *arguments: str, said: str = "") -> bytes:
    done = subprocess.run(
        [COMMAND, *arguments],
        cwd=installation.place.folder,
        env=installation.environment(),
        check=True,
        stdout=subprocess.PIPE,
        input=said.encode(),
    )
    return done.stdout


def late(found: Measured) -> list[str]:
    """The kinds of pages that were not there in time."""
    return [name for name, each in found.pages.items() if each.p99_ms > MUST_MS]


def told(kind: str, found: Measured) -> str:
    """What came out, for the eye."""
    lines = [f"{kind}, {thousands(found.calls)} calls, ms{'p50':>31}{'p99':>9}"]
    for name, each in (found.pages | found.days).items():
        word = "  late" if name in late(found) else ""
        lines.append(f"{name:48}{each.p50_ms:9.2f}{each.p99_ms:9.2f}{word}")
    lines += [f"{name:48}{thousands(each):>9} calls a second" for name, each in found.bulk.items()]
    lines.append(f"the server grew by {found.grown_mb:.1f} MB while it exported")
    return "\n".join(lines)


def kept(folder: Path) -> dict[str, Measured]:
    """The figures that are kept, by the kind of database; none where there are not any."""
    path = folder / KEPT
    return msgspec.json.decode(path.read_bytes(), type=dict[str, Measured]) if path.exists() else {}


def keep(found: Mapping[str, Measured], folder: Path) -> None:
    """Keep these figures; those of another kind of database stay."""
    path = folder / KEPT
    path.write_bytes(msgspec.json.format(msgspec.json.encode(kept(folder) | dict(found)), indent=1) + b"\n")


def section(folder: Path) -> str:
    """What the documentation says of it; nothing where no figures are kept."""
    found = kept(folder)
    if not found:
        return ""
    calls = thousands(max(each.calls for each in found.values()))
    when = ", ".join(f"{KINDS[kind]} on {each.at}" for kind, each in found.items())
    columns = ("", *(f"{KINDS[kind]} {what}" for kind in found for what in ("p50 ms", "p99 ms")))
    return _SECTION.format(
        calls=calls,
        when=when,
        must=f"{MUST_MS:.0f}",
        pages=markdown(columns, _lines([each.pages for each in found.values()])),
        days=markdown(columns, _lines([each.days for each in found.values()])),
        bulk=markdown(
            ("calls a second", *(KINDS[kind] for kind in found)),
            [
                (name, *(thousands(each.bulk[name]) for each in found.values()))
                for name in next(iter(found.values())).bulk
            ],
        ),
        grown=" and ".join(f"{each.grown_mb:.0f} MB" for each in found.values()),
    )


def _lines(apart: Sequence[Mapping[str, Times]]) -> list[tuple[str, ...]]:
    return [
        (name, *(figure for each in apart for figure in (f"{each[name].p50_ms:.1f}", f"{each[name].p99_ms:.1f}")))
        for name in apart[0]
    ]


_SECTION: Final = """\
## Call records

`python -m bench.calls`, which `make bench-large` runs, too, fills a database with {calls} call records of two years, a
tenth of them at one extension. Then it asks a server for one page after the other over HTTP, and waits for each: a page
is 50 calls, from the beginning of a list, from its middle and from its end. A page, a call, and a new call must be
there in {must} ms, 99 times of 100. Measured: {when}.

{pages}

Days are added up when they are asked for, so they take as long as there are calls in them:

{days}

100 000 calls in one answer, while the server's memory grew by {grown}; and as many taken in from a file, beside the
server that serves:

{bulk}
"""


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main() -> int:
    """Measure as the arguments say; the exit code."""
    options = argparse.ArgumentParser(prog="python -m bench.calls", description="Are pages of call records quick?")
    options.add_argument("--database", choices=KINDS, help="on this one alone")
    options.add_argument("--calls", type=int, default=FEW, help="a million by default")
    options.add_argument("--times", type=int, default=200, help="requests of each kind, 200 by default")
    options.add_argument("--made", type=Path, help="SQLite's database as it was made today, by bench.called.fill")
    options.add_argument("--keep", action="store_true", help="keep the figures for the documentation")
    asked = options.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the servers are ended then, too
    many, failures = Many(asked.calls, int(time.time()) // DAY * DAY), []
    for kind in [asked.database] if asked.database else KINDS:
        try:
            found = measured(kind, many, asked.times, asked.made)
        except (Silent, subprocess.CalledProcessError) as cannot:
            _say(str(cannot))
            return 2
        print(told(kind, found), flush=True)
        failures += [f"{kind}: {name} was late" for name in late(found)]
        if asked.keep:
            keep({kind: found}, RESULTS)
    print("\n".join(failures))
    return int(bool(failures))


if __name__ == "__main__":
    sys.exit(main())
