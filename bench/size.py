"""`python -m bench.size`: does a request cost more because there is very much of everything?

A small installation and a large one, each with a server of its own, asked in turn, on SQLite and on PostgreSQL: for
every workload the requests per CPU-second of each. Before that, the large one is looked after while tokens are asked
for (bench/meanwhile.py).

`--database sqlite|postgresql` (both, unless one is named), `--rows N` tokens in the large one, `--seconds N` of each
go, `--data FOLDER` keeps the databases as they were made and takes them from there, `--keep` keeps the figures for the
documentation.

Exit codes: 0 nothing is dearer than it may be, and nothing was felt; 1 something is; 2 nothing can be measured.
"""

import argparse
import signal
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from subprocess import CalledProcessError
from tempfile import TemporaryDirectory
from typing import Final

import msgspec

from bench import surroundings
from bench.asking import Silent
from bench.crowd import KINDS, crowd
from bench.load import NoWrk, require_wrk
from bench.many import Many
from bench.meanwhile import Calls, felt, looked_after
from bench.measure import round_of
from bench.process import cores
from bench.record import Method, Round
from bench.subject import Place
from bench.table import markdown, thousands
from bench.workloads import CODE, GRAPHQL_FIELD, INTROSPECTION, JWT, OPAQUE, REFRESH, REST_READ, REST_WRITE

SMALL: Final = 100_000
LARGE: Final = 10_000_000
MUST: Final = 1 / 1.2
"""Requests per CPU-second of the large one for each of the small one's: a request may be a fifth dearer."""

RESULTS: Final = Path(__file__).with_name("results")
KEPT: Final = "large.json"
ASKED: Final = (OPAQUE, JWT, REFRESH, CODE, INTROSPECTION, REST_READ, REST_WRITE, GRAPHQL_FIELD)

_ROUNDS: Final = 3
_WARM_UP: Final = 2

Rounds = dict[str, tuple[list[Round], list[Round]]]
"""Of each workload: those of the small one, and those of the large one."""


class Sizes(msgspec.Struct):
    """What was measured on one kind of database."""

    at: str
    machine: dict[str, str]
    tokens: int
    applications: int
    acts: int
    rounds: Rounds
    calls: Calls


def many_of(tokens: int, now: int) -> Many:
    """An installation of this size: ten million tokens go with 100 000 applications and a million audit records."""
    return Many(tokens, now, applications=tokens // 100, due_one_in=100, put_off=True)


def ratio_of(small: list[Round], large: list[Round]) -> float:
    """What the large one does for each of the small one's requests: the median of the rounds."""
    return median(there.per_cpu_second / here.per_cpu_second for here, there in zip(small, large, strict=True))


def dearer(small: list[Round], large: list[Round]) -> bool:
    """Is a request more than a fifth dearer in the large one?"""
    return ratio_of(small, large) < MUST


def measured(kind: str, rows: int, seconds: int, keeps: Path | None) -> Sizes:
    """All of it on one kind of database."""
    now, (ours, theirs) = int(time.time()), cores() or (None, None)
    # In the checkout, because a system's temporary directory may lie in memory.
    with TemporaryDirectory(prefix="data-", dir=RESULTS) as name, ExitStack() as stack:
        folder = Path(name)
        large = stack.enter_context(crowd(kind, many_of(rows, now), Place(folder / "large", ours), keeps, _say))
        calls = looked_after(large, folder, theirs, _say)
        small = stack.enter_context(crowd(kind, many_of(SMALL, now), Place(folder / "small", ours), keeps, _say))
        rounds: Rounds = {workload.name: ([], []) for workload in ASKED}
        for turn in range(_ROUNDS):
            method = Method(seconds, _WARM_UP if turn == 0 else 0, _ROUNDS)
            for workload in ASKED:
                for which, kept in zip((small, large), rounds[workload.name], strict=True):
                    load = which.loads[workload.name]
                    kept.append(round_of(which.server, load, method, folder, theirs, _say))
            _say(f"{kind}: round {turn + 1}")
        at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        many = large.many
        return Sizes(at, surroundings.machine(folder), many.tokens, many.clients, many.acts, rounds, calls)


def wrong(sizes: Sizes) -> list[str]:
    """What is not as it must be, a line each."""
    found = [f"{name} is dearer" for name, (small, large) in sizes.rounds.items() if dearer(small, large)]
    for name, both in sizes.rounds.items():
        if errors := sum(each.errors for rounds in both for each in rounds):
            found.append(f"{name}: {errors} errors")
    before, *acts = sizes.calls.acts
    found += [f"{act.what} was felt" for act in acts if felt(before, act)]
    if sizes.calls.errors:
        found.append(f"meanwhile {sizes.calls.errors} errors: {sizes.calls.first_error}")
    return found


def told(kind: str, sizes: Sizes) -> str:
    """What came out, for the eye."""
    lines = [f"{kind + ', requests per CPU-second':40}{SMALL:>12}{sizes.tokens:>12}{'ratio':>9}"]
    for name, (small, large) in sizes.rounds.items():
        rates = "".join(f"{median(each.per_cpu_second for each in rounds):12.0f}" for rounds in (small, large))
        word = "  dearer" if dearer(small, large) else ""
        lines.append(f"{name:40}{rates}{ratio_of(small, large):9.2f}{word}")
    lines.append(f"{'meanwhile, ms':40}{'took s':>12}{'p50':>12}{'p99':>9}{'longest':>9}")
    before, *_ = sizes.calls.acts
    for act in sizes.calls.acts:
        word = "  felt" if felt(before, act) else ""
        lines.append(f"{act.what:40}{act.seconds:12.1f}{act.p50_ms:12.2f}{act.p99_ms:9.2f}{act.longest_ms:9.1f}{word}")
    return "\n".join(lines)


def kept(folder: Path) -> dict[str, Sizes]:
    """The figures that are kept, by the kind of database; none where there are not any."""
    path = folder / KEPT
    return msgspec.json.decode(path.read_bytes(), type=dict[str, Sizes]) if path.exists() else {}


def keep(sizes: Mapping[str, Sizes], folder: Path) -> None:
    """Keep these figures; those of another kind of database stay."""
    path = folder / KEPT
    path.write_bytes(msgspec.json.format(msgspec.json.encode(kept(folder) | dict(sizes)), indent=1) + b"\n")


def section(folder: Path) -> str:
    """What the documentation says of it; nothing where no figures are kept."""
    shown = [_shown(kind, sizes) for kind, sizes in kept(folder).items()]
    return "\n".join([_HEAD, *shown]) if shown else ""


def _shown(kind: str, sizes: Sizes) -> str:
    costs = [
        (name, *(f"{median(each.per_cpu_second for each in which):.0f}" for which in both), f"{ratio_of(*both):.2f}")
        for name, both in sizes.rounds.items()
    ]
    acts = [
        (act.what, f"{act.seconds:.1f}", f"{act.p50_ms:.1f}", f"{act.p99_ms:.1f}", f"{act.longest_ms:.0f}")
        for act in sizes.calls.acts
    ]
    return _SECTION.format(
        name=KINDS[kind],
        at=sizes.at,
        tokens=thousands(sizes.tokens),
        applications=thousands(sizes.applications),
        acts=thousands(sizes.acts),
        costs=markdown(("workload", f"{thousands(SMALL)} tokens", f"{thousands(sizes.tokens)} tokens", "ratio"), costs),
        rate=f"{sizes.calls.rate:.0f}",
        meanwhile=markdown(("meanwhile", "took s", "p50 ms", "p99 ms", "longest ms"), acts),
    )


_HEAD: Final = """\
## Requests where there is very much

`python -m bench.size`, which `make bench-large` runs, too, asks a small installation and a large one in turn. Before
that the large one is looked after while tokens are asked for.
"""

_SECTION: Final = """\
### {name}: {tokens} tokens, {applications} applications, {acts} audit records

Requests per CPU-second of a small installation and of this one, in turn, measured on {at}; a ratio may be {must}.

{costs}

{rate} tokens a second were asked for while the large one was looked after:

{meanwhile}
""".replace("{must}", f"{MUST:.2f} at least")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main() -> int:
    """Measure as the arguments say; the exit code."""
    options = argparse.ArgumentParser(prog="python -m bench.size", description="Is a request dearer in a large one?")
    options.add_argument("--database", choices=KINDS, help="on this one alone")
    options.add_argument("--rows", type=int, default=LARGE, help="tokens of the large one, 10 000 000 by default")
    options.add_argument("--seconds", type=int, default=2, help="seconds of each go, 2 by default")
    options.add_argument("--data", type=Path, help="keep the databases there as they were made, and use them again")
    options.add_argument("--keep", action="store_true", help="keep the figures for the documentation")
    asked = options.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the servers are ended then, too
    failures = []
    for kind in [asked.database] if asked.database else KINDS:
        try:
            require_wrk()
            sizes = measured(kind, asked.rows, asked.seconds, asked.data)
        except (NoWrk, Silent, CalledProcessError) as cannot:
            _say(str(cannot))
            return 2
        print(told(kind, sizes), flush=True)
        failures += wrong(sizes)
        if asked.keep:
            keep({kind: sizes}, RESULTS)
    print("\n".join(failures))
    return int(bool(failures))


if __name__ == "__main__":
    sys.exit(main())
