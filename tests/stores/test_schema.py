"""The schema of a database: made, migrated after a copy, or refused with one clear line."""

import asyncio
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from scopekeeper.store import HEAD, Migrated, SchemaError, migrate, open_sqlite, version_of
from scopekeeper.store.revisions import MIGRATIONS, Migrations
from scopekeeper.store.schema import upgraded
from scopekeeper.store.tables import schema
from tests.stores.records import a_client, a_token, an_act

NEXT_STEP = """
from alembic import op

revision = "9999"
down_revision = "{head}"

def upgrade():
    op.execute("CREATE TABLE the_next (id INTEGER)")
    op.execute("INSERT INTO the_next SELECT count(*) FROM applications")
{more}
"""


LAST_STEP = """
from alembic import op

revision = "99999"
down_revision = "9999"

def upgrade():
    op.execute("DROP TABLE the_next")
"""


def next_version(folder: Path, more: str = "") -> Migrations:
    """A program one schema further on."""
    folder.mkdir(exist_ok=True)
    (folder / "next.py").write_text(NEXT_STEP.format(head=HEAD, more=more))
    return Migrations((*MIGRATIONS.revisions, "9999"), (*MIGRATIONS.locations, str(folder)))


def last_version(folder: Path) -> Migrations:
    """The one behind it, which takes away what the next one brought: no program works then that does not know that."""
    following = next_version(folder)
    (folder / "last.py").write_text(LAST_STEP)
    return Migrations((*following.revisions, "99999"), following.locations, {"99999": "99999"})


def names_in(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def make(path: Path) -> None:
    """A new database, of which nobody has made use."""
    asyncio.run(open_sqlite(path).close())


def objects_in(path: Path) -> set[tuple[str, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute("SELECT type, name, tbl_name FROM sqlite_master").fetchall()
        columns = [
            (table, *map(str, column))
            for kind, table, _ in found
            if kind == "table"
            for column in connection.execute('SELECT name, type, "notnull", pk FROM pragma_table_info(?)', (table,))
        ]
    return {*found, *columns}


async def test_a_new_database_is_private_and_has_the_schema_of_this_program(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "it.db"
    store = open_sqlite(path)
    await store.add_client(a_client(), an_act())
    assert version_of(path) == HEAD
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}
    assert names_in(path.parent) == ["it.db", "it.db-shm", "it.db-wal"]
    await store.close()
    assert names_in(path.parent) == ["it.db"]


def test_there_is_no_version_where_there_is_no_database(tmp_path: Path) -> None:
    assert version_of(tmp_path / "it.db") is None
    (tmp_path / "it.db").touch()
    assert version_of(tmp_path / "it.db") is None


def test_the_steps_lead_in_one_line_to_the_version_that_the_program_names() -> None:
    config = Config()
    config.set_main_option("script_location", "scopekeeper.store:migrations")
    scripts = ScriptDirectory.from_config(config)
    assert [script.revision for script in scripts.walk_revisions()] == list(reversed(MIGRATIONS.revisions))
    assert scripts.get_heads() == [HEAD]


def test_the_steps_lead_to_the_same_schema_as_the_tables(tmp_path: Path) -> None:
    made, stepped = tmp_path / "made.db", tmp_path / "stepped.db"
    make(made)
    engine = create_engine(f"sqlite:///{stepped}")
    with engine.connect() as connection:
        assert upgraded(connection, stepped, MIGRATIONS, MIGRATIONS.revisions[0], contract=True) == HEAD
        connection.commit()
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), schema) == []
    engine.dispose()
    assert objects_in(made) == objects_in(stepped)
    with closing(sqlite3.connect(made)) as one, closing(sqlite3.connect(stepped)) as other:
        for table in ("changes", "processes", "alembic_version"):
            rows = f"SELECT * FROM {table}"
            assert one.execute(rows).fetchall() == other.execute(rows).fetchall()
        assert one.execute("PRAGMA application_id").fetchone() == other.execute("PRAGMA application_id").fetchone()
    assert version_of(stepped) == HEAD
    make(stepped)


def test_migrating_makes_a_database_where_there_is_none_and_leaves_a_new_one_alone(tmp_path: Path) -> None:
    path = tmp_path / "it.db"
    assert migrate(path) == Migrated(None, HEAD, None)
    assert migrate(path) == Migrated(HEAD, HEAD, None)
    assert names_in(tmp_path) == ["it.db"]


async def test_an_older_database_is_copied_and_then_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "it.db"
    store = open_sqlite(path)
    await store.add_client(a_client(), an_act())
    await store.close()
    following = next_version(tmp_path / "steps")
    copy = tmp_path / "it.db.before-9999"
    assert migrate(path, following) == Migrated(HEAD, "9999", copy)
    assert migrate(path, following) == Migrated("9999", "9999", None)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT id FROM the_next").fetchall() == [(1,)]
    assert version_of(copy) == HEAD
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600


def test_a_migration_that_fails_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "it.db"
    make(path)
    before = objects_in(path)
    with pytest.raises(SchemaError, match="cannot be migrated"):
        migrate(path, next_version(tmp_path / "steps", more='    op.execute("INSERT INTO nowhere VALUES (1)")'))
    assert objects_in(path) == before
    assert names_in(tmp_path) == ["it.db", "steps"]
    make(path)


def test_two_that_migrate_at_once_do_it_once(tmp_path: Path) -> None:
    path = tmp_path / "it.db"
    make(path)
    following = next_version(tmp_path / "steps")
    script = (
        "import sys; from pathlib import Path; from scopekeeper.store.schema import *\n"
        f"done = migrate(Path(sys.argv[1]), Migrations({following.revisions!r}, {following.locations!r}))\n"
        "print(done.was, done.now)"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    told = sorted(each.communicate()[0].strip() for each in both)
    assert told in ([f"{HEAD} 9999", "9999 9999"], ["9999 9999", f"{HEAD} 9999"])
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT id FROM the_next").fetchall() == [(0,)]


def test_two_that_make_the_database_at_once_make_it_once(tmp_path: Path) -> None:
    script = "import sys; from pathlib import Path; from scopekeeper.store.schema import *; ready(Path(sys.argv[1]))"
    path = tmp_path / "new" / "it.db"
    both = [subprocess.Popen([sys.executable, "-c", script, str(path)]) for _ in range(2)]
    assert [each.wait() for each in both] == [0, 0]
    make(path)


def test_a_newer_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "it.db"
    make(path)
    migrate(path, last_version(tmp_path / "steps"), contract=True)
    for refused in (open_sqlite, migrate):
        with pytest.raises(SchemaError, match="has schema 99999, which is newer than this program"):
            refused(path)


def test_a_newer_database_that_says_so_lets_this_program_work(tmp_path: Path) -> None:
    path = tmp_path / "it.db"
    make(path)
    migrate(path, last_version(tmp_path / "steps"), keep_copy=False)
    make(path)
    assert migrate(path) == Migrated("9999", "9999", None)
    assert names_in(tmp_path) == ["it.db", "steps"]


def test_what_contracts_is_done_when_somebody_says_so_and_nobody_needs_it_before(tmp_path: Path) -> None:
    path = tmp_path / "it.db"
    make(path)
    last = last_version(tmp_path / "steps")
    assert migrate(path, last) == Migrated(HEAD, "9999", tmp_path / "it.db.before-9999")
    assert migrate(path, last) == Migrated("9999", "9999", None)
    assert migrate(path, last, contract=True) == Migrated("9999", "99999", tmp_path / "it.db.before-99999")
    assert migrate(path, last, contract=True) == migrate(path, last) == Migrated("99999", "99999", None)


async def test_nothing_is_taken_from_under_an_older_program_that_is_at_work(tmp_path: Path) -> None:
    path, now = tmp_path / "it.db", time.time_ns() // 1_000_000
    store = open_sqlite(path)
    await store.lease("keeper.example:17:ab", now, 60_000)
    last = last_version(tmp_path / "steps")
    migrate(path, last, keep_copy=False)
    with pytest.raises(
        SchemaError, match=rf"to 99999: keeper\.example:17 uses it, whose program is older \({HEAD}\): "
    ):
        migrate(path, last, contract=True)
    assert version_of(path) == "9999"
    assert names_in(tmp_path) == ["it.db", "it.db-shm", "it.db-wal", "steps"]
    await store.release("keeper.example:17:ab")
    await store.lease("keeper.example:18:ab", now - 120_000, 60_000)  # its clock is behind ours, or ours is ahead
    with pytest.raises(SchemaError, match=r"keeper\.example:18 uses it"):
        migrate(path, last, contract=True)
    await store.release("keeper.example:18:ab")
    await store.close()
    assert migrate(path, last, contract=True).now == "99999"


async def test_a_copy_is_made_and_a_step_is_done_while_others_write(tmp_path: Path) -> None:
    path = tmp_path / "it.db"
    store = open_sqlite(path)
    later = next_version(tmp_path / "steps")
    migrating = asyncio.ensure_future(asyncio.to_thread(migrate, path, later))
    written = 0
    while not migrating.done():
        await store.issue(a_token(written + 1))
        written += 1
    assert (await migrating).now == "9999"
    await store.issue(a_token(written + 1))
    assert await store.token(written + 1) == a_token(written + 1)
    await store.close()


def text(path: Path) -> None:
    path.write_text("This is no database. " * 100)


def foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE somebody_elses (id INTEGER)")


def folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize("made", [text, foreign, folder])
@pytest.mark.parametrize("act", [open_sqlite, migrate, version_of])
def test_what_is_no_database_of_ours_is_refused_and_left_alone(
    tmp_path: Path, made: Callable[[Path], None], act: Callable[[Path], object]
) -> None:
    path = tmp_path / "it.db"
    made(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(SchemaError) as refused:
        act(path)
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)
    assert (path.read_bytes() if path.is_file() else None) == before


def test_a_database_that_is_up_to_date_is_opened_without_alembic(tmp_path: Path) -> None:
    script = (
        "import sys, asyncio; from pathlib import Path; from scopekeeper.store import open_sqlite\n"
        "asyncio.run(open_sqlite(Path(sys.argv[1])).close())\n"
        "sys.exit('alembic' in sys.modules)"
    )
    for _ in range(2):
        assert subprocess.run([sys.executable, "-c", script, str(tmp_path / "it.db")], check=False).returncode == 0
