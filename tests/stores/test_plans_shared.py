"""How the database finds what processes share: by key and by index, however much there is."""

from pathlib import Path

import pytest

from scopekeeper.store.connection import DIALECT
from scopekeeper.store.shared_statements import SharedStatements
from tests.stores.plans import plan_of

SQL = SharedStatements(DIALECT)


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("empty_at", "sqlite_autoindex_buckets_1 (key=?)"),
        ("lower", "sqlite_autoindex_buckets_1 (key=?)"),
        ("give_back", "sqlite_autoindex_buckets_1 (key=?)"),
        ("sweep_buckets", "ix_buckets_empty_at_milliseconds (empty_at_milliseconds<?)"),
        ("sweep_spent", "ix_spent_until (until<?)"),
        ("guess", "INTEGER PRIMARY KEY (rowid=?)"),
        ("take_back_guess", "INTEGER PRIMARY KEY (rowid=?)"),
        ("turn", "sqlite_autoindex_turns_1 (name=?)"),
        ("let_go", "sqlite_autoindex_turns_1 (name=?)"),
    ],
)
def test_what_is_shared_is_found_by_key_and_by_index(tmp_path: Path, name: str, way: str) -> None:
    plan = plan_of(tmp_path / "it.db", getattr(SQL, name))
    assert any(way in step for step in plan), plan
    assert not any("TEMP B-TREE" in step for step in plan), plan
    assert not any(step.startswith("SCAN") for step in plan), plan
