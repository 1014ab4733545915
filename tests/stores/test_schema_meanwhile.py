"""What somebody else does while a file is migrated."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from scopekeeper.store import HEAD, Migrated, SchemaError, migrate, version_of
from scopekeeper.store import schema as migrating
from scopekeeper.store.copies import backup
from tests.stores.test_schema import make, names_in, next_version


def test_a_name_that_somebody_else_takes_just_now_is_left_to_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, theirs = tmp_path / "it.db", tmp_path / "it.db.before-9999"
    make(path)

    def backed_up_a_moment_later(source: Path, target: Path) -> None:
        if target == theirs:
            theirs.write_text("theirs")
        backup(source, target)

    monkeypatch.setattr(migrating, "backup", backed_up_a_moment_later)
    copy = tmp_path / "it.db.before-9999-2"
    assert migrate(path, next_version(tmp_path / "steps")) == Migrated(HEAD, "9999", copy)
    assert (theirs.read_text(), version_of(copy)) == ("theirs", HEAD)


def test_a_database_in_which_somebody_writes_all_the_time_is_left_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "it.db"
    make(path)
    monkeypatch.setattr(migrating, "WAIT", 0.1)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(SchemaError, match=r"it\.db cannot be migrated: database is locked"):
            migrate(path, next_version(tmp_path / "steps"))
    assert version_of(path) == HEAD
    assert names_in(tmp_path) == ["it.db", "steps"]
