"""From schema 0004 to 0005: indexes come, and nothing else."""

import sqlite3
from contextlib import closing
from pathlib import Path

from scopekeeper.services.lists import TokensAsked
from scopekeeper.store import Migrated, migrate, open_sqlite, version_of
from scopekeeper.store.revisions import MIGRATIONS, Migrations
from tests.fixtures import NOON
from tests.stores.upgrades import OLD, dump_of

STEP = Migrations(MIGRATIONS.revisions[:4], MIGRATIONS.locations)
NEXT = Migrations(MIGRATIONS.revisions[:5], MIGRATIONS.locations)

NEW = {
    "CREATE INDEX ix_acts_looks ON acts (target, action) WHERE action = 'view.user';",
    "CREATE INDEX ix_applications_owner ON applications (owner) WHERE owner IS NOT NULL;",
    "CREATE INDEX ix_refresh_tokens_family_id ON refresh_tokens (family_id) WHERE spent_at IS NULL;",
    "CREATE INDEX ix_secrets_expires_at ON secrets (expires_at) WHERE expires_at IS NOT NULL;",
    "INSERT INTO \"alembic_version\" VALUES('0005');",
}

ROWS = f"""
INSERT INTO families VALUES (1, 'night-shift', 0, 'authorization_code', 1, 'alice', {NOON}, NULL, 0,
    'rest:callforward:read', {NOON}, {NOON + 3600}, NULL, NULL);
INSERT INTO refresh_tokens VALUES (1, x'00', 1, {NOON}, {NOON + 600}, {NOON}, 2, NULL);
INSERT INTO refresh_tokens VALUES (2, x'00', 1, {NOON}, {NOON + 600}, NULL, NULL, NULL);
"""


async def test_what_was_granted_before_is_found_by_an_index_and_nothing_else_changes(tmp_path: Path) -> None:
    path = tmp_path / "it.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(OLD.read_text(encoding="utf-8"))
    migrate(path, STEP, keep_copy=False)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(ROWS)
    before = dump_of(path)
    assert migrate(path, NEXT, keep_copy=False) == Migrated("0004", "0005", None)
    assert version_of(path) == "0005"
    assert set(dump_of(path)) - set(before) == NEW
    migrate(path, keep_copy=False)
    store = open_sqlite(path)
    found = await store.find_refresh_tokens(TokensAsked(client_id="night-shift"), now=NOON)
    assert [(token.id, family.id) for token, family in found] == [(2, 1)]
    await store.close()
