"""How the database finds people, their sessions and their links: by key and by index, however many there are."""

from pathlib import Path

import pytest

from scopekeeper.store.connection import DIALECT
from scopekeeper.store.people_statements import PeopleStatements
from tests.stores.plans import plan_of

SQL = PeopleStatements(DIALECT)


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("user", "sqlite_autoindex_users_1 (name=?)"),
        ("user_with_external_id", "ix_users_external_id (external_id=?)"),
        ("users", "sqlite_autoindex_users_1 (name>?)"),
        ("tokens_of_user", "ix_tokens_user (user=? AND rowid>?)"),
        ("session", "INTEGER PRIMARY KEY (rowid=?)"),
        ("sessions", "ix_sessions_user_id (user_id=?)"),
        ("remove_sessions", "ix_sessions_user_id (user_id=?"),
        ("oldest_sessions", "ix_sessions_user_id (user_id=?)"),
        ("sweep_sessions", "ix_sessions_signed_in_at (signed_in_at<?)"),
        ("remove_links", "ix_links_user_id (user_id=?)"),
        ("remove_same_links", "ix_links_user_id (user_id=?)"),
    ]
    + [
        (name, "INTEGER PRIMARY KEY (rowid=?)")
        for name in (
            "user_with", "save_user", "raise_revision", "rehash", "remove_user", "link", "remove_link",
            "remove_session", "session_seen", "renew_session",
        )
    ],
)  # fmt: skip
def test_people_are_found_by_key_and_by_index(tmp_path: Path, name: str, way: str) -> None:
    plan = plan_of(tmp_path / "it.db", getattr(SQL, name))
    assert any(way in step for step in plan), plan
    assert not any("TEMP B-TREE" in step for step in plan), plan
    assert not any(step.startswith("SCAN") for step in plan), plan
