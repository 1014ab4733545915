"""`python -m bench`: measure, print one table, keep the figures. With `--peers` other people's servers, too.

Exit codes: 0 all is as it must be; 1 a reply was wrong, or a ratio is less than it must be; 2 nothing can be measured.
"""

import argparse
import signal
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from subprocess import CalledProcessError
from tempfile import TemporaryDirectory
from typing import Final

from bench import capacity, surroundings
from bench.asking import Silent
from bench.load import NoWrk, require_wrk
from bench.measure import SUBJECTS, measured, started
from bench.page import PAGE, page
from bench.peers.known import beside_ours
from bench.peers.versions import versions as peers_versions
from bench.record import Method, Run, keep
from bench.summary import summary
from bench.table import text_table

RESULTS: Final = Path(__file__).with_name("results")
LATEST: Final = RESULTS / "latest.json"
PEERS: Final = RESULTS / "peers-latest.json"
QUICK: Final = Method(seconds=2, warm_up=1, rounds=1)
BESIDE_PEERS: Final = Method(seconds=4, warm_up=2, rounds=3)


def main() -> int:
    """Run as the arguments say; the exit code."""
    options = argparse.ArgumentParser(prog="python -m bench", description="Measure Scopekeeper against the floor.")
    options.add_argument("--quick", action="store_true", help="one round of 2 s a workload: for a first look only")
    options.add_argument("--seconds", type=int, metavar="N", help="so long for each workload and round")
    options.add_argument("--peers", action="store_true", help="fewer workloads, and other people's servers beside ours")
    options.add_argument("--keep", action="store_true", help="make this run the one that the documentation shows")
    options.add_argument("--page", action="store_true", help="measure nothing: write the documentation's pages anew")
    asked = options.parse_args()
    if asked.page:
        _write_pages()
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the servers are ended then, too
    try:
        require_wrk()
        method = QUICK if asked.quick else BESIDE_PEERS if asked.peers else Method()
        run = _run(replace(method, seconds=asked.seconds or method.seconds), peers=asked.peers)
    except (NoWrk, Silent, CalledProcessError) as cannot:
        _say(str(cannot))
        return 2
    keep(run, RESULTS / f"{'peers-' if asked.peers else ''}{run.at.replace(':', '')}.json")
    if asked.keep:
        keep(run, PEERS if asked.peers else LATEST)
        _write_pages()
    return _told(run)


def _write_pages() -> None:
    PAGE.write_text(page(RESULTS), encoding="utf-8")
    capacity.PAGE.write_text(capacity.page(RESULTS), encoding="utf-8")


def _run(method: Method, *, peers: bool) -> Run:
    absent: dict[str, str] = {}
    openings = beside_ours(absent, _say) if peers else SUBJECTS
    # In the checkout, because a system's temporary directory may lie in memory, where durability costs nothing.
    with TemporaryDirectory(prefix="data-", dir=RESULTS) as name:
        folder = Path(name)
        return Run(
            at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            machine=surroundings.machine(folder),
            versions=surroundings.versions() | (peers_versions() if peers else {}),
            method=method,
            start=started(folder / "start"),
            rounds=measured(method, folder, _say, openings),
            absent=absent,
        )


def _told(run: Run) -> int:
    rows = summary(run)
    print(text_table(rows))
    print(f"first token after {run.start.first_token_s:.2f} s, idle at {run.start.idle_mb:.0f} MB")
    print(", ".join(f"{name} {value}" for name, value in run.machine.items()))
    return int(any(row.errors or row.missed for row in rows))


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
