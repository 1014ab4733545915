"""`scopekeeper migrate`, `backup`, `restore` and `sample`, and databases that cannot be used."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from scopekeeper.store import HEAD
from tests.cli.conftest import Shell


def spoil(database: Path) -> None:
    """Overwrite what comes behind the first page."""
    content = bytearray(database.read_bytes())
    content[4096:] = b"A" * (len(content) - 4096)
    database.write_bytes(content)


def set_version(database: Path, version: str, works_from: str | None = None) -> None:
    """Let it be of this version, on which programs work from this one on; if nothing is said, none before it."""
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(
            "UPDATE alembic_version SET version_num = ?, works_from = ?", (version, works_from or version)
        )


@pytest.fixture
def database(shell: Shell) -> Path:
    """A database with one application in it."""
    shell.json("app", "add", "Night shift", "--type", "m2m")
    return shell.data / "scopekeeper.db"


def test_migrate_makes_a_database_and_finds_it_up_to_date_then(shell: Shell) -> None:
    where = f"sqlite:///{shell.data}/scopekeeper.db"
    assert shell.json("migrate") == {"database": where, "from": None, "to": HEAD, "copy": None}
    assert shell.json("migrate") == {"database": where, "from": HEAD, "to": HEAD, "copy": None}
    assert shell("migrate").out == f"{where} is up to date.\n"


def test_every_command_refuses_a_database_of_another_version(shell: Shell, database: Path) -> None:
    set_version(database, "9999")
    for command in (["app", "list"], ["token", "list"], ["keys", "list"], ["sample"], ["migrate"], ["serve"]):
        assert shell.refused(*command, code=2) == (
            f"{database} has schema 9999, which is newer than this program: install the newer program"
        )


def test_whoever_comes_while_somebody_takes_away_what_they_need_is_refused(shell: Shell, database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute(
            "CREATE TRIGGER meanwhile AFTER UPDATE OF holder ON processes BEGIN"
            " UPDATE alembic_version SET version_num = '9999', works_from = '9999'; END"
        )
    newer = "which is newer than this program: install the newer program"
    assert newer in shell.refused("app", "list", code=2)


def test_a_newer_database_that_lets_this_program_work_is_used_and_not_migrated(shell: Shell, database: Path) -> None:
    set_version(database, "9999", HEAD)
    where = f"sqlite:///{database}"
    assert shell("migrate").out == (
        f"{where} has schema 9999, which is newer than this program and lets it work: nothing was done.\n"
    )
    assert shell.json("migrate", "--contract") == {"database": where, "from": "9999", "to": "9999", "copy": None}
    assert "Night shift" in shell("app", "list").out
    assert shell("app", "add", "Day shift", "--type", "m2m").code == 0
    assert shell("backup", "copy").code == 0
    assert shell("app", "add", "Third shift", "--type", "m2m").code == 0
    assert shell("restore", "copy", "--yes").code == 0
    assert "Day shift" in (listed := shell("app", "list").out)
    assert "Third shift" not in listed
    assert "is not said of a move" in shell.refused("migrate", "--contract", "--from", where, "--to", where, code=2)


def test_every_command_refuses_what_is_no_database(shell: Shell, database: Path) -> None:
    database.write_bytes(b"this is no database" * 1000)
    for command in (["app", "list"], ["sample"], ["migrate"], ["serve"]):
        assert "file is not a database" in shell.refused(*command, code=2)
    assert "file is not a database" in shell.refused("backup", "copy")


def test_every_command_refuses_a_damaged_database(shell: Shell, database: Path) -> None:
    spoil(database)
    for command in (["app", "list"], ["app", "add", "X", "--type", "m2m"], ["keys", "list"], ["migrate"]):
        assert "malformed" in shell.refused(*command, code=2)


def test_the_wrong_master_key_is_one_line(shell: Shell, database: Path) -> None:
    (shell.data / "master.key").write_text("0123456789" * 5)
    line = shell.refused("app", "list", code=2)
    assert line.startswith("the signing keys in the database were wrapped under another master key: bring back")


def test_a_master_key_that_is_lost_is_one_line_and_no_other_is_made(shell: Shell, database: Path) -> None:
    key = shell.data / "master.key"
    key.unlink()
    line = shell.refused("app", "list", code=2)
    assert line.startswith(
        f"there is no {key}, under which the signing keys in the database were wrapped: bring it back"
    )
    assert not key.exists()


def test_a_data_directory_that_cannot_be_made_is_one_line(shell: Shell) -> None:
    (shell.folder / "file").write_text("")
    assert shell.refused("app", "list", "--data", "file/data").endswith("Not a directory")


def test_a_backup_is_put_back(shell: Shell, database: Path) -> None:
    copy = shell.folder / "copy.db"
    said = shell("backup", str(copy))
    assert said.out.startswith(f"Copied sqlite:///{database} to {copy}.\n")
    assert "master.key" in said.out
    shell.json("app", "add", "Later", "--type", "m2m")
    said = shell("restore", str(copy))
    assert said.out.startswith(f"Restored sqlite:///{database} from {copy}. What was there is kept in {database}.")
    assert [each["name"] for each in shell.json("app", "list")] == ["Night shift"]


def test_a_backup_never_overwrites(shell: Shell, database: Path) -> None:
    copy = shell.folder / "copy.db"
    copy.write_text("mine")
    assert shell.refused("backup", str(copy)) == f"{copy} exists already"
    assert copy.read_text() == "mine"


def test_there_is_no_backup_of_what_is_not_there(shell: Shell) -> None:
    assert shell.refused("backup", "copy.db") == f"there is no database at {shell.data}/scopekeeper.db"
    assert not shell.data.exists()


def test_only_a_sound_backup_is_put_back(shell: Shell, database: Path) -> None:
    assert "there is no database at nope" in shell.refused("restore", "nope")
    (shell.folder / "text").write_text("this is no database" * 1000)
    assert "text cannot be" in shell.refused("restore", "text")
    assert len(shell.json("app", "list")) == 1


def test_the_sample_may_be_loaded_twice(shell: Shell) -> None:
    assert re.fullmatch(r"Loaded the sample: [1-9]\d+ new\.\n", shell("sample").out)
    assert shell("sample").out == "The sample is loaded already.\n"
