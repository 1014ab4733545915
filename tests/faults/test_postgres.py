"""What happens when PostgreSQL is killed, stopped, locked or full, or the server that uses it dies.

Nothing that was answered is lost, nothing is redeemed twice, and all is well again by itself, without a restart.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import asyncpg
import httpx2
import pytest

from tests.faults.grants import credentials_of, require_unavailable
from tests.faults.housed import House, housed, limit_files
from tests.postgres import Postgres

ROUNDS: Final = 3
AWAY: Final = 3.0
"""Seconds that the database is away. For a minute a client may ask again for an answer that it lost."""

PATIENCE: Final = 25.0
READERS: Final = 12
"""More than there are connections for reading."""

_LITTLE: Final = 65_536
"""Bytes: so long may no file become; a segment of the log is 16 MB."""

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


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    """A server that nobody else uses."""
    made = Postgres()
    made.start()
    made.make_template()
    yield made
    made.remove()


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


def test_the_databases_first_process_is_killed_under_load_and_after_its_start_all_goes_on(house: House) -> None:
    """kill -9 of that one: no other is left, and what it shared with them neither."""

    def killed() -> None:
        house.postgres.kill()
        house.postgres.start()

    house.run(killed, patient=True)


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


@pytest.mark.skipif(sys.platform != "linux", reason="only there can the disk of some processes be made full")
def test_a_disk_without_room_for_the_databases_log_is_an_outage_that_loses_nothing(house: House) -> None:
    """Its log finds no room: PostgreSQL ends, and cannot start. There is room, it is started: all is there."""
    issued: list[str] = []

    def until_down() -> None:
        limit_files(house.postgres, _LITTLE)
        with httpx2.Client(
            base_url=house.server.issuer, auth=credentials_of(house.application), timeout=PATIENCE
        ) as client:
            end = time.monotonic() + PATIENCE
            while client.get("/health/ready").status_code == 200:
                heard = client.post("/oauth/token", data={"grant_type": "client_credentials"})
                if heard.status_code == 200:
                    issued.append(heard.json()["access_token"])
                else:
                    require_unavailable(heard)
                    house.in_doubt += 1
                assert time.monotonic() < end
            assert client.get("/health/live").status_code == 200
        house.postgres.stop()
        house.postgres.start()
        house.issued += issued

    house.tell("SELECT pg_switch_wal()")
    house.run(until_down, patient=True)
    assert httpx2.get(f"{house.server.issuer}/health/ready").status_code == 200
