"""What the doctor sees of a database."""

import sqlite3
from contextlib import closing
from pathlib import Path

from scopekeeper.store import examine, migrate


def _database(folder: Path) -> Path:
    path = folder / "scopekeeper.db"
    migrate(path)
    return path


def test_a_sound_database_is_found_sound(tmp_path: Path) -> None:
    assert [each.sound for each in examine(_database(tmp_path))] == [True]


def test_damage_is_found_and_the_mend_is_named(tmp_path: Path) -> None:
    path = _database(tmp_path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as file:
        file.seek(4_096)
        file.write(b"\xff" * 4_096)
    (found, *_) = examine(path)
    assert not found.sound
    assert "restore" in found.mend


def test_references_to_what_is_not_there_are_found(tmp_path: Path) -> None:
    path = _database(tmp_path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE above (id INTEGER PRIMARY KEY)")
        connection.execute("CREATE TABLE below (id INTEGER REFERENCES above (id))")
        connection.execute("INSERT INTO below VALUES (7)")
    assert [each.what for each in examine(path) if not each.sound] == ["rows refer to what does not exist, in below"]
