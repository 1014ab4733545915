"""`scopekeeper bulk export`: line after line, as it is read; a file takes its place when it is whole."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Final

import typer

from scopekeeper.cli.bulk.format import Chosen, of_name, plan_of
from scopekeeper.cli.house import in_house
from scopekeeper.cli.output import Refused, say

if TYPE_CHECKING:
    from scopekeeper.app import House

EXAMPLES: Final = """\
\b
Examples:
  scopekeeper bulk export > extensions.csv
  scopekeeper bulk export extensions.json

What can be read is all there: what is only written, such as a PIN, is not.
"""


def export(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="Where to; else to standard output.", show_default=False)
    ] = None,
    format: Chosen = None,
) -> None:
    """Write every extension with all its settings.

    A line for each, as `bulk import` takes it. The columns come from the modules that are installed. A file that is
    there already is replaced once all of it is written.
    """
    chosen = format or of_name(file)

    async def act(house: "House") -> int:
        from scopekeeper.api.bulk.giving import given
        from scopekeeper.api.operator import OPERATOR
        from scopekeeper.cli.bulk.written import WRITERS

        plan = plan_of(house)
        with _output(file) as out:
            writer = WRITERS[chosen](plan, out)
            written = 0
            async for each in given(plan, house.performer, OPERATOR):
                writer.write(each)
                written += 1
            writer.end()
        return written

    try:
        written = in_house(act)
    except Refused as refused:
        if isinstance(refused.__cause__, BrokenPipeError):  # whoever closes the pipe has read enough
            signal.raise_signal(signal.SIGPIPE)
        raise
    if file is not None:
        say(f"Wrote {written} extensions to {file}.")


@contextmanager
def _output(file: Path | None) -> Iterator[IO[bytes]]:
    """Standard output; or a file that takes its place at the end, if nothing went wrong. Raises Refused."""
    if file is None:
        try:
            yield sys.stdout.buffer
            sys.stdout.buffer.flush()
        except OSError as failed:
            raise Refused(f"standard output cannot be written: {failed.strerror}") from failed
        return
    unfinished = file.with_name(f"{file.name}.unfinished")
    try:
        with unfinished.open("wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        unfinished.replace(file)
    except BaseException:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise
