"""How the database finds things, so that a request costs the same with ten million tokens: by key and by index."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from scopekeeper.store.connection import DIALECT, connect
from scopekeeper.store.schema import ready
from scopekeeper.store.statement import Statement
from scopekeeper.store.statements import Statements

SQL = Statements(DIALECT)


@pytest.fixture
def connection(tmp_path: Path) -> sqlite3.Connection:
    ready(tmp_path / "it.db")
    return connect(tmp_path / "it.db", wait=1)


def plan_of(connection: sqlite3.Connection, statement: Statement) -> list[str]:
    with closing(connection):
        places = [1] * len(statement.names)
        return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement.text}", places)]


@pytest.mark.parametrize("name", ["token", "revoke", "token_used", "secret_used", "end_secret"])
def test_a_row_is_found_by_its_key(connection: sqlite3.Connection, name: str) -> None:
    first, *rest = plan_of(connection, getattr(SQL, name))
    assert "USING INTEGER PRIMARY KEY (rowid=?)" in first
    assert not any(step.startswith("SCAN") for step in rest)


@pytest.mark.parametrize("name", ["client", "save_client", "raise_generation", "remove_client"])
def test_an_application_is_found_by_its_name(connection: sqlite3.Connection, name: str) -> None:
    assert any("(client_id=?)" in step and "applications" in step for step in plan_of(connection, getattr(SQL, name)))


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("sweep_expired", "ix_tokens_expires_at (expires_at<?)"),
        ("sweep_forgotten", "ix_tokens_client_id (client_id=?)"),
        ("activity", "ix_tokens_client_id (client_id=? AND rowid>?)"),
    ],
)
def test_what_is_asked_of_many_rows_goes_by_an_index(connection: sqlite3.Connection, name: str, way: str) -> None:
    plan = plan_of(connection, getattr(SQL, name))
    assert any(way in step for step in plan)
    assert not any("TEMP B-TREE FOR ORDER BY" in step for step in plan)  # people are counted, not sorted
