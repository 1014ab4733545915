"""From schema 0007 to 0008: what applications say of signing out gets its places, on either database."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from scopekeeper.oauth.records import Outliving
from scopekeeper.settings import PostgresDatabase
from scopekeeper.store import Migrated, migrate, open_sqlite, version_of
from scopekeeper.store.postgres.schema import migrate as migrate_postgres
from scopekeeper.store.revisions import MIGRATIONS, Migrations
from tests.fixtures import NOON
from tests.postgres import tell
from tests.stores.records import an_act
from tests.stores.upgrades import dump_of, used_by

STEP = Migrations(MIGRATIONS.revisions[:7], MIGRATIONS.locations)
NEXT = Migrations(MIGRATIONS.revisions[:8], MIGRATIONS.locations)

ROWS = f"""
UPDATE applications SET backchannel_logout_uri = 'https://app.example/bye' WHERE client_id = 'night-shift';
INSERT INTO users (id, name, created_at, admin, enabled, updated_at, revision) VALUES (1, 'alice', {NOON}, 0, 1, 0, 0);
INSERT INTO sessions (id, digest, user_id, signed_in_at, last_seen_at, agent)
    VALUES (10, x'00', 1, {NOON}, {NOON}, 'Firefox');
INSERT INTO families (id, client_id, generation, grant_type, user_id, user, auth_time, session_id, offline, scope,
    issued_at, expires_at) VALUES (30, 'night-shift', 0, 'authorization_code', 1, 'alice', {NOON}, 10, 0, 'openid rest',
    {NOON}, {NOON + 3600});
"""

COLUMNS = ["frontchannel_logout_uri", "outlives_session", "default_max_age", "default_acr_values"]

BACK = "; ".join(
    [
        "DROP TABLE farewells",
        *(f"ALTER TABLE applications DROP COLUMN {name}" for name in COLUMNS),
        "UPDATE alembic_version SET version_num = '0007'",
    ]
)
"""What takes this step back: what later ones brought stays where it is."""

DESCRIBED = """
SELECT table_name, column_name, data_type, collation_name, is_nullable, column_default,
    col_description(table_name::regclass, ordinal_position::int), obj_description(table_name::regclass)
FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, column_name
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database that was made by the first schema's program, and then used by the seventh's."""
    return used_by(tmp_path, STEP, ROWS)


def rows_of(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """All rows of each table, without the columns that this step brings."""
    with closing(sqlite3.connect(path)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        found = {}
        for (table,) in tables:
            names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            kept = ", ".join(f'"{name}"' for name in names if name not in COLUMNS)
            found[table] = connection.execute(f"SELECT {kept} FROM {table} ORDER BY 1").fetchall()
        return {table: rows for table, rows in found.items() if table != "alembic_version"}


def test_a_table_and_columns_come_and_every_row_stays_as_it_was(path: Path) -> None:
    before, dumped = rows_of(path), dump_of(path)
    assert all(before[table] for table in ("applications", "sessions", "families"))
    copy = path.with_name("it.db.before-0008")
    assert migrate(path, NEXT) == Migrated("0007", "0008", copy)
    assert version_of(path) == "0008"
    assert dump_of(copy) == dumped
    assert rows_of(path) == before | {"farewells": []}


async def test_applications_say_of_signing_out_what_held_before(path: Path) -> None:
    migrate(path, keep_copy=False)
    store = open_sqlite(path)
    client = await store.client("night-shift")
    assert client
    assert (client.backchannel_logout_uri, client.frontchannel_logout_uri) == ("https://app.example/bye", None)
    assert (client.outlives_session, client.default_max_age) == (Outliving.OFFLINE_ACCESS, None)
    assert client.default_acr_values == ()
    await store.close()


async def test_of_a_session_that_began_before_those_hear_that_were_identified_in_it(path: Path) -> None:
    migrate(path, keep_copy=False)
    store = open_sqlite(path)
    await store.end_session(10, an_act(at=NOON + 1))
    told = await store.farewells(NOON + 1, (10,), 10)
    assert [(each.client_id, each.user_id, each.session_id) for each in told] == [("night-shift", 1, 10)]
    await store.close()


def test_on_postgresql_the_step_leads_to_what_a_new_database_has(made: PostgresDatabase) -> None:
    def described() -> list[tuple[object, ...]]:
        indexes = tell(made, "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1")
        return tell(made, DESCRIBED) + indexes

    new = described()
    for line in BACK.split(";"):
        tell(made, line)
    tell(
        made,
        "INSERT INTO applications (client_id, type, name, scope, grant_types, created_at, redirect_uris,"
        " post_logout_redirect_uris, description, enabled, generation, token_format, signing_alg, pkce_required,"
        " trusted, resource_server, updated_at, revision) VALUES ('book', 'web', 'Book', '', '', 0, '[]', '[]', '',"
        " true, 0, 'opaque', 'RS256', true, false, false, 0, 0)",
    )
    assert described() != new
    assert migrate_postgres(made, NEXT, create=False) == Migrated("0007", "0008", None)
    assert described() == new
    assert tell(made, f"SELECT {', '.join(COLUMNS)} FROM applications") == [(None, "offline_access", None, "")]
