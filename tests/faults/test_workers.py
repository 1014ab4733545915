"""Workers are replaced and killed under load: nobody notices the one, and the other loses nothing that was answered."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest

from tests.beneath import KINDS, kept_in
from tests.crew import Crew, crew
from tests.waiting import PATIENCE, until

WORKERS: Final = 3
CLIENTS: Final = 12
ENOUGH: Final = 40
"""Answers, between two things that happen."""

ROUNDS: Final = 6

FORM: Final = {"grant_type": "client_credentials"}


@pytest.fixture(params=KINDS)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Crew]:
    with kept_in(request.param) as environ, crew(tmp_path, WORKERS, environ) as running:
        yield running


@dataclass(slots=True)
class Load:
    """Clients that ask for tokens over connections that they keep, or over a new one each time."""

    server: Crew
    application: Any
    answered: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """What was no 200."""
    broken: int = 0
    """Requests whose connection broke."""
    over: bool = False

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """As long as the block lasts."""
        clients = [asyncio.create_task(self._ask(keep=bool(number % 3))) for number in range(CLIENTS)]
        try:
            yield
        finally:
            self.over = True
            await asyncio.gather(*clients)

    async def some(self) -> None:
        """Wait for some more answers."""
        before = len(self.answered)
        async with asyncio.timeout(PATIENCE):
            while len(self.answered) < before + ENOUGH:  # noqa: ASYNC110 - the clients need not know of it
                await asyncio.sleep(0.02)

    async def _ask(self, *, keep: bool) -> None:
        limits = httpx2.Limits(max_keepalive_connections=1 if keep else 0)
        auth = (self.application["client_id"], self.application["client_secret"])
        async with httpx2.AsyncClient(
            base_url=self.server.issuer, auth=auth, timeout=PATIENCE, limits=limits
        ) as client:
            while not self.over:
                try:
                    answer = await client.post("/oauth/token", data=FORM)
                except httpx2.TransportError:
                    self.broken += 1
                    continue
                if answer.status_code == 200:
                    self.answered.append(answer.json()["access_token"])
                else:
                    self.refused.append(answer.text)


def a_load(server: Crew) -> Load:
    return Load(server, server.json("app", "add", "Load", "--type", "m2m", "--scope", "rest"))


async def later(look: Callable[[], object]) -> None:
    """Wait until this is true, while the load goes on."""
    await asyncio.to_thread(until, look)


def require_all_active(load: Load) -> None:
    """Every token that was answered is there, once."""
    assert len(set(load.answered)) == len(load.answered)
    auth = (load.application["client_id"], load.application["client_secret"])
    with httpx2.Client(base_url=load.server.issuer, auth=auth, timeout=PATIENCE) as client:
        lost = [t for t in load.answered if not client.post("/oauth/introspect", data={"token": t}).json()["active"]]
    assert lost == []


def renewed(server: Crew, before: set[int]) -> bool:
    """Are all others by now?"""
    return not before & server.workers and server.whole


def test_a_rolling_restart_fails_no_request(server: Crew) -> None:
    load = a_load(server)

    async def twice() -> None:
        async with load.at_work():
            for _ in range(2):
                await load.some()
                before = await asyncio.to_thread(lambda: server.workers)
                server.signal(signal.SIGHUP)
                await later(partial(renewed, server, before))
            await load.some()

    asyncio.run(twice())
    assert (load.refused, load.broken) == ([], 0)
    require_all_active(load)
    counted = server.metric("scopekeeper_requests_total", endpoint="/oauth/token", status="200")
    assert counted == len(load.answered)


def test_workers_that_are_killed_lose_nothing_that_they_answered_and_others_go_on(server: Crew) -> None:
    load = a_load(server)
    told: list[float] = []

    async def again_and_again() -> None:
        async with load.at_work():
            for _ in range(ROUNDS):
                await load.some()
                os.kill(max(await asyncio.to_thread(lambda: server.workers)), signal.SIGKILL)
                await load.some()
                told.append(await asyncio.to_thread(server.metric, "scopekeeper_requests_total"))
            await later(lambda: server.whole)

    asyncio.run(again_and_again())
    assert load.refused == []
    assert load.broken <= ROUNDS * CLIENTS
    assert told == sorted(told)
    require_all_active(load)
    assert server.said().count("why=SIGKILL") == ROUNDS
