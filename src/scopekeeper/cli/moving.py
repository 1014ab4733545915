"""`scopekeeper migrate --from … --to …`: what is said while a database is moved, and when it is."""

import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from scopekeeper.cli.output import Misconfigured, Refused, print_json, say, table
from scopekeeper.cli.place import PLACE, settings_of
from scopekeeper.settings import BadValue, Database, SqliteFile, database_at

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from scopekeeper.store.moving.move import Moved, Watcher


def asked_to_move(source: str | None, target: str | None, leave: Sequence[str]) -> bool:
    """Is a database to be moved? Raises BadParameter where that is only half said."""
    if source is None and target is None:
        if leave:
            raise typer.BadParameter("is said of a move: --from and --to are missing", param_hint="--leave")
        return False
    if source is None or target is None:
        missing, given = ("--from", "--to") if source is None else ("--to", "--from")
        raise typer.BadParameter(f"a move needs both: {missing} is missing", param_hint=given)
    if "database" in PLACE:
        raise typer.BadParameter("say --from and --to alone", param_hint="--database")
    return True


def move(source: str, target: str, leave: Sequence[str], *, json: bool) -> None:
    """Move everything, and say what arrived. Raises Refused."""
    from scopekeeper.api.modules import tables_of_all
    from scopekeeper.sdk import DeclarationError
    from scopekeeper.store import SchemaError
    from scopekeeper.store.moving.between import move as moved
    from scopekeeper.store.moving.cargo import MoveError

    here, there = _database("--from", source), _database("--to", target)
    settings = settings_of()
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)  # a database that goes away does not take us with it
    try:
        tables = tables_of_all(switched_off=settings.modules_off)
        with _watched() as watcher:
            done = moved(here, there, tables, leave, watcher)
    except MoveError as refused:
        raise Refused(str(refused)) from refused
    except (SchemaError, DeclarationError) as wrong:
        raise Misconfigured(str(wrong)) from wrong
    except KeyboardInterrupt:
        raise Refused("the move was broken off: what has arrived is kept: go on with the same command") from None
    if json:
        print_json(_as_json(here, there, leave, done))
    else:
        _tell(here, there, settings.data / "master.key", done)


def _database(option: str, url: str) -> Database:
    try:
        return database_at(url)
    except BadValue as bad:
        raise typer.BadParameter(str(bad), param_hint=option) from None


def _as_json(source: Database, target: Database, leave: Sequence[str], done: "Moved") -> object:
    tables = [{"table": name, "rows": each.rows, "digest": each.digest} for name, each in done.tables.items()]
    return {
        "from": str(source),
        "to": str(target),
        "tables": tables,
        "left": sorted(set(leave)),
        "seconds": round(done.seconds, 3),
    }


def _tell(source: Database, target: Database, key: Path, done: "Moved") -> None:
    rows = [(name, f"{each.rows:,}".replace(",", " "), each.digest[:16]) for name, each in done.tables.items()]
    table(("TABLE", "ROWS", "DIGEST AT BOTH ENDS"), rows, "")
    kept = "The file stays as it is" if isinstance(source, SqliteFile) else "The old database stays as it is"
    say(
        f"\nMoved everything from {source} to {target} in {done.seconds:.1f} seconds.\n"
        "Set SCOPEKEEPER_DATABASE to it on every node. The signing keys in it are wrapped as before: every node\n"
        f"needs the same master key, in {key} or SCOPEKEEPER_MASTER_KEY.\n"
        f"{kept}: let no server open it again."
    )


@contextmanager
def _watched() -> "Iterator[Watcher]":
    """A bar where somebody looks at a terminal, else a line for each table."""
    if not sys.stderr.isatty():
        yield _Lines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield _Bar(progress)


class _Bar:
    """Implements `Watcher`."""

    def __init__(self, progress: "Progress") -> None:
        self._progress = progress
        self._task: TaskID | None = None

    def begin(self, act: str, table: str, rows: int) -> None:
        if self._task is not None:
            self._progress.remove_task(self._task)
        self._task = self._progress.add_task(f"{act} {table}".strip(), total=rows or None)

    def advance(self, rows: int) -> None:
        if self._task is not None:
            self._progress.advance(self._task, rows)


class _Lines:
    """Implements `Watcher`."""

    def begin(self, act: str, table: str, rows: int) -> None:
        if rows or not table:
            counted = f" {table}: {rows}" if table else ""
            print(f"{act}{counted}", file=sys.stderr, flush=True)  # noqa: T201 - the command line's voice

    def advance(self, rows: int) -> None:
        """A line for each table is enough."""
