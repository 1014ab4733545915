"""How the database finds factors, providers, and mails: by key and by index, however many people there are."""

from pathlib import Path

import pytest

from scopekeeper.store.connection import DIALECT
from scopekeeper.store.factor_statements import FactorStatements
from scopekeeper.store.mail_statements import MailStatements
from scopekeeper.store.statement import Statement
from scopekeeper.store.upstream_statements import UpstreamStatements
from tests.stores.plans import plan_of

FACTORS, UPSTREAMS, MAILS = FactorStatements(DIALECT), UpstreamStatements(DIALECT), MailStatements(DIALECT)

KEY = "INTEGER PRIMARY KEY (rowid=?)"
SUBJECT = "PRIMARY KEY (upstream_id=? AND subject=?)"


@pytest.mark.parametrize(
    ("statement", "way"),
    [
        (FACTORS.passkeys, "ix_passkeys_user_id (user_id=?)"),
        (FACTORS.passkey, "sqlite_autoindex_passkeys_1 (credential_id=?)"),
        (FACTORS.count_passkeys, "ix_passkeys_user_id (user_id=?)"),
        (FACTORS.rename_passkey, KEY),
        (FACTORS.remove_passkey, KEY),
        (FACTORS.use_passkey, KEY),
        (FACTORS.totp, KEY),
        (FACTORS.use_totp, KEY),
        (FACTORS.recovery_codes, "ix_recovery_codes_user_id (user_id=?)"),
        (FACTORS.use_recovery_code, "ix_recovery_codes_user_id (user_id=?)"),
        (FACTORS.some_factor, "ix_passkeys_user_id (user_id=?)"),
        (FACTORS.remove_passkeys, "ix_passkeys_user_id (user_id=?)"),
        (FACTORS.remove_totp, KEY),
        (FACTORS.remove_recovery_codes, "ix_recovery_codes_user_id (user_id=?)"),
        (UPSTREAMS.upstream, "sqlite_autoindex_upstreams_1 (name=?)"),
        (UPSTREAMS.is_there, KEY),
        (UPSTREAMS.save_upstream, KEY),
        (UPSTREAMS.remove_upstream, KEY),
        (UPSTREAMS.remove_some_identities, "PRIMARY KEY (upstream_id=?)"),
        (UPSTREAMS.identity, SUBJECT),
        (UPSTREAMS.use_identity, SUBJECT),
        (UPSTREAMS.remove_identity, SUBJECT),
        (MAILS.due, "ix_mails_due_at (due_at<?)"),
        (MAILS.sent, KEY),
        (MAILS.failed, KEY),
        (MAILS.sweep, "ix_mails_expires_at (expires_at<?)"),
    ],
)
def test_what_makes_accounts_stronger_is_found_by_key_and_by_index(
    tmp_path: Path, statement: Statement, way: str
) -> None:
    plan = plan_of(tmp_path / "it.db", statement)
    assert any(way in step for step in plan), plan
    assert not any("TEMP B-TREE" in step for step in plan), plan
    assert not any(step.startswith("SCAN") for step in plan), plan


def test_whom_providers_know_is_found_by_person(tmp_path: Path) -> None:
    plan = plan_of(tmp_path / "it.db", UPSTREAMS.identities)
    assert any("ix_identities_user_id (user_id=?)" in step for step in plan), plan


@pytest.mark.parametrize("table", ["passkeys", "totps", "recovery_codes", "identities", "mails"])
def test_what_goes_with_an_account_is_found_by_it(tmp_path: Path, table: str) -> None:
    """SQLite looks for the rows that refer to one that goes; without an index it would read the whole table."""
    plan = plan_of(tmp_path / "it.db", Statement(f"SELECT 1 FROM {table} WHERE user_id = ?", ("user_id",)))
    assert [step for step in plan if step.startswith("SEARCH")] == plan
