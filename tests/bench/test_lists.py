"""The large installation that lists are measured in has something in every one of them."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from bench.large import Size, fill
from bench.lists import measured, questions
from scopekeeper.store import examine, open_sqlite

SMALL = Size(clients=50, users=20, acts=60, tokens=80, families=40, counts=90)


async def test_every_list_is_measured(tmp_path: Path) -> None:
    taken = await measured(tmp_path / "it.db", SMALL)
    assert len(taken) > 30
    assert all(seconds > 0 for seconds in taken.values())


async def test_it_is_as_large_as_was_asked_and_sound(tmp_path: Path) -> None:
    path, now = tmp_path / "it.db", int(time.time())
    fill(path, SMALL, now)
    with closing(sqlite3.connect(path)) as connection:
        counted = {
            table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("applications", "users", "acts", "tokens", "families", "refresh_tokens", "usage")
        }
    assert list(counted.values()) == [50, 20, 60, 80, 40, 80, 90]
    assert [each.sound for each in examine(path)] == [True]


async def test_every_list_has_something_in_it(tmp_path: Path) -> None:
    path, now = tmp_path / "it.db", int(time.time())
    fill(path, SMALL, now)
    store = open_sqlite(path)
    for what, ask in (await questions(store, SMALL, now)).items():
        if "," not in what and " an application" not in what:
            assert await ask(), what
    await store.close()
