"""From schema 0005 to 0006: what holds over all processes gets its places, on either database."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from scopekeeper.settings import PostgresDatabase
from scopekeeper.store import Migrated, migrate, open_sqlite, version_of
from scopekeeper.store.postgres.schema import migrate as migrate_postgres
from scopekeeper.store.revisions import MIGRATIONS, Migrations
from tests.fixtures import NOON
from tests.postgres import tell
from tests.stores.upgrades import dump_of, used_by

STEP = Migrations(MIGRATIONS.revisions[:5], MIGRATIONS.locations)
NEXT = Migrations(MIGRATIONS.revisions[:6], MIGRATIONS.locations)

ROWS = f"""
INSERT INTO users VALUES (1, 'alice', '$argon2id$…', {NOON}, NULL, 0, 1, 0, 0, 'alice');
INSERT INTO sessions VALUES (10, x'00', 1, {NOON}, {NOON}, NULL, 'Firefox');
"""

BACK = """
DROP TABLE buckets; DROP TABLE turns; ALTER TABLE sessions DROP COLUMN wrong_codes;
UPDATE alembic_version SET version_num = '0005';
INSERT INTO users VALUES (1, 'alice', NULL, 0, NULL, false, true, 0, 0);
INSERT INTO sessions VALUES (10, 'x', 1, 0, 0, NULL, 'Firefox')
"""
"""What takes this step back: what later ones brought stays where it is."""

DESCRIBED = """
SELECT table_name, column_name, data_type, collation_name, is_nullable, column_default,
    col_description(table_name::regclass, ordinal_position::int), obj_description(table_name::regclass)
FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, column_name
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database that was made by the first schema's program, and then used by the fifth's."""
    return used_by(tmp_path, STEP, ROWS)


def test_tables_and_a_column_come_and_nothing_else_changes(path: Path) -> None:
    before = dump_of(path)
    assert migrate(path, NEXT) == Migrated("0005", "0006", path.with_name("it.db.before-0006"))
    assert version_of(path) == "0006"
    lost, come = set(before) - set(dump_of(path)), set(dump_of(path)) - set(before)
    assert {line.partition("(")[0].split(" VALUES")[0] for line in lost} == {
        "CREATE TABLE sessions ",
        'INSERT INTO "sessions"',
        'INSERT INTO "alembic_version"',
    }
    assert {line.partition("(")[0].split(" VALUES")[0].rstrip() for line in come} >= {
        "CREATE TABLE buckets",
        "CREATE TABLE turns",
        "CREATE TABLE sessions",
    }


async def test_who_was_signed_in_stays_so_and_has_guessed_nothing(path: Path) -> None:
    migrate(path, keep_copy=False)
    store = open_sqlite(path)
    session = await store.session(10)
    assert session
    assert (session.user, session.agent) == ("alice", "Firefox")
    await store.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT wrong_codes FROM sessions").fetchall() == [(0,)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def test_on_postgresql_the_step_leads_to_what_a_new_database_has(made: PostgresDatabase) -> None:
    def described() -> list[tuple[object, ...]]:
        indexes = tell(made, "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1")
        return tell(made, DESCRIBED) + indexes

    new = described()
    for line in BACK.split(";"):
        tell(made, line)
    assert described() != new
    assert migrate_postgres(made, NEXT, create=False) == Migrated("0005", "0006", None)
    assert described() == new
    assert tell(made, "SELECT user_id, agent, wrong_codes FROM sessions") == [(1, "Firefox", 0)]
