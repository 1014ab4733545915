"""PostgreSQL fails over: a standby that was promoted goes on with all that was answered, and no server is restarted."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx2

from tests.faults.grants import credentials_of, require_unavailable
from tests.faults.housed import House, housed
from tests.postgres import Postgres
from tests.waiting import until

PATIENCE: Final = 30.0
RECOVERED: Final = 10.0
"""Seconds after which tokens are issued again, at most: on a machine with nothing else to do it is a tenth of one."""


@contextmanager
def pair() -> Iterator[tuple[Postgres, Postgres]]:
    """Two servers: what the first has committed the second has, too, before anybody hears of it."""
    first = Postgres()
    try:
        first.start()
        first.make_template()
        second = Postgres(follows=first)
        try:
            second.start()
            first.set("synchronous_standby_names", "*")
            wait_for_standby(first)
            yield first, second
        finally:
            second.remove()
    finally:
        first.remove()


def wait_for_standby(first: Postgres) -> None:
    """Wait until a standby has all that the first has, and the first waits for it."""
    until(lambda: first.tell("SELECT sync_state FROM pg_stat_replication", to="postgres") == [("sync",)])


def seconds_until_it_issues(house: House) -> float:
    """How long until a token is issued; meanwhile it says: not just now."""
    begun = time.monotonic()
    with httpx2.Client(
        base_url=house.server.issuer, auth=credentials_of(house.application), timeout=PATIENCE
    ) as client:
        while (heard := client.post("/oauth/token", data={"grant_type": "client_credentials"})).status_code != 200:
            require_unavailable(heard)
            house.in_doubt += 1
            assert time.monotonic() < begun + PATIENCE
            time.sleep(0.02)
    house.issued.append(heard.json()["access_token"])
    return time.monotonic() - begun


def ready(house: House) -> bool:
    """Does it say that it can work? It is alive in any case."""
    assert httpx2.get(f"{house.server.issuer}/health/live").status_code == 200
    return httpx2.get(f"{house.server.issuer}/health/ready", timeout=PATIENCE).status_code == 200


def test_a_standby_that_is_promoted_has_all_that_was_answered_and_the_server_finds_it_by_itself(
    tmp_path: Path,
) -> None:
    with pair() as (first, second), housed(first, tmp_path, second) as house:

        def fail_over() -> None:
            first.kill()
            asked = {"grant_type": "client_credentials"}
            until(lambda: not ready(house))
            require_unavailable(
                httpx2.post(
                    f"{house.server.issuer}/oauth/token",
                    data=asked,
                    auth=credentials_of(house.application),
                    timeout=PATIENCE,
                )
            )
            house.in_doubt += 1
            house.postgres = second
            second.promote()
            assert seconds_until_it_issues(house) < RECOVERED

        house.run(fail_over, patient=True)
        assert ready(house)

        first.follow(second)
        first.start()
        house.run(lambda: move(second, first, house), patient=True)
        assert ready(house)
        assert "bug" not in house.server.log.read_text()


def move(old: Postgres, new: Postgres, house: House) -> None:
    """In good order: the one takes no writes any more, the other has all and does. No connection breaks by that."""
    old.set("default_transaction_read_only", "on")
    begun = time.monotonic()
    with httpx2.Client(
        base_url=house.server.issuer, auth=credentials_of(house.application), timeout=PATIENCE
    ) as client:
        while (heard := client.post("/oauth/token", data={"grant_type": "client_credentials"})).status_code == 200:
            house.issued.append(heard.json()["access_token"])
            assert time.monotonic() < begun + PATIENCE
        require_unavailable(heard)
        house.in_doubt += 1
    arrived = "SELECT pg_current_wal_lsn() = replay_lsn FROM pg_stat_replication"
    until(lambda: old.tell(arrived, to="postgres") == [(True,)])
    new.promote()
    house.postgres = new
    seconds_until_it_issues(house)
