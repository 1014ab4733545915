"""Moves that do not begin: one line that says why, and nothing changed at either end."""

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from scopekeeper.settings import PostgresDatabase
from scopekeeper.store import HEAD
from tests.beneath import tell_file
from tests.cli.conftest import Shell
from tests.live import live
from tests.moving import filled, require_same
from tests.postgres import a_database, postgres, tell


@pytest.fixture
def path(shell: Shell) -> Path:
    return filled(shell.folder / "it.db", 20)


def refused(shell: Shell, source: object, target: PostgresDatabase, *more: str, code: int = 1) -> str:
    """The one line; afterwards the target is what it was."""
    before = tables_of(target)
    line = shell.refused("migrate", "--from", str(source), "--to", target.url, *more, code=code)
    assert tables_of(target) == before
    return line


def tables_of(database: PostgresDatabase) -> list[Any]:
    return tell(database, "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")


def test_half_a_move_is_wrong_usage(shell: Shell, empty: PostgresDatabase) -> None:
    assert "--to is missing" in shell.refused("migrate", "--from", "sqlite:///it.db", code=2)
    assert "--from is missing" in shell.refused("migrate", "--to", empty.url, code=2)
    assert "--from and --to are missing" in shell.refused("migrate", "--leave", "it", code=2)
    both = ("--from", "sqlite:///it.db", "--to", empty.url)
    assert "say --from and --to alone" in shell.refused("migrate", *both, "--database", empty.url, code=2)
    line = shell.refused("migrate", "--from", "mysql://me:s3cret@it/it", "--to", empty.url, code=2)
    assert "must be sqlite:///PATH or postgresql://" in line
    assert "s3cret" not in line


def test_a_move_leads_to_postgresql(shell: Shell, path: Path) -> None:
    line = shell.refused("migrate", "--from", f"sqlite:///{path}", "--to", "sqlite:///other.db")
    assert line.startswith("a move leads to postgresql://")
    assert not (shell.folder / "other.db").exists()


def test_there_is_something_to_move(shell: Shell, empty: PostgresDatabase) -> None:
    assert refused(shell, "sqlite:///nope.db", empty) == "there is no database at nope.db"
    assert not (shell.folder / "nope.db").exists()
    (shell.folder / "nothing.db").touch()
    assert refused(shell, "sqlite:///nothing.db", empty) == "sqlite:///nothing.db is empty: there is nothing to move"
    (shell.folder / "text").write_text("this is no database" * 1000)
    assert "file is not a database" in refused(shell, "sqlite:///text", empty, code=2)
    with a_database(empty=True) as other:
        assert refused(shell, other.url, empty) == f"{other} is empty: there is nothing to move"


def test_the_target_is_reached_and_empty(shell: Shell, path: Path) -> None:
    line = shell.refused(
        "migrate", "--from", f"sqlite:///{path}", "--to", "postgresql://me:s3cret@127.0.0.1:1/it", code=2
    )
    assert "cannot be opened" in line
    assert "s3cret" not in line
    with a_database() as used:
        assert shell("app", "list", "--database", used.url).code == 0
        line = refused(shell, f"sqlite:///{path}", used)
        assert line.startswith(f"{used} is not empty: there are rows in acts: give a new database")
    with a_database(empty=True) as others:
        tell(others, "CREATE TABLE invoices (id int)")
        assert "is no database of Scopekeeper" in refused(shell, f"sqlite:///{path}", others, code=2)


def test_one_database_is_not_moved_into_itself(shell: Shell) -> None:
    with a_database() as one:
        other = one.url.replace("keeper@", f"keeper:{quote('s3cret')}@")
        assert refused(shell, other, one) == f"{one} and {one} are one database"


def test_both_ends_have_the_schema_of_this_program(shell: Shell, path: Path, empty: PostgresDatabase) -> None:
    with a_database() as made:
        tell(made, "UPDATE alembic_version SET version_num = '0005'")
        line = refused(shell, f"sqlite:///{path}", made, code=2)
        assert line == f"{made} has schema 0005, this program needs {HEAD}: run `scopekeeper migrate`"
    tell_file(path, "UPDATE alembic_version SET version_num = '0001'")
    line = refused(shell, f"sqlite:///{path}", empty, code=2)
    assert line == f"sqlite:///{path} has schema 0001, this program needs {HEAD}: run `scopekeeper migrate`"


@pytest.mark.one_process("what is moved is the file that is its database")
def test_a_server_that_still_serves_from_the_source_is_named(tmp_path: Path, empty: PostgresDatabase) -> None:
    with live(tmp_path, sample=False) as server:
        move = ("migrate", "--from", f"sqlite:///{server.data}/scopekeeper.db", "--to", empty.url)
        done = server.run(*move)
        assert done.returncode == 1
        assert " is in use by " in done.stderr
        assert "what it answers from now on would be lost: stop that first" in done.stderr
        assert tables_of(empty) == []
        server.kill()
        assert "if it was killed, wait" in server.run(*move).stderr
        server.start()
        server.terminate()
        tell_file(server.data / "scopekeeper.db", "UPDATE processes SET holder = NULL")
        assert server.run(*move).returncode == 0


def test_a_server_that_uses_the_target_is_named(shell: Shell, path: Path) -> None:
    with a_database() as made:
        until = round((time.time() + 60) * 1000)
        tell(made, f"UPDATE processes SET holder = 'there:42:ff', until_milliseconds = {until} WHERE number = 3")
        assert (
            "is in use by there:42: stop that first"
            in shell("migrate", "--from", f"sqlite:///{path}", "--to", made.url).err
        )
        assert shell("app", "list", "--database", made.url).code == 0  # nothing was changed there


def test_a_source_that_is_written_to_is_waited_for_and_then_refused(
    shell: Shell, path: Path, empty: PostgresDatabase
) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        assert "is written to by another process" in refused(shell, f"sqlite:///{path}", empty)


def test_a_table_that_no_module_describes_is_left_only_by_ones_own_word(
    shell: Shell, path: Path, empty: PostgresDatabase
) -> None:
    tell_file(path, "CREATE TABLE module_paging (key TEXT PRIMARY KEY)")
    line = refused(shell, f"sqlite:///{path}", empty)
    assert line.startswith("no module that is installed here describes module_paging in ")
    assert line.endswith("--leave module_paging")
    assert "users cannot be left behind" in refused(shell, f"sqlite:///{path}", empty, "--leave", "users")
    moved = shell.json("migrate", "--from", f"sqlite:///{path}", "--to", empty.url, "--leave", "module_paging")
    assert moved["left"] == ["module_paging"]
    require_same(path, empty)


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        (
            "UPDATE users SET email = 'a' || char(0) WHERE id = 2",
            "users cannot be moved: email of '2' holds the charact",
        ),
        ("UPDATE users SET email = CAST(x'ff41' AS TEXT) WHERE id = 2", "email of '2' holds bytes that are no UTF-8"),
        ("UPDATE users SET email = x'41' WHERE id = 2", "users cannot be moved: email of '2' is not text"),
        ("UPDATE users SET admin = 7 WHERE id = 2", "admin of '2' holds a number that is no truth value"),
        ("UPDATE tokens SET digest = 'text' WHERE id = 3", "tokens cannot be moved: digest of '3' is not bytes"),
        ("UPDATE tokens SET expires_at = 'soon' WHERE id = 3", "expires_at of '3' is not a whole number"),
        ("UPDATE tokens SET expires_at = 9e18 WHERE id = 3", ""),
        ("UPDATE tokens SET expires_at = 9e19 WHERE id = 3", "expires_at of '3' is not a whole number"),
        ("UPDATE sessions SET user_id = 99 WHERE id = 2", "rows of sessions refer to what is not there"),
    ],
)
def test_what_the_other_cannot_keep_is_refused_by_name(
    shell: Shell, path: Path, empty: PostgresDatabase, statement: str, why: str
) -> None:
    tell_file(path, statement)
    if not why:  # SQLite made a whole number of it
        shell.json("migrate", "--from", f"sqlite:///{path}", "--to", empty.url)
        require_same(path, empty)
        return
    before = tables_of(empty)
    said = shell("migrate", "--from", f"sqlite:///{path}", "--to", empty.url)
    assert (said.code, said.out) == (1, "")
    assert why in said.err
    assert tables_of(empty) == before == []


def test_a_text_too_long_for_an_index_leaves_a_move_that_goes_on_once_it_is_mended(
    shell: Shell, path: Path, empty: PostgresDatabase
) -> None:
    long = os.urandom(9000).hex()
    tell_file(path, "UPDATE users SET name = ? WHERE id = 2", long)
    said = shell("migrate", "--from", f"sqlite:///{path}", "--to", empty.url)
    assert said.code == 1
    assert f"{empty} refuses rows of users: index row" in said.err
    assert long not in said.err
    line = shell.refused("app", "list", "--database", empty.url, code=2)
    assert line.startswith(f"{empty} is not whole: a move into it is under way, or was broken off: go on with ")
    tell_file(path, "UPDATE users SET name = 'bob' WHERE id = 2")
    shell.json("migrate", "--from", f"sqlite:///{path}", "--to", empty.url)
    require_same(path, empty)


def test_who_may_not_make_tables_is_told_so(shell: Shell, path: Path, empty: PostgresDatabase) -> None:
    postgres().tell("CREATE ROLE visitor LOGIN", to="postgres")
    try:
        said = shell("migrate", "--from", f"sqlite:///{path}", "--to", empty.url.replace("keeper@", "visitor@"))
        assert said.code == 2
        assert "permission denied" in said.err
    finally:
        postgres().tell("DROP ROLE visitor", to="postgres")
