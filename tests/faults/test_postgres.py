"""What happens when PostgreSQL is killed, stopped, locked or full, or the server that uses it dies.

Nothing that was answered is lost, nothing is redeemed twice, and all is well again by itself, without a restart.
"""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import asyncpg
import httpx2
import pytest

from scopekeeper.settings import PostgresDatabase
from tests.clients.person import Person
from tests.faults.grants import REDIRECT, Chain, Load, Witness, credentials_of, granted, require_unavailable
from tests.live import Live, live
from tests.postgres import Postgres, name_of

ROUNDS: Final = 3
CODES: Final = 4
GOING_ON: Final = 4
AWAY: Final = 3.0
"""Seconds that the database is away. For a minute a client may ask again for an answer that it lost."""

PATIENCE: Final = 25.0
READERS: Final = 12
"""More than there are connections for reading."""

_FILL: Final = """
INSERT INTO tokens (id, digest, client_id, scope, issued_at, expires_at, generation, format, family_id)
SELECT number, sha256('nobody'), 'nobody', repeat('x', 1000), 0, 4000000000, 0, 'opaque', 0
FROM generate_series(1, 17000) number
"""
"""More than 16 MB of tokens, of an application that there is not."""

_FILL_UP: Final = """
DO $$ BEGIN
    FOR number IN 17001 .. 60000 LOOP
        BEGIN
            INSERT INTO tokens (id, digest, client_id, scope, issued_at, expires_at, generation, format, family_id)
            VALUES (number, sha256('nobody'), 'nobody', '', 0, 4000000000, 0, 'opaque', 0);
        EXCEPTION WHEN OTHERS THEN
            EXIT;
        END;
    END LOOP;
END $$
"""
"""As many more as there is room for."""

NAME: Final = "alice"
PASSWORD: Final = "correct horse battery"

Happening = Callable[[], object]


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    """A server that nobody else uses."""
    made = Postgres()
    made.start()
    made.make_template()
    yield made
    made.remove()


@dataclass(slots=True)
class House:
    """A server on PostgreSQL, a person, an application, and what that has of the server."""

    server: Live
    postgres: Postgres
    database: PostgresDatabase
    application: Mapping[str, str]
    person: Person
    going_on: list[Chain] = field(default_factory=list)
    issued: list[str] = field(default_factory=list)
    """Those that were not looked at yet."""
    seen: int = 0
    """How many were."""
    in_doubt: int = 0
    """Requests that were not answered, whose tokens may be there or not."""

    def tell(self, text: str) -> list[Any]:
        """Carry out a statement in its database."""
        return self.postgres.tell(text, to=name_of(self.database))

    def run(self, happening: Happening, *, patient: bool) -> None:
        """Let something happen under load; then see what is left."""
        codes = [granted(self.person, self.application) for _ in range(CODES)]
        load = Load(self.server.issuer, credentials_of(self.application), patient)
        asyncio.run(self._run(load, codes, happening))
        if not patient:
            self.server.start()
        self.examine()

    def examine(self) -> None:
        """All that was answered holds, and nothing is there twice."""
        with closing(Witness(self.server, self.application)) as witness:
            self.going_on = [chain for chain in self.going_on if witness.goes_on(chain)]
            assert [token for token in self.issued if not witness.is_active(token)] == []
        assert len(set(self.issued)) == len(self.issued)
        self.seen += len(self.issued)
        self.issued.clear()
        ((own,),) = self.tell("SELECT count(*) FROM tokens WHERE family_id IS NULL")
        assert self.seen <= own <= self.seen + self.in_doubt
        living = self.tell(
            "SELECT count(*) FROM families JOIN refresh_tokens ON family_id = families.id"
            " WHERE revoked_at IS NULL AND spent_at IS NULL GROUP BY families.id"
        )
        assert set(living) == {(1,)}

    async def _run(self, load: Load, codes: list[str], happening: Happening) -> None:
        begun: list[Chain] = []
        self.going_on = self.going_on[-GOING_ON:]
        tasks = [asyncio.create_task(load.refresh(chain)) for chain in self.going_on]
        tasks += [asyncio.create_task(load.redeem(codes, begun)) for _ in range(2)]
        tasks += [asyncio.create_task(load.issue(self.issued)) for _ in range(2)]
        for task in tasks:
            task.add_done_callback(lambda done: None if done.cancelled() or not done.exception() else load.enough.set())
        await load.enough.wait()
        await asyncio.to_thread(happening)
        if load.patient:
            load.answers = 0
            load.enough.clear()
            await load.enough.wait()  # it goes on by itself
        load.stopped = True
        await asyncio.gather(*tasks)
        self.in_doubt += load.refused + len(tasks)
        self.going_on += begun


@contextmanager
def housed(postgres: Postgres, folder: Path) -> Iterator[House]:
    database = postgres.make()
    with (
        live(
            folder, {"SCOPEKEEPER_DATABASE": database.url, "SCOPEKEEPER_REFRESH_GRACE": "60s"}, sample=False
        ) as server,
        Person(NAME, PASSWORD, server.issuer) as person,
    ):
        assert server.run("user", "add", NAME, "--password-stdin", input=PASSWORD).returncode == 0
        grants = ("authorization_code", "refresh_token", "client_credentials")
        asked = [each for grant in grants for each in ("--grant", grant)]
        application = server.json(
            "app", "add", "Load", "--type", "web", "--scope", "rest", "--redirect-uri", REDIRECT, *asked
        )
        yield House(server, postgres, database, application, person)


@pytest.fixture(scope="module")
def house(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The one server that goes through all that befalls its database, and is never started anew."""
    with housed(postgres, tmp_path_factory.mktemp("house")) as made:
        yield made


def test_kill_9_of_the_server_loses_nothing_that_was_answered_and_redeems_nothing_twice(
    postgres: Postgres, tmp_path: Path
) -> None:
    with housed(postgres, tmp_path) as house:
        for _ in range(ROUNDS):
            house.run(house.server.kill, patient=False)
        assert house.seen > ROUNDS


def test_a_server_whose_connections_are_all_ended_goes_on_by_itself(house: House) -> None:
    def end_connections() -> None:
        for _ in range(5):
            house.tell("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'scopekeeper'")
            time.sleep(0.1)

    house.run(end_connections, patient=True)


def test_the_database_is_killed_under_load_and_comes_back_by_itself(house: House) -> None:
    def kill_one() -> None:
        """It takes all others with it, for it may have spoilt what they share."""
        ((process,),) = house.tell(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'scopekeeper' ORDER BY query_start DESC LIMIT 1"
        )
        os.kill(process, signal.SIGKILL)

    house.run(kill_one, patient=True)


def test_while_the_database_is_away_all_is_a_503_and_afterwards_it_goes_on_by_itself(house: House) -> None:
    token = house.server.token(house.application)
    house.issued.append(token)

    def away() -> None:
        house.postgres.stop()
        end = time.monotonic() + AWAY
        time.sleep(1.0)  # as long may what was read before be believed
        with httpx2.Client(base_url=house.server.issuer) as client:
            asked = {"grant_type": "client_credentials"}
            require_unavailable(client.post("/oauth/token", data=asked, auth=credentials_of(house.application)))
            require_unavailable(
                client.get("/api/rest/callforward/users/1001", headers={"authorization": f"Bearer {token}"})
            )
            require_unavailable(
                client.post(
                    "/api/graphql", json={"query": "{ __typename }"}, headers={"authorization": f"Bearer {token}"}
                )
            )
            require_unavailable(client.get("/oauth/authorize", params={"client_id": "unknown"}))
            assert client.get("/health/ready").status_code == 503
            assert client.get("/health/live").status_code == 200
        time.sleep(max(0.0, end - time.monotonic()))
        house.postgres.start()

    house.run(away, patient=True)
    assert httpx2.get(f"{house.server.issuer}/health/ready").status_code == 200


@asynccontextmanager
async def locked(house: House, mode: str) -> AsyncIterator[None]:
    """Somebody else holds a lock on the tokens."""
    connection = await asyncpg.connect(house.database.url)
    try:
        async with connection.transaction():
            await connection.execute(f"LOCK TABLE tokens IN {mode} MODE")
            yield
    finally:
        await connection.close()


def test_a_write_lock_held_elsewhere_stops_no_reader_and_is_a_503_in_the_end(house: House) -> None:
    old = [house.server.token(house.application) for _ in range(3)]
    house.issued += old

    async def meanwhile() -> None:
        client = httpx2.AsyncClient(
            base_url=house.server.issuer, auth=credentials_of(house.application), timeout=PATIENCE
        )
        async with client, locked(house, "EXCLUSIVE"):
            issuing = asyncio.create_task(client.post("/oauth/token", data={"grant_type": "client_credentials"}))
            await asyncio.sleep(0.2)
            while not issuing.done():
                for token in old:
                    assert (await client.post("/oauth/introspect", data={"token": token})).json()["active"]
                assert (await client.get("/health/ready")).status_code == 200
                await asyncio.sleep(0.1)
            require_unavailable(await issuing)

    asyncio.run(meanwhile())
    house.in_doubt += 1
    house.examine()


def test_a_table_that_nobody_may_read_stops_no_reader_of_others_and_no_health_check(house: House) -> None:
    old = [house.server.token(house.application) for _ in range(READERS)]
    house.issued += old

    async def meanwhile() -> None:
        client = httpx2.AsyncClient(
            base_url=house.server.issuer, auth=credentials_of(house.application), timeout=PATIENCE
        )
        async with client, locked(house, "ACCESS EXCLUSIVE"):
            asking = [asyncio.create_task(client.post("/oauth/introspect", data={"token": token})) for token in old]
            asking += [asyncio.create_task(client.post("/oauth/token", data={"grant_type": "client_credentials"}))]
            while not asking[0].done():
                assert (await client.get("/health/ready")).status_code == 200
                page = await client.get("/oauth/authorize", params={"client_id": "unknown"})
                assert page.status_code == 400
                await asyncio.sleep(0.1)
            for answer in await asyncio.gather(*asking):
                require_unavailable(answer)

    asyncio.run(meanwhile())
    house.in_doubt += 1
    house.examine()


@pytest.mark.skipif(sys.platform != "linux", reason="only there can the disk of some processes be made full")
def test_a_full_disk_is_a_503_that_loses_nothing_and_passes(house: House) -> None:
    """No file grows beyond that of the tokens, which is longer than a segment of the log: so PostgreSQL itself goes on.

    A disk on which the log has no room either is what `immediate` is: PostgreSQL ends at once.
    """
    house.tell(_FILL)
    house.tell("CHECKPOINT")
    token = house.server.token(house.application)
    house.issued.append(token)
    ((most,),) = house.tell("SELECT pg_relation_size('tokens')")

    async def until_full() -> None:
        async with httpx2.AsyncClient(
            base_url=house.server.issuer, auth=credentials_of(house.application), timeout=PATIENCE
        ) as client:
            refused: list[httpx2.Response] = []
            while len(refused) < 4:
                form = {"grant_type": "client_credentials"}
                heard = await asyncio.gather(*(client.post("/oauth/token", data=form) for _ in range(4)))
                refused = [each for each in heard if each.status_code != 200]
                house.issued += [each.json()["access_token"] for each in heard if each not in refused]
                for each in refused:
                    require_unavailable(each)
            assert (await client.post("/oauth/introspect", data={"token": token})).json()["active"]
            assert (await client.get("/health/ready")).status_code == 200

    limit_files(house.postgres, most)
    house.tell(_FILL_UP)
    asyncio.run(until_full())
    limit_files(house.postgres, "unlimited")
    house.run(lambda: None, patient=True)


def limit_files(postgres: Postgres, most: int | str) -> None:
    """From now on no file of the database's processes may grow beyond this. Root may lack that right; they have it."""
    first = (postgres.folder / "data" / "postmaster.pid").read_text().split()[0]
    children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
    they: Any = {"user": "nobody", "group": "nogroup", "extra_groups": ()} if os.geteuid() == 0 else {}
    for process in (first, *children):
        limited = subprocess.run(
            ["prlimit", f"--pid={process}", f"--fsize={most}:unlimited"], capture_output=True, check=False, **they
        )
        assert limited.returncode == 0 or b"No such process" in limited.stderr
