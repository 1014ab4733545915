"""The store behind the PgBouncer of Debian in transaction mode, which gives each transaction any server process."""

import asyncio
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest
from structlog.testing import capture_logs

from scopekeeper.services.ports import Spent, Unavailable
from scopekeeper.settings import PostgresDatabase
from scopekeeper.settings.values import database as read
from scopekeeper.store import SqlStore, open_store
from scopekeeper.store.postgres.connection import connect, statements_to_keep
from scopekeeper.store.postgres.news import News
from scopekeeper.store.postgres.schema import migrate
from tests.altered import replace
from tests.fixtures import NOON
from tests.live import free_port, live
from tests.postgres import a_database, apart, name_of, postgres, tell
from tests.stores.families import a_code, a_family, a_refresh_token
from tests.stores.records import a_client, a_token, an_act

PATIENCE = 10.0


@contextmanager
def pgbouncer(*, settings: str = "") -> Iterator[int]:
    """A PgBouncer with three server connections for all who come; the port that it listens on."""
    program = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"
    port = free_port()
    folder = Path(tempfile.mkdtemp(prefix="skpb-", dir="/tmp"))
    (folder / "it.ini").write_text(
        f"[databases]\n* = host={postgres().folder} user=keeper\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n"
        f"pool_mode = transaction\ndefault_pool_size = 3\nmax_client_conn = 200\nlogfile = {folder}/log\n{settings}\n"
    )
    as_nobody: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody", "nogroup")
        as_nobody = ["-u", "nobody"]
    with subprocess.Popen([program, "-q", *as_nobody, folder / "it.ini"], stderr=subprocess.DEVNULL) as process:
        try:
            _wait(port)
            yield port
        finally:
            process.terminate()
            process.wait(PATIENCE)
            shutil.rmtree(folder)


def _wait(port: int) -> None:
    async def answer() -> None:
        connection = await asyncpg.connect(f"postgresql://keeper@127.0.0.1:{port}/postgres", statement_cache_size=0)
        await connection.close()

    end = time.monotonic() + PATIENCE
    while True:
        try:
            apart(answer())
        except OSError:
            assert time.monotonic() < end
            time.sleep(0.05)
        else:
            return


def behind(port: int, made: PostgresDatabase, options: str = "") -> PostgresDatabase:
    found = read(f"postgresql://keeper@127.0.0.1:{port}/{name_of(made)}{options}")
    assert isinstance(found, PostgresDatabase)
    return found


async def walk(one: SqlStore, other: SqlStore) -> None:
    """Two processes read and write as many things at once as there are no server connections for."""
    await one.add_client(a_client(), an_act())
    await asyncio.gather(
        *(store.issue(a_token(row_id)) for row_id in range(1, 200) for store in ((one, other)[row_id % 2],))
    )
    found = await asyncio.gather(
        *(store.token(row_id) for row_id in range(1, 200) for store in ((one, other)[row_id % 3 == 0],))
    )
    assert [token.id for token in found if token is not None] == list(range(1, 200))
    await one.add_code(a_code(1), None, None)
    heard = await asyncio.gather(
        *(
            (one, other)[each % 2].redeem_code(
                a_code(1), a_family(each), a_token(each, family_id=each), a_refresh_token(each, each)
            )
            for each in range(1_000, 1_020)
        ),
        return_exceptions=True,
    )
    assert sorted(type(each).__name__ for each in heard) == ["NoneType", *["Spent"] * 19]
    assert len({each.family_id for each in heard if isinstance(each, Spent)}) == 1
    assert len(await other.tokens(now=NOON, limit=500)) == 200
    await asyncio.gather(
        one.save_client(a_client(name="new", revision=1), an_act()),
        *(other.client("night-shift") for _ in range(50)),
        *(one.revoke([row_id], NOON, None) for row_id in range(1, 20)),
    )
    changed = await other.client("night-shift")
    assert changed == replace(a_client(name="new"), revision=1)


@pytest.mark.parametrize("options", ["", "?statement_cache_size=0"], ids=["found out", "said"])
def test_no_statement_gets_to_a_server_process_that_does_not_know_it(options: str) -> None:
    with pgbouncer() as port, a_database() as made:
        one, other = open_store(behind(port, made, options)), open_store(behind(port, made, options))

        async def walked() -> None:
            try:
                await walk(one, other)
            finally:
                await one.close()
                await other.close()

        asyncio.run(walked())


def test_a_connection_that_goes_through_a_pooler_is_known_by_its_number() -> None:
    async def kept(database: PostgresDatabase) -> int:
        connection = await connect(database)
        try:
            return await statements_to_keep(database, connection)
        finally:
            await connection.close()

    with pgbouncer() as port, a_database() as made:
        assert apart(kept(behind(port, made))) == 0
        assert apart(kept(made)) > 0


async def test_nobody_listens_through_it_for_its_notices_go_to_whoever_comes_next() -> None:
    with pgbouncer() as port, a_database() as made:
        news = News(behind(port, made), pinned=False)
        with capture_logs() as logged:
            news.hear(lambda: None)
            async with asyncio.timeout(PATIENCE):
                while not logged:  # noqa: ASYNC110 - what is logged sets no event
                    await asyncio.sleep(0.01)
        assert [(each["log_level"], each["reason"]) for each in logged] == [("info", "a pooler is in between")]
        news.tell()
        await news.close()
        listening = "SELECT count(*) FROM pg_stat_activity WHERE query ILIKE 'listen%'"
        assert tell(made, listening) == [(0,)]


def test_a_database_is_made_through_it_and_a_server_serves_from_it(tmp_path: Path) -> None:
    with pgbouncer() as port, a_database(empty=True) as made:
        database = behind(port, made)
        assert migrate(database, create=True).was is None
        with live(tmp_path, {"SCOPEKEEPER_DATABASE": database.url}) as server:
            application = server.json("app", "add", "It", "--type", "m2m", "--scope", "rest")
            for _ in range(10):
                server.token(application)
            assert len(server.json("token", "list", "--app", application["client_id"])) == 10
            assert server.terminate() == 0


async def test_a_pooler_that_goes_away_is_unavailable() -> None:
    with a_database() as made:
        with pgbouncer() as port:
            store = open_store(behind(port, made))
            await store.issue(a_token(1))
        with pytest.raises(Unavailable):
            await store.token(1)
        with pytest.raises(Unavailable):
            await store.issue(a_token(2))
        await store.close()
