"""kill -9 under refreshes and redemptions: nothing that was answered is lost, nothing is redeemed twice."""

import asyncio
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from tests.clients.person import Person
from tests.faults.grants import (
    ENOUGH,
    NAME,
    PASSWORD,
    Chain,
    Load,
    Witness,
    add_application,
    add_person,
    credentials_of,
    granted,
)
from tests.live import Live, live

pytestmark = pytest.mark.one_process("its database is looked into as a file")

ROUNDS: Final = 20
CODES: Final = 16
"""There are so many, each round, redeemed by two at a time: some are left when it dies."""

GOING_ON: Final = 8
"""Grants that are refreshed, at most."""


async def _killed_under_load(
    server: Live, application: Mapping[str, str], going_on: list[Chain], codes: list[str]
) -> list[Chain]:
    """The grants that began meanwhile, or may have."""
    load, begun = Load(server.issuer, credentials_of(application)), list[Chain]()
    tasks = [asyncio.create_task(load.refresh(chain)) for chain in going_on]
    tasks += [asyncio.create_task(load.redeem(codes, begun)) for _ in range(2)]
    for task in tasks:
        task.add_done_callback(lambda _: load.enough.set())  # one that fails is not waited for
    await load.enough.wait()
    server.kill()
    await asyncio.gather(*tasks)
    return begun


def _living_refresh_tokens(server: Live) -> list[int]:
    """How many of each living family could still be used: read from the file itself."""
    with closing(sqlite3.connect(server.data / "scopekeeper.db")) as database:
        counted = database.execute(
            "SELECT count(*) FROM families JOIN refresh_tokens ON family_id = families.id"
            " WHERE revoked_at IS NULL AND spent_at IS NULL GROUP BY families.id"
        )
        return [count for (count,) in counted]


def test_kill_9_loses_no_grant_that_was_answered_and_redeems_nothing_twice_twenty_times_over(tmp_path: Path) -> None:
    with live(tmp_path, sample=False) as server, Person(NAME, PASSWORD, server.issuer) as alice:
        add_person(server)
        application = add_application(server)
        going_on: list[Chain] = []
        answered = 0
        for _ in range(ROUNDS):
            codes = [granted(alice, application) for _ in range(CODES)]
            chains = going_on[-GOING_ON:]
            before = sum(len(chain.access_tokens) for chain in chains)
            chains += asyncio.run(_killed_under_load(server, application, chains, codes))
            answered += sum(len(chain.access_tokens) for chain in chains) - before
            server.start()
            with closing(Witness(server, application)) as witness:
                going_on = [chain for chain in chains if witness.goes_on(chain)]
        assert answered >= ROUNDS * ENOUGH
        assert set(_living_refresh_tokens(server)) == {1}
