"""Who waits for whom, and for how long, while a PostgreSQL database is changed."""

import asyncio
from pathlib import Path
from typing import Final

import asyncpg
import pytest

from scopekeeper.settings import PostgresDatabase
from scopekeeper.store import HEAD, Migrated
from scopekeeper.store.postgres import schema as making
from scopekeeper.store.postgres.connection import connect
from scopekeeper.store.postgres.indexes import make_missing
from scopekeeper.store.postgres.locking import LOCK
from scopekeeper.store.postgres.schema import migrate, prepare_postgres
from scopekeeper.store.shapes import shapes_of
from scopekeeper.store.tables import schema
from tests.postgres import tell
from tests.stores.modules import TABLES
from tests.stores.test_postgres_schema import tables_in
from tests.stores.test_schema import next_version
from tests.waiting import until

INDEX_WAITS: Final = """
SELECT pid FROM pg_stat_progress_create_index WHERE datname = current_database() AND phase = 'waiting for old snapshots'
"""

VALID: Final = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_tokens_user'::regclass"


def test_a_step_takes_as_long_as_it_takes(
    made: PostgresDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert connect.__defaults__ is not None
    monkeypatch.setattr(connect, "__defaults__", (*connect.__defaults__[:-1], 0.2))  # what a statement may take else
    later = next_version(tmp_path / "steps", "    op.execute('SELECT pg_sleep(0.5)')\n")
    assert migrate(made, later, create=False) == Migrated(HEAD, "9999", None)


async def test_whoever_opens_a_database_that_is_migrated_just_now_waits(
    made: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = f"SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = {LOCK} AND NOT granted"
    monkeypatch.setattr(making, "_TURN", "100ms")
    migrating = await asyncpg.connect(made.url)
    await migrating.execute(f"SELECT pg_advisory_lock({LOCK})")
    opening = asyncio.ensure_future(asyncio.to_thread(prepare_postgres, made, shapes_of(TABLES).values()))
    for _ in range(2):
        await asyncio.to_thread(until, lambda: tell(made, waits))
        await asyncio.to_thread(until, lambda: not tell(made, waits))
    assert not opening.done()
    await migrating.close()
    await opening
    assert {shape.core.name for shape in shapes_of(TABLES).values()} <= tables_in(made)


async def test_whoever_makes_indexes_and_is_chosen_to_end_a_deadlock_begins_again(made: PostgresDatabase) -> None:
    tell(made, "DROP INDEX ix_tokens_user")
    maker, other = await asyncpg.connect(made.url), await asyncpg.connect(made.url)
    await maker.execute("SET deadlock_timeout = '2s'")
    await other.execute("SET deadlock_timeout = '1min'")
    async with other.transaction(isolation="repeatable_read"):
        await other.execute("SELECT id FROM users LIMIT 1")  # what is made now waits for whoever looks
        making = asyncio.ensure_future(make_missing(maker, schema.sorted_tables))
        await asyncio.to_thread(until, lambda: tell(made, INDEX_WAITS))
        await other.execute("LOCK TABLE tokens IN SHARE UPDATE EXCLUSIVE MODE")
        assert tell(made, VALID) == [(False,)]
    await making
    assert tell(made, VALID) == [(True,)]
    await maker.close()
    await other.close()
