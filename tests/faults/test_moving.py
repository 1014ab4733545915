"""A move that is broken off: kill -9 at any moment loses nothing and doubles nothing, whatever the source does then."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from scopekeeper.settings import PostgresDatabase
from scopekeeper.store.tables import schema, users
from tests.beneath import tell_file
from tests.live import COMMAND
from tests.moving import filled, require_same, schema_of
from tests.postgres import a_database, tell
from tests.waiting import PATIENCE

TOKENS: Final = 60_000
"""Seconds in which a move comes to some point."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return filled(tmp_path / "it.db", TOKENS, users=400)


def moving(path: Path, target: PostgresDatabase, **options: Any) -> "subprocess.Popen[str]":
    """A move that has just begun."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("SCOPEKEEPER_")}
    return subprocess.Popen(
        [*COMMAND, "migrate", "--from", f"sqlite:///{path}", "--to", target.url, "--json"],
        cwd=path.parent,
        env={**plain, "SCOPEKEEPER_DATA": str(path.parent / "data")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def moved(path: Path, target: PostgresDatabase) -> Any:
    """A move, to its end."""
    out, err = moving(path, target).communicate(timeout=PATIENCE * 3)
    assert out, err
    return json.loads(out)["tables"]


def arrived(target: PostgresDatabase) -> int:
    """How many tokens a move that is not finished has noted."""
    if tell(target, "SELECT to_regclass('move') IS NULL") == [(True,)]:
        return 0
    ((places,),) = tell(target, "SELECT places FROM move")
    rows: int = json.loads(places).get("tokens", {"rows": 0})["rows"]
    return rows


def wait_for_more(process: "subprocess.Popen[str]", target: PostgresDatabase, behind: int) -> None:
    """Wait until more tokens than these have arrived, without a pause: it is not to end meanwhile."""
    end = time.monotonic() + PATIENCE
    while arrived(target) <= behind:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end


def broken_off(path: Path, target: PostgresDatabase, by: signal.Signals, behind: int) -> tuple[int, str]:
    """Break a move off once more tokens than these have arrived. How many had then, and what it said."""
    process = moving(path, target)
    wait_for_more(process, target, behind)
    process.send_signal(by)
    _, err = process.communicate(timeout=PATIENCE)
    rows = arrived(target)
    assert behind < rows < TOKENS, "it came to its end before it was broken off"
    return rows, err


def twice_killed(path: Path, target: PostgresDatabase, between: Callable[[], object] = lambda: None) -> None:
    rows, _ = broken_off(path, target, signal.SIGKILL, 0)
    assert tell(target, "SELECT count(*) FROM tokens") == [(rows,)]
    between()
    broken_off(path, target, signal.SIGKILL, rows)


def test_a_move_that_is_killed_twice_goes_on_and_ends_as_one_that_was_not(path: Path, empty: PostgresDatabase) -> None:
    twice_killed(path, empty)
    told = moved(path, empty)
    require_same(path, empty)
    with a_database(empty=True) as other:
        assert moved(path, other) == told
        assert schema_of(other) == schema_of(empty)


def test_what_changed_in_the_source_between_two_runs_arrives_as_it_is_in_the_end(
    path: Path, empty: PostgresDatabase
) -> None:
    references = [each for table in schema.tables.values() for each in table.foreign_keys]
    theirs = [each.parent for each in references if each.column.table is users]

    def change() -> None:
        tell_file(path, "DELETE FROM tokens WHERE id % 7 = 0")
        tell_file(path, "UPDATE tokens SET revoked_at = 5 WHERE id % 11 = 0")
        tell_file(path, "DELETE FROM users WHERE id = 3")
        for column in theirs:  # else that would dangle
            tell_file(path, f"DELETE FROM {column.table.name} WHERE {column.name} = 3")

    twice_killed(path, empty, change)
    tell_file(path, "UPDATE tokens SET last_used_at = 9 WHERE id = 1")
    moved(path, empty)
    require_same(path, empty)


def test_names_that_people_exchanged_between_two_runs_do_not_clash(path: Path, empty: PostgresDatabase) -> None:
    broken_off(path, empty, signal.SIGKILL, 0)
    tell_file(path, "UPDATE users SET name = 'taken' WHERE id = 1")
    tell_file(path, "UPDATE users SET name = 'user-1' WHERE id = 2")
    tell_file(
        path,
        "INSERT INTO users (id, name, created_at, admin, enabled, updated_at, revision)"
        " SELECT id + 1000, 'user-2', 1, 0, 1, 1, 1 FROM users WHERE id = 1",
    )
    moved(path, empty)
    require_same(path, empty)


def test_whoever_interrupts_it_is_told_that_it_goes_on(path: Path, empty: PostgresDatabase) -> None:
    _, err = broken_off(path, empty, signal.SIGINT, 0)
    line = err.splitlines()[-1]
    assert line == "scopekeeper: the move was broken off: what has arrived is kept: go on with the same command"
    moved(path, empty)
    require_same(path, empty)


def test_nobody_opens_what_is_half_filled(path: Path, empty: PostgresDatabase) -> None:
    broken_off(path, empty, signal.SIGKILL, 0)
    for command in (["serve"], ["app", "list"], ["migrate"], ["sample"], ["backup", "copy"]):
        done = subprocess.run(
            [*COMMAND, *command, "--database", empty.url, "--data", "data"],
            cwd=path.parent,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 2, command
        assert "is not whole: a move into it is under way, or was broken off: go on with" in done.stderr
    other = filled(path.parent / "other.db", 5)
    out, err = moving(other, empty).communicate(timeout=PATIENCE)
    assert not out
    assert f"{empty} is half filled from sqlite:///{path}: go on with the move from there" in err
    moved(path, empty)


def test_a_database_that_goes_away_breaks_the_move_off_in_one_line(path: Path, empty: PostgresDatabase) -> None:
    process = moving(path, empty)
    wait_for_more(process, empty, 0)
    tell(
        empty,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert err.splitlines()[-1].endswith("what has arrived is kept: go on with the same command")
    assert "Traceback" not in err
    moved(path, empty)
    require_same(path, empty)
