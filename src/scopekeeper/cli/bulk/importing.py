"""`scopekeeper bulk import`: line after line, with a word on each, and the sum of them at the end."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from scopekeeper.cli.bulk.format import Chosen, plan_of
from scopekeeper.cli.house import in_house
from scopekeeper.cli.output import AsJson, Refused, print_json, say

if TYPE_CHECKING:
    from scopekeeper.api.bulk.outcome import Outcome
    from scopekeeper.app import House
    from scopekeeper.cli.bulk.sources import Line, Source
    from scopekeeper.surface.bulk.entries import Entry

EXAMPLES: Final = """\
\b
Examples:
  scopekeeper bulk import extensions.csv --dry-run
  scopekeeper bulk import extensions.json --json
"""


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV or JSON; - is standard input.", show_default=False)],
    format: Chosen = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would become of it, and write nothing.")] = False,
    json: AsJson = False,
) -> None:
    """Add and change extensions and their settings, as a file says.

    Each line is carried out as a whole or not at all, and one that is refused stops no others. What a file has no
    column for stays as it is. The exit code is 1 if a line was refused.
    """
    report = Report(dry_run, json)

    async def act(house: "House") -> None:
        from scopekeeper.api.bulk.overlay import Overlay
        from scopekeeper.api.bulk.taking import Taking
        from scopekeeper.api.operator import OPERATOR
        from scopekeeper.cli.bulk.sources import source_of

        plan = plan_of(house)
        source = source_of(plan, file, format)
        data = Overlay(house.data, relied_on=False) if dry_run else house.data
        taking = Taking(plan, house.performer, data, OPERATOR)
        with _watched(source.total) as advance:
            entries: dict[int, Entry] = {}
            async for place, outcome in taking.take_all(_kept(source, entries)):
                if not outcome.waits:
                    entry = entries.pop(place, None)
                    report.add(place, None if entry is None else entry.key, outcome)
                advance(place)
            for place, outcome in (await taking.settle(list(entries.items()))).items():
                report.add(place, entries[place].key, outcome)

    try:
        in_house(act)
    except KeyboardInterrupt:
        raise Refused(f"broken off: {report.told()}; lines that were carried out stay so: import it again") from None
    except Refused as refused:
        if not report.counts:
            raise
        raise Refused(f"{refused} ({report.told()})") from refused
    report.end()


def _kept(source: "Source", entries: "dict[int, Entry]") -> "Iterator[Line]":
    """The lines, each of which is kept until it is reported."""
    from scopekeeper.sdk import Invalid

    for place, entry in source:
        if not isinstance(entry, Invalid):
            entries[place] = entry
        yield place, entry


@dataclass(slots=True)
class Report:
    """What became of each line: said at once to people, and at the end to programs."""

    dry_run: bool
    json: bool
    counts: Counter[str] = field(default_factory=Counter)
    lines: list[dict[str, Any]] = field(default_factory=list)

    def add(self, place: int, key: str | None, outcome: "Outcome") -> None:
        """One line more."""
        self.counts[outcome.fate.value] += 1
        if self.json:
            told = {"line": place, "extension": key, "outcome": outcome.fate.value, "fields": outcome.fields}
            self.lines.append(told | {"field": outcome.field, "detail": outcome.detail})
            return
        what = ", ".join(outcome.fields) or ": ".join(filter(None, (outcome.field, outcome.detail)))
        say(f"line {place}: {key or '?'} {outcome.fate.value}{f': {what}' if what else ''}")

    def told(self) -> str:
        """The sum of them: `1 created, 2 changed, 0 unchanged, 0 refused`."""
        return ", ".join(f"{self.counts[each]} {each}" for each in _FATES)

    def end(self) -> None:
        """Say the sum. Raises Refused where a line was."""
        if self.json:
            lines = sorted(self.lines, key=itemgetter("line"))
            print_json({"dry_run": self.dry_run, **{each: self.counts[each] for each in _FATES}, "lines": lines})
        else:
            say(f"{self.told()}.{' Nothing was written: it was a dry run.' if self.dry_run else ''}")
        if refused := self.counts["refused"]:
            raise Refused("1 line was refused" if refused == 1 else f"{refused} lines were refused")


_FATES: Final = ("created", "changed", "unchanged", "refused")


@contextmanager
def _watched(total: int) -> Iterator[Callable[[int], None]]:
    """A bar where somebody looks at a terminal; it is told how far we are."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("lines"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    # Where both are the terminal, what is said stands above the bar.
    redirected = sys.stdout.isatty()
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, redirect_stdout=redirected) as progress:
        task = progress.add_task("", total=total)
        yield lambda place: progress.update(task, completed=place)
