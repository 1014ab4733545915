"""From schema 0001 to 0002: people come in, and nothing that was there is touched."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from scopekeeper.store import Migrated, SchemaError, migrate, open_sqlite, version_of
from scopekeeper.store.revisions import MIGRATIONS, Migrations
from tests.fixtures import NOON
from tests.stores.people import a_link, a_session, a_user
from tests.stores.records import an_act
from tests.stores.upgrades import dump_of, made_by_the_first

STEP = Migrations(("0001", "0002"), MIGRATIONS.locations)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database that the first schema's program made."""
    return made_by_the_first(tmp_path)


def test_an_old_database_is_not_opened_before_it_is_migrated(path: Path) -> None:
    with pytest.raises(SchemaError, match="has schema 0001, this program needs 00..: run `scopekeeper migrate`"):
        open_sqlite(path)


def test_what_it_was_is_kept_in_a_copy(path: Path) -> None:
    before = dump_of(path)
    copy = path.with_name("it.db.before-0002")
    assert migrate(path, STEP) == Migrated("0001", "0002", copy)
    assert dump_of(copy) == before
    assert version_of(copy) == "0001"
    assert migrate(copy, STEP, keep_copy=False) == Migrated("0001", "0002", None)
    assert migrate(path, STEP) == Migrated("0002", "0002", None)


def test_all_that_was_there_is_there_as_it_was(path: Path) -> None:
    before = [line for line in dump_of(path) if line.startswith("INSERT") and "alembic_version" not in line]
    assert len(before) > 1_024
    migrate(path, STEP)
    after = set(dump_of(path))
    assert [line for line in before if line not in after] == []


async def test_people_can_be_kept_from_then_on(path: Path) -> None:
    migrate(path)
    store = open_sqlite(path)
    client, token = await store.client("night-shift"), await store.token(2)
    assert (client and client.owner, token and token.user) == ("alice", "alice")
    await store.add_user(a_user(), an_act())
    await store.begin_session(a_session(10), a_user(), None, an_act())
    await store.add_link(a_link(20), None, alone=True)
    await store.remove_user("alice", an_act(at=NOON + 1))
    client, token = await store.client("night-shift"), await store.token(2)
    assert (client and client.owner, token and token.revoked_at) == (None, NOON + 1)
    await store.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        for table in ("users", "sessions", "links"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


async def test_sessions_and_links_hang_on_their_account(path: Path) -> None:
    migrate(path)
    store = open_sqlite(path)
    await store.add_user(a_user(), an_act())
    await store.begin_session(a_session(10), a_user(), None, an_act())
    await store.add_link(a_link(20), None, alone=True)
    await store.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute("UPDATE sessions SET user_id = 404")
        connection.execute("DELETE FROM users")
        assert connection.execute("SELECT id FROM sessions UNION ALL SELECT id FROM links").fetchall() == []
