"""`python -m bench`: measure, print one table, keep the figures.

Exit codes: 0 all is as it must be; 1 a reply was wrong, or a ratio is less than it must be; 2 nothing can be measured.
"""

import argparse
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from subprocess import CalledProcessError
from tempfile import TemporaryDirectory
from typing import Final

from bench import surroundings
from bench.asking import Silent
from bench.load import NoWrk, require_wrk
from bench.measure import measured, started
from bench.page import PAGE, page
from bench.record import Method, Run, keep, kept
from bench.summary import summary
from bench.table import text_table

RESULTS: Final = Path(__file__).with_name("results")
LATEST: Final = RESULTS / "latest.json"
QUICK: Final = Method(seconds=2, warm_up=1, rounds=1)


def main() -> int:
    """Run as the arguments say; the exit code."""
    options = argparse.ArgumentParser(prog="python -m bench", description="Measure Scopekeeper against the floor.")
    options.add_argument("--quick", action="store_true", help="one round of 2 s a workload: for a first look only")
    options.add_argument("--keep", action="store_true", help="make this run the one that docs/performance.md shows")
    options.add_argument("--page", action="store_true", help="measure nothing: write docs/performance.md anew")
    asked = options.parse_args()
    if asked.page:
        PAGE.write_text(page(kept(LATEST)), encoding="utf-8")
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the servers are ended then, too
    try:
        require_wrk()
        run = _run(QUICK if asked.quick else Method())
    except (NoWrk, Silent, CalledProcessError) as cannot:
        _say(str(cannot))
        return 2
    keep(run, RESULTS / f"{run.at.replace(':', '')}.json")
    if asked.keep:
        keep(run, LATEST)
        PAGE.write_text(page(run), encoding="utf-8")
    return _told(run)


def _run(method: Method) -> Run:
    # In the checkout, because a system's temporary directory may lie in memory, where durability costs nothing.
    with TemporaryDirectory(prefix="data-", dir=RESULTS) as name:
        folder = Path(name)
        return Run(
            at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            machine=surroundings.machine(folder),
            versions=surroundings.versions(),
            method=method,
            start=started(folder / "start"),
            rounds=measured(method, folder, _say),
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
