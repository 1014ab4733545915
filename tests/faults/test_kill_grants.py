"""kill -9 under refreshes and redemptions: nothing that was answered is lost, nothing is redeemed twice.

Whatever goes on is presented twice at once, by clients that cannot wait. After a kill each of them comes back with what
it has: what was answered holds, and a refresh token whose answer was lost on the way buys that very answer, or a first.
"""

import asyncio
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import httpx2

from scopekeeper.oauth.pkce import challenge_of
from tests.clients.person import Person
from tests.live import Live, live

ROUNDS: Final = 20
CODES: Final = 16
"""There are so many, each round, redeemed by two at a time: some are left when it dies."""

GOING_ON: Final = 8
"""Grants that are refreshed, at most."""

ENOUGH: Final = 12
"""Answers before it dies."""

REDIRECT: Final = "http://127.0.0.1:9/cb"
VERIFIER: Final = "v" * 43
NAME: Final = "alice"
PASSWORD: Final = "correct horse battery"


@dataclass(slots=True)
class Chain:
    """What one client holds of one grant."""

    code: str
    refresh_token: str = ""
    access_tokens: list[str] = field(default_factory=list)
    spent: list[str] = field(default_factory=list)

    @property
    def form(self) -> dict[str, str]:
        """What it presents next."""
        if self.refresh_token:
            return {"grant_type": "refresh_token", "refresh_token": self.refresh_token}
        redeem = {"grant_type": "authorization_code", "code": self.code}
        return redeem | {"redirect_uri": REDIRECT, "code_verifier": VERIFIER}

    def hears(self, told: Mapping[str, Any]) -> None:
        """What it holds from now on."""
        if self.refresh_token:
            self.spent.append(self.refresh_token)
        self.refresh_token = told["refresh_token"]
        self.access_tokens.append(told["access_token"])


@dataclass(slots=True)
class Load:
    """An application that runs until its server dies."""

    issuer: str
    credentials: tuple[str, str]
    answers: int = 0
    enough: asyncio.Event = field(default_factory=asyncio.Event)

    async def refresh(self, chain: Chain) -> None:
        """One refresh token after the other, each twice at once, which buys one answer."""
        async with self._client() as client:
            while await self._presented(client, chain, 2) == 2:
                pass

    async def redeem(self, codes: list[str], begun: list[Chain]) -> None:
        """One code after the other."""
        async with self._client() as client:
            while codes:
                begun.append(Chain(codes.pop()))
                if not await self._presented(client, begun[-1], 1):
                    return

    async def _presented(self, client: httpx2.AsyncClient, chain: Chain, times: int) -> int:
        """How often it was answered."""
        sent = [client.post("/oauth/token", data=chain.form) for _ in range(times)]
        told = [_bought(each) for each in await asyncio.gather(*sent, return_exceptions=True) if _answered(each)]
        if told:
            assert all(_secrets(each) == _secrets(told[0]) for each in told), "one token bought two answers"
            chain.hears(told[0])
            self.answers += 1
        if self.answers >= ENOUGH:
            self.enough.set()
        return len(told)

    def _client(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(base_url=self.issuer, auth=self.credentials)


def _answered(heard: object) -> bool:
    if isinstance(heard, httpx2.TransportError):
        return False
    assert isinstance(heard, httpx2.Response), heard
    return True


def _bought(heard: Any) -> dict[str, Any]:
    assert heard.status_code == 200, heard.text
    told: dict[str, Any] = heard.json()
    return told


def _secrets(told: Mapping[str, Any]) -> tuple[str, str]:
    return told["access_token"], told["refresh_token"]


async def _killed_under_load(
    server: Live, application: Mapping[str, str], going_on: list[Chain], codes: list[str]
) -> list[Chain]:
    """The grants that began meanwhile, or may have."""
    load, begun = Load(server.issuer, (application["client_id"], application["client_secret"])), list[Chain]()
    tasks = [asyncio.create_task(load.refresh(chain)) for chain in going_on]
    tasks += [asyncio.create_task(load.redeem(codes, begun)) for _ in range(2)]
    for task in tasks:
        task.add_done_callback(lambda _: load.enough.set())  # one that fails is not waited for
    await load.enough.wait()
    server.kill()
    await asyncio.gather(*tasks)
    return begun


def _granted(person: Person, application: Mapping[str, str]) -> str:
    """Alice says yes: a code."""
    asked = {"response_type": "code", "client_id": application["client_id"], "redirect_uri": REDIRECT}
    asked |= {"code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256", "state": "s"}
    return person.allow(f"{person.issuer}/oauth/authorize?{urlencode(asked)}").answer["code"]


class Witness:
    """Looks at what a server that came back makes of what it had answered."""

    def __init__(self, server: Live, application: Mapping[str, str]) -> None:
        auth = (application["client_id"], application["client_secret"])
        self._client = httpx2.Client(base_url=server.issuer, auth=auth)

    def close(self) -> None:
        self._client.close()

    def goes_on(self, chain: Chain) -> bool:
        """All that was answered holds; and the client goes on, unless the answer to its code was lost."""
        assert [each for each in chain.access_tokens if not self._active(each)] == []
        assert [each for each in chain.spent if self._active(each)] == []
        answer = self._client.post("/oauth/token", data=chain.form)
        if answer.status_code == 400 and not chain.refresh_token:
            assert answer.json()["error"] == "invalid_grant"
            return False
        chain.hears(_bought(answer))
        return True

    def _active(self, token: str) -> bool:
        active: bool = self._client.post("/oauth/introspect", data={"token": token}).json()["active"]
        return active


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
        assert server.run("user", "add", NAME, "--password-stdin", input=PASSWORD).returncode == 0
        application = server.json("app", "add", "Load", "--type", "web", "--scope", "rest", "--redirect-uri", REDIRECT)
        going_on: list[Chain] = []
        answered = 0
        for _ in range(ROUNDS):
            codes = [_granted(alice, application) for _ in range(CODES)]
            chains = going_on[-GOING_ON:]
            before = sum(len(chain.access_tokens) for chain in chains)
            chains += asyncio.run(_killed_under_load(server, application, chains, codes))
            answered += sum(len(chain.access_tokens) for chain in chains) - before
            server.start()
            with closing(Witness(server, application)) as witness:
                going_on = [chain for chain in chains if witness.goes_on(chain)]
        assert answered >= ROUNDS * ENOUGH
        assert set(_living_refresh_tokens(server)) == {1}
