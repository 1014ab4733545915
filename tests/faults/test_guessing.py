"""Whoever guesses at two servers on one database guesses no more often than at one, whatever they send at once."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import httpx2
import pytest

from tests.beneath import KINDS, kept_in
from tests.faults.grants import PASSWORD, add_person
from tests.live import Live
from tests.pages.browsing import Seen
from tests.together import Together, together

BURST: Final = 20
CROWD: Final = 200
WRONG: Final = "battery horse correct"
LIMITS: Final = {
    "SCOPEKEEPER_FAILURES_BURST": str(BURST),
    "SCOPEKEEPER_FAILURES_A_MINUTE": "1",
    "SCOPEKEEPER_TRUSTED_PROXIES": "127.0.0.1",
}
"""Each test guesses from an address of its own, and what drains meanwhile can be neglected."""


@pytest.fixture(scope="module", params=KINDS)
def servers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Together]:
    """Two on one database, at which alice has an account."""
    folder = tmp_path_factory.mktemp("guessing")
    with kept_in(request.param) as environ, together(folder, environ | LIMITS) as made:
        add_person(made.first)
        yield made


class Guesser:
    """Somebody at an address, who sends to both servers in turn, or to one of them."""

    def __init__(self, servers: Together, address: str, only: Live | None = None) -> None:
        self.both = (servers.first, servers.second) if only is None else (only, only)
        self.issuer = servers.issuer
        self.heads = {"x-forwarded-for": address, "accept": "text/html"}

    async def sign_in(self, password: str, times: int = 1) -> list[httpx2.Response]:
        """Send the form so many times at once."""
        async with self._client() as client:
            opened = await client.get(f"{self.issuer}/login")
            form = Seen(opened.content).form("/login") | {"username": "alice", "password": password}
            cookie = "; ".join(f"{name}={value}" for name, value in opened.cookies.items())
            heads = {"origin": self.issuer, "cookie": cookie}
            return await self._at_once(client, "/login", form, heads, times)

    async def ask(self, times: int, **form: str) -> list[httpx2.Response]:
        """Ask for a token so many times at once."""
        async with self._client() as client:
            return await self._at_once(client, "/oauth/token", form, {}, times)

    async def _at_once(
        self, client: httpx2.AsyncClient, path: str, form: dict[str, str], heads: dict[str, str], times: int
    ) -> list[httpx2.Response]:
        urls = [f"http://127.0.0.1:{self.both[each % 2].port}{path}" for each in range(times)]
        return await asyncio.gather(*(client.post(url, data=form, headers=heads) for url in urls))

    def _client(self) -> httpx2.AsyncClient:
        limits = httpx2.Limits(max_connections=CROWD, max_keepalive_connections=0)
        return httpx2.AsyncClient(headers=self.heads, timeout=120, limits=limits)


def statuses(answers: list[httpx2.Response]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


async def test_row_52_of_two_hundred_wrong_passwords_at_once_no_more_than_the_burst_are_looked_at(
    servers: Together,
) -> None:
    guesser, begun = Guesser(servers, "203.0.113.1"), time.monotonic()
    told = statuses(await guesser.sign_in(WRONG, CROWD))
    drained = int(time.monotonic() - begun) // 60
    assert set(told) == {422, 429}, told
    assert BURST <= told[422] <= BURST + drained

    for server in guesser.both:  # a lock-out at one is a lock-out at the other, for who is right, too
        at_one = Guesser(servers, "203.0.113.1", server)
        for password in (WRONG, PASSWORD):
            [refused] = await at_one.sign_in(password)
            assert refused.status_code == 429
            assert 0 < int(refused.headers["retry-after"]) <= 60

    elsewhere = Guesser(servers, "203.0.113.2")
    assert statuses(await elsewhere.sign_in(PASSWORD, 2)) == {303: 2}


async def test_row_52_who_is_right_is_let_in_however_many_of_an_address_are_at_once(servers: Together) -> None:
    office = Guesser(servers, "203.0.113.3")
    assert statuses(await office.sign_in(PASSWORD, 2 * BURST)) == {303: 2 * BURST}
    told = statuses(await office.sign_in(WRONG, 2 * BURST))
    assert BURST <= told[422] <= BURST + 1


async def test_row_52_of_two_hundred_wrong_secrets_at_once_no_more_than_the_burst_are_told_so(
    servers: Together,
) -> None:
    guesser, begun = Guesser(servers, "203.0.113.4"), time.monotonic()
    form = {"grant_type": "client_credentials", "client_id": "nobody", "client_secret": "wrong"}
    told = statuses(await guesser.ask(CROWD, **form))
    drained = int(time.monotonic() - begun) // 60
    assert set(told) == {401, 429}, told
    assert BURST <= told[401] <= BURST + drained
    assert set(statuses(await guesser.ask(2, **form))) == {429}


async def test_row_52_a_server_that_is_started_anew_forgives_nothing(servers: Together) -> None:
    guesser = Guesser(servers, "203.0.113.5")
    await guesser.sign_in(WRONG, CROWD)
    servers.second.kill()
    servers.second.start()
    anew = Guesser(servers, "203.0.113.5", servers.second)
    assert statuses(await anew.sign_in(PASSWORD)) == {429: 1}


def test_whoever_waits_as_long_as_told_is_let_in_by_either(tmp_path: Path) -> None:
    limits = {"SCOPEKEEPER_FAILURES_BURST": "2", "SCOPEKEEPER_FAILURES_A_MINUTE": "30"}
    with together(tmp_path, limits) as servers:
        add_person(servers.first)
        guesser = Guesser(servers, "203.0.113.1")
        assert 429 in statuses(asyncio.run(guesser.sign_in(WRONG, 10)))
        for server in (servers.second, servers.first):
            assert signed_in_in_the_end(Guesser(servers, "203.0.113.1", server))


def signed_in_in_the_end(person: Guesser) -> bool:
    [answer] = asyncio.run(person.sign_in(PASSWORD))
    if answer.status_code == 429:
        time.sleep(int(answer.headers["retry-after"]))
        [answer] = asyncio.run(person.sign_in(PASSWORD))
    return answer.status_code == 303
