"""From schema 0009 to 0010: what makes accounts stronger gets its tables, on either database."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from scopekeeper.oauth.factors import NO_FACTORS
from scopekeeper.settings import PostgresDatabase
from scopekeeper.store import Migrated, SchemaError, Standing, migrate, open_sqlite
from scopekeeper.store.postgres.schema import migrate as migrate_postgres
from scopekeeper.store.revisions import MIGRATIONS, Migrations
from scopekeeper.store.schema import standing_of
from tests.altered import replace
from tests.fixtures import NOON
from tests.postgres import tell
from tests.stores.records import an_act
from tests.stores.stronger import a_totp
from tests.stores.test_migration_0008 import DESCRIBED
from tests.stores.test_migration_0009 import rows_of
from tests.stores.upgrades import dump_of, used_by

STEP = Migrations(MIGRATIONS.revisions[:9], MIGRATIONS.locations)
NEXT = Migrations(MIGRATIONS.revisions[:10], MIGRATIONS.locations)

ROWS = f"""
INSERT INTO users (id, name, password, created_at, admin, enabled, updated_at, revision)
    VALUES (1, 'alice', '$argon2id$', {NOON}, 0, 1, 0, 4), (2, 'bob', NULL, {NOON}, 0, 1, 0, 0);
INSERT INTO sessions (id, digest, user_id, signed_in_at, last_seen_at, agent)
    VALUES (10, x'00', 1, {NOON}, {NOON}, 'Firefox');
"""

TABLES = ["identities", "mails", "passkeys", "recovery_codes", "spent", "totps", "upstreams"]

BACK = (
    *(f"DROP TABLE {name}" for name in TABLES),
    "ALTER TABLE users DROP COLUMN external_id",
    "ALTER TABLE applications DROP COLUMN required_acr",
    "UPDATE alembic_version SET version_num = '0009'",
)
"""What takes this step back: what later ones brought stays where it is."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database that was made by the first schema's program, and then used by the ninth's."""
    return used_by(tmp_path, STEP, ROWS)


def test_tables_and_two_columns_come_and_every_row_stays_as_it_was(path: Path) -> None:
    before, dumped = rows_of(path), dump_of(path)
    assert all(before[table] for table in ("applications", "users", "sessions"))
    copy = path.with_name("it.db.before-0010")
    assert migrate(path, NEXT) == Migrated("0009", "0010", copy)
    assert standing_of(path) == Standing("0010", "0009")
    assert dump_of(copy) == dumped
    after = rows_of(path)
    for table in ("users", "applications"):
        assert after.pop(table) == [(*row, None) for row in before.pop(table)]
    assert after == before | {table: [] for table in TABLES}


async def test_people_sign_in_as_before_and_may_have_factors_from_then_on(path: Path) -> None:
    migrate(path, keep_copy=False)
    store = open_sqlite(path)
    alice, client = await store.user("alice"), await store.client("night-shift")
    assert alice is not None
    assert client is not None
    assert (alice.revision, alice.external_id, client.required_acr) == (4, None, None)
    assert await store.factors(1) == NO_FACTORS
    assert await store.session(10) is not None
    await store.save_totp(a_totp(), an_act())
    assert await store.user("alice") == replace(alice, revision=5)
    assert (await store.factors(1)).totp == a_totp()
    await store.close()


def test_a_program_of_the_schema_before_is_let_in_and_what_it_writes_is_whole(path: Path) -> None:
    migrate(path, NEXT, keep_copy=False)
    standing = standing_of(path)
    assert standing is not None
    STEP.require(standing, path)
    with pytest.raises(SchemaError, match="newer than this program"):
        Migrations(MIGRATIONS.revisions[:8], MIGRATIONS.locations).require(standing, path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(  # as it adds some, with the columns that it knows
            "INSERT INTO users (id, name, created_at, admin, enabled, updated_at, revision)"
            " VALUES (3, 'carol', 1, 0, 1, 0, 0), (4, 'dave', 1, 0, 1, 0, 0)"
        )
        connection.execute("INSERT INTO totps VALUES (1, x'00', 1, 0, NULL)")
        connection.execute("UPDATE users SET external_id = 'kept' WHERE id = 1")
        connection.execute("UPDATE users SET email = 'alice@example.com', revision = 5 WHERE id = 1")
        assert connection.execute("SELECT external_id FROM users WHERE id = 1").fetchall() == [("kept",)]
        connection.execute("DELETE FROM users WHERE id = 1")
        assert connection.execute("SELECT count(*) FROM totps").fetchall() == [(0,)]


def test_the_schema_that_the_step_leads_to_has_the_index_for_one_external_id(path: Path) -> None:
    migrate(path, NEXT, keep_copy=False)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE users SET external_id = 'one' WHERE id = 1")
        with pytest.raises(sqlite3.IntegrityError, match=re.escape("users.external_id")):
            connection.execute("UPDATE users SET external_id = 'one' WHERE id = 2")


def test_on_postgresql_the_step_leads_to_what_a_new_database_has(made: PostgresDatabase) -> None:
    def described() -> list[tuple[object, ...]]:
        indexes = tell(made, "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1")
        constraints = tell(
            made,
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2",
        )
        return tell(made, DESCRIBED) + indexes + constraints

    new = described()
    for line in BACK:
        tell(made, line)
    tell(
        made,
        "INSERT INTO users (id, name, created_at, admin, enabled, updated_at, revision)"
        " VALUES (1, 'alice', 1, false, true, 0, 4), (2, 'bob', 1, false, true, 0, 0)",
    )
    assert described() != new
    assert migrate_postgres(made, NEXT, create=False) == Migrated("0009", "0010", None)
    assert described() == new
    assert tell(made, "SELECT id, revision, external_id FROM users ORDER BY 1") == [(1, 4, None), (2, 0, None)]


def test_on_postgresql_the_index_is_made_behind_the_step_and_says_what_is_there_twice(made: PostgresDatabase) -> None:
    """Between the step and its index another node may write: nothing is lost, and who migrates hears of it."""
    tell(made, "DROP INDEX ix_users_external_id")
    tell(
        made,
        "INSERT INTO users (id, name, created_at, admin, enabled, updated_at, revision, external_id)"
        " VALUES (1, 'alice', 1, false, true, 0, 0, 'one'), (2, 'bob', 1, false, true, 0, 0, 'one')",
    )
    with pytest.raises(SchemaError, match="ix_users_external_id"):
        migrate_postgres(made, create=True)
    tell(made, "UPDATE users SET external_id = NULL WHERE id = 2")
    migrate_postgres(made, create=True)
    unique = "SELECT indisunique, indisvalid FROM pg_index WHERE indexrelid = 'ix_users_external_id'::regclass"
    assert tell(made, unique) == [(True, True)]
