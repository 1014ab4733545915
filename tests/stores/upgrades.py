"""Databases of earlier versions: made by the program of the first schema, brought on from there, and used."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from scopekeeper.store import migrate
from scopekeeper.store.revisions import Migrations

OLD: Final = Path(__file__).with_name("schema_0001.sql")
"""What the program of the first schema left behind."""


def made_by_the_first(folder: Path) -> Path:
    """A database that the first schema's program made."""
    made = folder / "it.db"
    with closing(sqlite3.connect(made)) as connection:
        connection.executescript(OLD.read_text(encoding="utf-8"))
    return made


def used_by(folder: Path, step: Migrations, rows: str) -> Path:
    """The same, brought to this step, with these rows in it."""
    made = made_by_the_first(folder)
    migrate(made, step, keep_copy=False)
    with closing(sqlite3.connect(made)) as connection:
        connection.executescript(rows)
    return made


def dump_of(path: Path) -> list[str]:
    """All that is in it, a statement each."""
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())
