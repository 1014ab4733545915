"""How far it is, for whoever looks at a terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from scopekeeper.cli.calls.lines import Source


@contextmanager
def watched(source: Source, what: str, *, quiet: bool) -> Iterator[Callable[[], None]]:
    """A bar on standard error while this is open; what is given is to be called when the source is read further.

    Nothing of it where standard output goes to no terminal, or is for programs.
    """
    if quiet or not sys.stdout.isatty() or not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=source.size or None)
        yield lambda: progress.update(task, completed=source.place)
