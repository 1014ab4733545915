"""How the database finds what people granted: by key and by index, however much there is."""

from pathlib import Path

import pytest

from scopekeeper.store.connection import DIALECT
from scopekeeper.store.statement import Statement
from scopekeeper.store.statements import Statements
from tests.stores.plans import plan_of

SQL = Statements(DIALECT)

BY_KEY = (
    *("code", "redeem_code", "family", "family_used", "revoke_family", "refresh_token", "spend"),
    *("device", "claim_device", "decide_device", "poll", "device_polled", "redeem_device"),
)

SHORT = ("SCAN codes", "SCAN device_codes")
"""Rows of these tables live for a day, and whoever reads them through removes an application."""


@pytest.mark.parametrize("name", BY_KEY)
def test_a_row_is_found_by_its_key(tmp_path: Path, name: str) -> None:
    first, *rest = plan_of(tmp_path / "it.db", getattr(SQL.grants, name))
    assert "USING INTEGER PRIMARY KEY (rowid=?)" in first
    assert not any(step.startswith("SCAN") or "TEMP B-TREE" in step for step in rest)


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("consent", "sqlite_autoindex_consents_1 (user_id=? AND client_id=?)"),
        ("consents", "sqlite_autoindex_consents_1 (user_id=?)"),
        ("forget_consents", "sqlite_autoindex_consents_1 (user_id=?)"),
        ("families", "ix_families_user_id (user_id=?)"),
        ("revoke_some", "ix_families_user_id (user_id=?)"),
        ("revoke_of_password", "ix_families_user_id (user_id=?)"),
        ("drop_codes", "ix_codes_waiting (user_id=?)"),
        ("drop_devices", "ix_device_codes_waiting (user_id=?)"),
        ("revoke_of_session", "ix_families_session_id (session_id=?)"),
        ("revoke_of_sessions", "ix_families_session_id (session_id=?)"),
        ("some_sealed", "ix_refresh_tokens_issued_at (issued_at<?)"),
        ("erase_sealed", "ix_refresh_tokens_issued_at (issued_at<?)"),
        ("device_with", "sqlite_autoindex_device_codes_1 (user_code=?)"),
    ],
)
def test_what_is_asked_goes_by_an_index(tmp_path: Path, name: str, way: str) -> None:
    plan = plan_of(tmp_path / "it.db", getattr(SQL.grants, name))
    assert any(way in step for step in plan)
    assert not any(step.startswith("SCAN") or "TEMP B-TREE" in step for step in plan)


def test_the_sweep_reads_in_the_order_of_the_row_ids(tmp_path: Path) -> None:
    for statement in (*SQL.grants.sweep_waiting, *SQL.grants.sweep_grants):
        plan = plan_of(tmp_path / "it.db", statement)
        assert any("INTEGER PRIMARY KEY (rowid<?)" in step for step in plan)
        assert not any(step.startswith("SCAN") or "TEMP B-TREE" in step for step in plan)


def test_what_nobody_redeemed_is_looked_for_among_what_waits(tmp_path: Path) -> None:
    for statement, index in zip(
        SQL.grants.sweep_unredeemed, ("ix_codes_waiting", "ix_device_codes_waiting"), strict=True
    ):
        plan = plan_of(tmp_path / "it.db", statement)
        assert next(step for step in plan if step.startswith("SCAN")).endswith(f"USING INDEX {index}")


def test_what_was_granted_a_removed_application_is_found_by_an_index_where_there_may_be_much(tmp_path: Path) -> None:
    plans = [plan_of(tmp_path / "it.db", statement) for statement in SQL.grants.sweep_forgotten]
    assert not any(step.startswith("SCAN") for plan in plans for step in plan if step not in SHORT)


def test_no_statement_of_grants_reads_a_table_through_that_grows(tmp_path: Path) -> None:
    for name, statement in vars(SQL.grants).items():
        if isinstance(statement, Statement):
            plan = plan_of(tmp_path / "it.db", statement)
            scans = [step for step in plan if step.startswith("SCAN") and step not in (*SHORT, "SCAN CONSTANT ROW")]
            assert scans == [], name


def test_a_token_and_its_family_are_found_by_their_keys(tmp_path: Path) -> None:
    plan = plan_of(tmp_path / "it.db", SQL.token)
    assert any("SEARCH families USING INTEGER PRIMARY KEY (rowid=?)" in step for step in plan)
    assert not any(step.startswith("SCAN") for step in plan)


def test_an_origin_is_found_by_its_key(tmp_path: Path) -> None:
    first, second = plan_of(tmp_path / "it.db", SQL.knows_origin)
    assert "sqlite_autoindex_origins_1 (origin=?)" in first
    assert "sqlite_autoindex_applications_1 (client_id=?)" in second
