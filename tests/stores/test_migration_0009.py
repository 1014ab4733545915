"""From schema 0008 to 0009: a database says which programs it lets work, and each process which of them it is."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from scopekeeper.settings import PostgresDatabase
from scopekeeper.store import HEAD, Migrated, Standing, migrate, open_sqlite
from scopekeeper.store.postgres.schema import migrate as migrate_postgres
from scopekeeper.store.postgres.schema import standing_of as standing_of_postgres
from scopekeeper.store.revisions import MIGRATIONS, Migrations
from scopekeeper.store.schema import standing_of
from tests.postgres import tell
from tests.stores.test_migration_0008 import DESCRIBED
from tests.stores.upgrades import used_by

STEP = Migrations(MIGRATIONS.revisions[:8], MIGRATIONS.locations)
NEXT = Migrations(MIGRATIONS.revisions[:9], MIGRATIONS.locations)

ROWS = "UPDATE processes SET holder = 'it:17:ab', since_milliseconds = 1, until_milliseconds = 2 WHERE number = 3;"

BACK = (
    "ALTER TABLE processes DROP COLUMN knows",
    "ALTER TABLE alembic_version DROP COLUMN works_from",
    "UPDATE alembic_version SET version_num = '0008'",
)
"""What takes this step back: what later ones brought stays where it is."""


def rows_of(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """All rows of each table but the version."""
    with closing(sqlite3.connect(path)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'alembic_version'")
        return {
            name: connection.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall() for (name,) in tables.fetchall()
        }


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database that was made by the first schema's program, and then used by the eighth's."""
    return used_by(tmp_path, STEP, ROWS)


def test_a_database_says_from_then_on_which_programs_it_lets_work_and_every_row_stays(path: Path) -> None:
    before = rows_of(path)
    assert before["applications"]
    assert standing_of(path) == Standing("0008", None)
    assert migrate(path, NEXT, keep_copy=False) == Migrated("0008", "0009", None)
    assert standing_of(path) == Standing("0009", "0009")
    after = rows_of(path)
    assert after.pop("processes") == [(*row, None) for row in before.pop("processes")]
    assert after == before


async def test_a_process_that_holds_its_number_says_which_schema_it_knows_when_it_renews_that(path: Path) -> None:
    migrate(path, keep_copy=False)
    found = "SELECT number, holder, knows FROM processes WHERE holder IS NOT NULL"
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute(found).fetchall() == [(3, "it:17:ab", None)]
        store = open_sqlite(path)
        await store.lease("it:17:ab", 1, 1)
        assert connection.execute(found).fetchall() == [(3, "it:17:ab", HEAD)]
        await store.close()


def test_on_postgresql_the_step_leads_to_what_a_new_database_has(made: PostgresDatabase) -> None:
    new = tell(made, DESCRIBED)
    for line in BACK:
        tell(made, line)
    assert standing_of_postgres(made) == Standing("0008", None)
    assert tell(made, DESCRIBED) != new
    assert migrate_postgres(made, NEXT, create=False) == Migrated("0008", "0009", None)
    assert tell(made, DESCRIBED) == new
    assert standing_of_postgres(made) == Standing("0009", "0009")
