"""From schema 0002 to 0003: grants of people come in, and nothing that was there is touched."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from scopekeeper.services.ports import Spent
from scopekeeper.store import Migrated, SchemaError, migrate, open_sqlite, version_of
from scopekeeper.store.revisions import MIGRATIONS, Migrations
from tests.fixtures import NOON
from tests.stores.families import a_code, a_consent, a_family, a_refresh_token
from tests.stores.people import a_session, a_user
from tests.stores.records import a_token, an_act
from tests.stores.test_migration_0002 import STEP
from tests.stores.upgrades import dump_of, used_by

ROWS = """
INSERT INTO users VALUES (1, 'alice', '$argon2id$…', 1767268800, NULL, 0, 1, 0, 0);
INSERT INTO sessions VALUES (10, zeroblob(32), 1, 1767268800, 1767268800, NULL, '');
INSERT INTO applications SELECT 'book', 'spa', name, scope, grant_types, created_at,
    '["https://Book.example:443/cb","https://book.example/b","http://127.0.0.1/"]', post_logout_redirect_uris,
    backchannel_logout_uri, description, website, owner, enabled, generation, token_format, signing_alg,
    access_token_lifetime, pkce_required, trusted, resource_server, updated_at, revision FROM applications;
INSERT INTO applications SELECT 'site', 'web', name, scope, grant_types, created_at, '["https://site.example/"]',
    post_logout_redirect_uris, backchannel_logout_uri, description, website, owner, enabled, generation, token_format,
    signing_alg, access_token_lifetime, pkce_required, trusted, resource_server, updated_at, revision
    FROM applications WHERE client_id = 'book';
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database that was made by the first schema's program, and then used by the second's."""
    return used_by(tmp_path, STEP, ROWS)


def test_an_old_database_is_not_opened_before_it_is_migrated(path: Path) -> None:
    with pytest.raises(SchemaError, match="has schema 0002, this program needs 00..: run `scopekeeper migrate`"):
        open_sqlite(path)


def test_what_it_was_is_kept_in_a_copy(path: Path) -> None:
    before = dump_of(path)
    step = Migrations(("0001", "0002", "0003"), MIGRATIONS.locations)
    copy = path.with_name("it.db.before-0003")
    assert migrate(path, step) == Migrated("0002", "0003", copy)
    assert dump_of(copy) == before
    assert version_of(path) == "0003"


def test_all_rows_that_were_there_are_there_as_they_were(path: Path) -> None:
    def rows() -> dict[str, list[tuple[object, ...]]]:
        with closing(sqlite3.connect(path)) as connection:
            return {
                table: connection.execute(f"SELECT {columns} FROM {table} ORDER BY 1").fetchall()
                for table, columns in columns_of.items()
            }

    with closing(sqlite3.connect(path)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        columns_of = {
            table: ", ".join(f'"{row[1]}"' for row in connection.execute(f"PRAGMA table_info({table})"))
            for (table,) in tables
            if table != "alembic_version"
        }
    before = rows()
    assert all(before[table] for table in ("users", "sessions", "tokens", "applications"))
    migrate(path)
    assert rows() == before


async def test_pages_of_single_page_applications_may_call_from_then_on(path: Path) -> None:
    migrate(path)
    store = open_sqlite(path)
    asked = ("https://book.example", "http://127.0.0.1", "https://site.example")
    assert [await store.knows_origin(origin) for origin in asked] == [True, True, False]
    book = await store.client("book")
    assert book
    assert book.code_lifetime is None
    await store.close()


async def test_people_can_grant_from_then_on_and_old_tokens_are_as_alive_as_they_were(path: Path) -> None:
    migrate(path)
    store = open_sqlite(path)
    old = await store.token(2)
    assert old
    assert (old.user, old.user_id, old.family_id, old.revoked_at) == ("alice", None, None, None)
    assert await store.user("alice") == a_user()
    assert await store.session(10) == a_session(10, digest=bytes(32))
    await store.add_code(a_code(20), a_consent(), None)
    family, token = a_family(20, offline=False, session_id=10), a_token(20, "book", family_id=20)
    await store.redeem_code(a_code(20), family, token, a_refresh_token(20, 20))
    with pytest.raises(Spent):
        await store.redeem_code(a_code(20), family, token, None)
    await store.end_session(10, an_act(at=NOON))
    ended = await store.token(20)
    assert ended
    assert ended.revoked_at == NOON
    await store.remove_user("alice", an_act())
    await store.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("SELECT count(*) FROM consents").fetchone() == (0,)
