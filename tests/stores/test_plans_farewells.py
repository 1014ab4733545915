"""How the database finds who is yet to hear that a session has ended: by key and by index, however many there are."""

from pathlib import Path

import pytest

from scopekeeper.store.connection import DIALECT
from scopekeeper.store.farewell_statements import FarewellStatements
from tests.stores.plans import plan_of

SQL = FarewellStatements(DIALECT)

DUE = "ix_farewells_due_at (due_at<?)"
ROW = "PRIMARY KEY (client_id=? AND session_id=?)"
SESSION = "ix_families_session_id (session_id=?)"


@pytest.mark.parametrize(
    ("name", "ways"),
    [
        ("of_session", [SESSION, "sqlite_autoindex_applications_1 (client_id=?)"]),
        ("of_sessions", [SESSION, "ix_sessions_user_id (user_id=?)", "sqlite_autoindex_applications_1 (client_id=?)"]),
        (
            "of_family",
            [
                "families USING INTEGER PRIMARY KEY (rowid=?)",
                "sessions USING INTEGER PRIMARY KEY (rowid=?)",
                "sqlite_autoindex_applications_1 (client_id=?)",
            ],
        ),
        ("some_due", [DUE]),
        ("due", [DUE]),
        ("put_off", [ROW]),
        ("told", [ROW]),
        ("sweep_forgotten", [ROW, "PRIMARY KEY (client_id=?)"]),
    ],
)
def test_farewells_are_found_by_key_and_by_index(tmp_path: Path, name: str, ways: list[str]) -> None:
    plan = plan_of(tmp_path / "it.db", getattr(SQL, name))
    assert [way for way in ways if not any(way in step for step in plan)] == [], plan
    assert not any("TEMP B-TREE" in step for step in plan), plan
    assert not any(step.startswith("SCAN") for step in plan), plan


def test_the_applications_of_a_session_are_found_by_one_index(tmp_path: Path) -> None:
    plan = plan_of(tmp_path / "it.db", SQL.session_clients)
    assert [step for step in plan if "families" in step] == [f"SEARCH families USING INDEX {SESSION}"]
