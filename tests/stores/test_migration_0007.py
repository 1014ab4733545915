"""From schema 0006 to 0007: what OpenID Connect has of its own gets its places, and what was there goes on."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from scopekeeper.oauth.records import SubjectType
from scopekeeper.settings import PostgresDatabase
from scopekeeper.store import Migrated, migrate, open_sqlite, version_of
from scopekeeper.store.postgres.schema import migrate as migrate_postgres
from scopekeeper.store.revisions import MIGRATIONS, Migrations
from tests.fixtures import NOON
from tests.postgres import tell
from tests.stores.people import PROFILE, a_user
from tests.stores.records import an_act
from tests.stores.upgrades import dump_of, used_by

STEP = Migrations(MIGRATIONS.revisions[:6], MIGRATIONS.locations)
NEXT = Migrations(MIGRATIONS.revisions[:7], MIGRATIONS.locations)

ROWS = f"""
INSERT INTO users VALUES (1, 'alice', '$argon2id$…', {NOON}, 'a@example.com', 0, 1, 0, 0, 'alice');
INSERT INTO sessions VALUES (10, x'00', 1, {NOON}, {NOON}, NULL, 'Firefox', 0);
INSERT INTO consents VALUES (1, 'night-shift', 0, 'openid rest', {NOON}, {NOON});
INSERT INTO codes VALUES (20, x'00', 'night-shift', 0, 1, 'alice', {NOON}, 10, 'https://app.example/', 'openid', {NOON},
    {NOON + 60}, NULL, 'n', NULL);
INSERT INTO families VALUES (30, 'night-shift', 0, 'authorization_code', 1, 'alice', {NOON}, 10, 0, 'openid rest',
    {NOON}, {NOON + 3600}, NULL, NULL);
INSERT INTO refresh_tokens VALUES (31, x'00', 30, {NOON}, {NOON + 600}, NULL, NULL, NULL);
INSERT INTO device_codes VALUES (40, x'00', 'BCDFGHJK', 'night-shift', 0, 'openid', {NOON}, {NOON + 600}, 5, NULL, 1,
    'alice', {NOON}, 10, 1, NULL);
"""

COLUMNS = {
    "applications": [
        "id_token_signed_response_alg", "userinfo_signed_response_alg", "subject_type", "sector_identifier_uri",
    ],
    "users": [
        "email_verified", "full_name", "given_name", "family_name", "phone_number", "address", "locale", "zoneinfo",
    ],
    "sessions": ["amr"],
    "consents": ["claims"],
    "codes": ["claims", "amr"],
    "families": ["claims", "amr"],
    "device_codes": ["amr"],
}  # fmt: skip

DESCRIBED = """
SELECT table_name, column_name, data_type, collation_name, is_nullable, column_default,
    col_description(table_name::regclass, ordinal_position::int)
FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, column_name
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database that was made by the first schema's program, and then used by the sixth's."""
    return used_by(tmp_path, STEP, ROWS)


def rows_of(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """All rows of each table, without the columns that this step brings."""
    with closing(sqlite3.connect(path)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        found = {}
        for (table,) in tables:
            names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            kept = ", ".join(f'"{name}"' for name in names if name not in COLUMNS.get(table, ()))
            found[table] = connection.execute(f"SELECT {kept} FROM {table} ORDER BY 1").fetchall()
        return {table: rows for table, rows in found.items() if table != "alembic_version"}


def test_columns_come_and_every_row_stays_as_it_was(path: Path) -> None:
    before, dumped = rows_of(path), dump_of(path)
    assert all(before[table] for table in COLUMNS)
    copy = path.with_name("it.db.before-0007")
    assert migrate(path, NEXT) == Migrated("0006", "0007", copy)
    assert version_of(path) == "0007"
    assert dump_of(copy) == dumped
    assert rows_of(path) == before


async def test_what_was_granted_goes_on_as_it_was_granted(path: Path) -> None:
    migrate(path, keep_copy=False)
    store = open_sqlite(path)
    client, code, session = await store.client("night-shift"), await store.code(20), await store.session(10)
    family, device, consent = await store.family(30), await store.device(40), await store.consent(1, "night-shift")
    assert client and code and session and family and device and consent  # noqa: PT018  # all of them are there
    assert (client.id_token_signed_response_alg, client.userinfo_signed_response_alg) == ("RS256", None)
    assert (client.subject_type, client.sector_identifier_uri) == (SubjectType.PUBLIC, None)
    assert (code.claims, code.amr, code.nonce, code.family_id) == ((), ("pwd",), "n", None)
    assert (family.claims, family.amr, family.grantor.amr) == ((), ("pwd",), ("pwd",))
    assert (device.amr, device.approved, session.amr, consent.claims) == (("pwd",), True, ("pwd",), ())
    await store.close()


async def test_of_whoever_was_there_nothing_is_told_that_nobody_wrote_down(path: Path) -> None:
    migrate(path, keep_copy=False)
    store = open_sqlite(path)
    alice = await store.user("alice")
    assert alice
    assert (alice.email, alice.email_verified) == ("a@example.com", False)
    assert {getattr(alice, name) for name in PROFILE if not name.startswith("email")} == {None}
    told = a_user(password=alice.password, revision=1, **PROFILE)
    await store.save_user(told, an_act(), end_sessions=False)
    assert await store.user("alice") == told
    await store.close()


def test_on_postgresql_the_step_leads_to_what_a_new_database_has(made: PostgresDatabase) -> None:
    new = tell(made, DESCRIBED)
    for table, names in COLUMNS.items():
        for name in names:
            tell(made, f"ALTER TABLE {table} DROP COLUMN {name}")
    tell(made, "UPDATE alembic_version SET version_num = '0006'")
    tell(
        made,
        "INSERT INTO users (id, name, created_at, admin, enabled, updated_at, revision)"
        " VALUES (1, 'alice', 0, false, true, 0, 0)",
    )
    assert migrate_postgres(made, NEXT, create=False) == Migrated("0006", "0007", None)
    assert tell(made, DESCRIBED) == new
    assert tell(made, "SELECT name, email_verified, full_name FROM users") == [("alice", False, None)]
