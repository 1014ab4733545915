"""Copies of a database: made while it is in use, and put back in its place."""

import asyncio
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from scopekeeper.services.lists import SYSTEM, Kind
from scopekeeper.services.ports import Lease
from scopekeeper.store import BackupError, CachedStore, backup, migrate, open_sqlite, restore
from tests.fixtures import NOON, FixedClock
from tests.stores.records import a_client, a_count, a_token, an_act
from tests.stores.test_locks import held
from tests.stores.test_schema import last_version, names_in


async def test_a_copy_is_one_moment_of_a_database_that_is_being_written(tmp_path: Path) -> None:
    store = open_sqlite(tmp_path / "it.db")
    await store.add_client(a_client(), an_act())
    done = asyncio.Event()
    issued = 0

    async def keep_issuing() -> None:
        nonlocal issued
        while not done.is_set():
            first = issued + 1
            await asyncio.gather(*(store.issue(a_token(row_id)) for row_id in range(first, first + 20)))
            issued += 20

    issuing = asyncio.create_task(keep_issuing())
    counts = []
    for each in range(5):
        before = issued
        await asyncio.to_thread(backup, tmp_path / "it.db", tmp_path / f"copy {each}")
        with closing(sqlite3.connect(tmp_path / f"copy {each}")) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            (count,) = connection.execute("SELECT count(*) FROM tokens").fetchone()
        assert count % 20 == 0
        assert before <= count <= issued + 20
        counts.append(count)
    done.set()
    await issuing
    assert counts == sorted(counts)
    await store.close()


async def test_a_copy_is_private_and_one_file(tmp_path: Path) -> None:
    await open_sqlite(tmp_path / "it.db").close()
    (tmp_path / "copies").mkdir()
    backup(tmp_path / "it.db", tmp_path / "copies" / "one")
    assert names_in(tmp_path / "copies") == ["one"]
    assert stat.S_IMODE((tmp_path / "copies" / "one").stat().st_mode) == 0o600
    with closing(sqlite3.connect(f"file:{tmp_path}/copies/one?mode=ro&immutable=1", uri=True)) as connection:
        assert connection.execute("SELECT count(*) FROM changes").fetchone() == (1,)


async def test_nothing_is_overwritten_by_a_copy(tmp_path: Path) -> None:
    await open_sqlite(tmp_path / "it.db").close()
    (tmp_path / "precious").write_text("precious")
    with pytest.raises(BackupError, match="precious exists already"):
        backup(tmp_path / "it.db", tmp_path / "precious")
    assert (tmp_path / "precious").read_text() == "precious"


def test_what_is_not_there_cannot_be_copied_nor_to_where_nothing_can_be(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="there is no database at"):
        backup(tmp_path / "it.db", tmp_path / "copy")
    migrate(tmp_path / "it.db")
    with pytest.raises(BackupError, match="No such file or directory"):
        backup(tmp_path / "it.db", tmp_path / "nowhere" / "copy")
    (tmp_path / "text").write_text("no database")
    with pytest.raises(BackupError):
        backup(tmp_path / "text", tmp_path / "copy")
    assert names_in(tmp_path) == ["it.db", "text"]


async def a_copy(folder: Path, path: Path) -> Path:
    """A copy of a database in which one token was issued."""
    store = open_sqlite(path)
    await store.add_client(a_client(), an_act())
    await store.issue(a_token(1))
    await store.close()
    backup(path, folder / "copy")
    return folder / "copy"


async def test_a_copy_is_put_back_where_nothing_is(tmp_path: Path) -> None:
    copy = await a_copy(tmp_path, tmp_path / "it.db")
    target = tmp_path / "elsewhere" / "it.db"
    assert restore(copy, target) is None
    assert names_in(target.parent) == ["it.db"]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert stat.S_IMODE(target.parent.stat().st_mode) == 0o700
    store = open_sqlite(target)
    assert await store.token(1) == a_token(1)
    await store.close()


async def test_what_was_there_is_kept_aside(tmp_path: Path) -> None:
    path = tmp_path / "it.db"
    copy = await a_copy(tmp_path, path)
    store = open_sqlite(path)
    await store.issue(a_token(2))
    await store.close()
    kept = restore(copy, path)
    assert kept is not None
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    before, after = open_sqlite(kept), open_sqlite(path)
    assert [token.id for token in await before.tokens(now=NOON)] == [2, 1]
    assert [token.id for token in await after.tokens(now=NOON)] == [1]
    await before.close()
    await after.close()
    assert names_in(tmp_path) == sorted(["copy", "it.db", kept.name])


async def test_what_was_counted_and_when_an_application_was_used_are_in_a_copy(tmp_path: Path) -> None:
    store = open_sqlite(tmp_path / "it.db")
    await store.add_client(a_client(), an_act())
    await store.count([a_count(), a_count(SYSTEM, times=7)], {"night-shift": NOON})
    backup(tmp_path / "it.db", tmp_path / "copy")
    await store.count([a_count()], {"night-shift": NOON + 60})
    restore(tmp_path / "copy", tmp_path / "it.db")
    assert await store.counts("night-shift", NOON, NOON + 1, [Kind.CALLS]) == (a_count(),)
    assert await store.counts(SYSTEM, NOON, NOON + 1, [Kind.CALLS]) == (a_count(SYSTEM, times=7),)
    assert await store.client("night-shift") == a_client(last_used_at=NOON)
    await store.close()


async def test_a_server_that_has_the_database_open_sees_it_and_writes_on(tmp_path: Path) -> None:
    path, clock = tmp_path / "it.db", FixedClock()
    copy = await a_copy(tmp_path, path)
    store = open_sqlite(path)
    cached = CachedStore(store, clock)
    await cached.save_client(a_client(name="changed", revision=1), an_act())
    await cached.revoke([1], NOON, None)
    assert await cached.token(1) == a_token(1, revoked_at=NOON)
    changes = await store.changes()
    await asyncio.to_thread(restore, copy, path)
    assert await store.changes() > changes
    clock.advance(0.25)
    assert await cached.token(1) == a_token(1)
    assert await cached.client("night-shift") == a_client()
    await cached.issue(a_token(3))
    other = open_sqlite(path)
    assert await other.token(3) == a_token(3)
    await other.close()
    await cached.close()


async def test_row_ids_do_not_run_back_after_a_restoration(tmp_path: Path) -> None:
    path, now = tmp_path / "it.db", NOON * 1000
    store = open_sqlite(path)
    first = await store.lease("first", now - 90_000, 60_000)
    backup(path, tmp_path / "copy")
    mine = await store.lease("first", now, 60_000)
    second = await store.lease("second", now, 60_000)
    await asyncio.to_thread(restore, tmp_path / "copy", path)
    assert (await store.lease("first", now + 1, 60_000)).number == first.number == mine.number
    assert (await store.lease("second", now + 1, 60_000)).number == second.number
    later: list[Lease] = [await store.lease(str(each), now + 59_000, 60_000) for each in range(1022)]
    assert {first.number, second.number}.isdisjoint(lease.number for lease in later)
    await store.close()


def damaged(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(8192)
        file.write(b"\xff" * 4096)


def text(path: Path) -> None:
    path.write_text("This is no database. " * 100)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def foreign(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE somebody_elses (id INTEGER)")


def newer(path: Path) -> None:
    migrate(path, last_version(path.parent / "steps"), keep_copy=False, contract=True)


@pytest.mark.parametrize("spoil", [damaged, text, empty, foreign, newer])
async def test_what_is_no_sound_copy_is_refused_and_nothing_is_changed(tmp_path: Path, spoil: object) -> None:
    path = tmp_path / "data" / "it.db"
    copy = await a_copy(tmp_path, path)
    spoil(copy)  # type: ignore[operator]  # parametrised over functions
    before = path.read_bytes()
    with pytest.raises(BackupError) as refused:
        restore(copy, path)
    assert str(copy) in str(refused.value)
    assert "\n" not in str(refused.value)
    assert path.read_bytes() == before
    assert names_in(path.parent) == ["it.db"]


async def test_a_damaged_database_is_put_aside_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "it.db"
    copy = await a_copy(tmp_path, path)
    damaged(path)
    spoilt = path.read_bytes()
    kept = restore(copy, path)
    assert kept is not None
    assert kept.read_bytes() == spoilt
    store = open_sqlite(path)
    assert await store.token(1) == a_token(1)
    await store.close()


async def test_a_database_that_is_locked_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "it.db"
    copy = await a_copy(tmp_path, path)
    with held(path, "BEGIN IMMEDIATE"), pytest.raises(BackupError, match="locked"):
        restore(copy, path, wait=0.1)
    assert names_in(tmp_path) == ["copy", "it.db"]
    store = open_sqlite(path)
    assert await store.token(1) == a_token(1)
    await store.close()
