"""From schema 0003 to 0004: what was there is listed and looked for like what comes later, and nothing else changes."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from scopekeeper.services.lists import SYSTEM, ActsAsked, ClientOrder, ClientsAsked, Kind, UsersAsked
from scopekeeper.store import Migrated, SchemaError, migrate, open_sqlite, version_of
from scopekeeper.store.revisions import MIGRATIONS, Migrations
from tests.fixtures import NOON
from tests.stores.records import a_client, a_count, an_act
from tests.stores.upgrades import dump_of, used_by

STEP = Migrations(("0001", "0002", "0003"), MIGRATIONS.locations)
NEXT = Migrations((*STEP.revisions, "0004"), MIGRATIONS.locations)

ROWS = """
INSERT INTO users VALUES (1, 'alice', '$argon2id$…', 1767268800, 'JOSÉ@example.org', 0, 1, 0, 0);
INSERT INTO applications SELECT 'book', type, 'Änderung', scope, grant_types, 1767268900, redirect_uris,
    post_logout_redirect_uris, backchannel_logout_uri, 'Two' || char(10) || 'LINES', website, owner, enabled,
    generation, token_format, signing_alg, access_token_lifetime, pkce_required, trusted, resource_server, updated_at,
    revision, code_lifetime FROM applications;
INSERT INTO acts VALUES (900, 1767268800, 'cli:root', 'application.add', 'book', NULL, '{"name":"ÄNDERUNG"}');
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database that was made by the first schema's program, and then used by the third's."""
    return used_by(tmp_path, STEP, ROWS)


def test_an_old_database_is_not_opened_before_it_is_migrated(path: Path) -> None:
    with pytest.raises(SchemaError, match="has schema 0003, this program needs 00..: run `scopekeeper migrate`"):
        open_sqlite(path)


def test_what_it_was_is_kept_in_a_copy(path: Path) -> None:
    before = dump_of(path)
    copy = path.with_name("it.db.before-0004")
    assert migrate(path, NEXT) == Migrated("0003", "0004", copy)
    assert dump_of(copy) == before
    assert version_of(path) == "0004"


def test_all_columns_that_were_there_are_there_as_they_were(path: Path) -> None:
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
    assert all(before[table] for table in ("users", "tokens", "applications", "secrets", "acts"))
    migrate(path, NEXT)
    assert rows() == before


async def test_what_was_there_is_listed_and_found(path: Path) -> None:
    migrate(path)
    store = open_sqlite(path)
    by_name = [client.client_id for client in await store.find_clients(ClientsAsked())]
    newest = [client.client_id for client in await store.find_clients(ClientsAsked(order=ClientOrder.NEWEST))]
    assert (by_name, newest) == (["night-shift", "book"], ["book", "night-shift"])
    for text in ("ÄNDER", "two\nlines", "BOOK"):
        assert [client.client_id for client in await store.find_clients(ClientsAsked(text))] == ["book"]
    assert [user.name for user in await store.find_users(UsersAsked("josé"))] == ["alice"]
    for asked in (ActsAsked("änderung"), ActsAsked(target="book"), ActsAsked("CLI:ROOT", action="application.add")):
        assert 900 in [act.id for act in await store.acts(asked)]
    await store.close()


async def test_it_is_counted_from_then_on(path: Path) -> None:
    migrate(path)
    store = open_sqlite(path)
    old = await store.client("book")
    assert old
    assert old.last_used_at is None
    await store.count([a_count("book"), a_count(SYSTEM)], {"book": NOON})
    await store.count([a_count("book")], {})
    assert await store.counts("book", 0, NOON + 1, [Kind.CALLS]) == (a_count("book", times=2),)
    await store.add_client(a_client("new", name="Anfang"), an_act())
    found = await store.find_clients(ClientsAsked())
    assert [(client.client_id, client.last_used_at) for client in found] == [
        ("new", None),
        ("night-shift", None),
        ("book", NOON),
    ]
    await store.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
