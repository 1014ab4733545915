"""Two servers on one database: where one is killed in the middle of its work the other goes on, and has all of it."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from tests.beneath import KINDS, kept_in, tell_beneath
from tests.clients.person import Person
from tests.faults.grants import (
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
from tests.together import Together, together

pytestmark = pytest.mark.one_process("it starts two by itself")

ROUNDS: Final = 2
CODES: Final = 8
_LIVING: Final = (
    "SELECT count(*) FROM families JOIN refresh_tokens ON family_id = families.id"
    " WHERE revoked_at IS NULL AND spent_at IS NULL GROUP BY families.id"
)


_PATIENT: Final = {"SCOPEKEEPER_REFRESH_GRACE": "60s", "SCOPEKEEPER_CODE_LIFETIME": "10m"}
"""However slow the machine is."""


@pytest.fixture(params=KINDS)
def servers(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Together]:
    with kept_in(request.param) as environ, together(tmp_path, environ | _PATIENT) as made:
        yield made


async def _killed_under_load(
    servers: Together, application: Mapping[str, str], codes: list[str], chains: list[Chain]
) -> tuple[list[str], list[Chain]]:
    """Tokens that were answered, and grants that began. The first server dies; the second serves on."""
    credentials = credentials_of(application)
    dying, going_on = Load(servers.first.issuer, credentials), Load(servers.second.issuer, credentials, patient=True)
    issued: list[str] = []
    begun: list[Chain] = []
    tasks = [
        asyncio.create_task(each)
        for load, half in ((dying, 0), (going_on, 1))
        for each in (
            *(load.refresh(chain) for chain in chains[half::2]),
            load.redeem(codes[half::2], begun),
            load.issue(issued),
            load.issue(issued),
        )
    ]
    for task in tasks:
        task.add_done_callback(
            lambda done: going_on.enough.set() if not done.cancelled() and done.exception() else None
        )
    await dying.enough.wait()
    servers.first.kill()
    going_on.answers = 0
    going_on.enough.clear()
    await going_on.enough.wait()
    going_on.stopped = True
    await asyncio.gather(*tasks)
    assert going_on.refused == 0, "the one that goes on has refused somebody"
    return issued, begun


def test_kill_9_of_one_loses_nothing_that_it_had_answered_and_the_other_serves_on_without_a_refusal(
    servers: Together,
) -> None:
    add_person(servers.first)
    application = add_application(servers.first)
    chains: list[Chain] = []
    seen: list[str] = []
    for _ in range(ROUNDS):
        with Person(NAME, PASSWORD, servers.first.issuer) as person:
            codes = [granted(person, application) for _ in range(CODES)]
        issued, begun = asyncio.run(_killed_under_load(servers, application, codes, chains[-4:]))
        with closing(Witness(servers.second, application)) as witness:
            assert [token for token in issued if not witness.is_active(token)] == []
            chains = [chain for chain in (*chains[-4:], *begun) if witness.goes_on(chain)]
        seen += issued
        servers.first.start()
    assert len(set(seen)) == len(seen)
    assert set(tell_beneath(servers.first, _LIVING)) == {(1,)}
