"""How a PostgreSQL database gets its tables: by `migrate` alone, under a lock, in one transaction, or not at all."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import asyncpg
import pytest

from scopekeeper.settings import PostgresDatabase
from scopekeeper.store import HEAD, Migrated, SchemaError, brought_up_to_date, open_store
from scopekeeper.store.connection import DIALECT as SQLITE
from scopekeeper.store.databases import version_of
from scopekeeper.store.postgres.connection import DIALECT
from scopekeeper.store.postgres.schema import migrate
from scopekeeper.store.statements import Statements
from tests.fixtures import FixedEntropy
from tests.postgres import name_of, postgres, tell
from tests.stores.modules import TABLES, keys_in, phones
from tests.stores.records import a_client, a_token, an_act
from tests.stores.test_schema import last_version, next_version
from tests.waiting import until

WAITED_FOR: Final = """
SELECT l.pid FROM pg_locks l JOIN pg_database d ON d.oid = l.database
WHERE d.datname = current_database() AND l.relation = 'tokens'::regclass
  AND l.mode = 'AccessExclusiveLock' AND NOT l.granted
"""


def tables_in(database: PostgresDatabase) -> set[str]:
    return {name for (name,) in tell(database, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}


def test_an_empty_database_is_filled_by_migrate_and_by_nothing_else(empty: PostgresDatabase) -> None:
    for act in (open_store, lambda database: brought_up_to_date(database, create=False)):
        with pytest.raises(SchemaError, match="is empty: run `scopekeeper migrate` once"):
            act(empty)
    assert (version_of(empty), tables_in(empty)) == (None, set())
    assert brought_up_to_date(empty, create=True) == Migrated(None, HEAD, None)
    assert brought_up_to_date(empty, create=True) == Migrated(HEAD, HEAD, None)
    assert tell(empty, "SELECT count(*), max(number) FROM processes") == [(1024, 1023)]
    assert tell(empty, "SELECT id, number FROM changes") == [(1, 1)]
    open_store(empty)


def test_of_many_who_migrate_at_once_one_makes_it(empty: PostgresDatabase) -> None:
    with ThreadPoolExecutor(4) as threads:
        done = list(threads.map(lambda _: brought_up_to_date(empty, create=True), range(4)))
    assert sorted((each.was or "") for each in done) == ["", HEAD, HEAD, HEAD]
    assert tell(empty, "SELECT count(*) FROM processes") == [(1024,)]


def test_a_later_step_is_carried_out_with_what_is_there(made: PostgresDatabase, tmp_path: Path) -> None:
    async def add() -> None:
        store = open_store(made)
        await store.add_client(a_client(), an_act())
        await store.close()

    asyncio.run(add())
    later = next_version(tmp_path / "steps")
    assert migrate(made, later, create=False) == Migrated(HEAD, "9999", None)
    assert tell(made, "SELECT version_num FROM alembic_version") == [("9999",)]
    assert tell(made, "SELECT client_id FROM applications") == [("night-shift",)]
    assert migrate(made, create=True) == Migrated("9999", "9999", None)
    open_store(made)
    last = last_version(tmp_path / "steps")
    assert migrate(made, last, create=False) == Migrated("9999", "9999", None)
    assert migrate(made, last, create=False, contract=True) == Migrated("9999", "99999", None)
    with pytest.raises(SchemaError, match="which is newer than this program: install the newer program"):
        open_store(made)
    with pytest.raises(SchemaError, match="which is newer than this program"):
        migrate(made, create=True)


def test_nothing_is_taken_from_under_an_older_program_that_is_at_work(made: PostgresDatabase, tmp_path: Path) -> None:
    last = last_version(tmp_path / "steps")
    migrate(made, last, create=False)
    held = "UPDATE processes SET knows = {}, holder = 'it:17:ab', until_milliseconds = {} WHERE number = 3"
    for knows, told in (("NULL", "before 0009"), (f"'{HEAD}'", HEAD)):
        tell(made, held.format(knows, 2**62))
        with pytest.raises(SchemaError, match=rf"to 99999: it:17 uses it, whose program is older \({told}\): "):
            migrate(made, last, create=False, contract=True)
    assert version_of(made) == "9999"
    tell(made, held.format("'99999'", 2**62))
    assert migrate(made, last, create=False, contract=True).now == "99999"


async def test_a_step_waits_for_a_table_in_moments_between_which_others_get_through(
    made: PostgresDatabase, tmp_path: Path
) -> None:
    store = open_store(made)
    later = next_version(tmp_path / "steps", "    op.execute('ALTER TABLE tokens ADD COLUMN channel TEXT')\n")
    reader = await asyncpg.connect(made.url)
    async with reader.transaction():  # a backup, or a long query
        await reader.execute("SELECT id FROM tokens LIMIT 1")
        migrating = asyncio.ensure_future(asyncio.to_thread(migrate, made, later, create=False))
        await asyncio.to_thread(until, lambda: tell(made, WAITED_FOR))
        for number in (1, 2, 3):
            await store.issue(a_token(number))
            assert await store.token(number) == a_token(number)
        assert not migrating.done()
    assert (await migrating).now == "9999"
    await store.issue(a_token(4))
    await reader.close()
    await store.close()


def test_an_index_that_is_missing_or_was_broken_off_is_made_behind_the_steps(made: PostgresDatabase) -> None:
    indexes = "SELECT indexrelid::regclass::text, indisvalid, pg_get_indexdef(indexrelid) FROM pg_index ORDER BY 1"
    before = tell(made, indexes)
    tell(made, "DROP INDEX ix_tokens_user")
    tell(made, "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_acts_looks'::regclass")
    assert brought_up_to_date(made, create=False) == Migrated(HEAD, HEAD, None)
    assert len(tell(made, indexes)) == len(before) - 1
    assert brought_up_to_date(made, create=True) == Migrated(HEAD, HEAD, None)
    assert tell(made, indexes) == before


def test_an_earlier_version_is_refused_with_the_command_that_mends_it(made: PostgresDatabase) -> None:
    tell(made, "UPDATE alembic_version SET version_num = '0001'")
    with pytest.raises(SchemaError, match=f"has schema 0001, this program needs {HEAD}: run `scopekeeper migrate`"):
        open_store(made)


def test_a_step_that_fails_leaves_nothing_behind(made: PostgresDatabase, tmp_path: Path) -> None:
    broken = next_version(tmp_path / "steps", "    op.execute('SELECT nothing FROM nowhere')\n")
    before = tables_in(made)
    with pytest.raises(SchemaError, match="cannot be migrated to 9999"):
        migrate(made, broken, create=False)
    assert tables_in(made) == before
    assert version_of(made) == HEAD


def test_somebody_elses_database_is_left_alone(empty: PostgresDatabase) -> None:
    tell(empty, "CREATE TABLE wp_posts (id integer)")
    tell(empty, "CREATE TABLE alembic_version (version_num text)")
    for act in (open_store, version_of, lambda database: brought_up_to_date(database, create=True)):
        with pytest.raises(SchemaError, match="is no database of Scopekeeper"):
            act(empty)
    assert tables_in(empty) == {"wp_posts", "alembic_version"}


def test_a_database_in_another_encoding_is_refused() -> None:
    postgres().tell("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'", to="postgres")
    latin = postgres().at("latin")
    with pytest.raises(SchemaError, match="keeps its text as LATIN1: make a database with ENCODING 'UTF8'"):
        brought_up_to_date(latin, create=True)
    assert tables_in(latin) == set()
    postgres().drop(latin)


def test_a_user_without_rights_is_told_which(made: PostgresDatabase, empty: PostgresDatabase) -> None:
    tell(made, "CREATE ROLE stranger LOGIN")
    try:
        for database in (made, empty):
            as_stranger = PostgresDatabase(postgres().url(name_of(database), "stranger"))
            with pytest.raises(SchemaError, match="its user may not do what is needed: permission denied for"):
                brought_up_to_date(as_stranger, create=True)
        assert tables_in(empty) == set()
    finally:
        tell(made, "DROP ROLE stranger")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("postgresql://me:s3cret@127.0.0.1:1/it", "Connect call failed"),
        ("postgresql://me:s3cret@no-such-host.invalid/it", "cannot be opened"),
        ("postgresql://me:s3cret@/it?host=/nowhere", "No such file"),
        ("postgresql://me:s3cret@127.0.0.1/it?sslmode=maybe", "sslmode"),
    ],
)
def test_a_server_that_cannot_be_reached_is_one_line_without_the_password(url: str, reason: str) -> None:
    with pytest.raises(SchemaError) as refused:
        open_store(PostgresDatabase(url))
    assert reason in str(refused.value)
    assert "s3cret" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_database_that_is_not_there_is_one_line() -> None:
    with pytest.raises(SchemaError, match='database "nothing" does not exist'):
        open_store(postgres().at("nothing"))


def test_all_text_is_ordered_by_its_code_points_whatever_the_servers_order_is(made: PostgresDatabase) -> None:
    async def make_the_modules_tables() -> None:
        store = open_store(made)
        store.data(TABLES, FixedEntropy())
        await store.close()

    asyncio.run(make_the_modules_tables())
    orders = tell(
        made,
        "SELECT count(*), collation_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND data_type = 'text' GROUP BY 2",
    )
    ((count, order),) = orders
    assert count > 80
    assert order == "C"


async def test_lists_go_on_behind_the_last_name_in_the_order_of_code_points(made: PostgresDatabase) -> None:
    store = open_store(made)
    names = ["a", "B", "ä", "Z", "_", "-", "é", "a b", "ab", "\U0001f600", "\uffee"]
    for name in names:
        await store.add_client(a_client(name), an_act())
    paged: list[str] = []
    while page := await store.clients(after=paged[-1] if paged else None, limit=2):
        paged += [client.client_id for client in page]
    await store.close()
    assert paged == sorted(names)


def test_who_may_not_make_tables_opens_a_database_in_which_all_are_made(made: PostgresDatabase) -> None:
    async def keys(database: PostgresDatabase) -> list[str]:
        store = open_store(database)
        try:
            return await keys_in(store.data(TABLES, FixedEntropy()), phones)
        finally:
            await store.close()

    assert asyncio.run(keys(made)) == []
    tell(made, "CREATE ROLE reader LOGIN")
    tell(made, "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO reader")
    try:
        assert asyncio.run(keys(PostgresDatabase(postgres().url(name_of(made), "reader")))) == []
    finally:
        tell(made, "DROP OWNED BY reader")
        tell(made, "DROP ROLE reader")


def test_both_databases_take_the_parameters_of_a_statement_in_the_same_order() -> None:
    ours, theirs = (_statements(Statements(dialect)) for dialect in (SQLITE, DIALECT))
    assert len(ours) > 80
    assert {name: tuple(dict.fromkeys(names)) for name, names in ours.items()} == theirs


def _statements(sql: object, path: str = "") -> dict[str, tuple[str, ...]]:
    """Name to parameters, of all statements that are compiled at the start."""
    found: dict[str, tuple[str, ...]] = {}
    for name, value in vars(sql).items():
        if hasattr(value, "names") and hasattr(value, "text"):
            found[path + name] = value.names
        elif name in ("people", "grants", "lists", "shared", "farewells", "factors", "upstreams", "mails"):
            found |= _statements(value, f"{name}.")
    return found
