"""How the database finds what processes share: by key and by index, however much there is."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from scopekeeper.store.connection import DIALECT, connect
from scopekeeper.store.schema import ready
from scopekeeper.store.shared_statements import SharedStatements

SQL = SharedStatements(DIALECT)


def plan_of(path: Path, name: str) -> list[str]:
    ready(path)
    statement = getattr(SQL, name)
    with closing(connect(path, wait=1)) as connection:
        try:
            found = connection.execute(f"EXPLAIN QUERY PLAN {statement.text}", [1] * len(statement.names))
            return [row[3] for row in found]
        except sqlite3.Error as wrong:
            raise AssertionError(statement.text) from wrong


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("empty_at", "sqlite_autoindex_buckets_1 (key=?)"),
        ("lower", "sqlite_autoindex_buckets_1 (key=?)"),
        ("give_back", "sqlite_autoindex_buckets_1 (key=?)"),
        ("sweep_buckets", "ix_buckets_empty_at_milliseconds (empty_at_milliseconds<?)"),
        ("guess", "INTEGER PRIMARY KEY (rowid=?)"),
        ("take_back_guess", "INTEGER PRIMARY KEY (rowid=?)"),
        ("turn", "sqlite_autoindex_turns_1 (name=?)"),
        ("let_go", "sqlite_autoindex_turns_1 (name=?)"),
    ],
)
def test_what_is_shared_is_found_by_key_and_by_index(tmp_path: Path, name: str, way: str) -> None:
    plan = plan_of(tmp_path / "it.db", name)
    assert any(way in step for step in plan), plan
    assert not any("TEMP B-TREE" in step for step in plan), plan
    assert not any(step.startswith("SCAN") for step in plan), plan
