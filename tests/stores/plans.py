"""How SQLite goes about a statement, in its own words."""

import sqlite3
from contextlib import closing
from pathlib import Path

from scopekeeper.store.connection import connect
from scopekeeper.store.schema import ready
from scopekeeper.store.statement import Statement


def plan_of(path: Path, statement: Statement) -> list[str]:
    """The steps in which a new database at this path carries the statement out."""
    ready(path)
    with closing(connect(path, wait=1)) as connection:
        try:
            found = connection.execute(f"EXPLAIN QUERY PLAN {statement.text}", [1] * len(statement.names))
            return [row[3] for row in found]
        except sqlite3.Error as wrong:
            raise AssertionError(statement.text) from wrong
