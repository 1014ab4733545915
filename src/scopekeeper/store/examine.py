"""Is a database sound? What the doctor looks at."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scopekeeper.store.connection import connect

WAIT: Final = 10.0
"""Seconds to wait for a lock."""

_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class Examined:
    """One thing that was looked at: is it sound, what was seen, and how to mend it if it is not."""

    sound: bool
    what: str
    mend: str = ""


def examine(path: Path) -> tuple[Examined, ...]:
    """Look at every page of the database and at every reference in it. Reads all of it: seconds for gigabytes."""
    with closing(connect(path, wait=WAIT, read_only=True)) as connection:
        try:
            return tuple(_looks(connection, path))
        except sqlite3.Error as error:
            return (
                Examined(False, f"{path} cannot be read: {error}", "restore the last backup: scopekeeper restore FILE"),
            )


def _looks(connection: sqlite3.Connection, path: Path) -> Iterator[Examined]:
    found = [text for (text,) in connection.execute("PRAGMA integrity_check")]
    if found == ["ok"]:
        (pages,), (size,) = (
            connection.execute("PRAGMA page_count").fetchone(),
            connection.execute("PRAGMA page_size").fetchone(),
        )
        yield Examined(True, f"{path} is sound, {pages * size // 1024} KB")
    else:
        damage = "; ".join(found[:_SHOWN])
        yield Examined(False, f"{path} is damaged: {damage}", "restore the last backup: scopekeeper restore FILE")
    dangling = {table for table, *_ in connection.execute("PRAGMA foreign_key_check")}
    if dangling:
        what = f"rows refer to what does not exist, in {', '.join(sorted(dangling))}"
        yield Examined(False, what, "restore the last backup, or remove those rows with the sqlite3 shell")
