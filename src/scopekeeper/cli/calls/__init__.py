"""`scopekeeper cdr …`: call records from files."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from scopekeeper.cli.gently import gently
from scopekeeper.cli.house import in_house
from scopekeeper.cli.output import AsJson, Refused, print_json, say

if TYPE_CHECKING:
    from datetime import tzinfo

    from scopekeeper.app import House
    from scopekeeper.cli.calls.lines import Aside, Line, Source
    from scopekeeper.cli.calls.taking import Read, Tally
    from scopekeeper.sdk.intake import Intake

EXAMPLES: Final = """\
\b
Examples:
  scopekeeper cdr import calls.csv
  scopekeeper cdr import Master.csv --format asterisk --zone Europe/Berlin
  scopekeeper cdr import Master.csv --format asterisk --dry-run
  scopekeeper cdr import calls.csv --owners now --bad bad.csv
"""

MODULE: Final = "cdr"

cli = typer.Typer(help="Take call records in from files.", no_args_is_help=True, rich_markup_mode=None)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for."""

    file: str
    format: str
    bad: str
    zone: str
    owners: bool
    dry_run: bool
    quiet: bool


@cli.command("import", epilog=EXAMPLES)
def import_(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The CSV file.", show_default=False)],
    format: Annotated[
        Literal["ours", "asterisk"],
        typer.Option("--format", help="Our own export; or Asterisk's Master.csv, or its table with a line of names."),
    ] = "ours",
    bad: Annotated[
        str | None, typer.Option(metavar="FILE", help="Where bad lines are set aside; else FILE.bad.csv.")
    ] = None,
    zone: Annotated[
        str, typer.Option(metavar="NAME", help="The time zone of Asterisk's times, such as Europe/Berlin.")
    ] = "UTC",
    owners: Annotated[
        Literal["now", "nobody"],
        typer.Option("--owners", help="Whose the calls are: of those who have the extensions now, or nobody's."),
    ] = "nobody",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read everything, write no record.")] = False,
    json: AsJson = False,
) -> None:
    """Take call records in from a CSV file, however large.

    A record that is there already is left as it is: whatever breaks an import off, the same command goes on. Lines that
    cannot be read are set aside with their numbers and the reason; then the exit code is 1.
    """
    asked = Asked(file, format, bad or f"{file}.bad.csv", zone, owners == "now", dry_run, json)
    gently()
    began = time.monotonic()
    try:
        tally = in_house(lambda house: _taken(house, asked))
    except KeyboardInterrupt:
        raise Refused("the import was broken off: what was taken in is kept: go on with the same command") from None
    if json:
        print_json(_as_json(asked, tally, time.monotonic() - began))
    else:
        _tell(asked, tally)
    if tally.bad:
        raise typer.Exit(1)


async def _taken(house: "House", asked: Asked) -> "Tally":
    from scopekeeper.cli.calls.lines import Aside, Source
    from scopekeeper.cli.calls.taking import Taking
    from scopekeeper.cli.calls.watching import watched

    intake = house.modules.intake(MODULE)
    if intake is None:
        raise Refused(f"the module {MODULE} is switched off")
    zone = _zone_of(asked.zone)
    with Source(asked.file) as source, Aside(asked.bad) as aside:
        if source.is_at(asked.bad):
            raise Refused(f"{asked.bad} is the file itself: say where else bad lines are set aside, by --bad")
        if aside.spoils():
            raise Refused(
                f"{asked.bad} is there, and is no file of bad lines: say where else they are set aside, by --bad"
            )
        taking = Taking(house.data, intake, aside, owners=asked.owners, dry_run=asked.dry_run)
        begun = _begun(intake, asked, source, aside, zone)
        if begun is not None:
            lines, read = begun
            with watched(source, "Taking in", quiet=asked.quiet) as advanced:
                await taking.take(lines, read, advanced)
        return taking.tally


def _begun(
    intake: "Intake[Any]", asked: Asked, source: "Source", aside: "Aside", zone: "tzinfo"
) -> "tuple[Iterable[Line], Read] | None":
    """The lines with records in them, and how one is read; None where there is no line. Raises Refused."""
    from scopekeeper.sdk import Invalid

    lines = iter(source)
    first = next(lines, None)
    if first is None:
        return None
    try:
        if first.fault:
            raise Invalid("", first.fault)
        begun = intake.formats[asked.format](first.cells, zone)
    except Invalid as wrong:
        where = f"{wrong.path}: " if wrong.path else ""
        raise Refused(f"{asked.file} is not of the format {asked.format}: {where}{wrong.detail}") from wrong
    if begun.headed:
        aside.name(first.cells)
        return lines, begun.read
    return _with(first, lines), begun.read


def _with(first: "Line", others: "Iterator[Line]") -> "Iterator[Line]":
    yield first
    yield from others


def _zone_of(name: str) -> "tzinfo":
    from datetime import UTC
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return UTC if name == "UTC" else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise typer.BadParameter("must be a time zone such as Europe/Berlin", param_hint="--zone") from None


def _as_json(asked: Asked, tally: "Tally", seconds: float) -> object:
    return {
        "file": asked.file,
        "format": asked.format,
        "dry_run": asked.dry_run,
        **asdict(tally),
        "bad_file": asked.bad if tally.bad else None,
        "seconds": round(seconds, 3),
    }


def _tell(asked: Asked, tally: "Tally") -> None:
    if asked.dry_run:
        say(f"{_many(tally.new)} call records can be taken in. Nothing was written.")
    else:
        say(f"{_many(tally.new)} call records are new, {_many(tally.there)} were there.")
    if tally.bad:
        say(f"{_many(tally.bad)} lines are bad: {asked.bad} has them, with the reasons. Mend them there and import it.")


def _many(number: int) -> str:
    return f"{number:,}".replace(",", " ")
