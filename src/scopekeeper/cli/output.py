"""What the command line says: JSON for programs, tables for people, complaints on standard error."""

import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Final

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else, on standard output.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]

_UNITS: Final = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))


class Refused(Exception):
    """The command was understood and cannot be carried out. The message is one line that says how to mend it."""


class Misconfigured(Refused):
    """What the command is to work with is not what it needs: the database, the master key."""


def complain(line: str) -> None:
    """One line on standard error."""
    print(f"scopekeeper: {line}", file=sys.stderr)  # noqa: T201 - the command line's voice


def warn(line: str) -> None:
    """A line on standard error that stops nothing."""
    complain(f"warning: {line}")


def say(text: str) -> None:
    """A line for people, on standard output, at once: whoever reads it through a pipe may wait. Raises Refused."""
    try:
        print(text, flush=True)  # noqa: T201 - the command line's voice
    except OSError as failed:
        raise Refused(f"standard output cannot be written: {failed.strerror}") from failed


def print_json(value: object) -> None:
    """The value as JSON, on standard output; in ASCII where that is no Unicode, for half a name is no JSON."""
    import json

    import msgspec

    unicode = (getattr(sys.stdout, "encoding", None) or "").lower().startswith("utf")
    say(json.dumps(msgspec.to_builtins(value), indent=2, ensure_ascii=not unicode))


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], empty: str) -> None:
    """A table for people; `empty` is said where there are no rows, and names the next step.

    On a terminal it is as wide as the terminal, without colours if NO_COLOR is set; what is piped elsewhere is one line
    a row, however long.
    """
    if not rows:
        say(empty)
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    terminal = sys.stdout.isatty()
    shown = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        shown.add_column(column, overflow="fold", no_wrap=not terminal or column.endswith("ID"))
    for row in rows:
        shown.add_row(*(Text(" ".join(cell.split()) if not terminal else cell) for cell in row))
    plain = not terminal or bool(os.environ.get("NO_COLOR"))
    Console(color_system=None if plain else "auto", width=None if terminal else 1_000_000).print(shown)


def moment(seconds: int | None) -> str | None:
    """A time in ISO 8601, UTC."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def ago(seconds: int | None, now: int) -> str:
    """How long ago that was: `3m ago`, `never`."""
    return "never" if seconds is None else f"{span(max(0, now - seconds))} ago"


def exactly(seconds: int) -> str:
    """A length of time as it was set, in the largest unit in which it is whole: `45s`, `90m`, `12h`, `30d`."""
    size, unit = next(((size, unit) for size, unit in _UNITS if seconds >= size and seconds % size == 0), _UNITS[-1])
    return f"{seconds // size}{unit}"


def span(seconds: int) -> str:
    """About how long, in its largest unit: `45s`, `3m`, `23h`, `30d`."""
    size, unit = next(((size, unit) for size, unit in _UNITS if seconds >= size), _UNITS[-1])
    return f"{seconds // size}{unit}"


def agreed(question: str, *, yes: bool) -> None:
    """See that whoever types means it; where nobody types, nothing is asked. Raises Refused."""
    if yes or sys.stdin is None or not sys.stdin.isatty():
        return
    if not typer.confirm(question, err=True):
        raise Refused("nothing was done")
