"""What the command line says: JSON for programs, tables for people, complaints on standard error."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else on standard output.")]


class Refused(Exception):
    """The command was understood and cannot be carried out. The message is one line that says how to mend it."""


def complain(line: str) -> None:
    """One line on standard error."""
    print(f"scopekeeper: {line}", file=sys.stderr)  # noqa: T201 - the command line's voice


def warn(line: str) -> None:
    """A line on standard error that stops nothing."""
    print(f"scopekeeper: warning: {line}", file=sys.stderr)  # noqa: T201 - the command line's voice


def say(text: str) -> None:
    """A line for people, on standard output."""
    print(text)  # noqa: T201 - the command line's voice


def print_json(value: object) -> None:
    """The value as JSON, on standard output."""
    import msgspec

    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n")


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], empty: str) -> None:
    """A table for people; `empty` is said where there are no rows, and names the next step."""
    if not rows:
        say(empty)
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        shown.add_column(column, overflow="fold", no_wrap=column.endswith("ID"))
    for row in rows:
        shown.add_row(*map(Text, row))
    # What is piped elsewhere is one line a row, however long.
    Console(width=None if sys.stdout.isatty() else 1_000).print(shown)


def moment(seconds: int | None) -> str | None:
    """A time in ISO 8601, UTC."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def agreed(question: str, *, yes: bool) -> None:
    """See that whoever types means it; where nobody types, nothing is asked. Raises Refused."""
    if yes or not sys.stdin.isatty():
        return
    if not typer.confirm(question):
        raise Refused("nothing was done")
