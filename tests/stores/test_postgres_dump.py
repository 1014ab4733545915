"""Copies of a PostgreSQL database: what is no copy of ours is put nowhere, and no password is seen by others."""

import os
import stat
import subprocess
from pathlib import Path

import pytest

from scopekeeper.settings import PostgresDatabase
from scopekeeper.store import BackupError, SchemaError, open_store
from scopekeeper.store.postgres.dump import dump, put_back
from scopekeeper.store.revisions import FIRST
from tests.postgres import postgres, tell
from tests.stores.records import a_client, a_token, an_act
from tests.stores.test_schema import names_in


@pytest.fixture(autouse=True)
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's own programs, of the server's version, are found first."""
    monkeypatch.setenv("PATH", f"{postgres().programs}:{os.environ['PATH']}")


def tables_of(database: PostgresDatabase) -> list[tuple[str]]:
    return tell(database, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")


def dumped(database: PostgresDatabase, target: Path, *arguments: str) -> Path:
    """A copy that somebody else made of whatever is in it."""
    program = postgres().programs / "pg_dump"
    subprocess.run([program, f"--dbname={database.url}", f"--file={target}", *arguments], check=True)
    return target


async def test_a_copy_is_private_one_file_and_has_what_there_was(
    tmp_path: Path, made: PostgresDatabase, empty: PostgresDatabase
) -> None:
    store = open_store(made)
    await store.add_client(a_client(), an_act())
    await store.issue(a_token(1))
    dump(made, tmp_path / "copy")
    await store.issue(a_token(2))
    await store.close()
    assert names_in(tmp_path) == ["copy"]
    assert stat.S_IMODE((tmp_path / "copy").stat().st_mode) == 0o600
    put_back(tmp_path / "copy", empty)
    restored = open_store(empty)
    assert await restored.token(1) == a_token(1)
    assert await restored.token(2) is None
    assert await restored.client("night-shift") == a_client()
    await restored.close()


def test_nothing_is_overwritten_by_a_copy(tmp_path: Path, made: PostgresDatabase) -> None:
    (tmp_path / "precious").write_text("precious")
    with pytest.raises(BackupError, match="precious exists already"):
        dump(made, tmp_path / "precious")
    assert (tmp_path / "precious").read_text() == "precious"
    with pytest.raises(BackupError, match="No such file or directory"):
        dump(made, tmp_path / "nowhere" / "copy")


def test_what_is_not_ours_is_not_copied(tmp_path: Path, empty: PostgresDatabase) -> None:
    with pytest.raises(BackupError, match="is empty: there is nothing to copy"):
        dump(empty, tmp_path / "copy")
    tell(empty, "CREATE TABLE invoices (id int)")
    with pytest.raises(SchemaError, match="is no database of Scopekeeper"):
        dump(empty, tmp_path / "copy")
    assert names_in(tmp_path) == []


def test_the_copy_of_another_program_is_put_nowhere(
    tmp_path: Path, made: PostgresDatabase, empty: PostgresDatabase
) -> None:
    tell(made, "DROP TABLE processes")
    with pytest.raises(BackupError, match="copy cannot be put back: it is no copy of a database of Scopekeeper"):
        put_back(dumped(made, tmp_path / "copy", "--format=custom"), empty)
    assert tables_of(empty) == []


def test_a_copy_of_a_newer_version_is_put_nowhere(
    tmp_path: Path, made: PostgresDatabase, empty: PostgresDatabase
) -> None:
    tell(made, "UPDATE alembic_version SET version_num = '9999', works_from = '9999'")
    with pytest.raises(BackupError, match="copy cannot be put back: it has schema 9999, which is newer than this"):
        put_back(dumped(made, tmp_path / "copy", "--format=custom"), empty)
    assert tables_of(empty) == []


async def test_a_copy_of_a_newer_version_that_lets_this_program_work_is_put_back_whole(
    tmp_path: Path, made: PostgresDatabase, empty: PostgresDatabase
) -> None:
    store = open_store(made)
    await store.add_client(a_client(), an_act())
    await store.close()
    tell(made, "ALTER TABLE applications ADD COLUMN colour TEXT DEFAULT 'green'")
    tell(made, "UPDATE alembic_version SET version_num = '9999'")
    dump(made, tmp_path / "copy")
    put_back(tmp_path / "copy", empty)
    assert tell(empty, "SELECT version_num, works_from FROM alembic_version") == [("9999", FIRST)]
    assert tell(empty, "SELECT client_id, colour FROM applications") == [("night-shift", "green")]
    open_store(empty)


def test_a_copy_that_is_cut_off_or_in_sql_is_put_nowhere(
    tmp_path: Path, made: PostgresDatabase, empty: PostgresDatabase
) -> None:
    whole = dumped(made, tmp_path / "whole", "--format=custom").read_bytes()
    (tmp_path / "cut").write_bytes(whole[: len(whole) * 9 // 10])
    with pytest.raises(BackupError, match="pg_restore failed: could not read from input file: end of file"):
        put_back(tmp_path / "cut", empty)
    with pytest.raises(BackupError, match="pg_restore failed: input file appears to be a text format dump"):
        put_back(dumped(made, tmp_path / "sql"), empty)
    assert tables_of(empty) == []


def test_a_database_in_which_something_is_is_not_replaced(tmp_path: Path, made: PostgresDatabase) -> None:
    dump(made, tmp_path / "copy")
    before = tables_of(made)
    with pytest.raises(BackupError, match="is not empty: make a new database"):
        put_back(tmp_path / "copy", made)
    assert tables_of(made) == before


def noting(folder: Path, monkeypatch: pytest.MonkeyPatch, then: str) -> None:
    """Programs in the place of PostgreSQL's, which write down what they were given, then do this."""
    for name in ("pg_dump", "pg_restore"):
        program = folder / name
        program.write_text(
            f'#!/bin/sh\nprintf "%s\\n" "$@" >>{folder}/said\necho "$PGPASSWORD" >>{folder}/known\n{then}\n'
        )
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def test_no_password_is_among_the_arguments_which_everybody_can_read(
    tmp_path: Path, made: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    noting(tmp_path, monkeypatch, "exit 0")
    for url in (made.url.replace("keeper@", "keeper:s3%2Fcret@"), f"{made.url}&password=s3%2Fcret"):
        dump(PostgresDatabase(url), tmp_path / "copy")
        (tmp_path / "copy").unlink()
    said = (tmp_path / "said").read_text()
    assert "--format=custom" in said
    assert "s3/cret" not in said
    assert "s3%2Fcret" not in said
    assert (tmp_path / "known").read_text() == "s3/cret\n" * 2


def test_programs_of_an_older_version_are_one_line_that_says_what_to_install(
    tmp_path: Path, made: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = "pg_dump: error: aborting because of server version mismatch\npg_dump: detail: server version: 18.4"
    noting(tmp_path, monkeypatch, f"echo '{told}' >&2; exit 1")
    with pytest.raises(BackupError) as refused:
        dump(made, tmp_path / "copy")
    assert str(refused.value) == (
        "pg_dump failed: aborting because of server version mismatch; detail: server version: 18.4: "
        "install PostgreSQL's client programs, as new as the server"
    )
    assert not (tmp_path / "copy").exists()
