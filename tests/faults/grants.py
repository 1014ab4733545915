"""Applications that go on whatever happens to the server or to its database, and a witness to what became of them.

Whatever goes on is presented twice at once, by clients that cannot wait. What was answered holds; and a refresh token
whose answer was lost on the way buys that very answer, or a first.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

import httpx2

from scopekeeper.oauth.pkce import challenge_of
from tests.clients.person import Person
from tests.live import Live

ENOUGH: Final = 12
"""Answers before something happens."""

NAME: Final = "alice"
PASSWORD: Final = "correct horse battery"

REDIRECT: Final = "http://127.0.0.1:9/cb"
VERIFIER: Final = "v" * 43

_PAUSE: Final = 0.1
_LONGEST: Final = 25.0
"""Seconds that a patient client waits for an answer."""


@dataclass(slots=True)
class Chain:
    """What one client holds of one grant."""

    code: str
    refresh_token: str = ""
    access_tokens: list[str] = field(default_factory=list)
    spent: list[str] = field(default_factory=list)
    doubtful: bool = False
    """Was it told once that the server cannot answer just now?"""
    over: bool = False
    """Was its code redeemed by a request whose answer it never heard?"""

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
    """An application that runs until its server dies; a patient one asks again, until it is told to stop."""

    issuer: str
    credentials: tuple[str, str]
    patient: bool = False
    answers: int = 0
    refused: int = 0
    """How often it was told that the server cannot answer just now."""
    enough: asyncio.Event = field(default_factory=asyncio.Event)
    stopped: bool = False

    async def refresh(self, chain: Chain) -> None:
        """One refresh token after the other, each twice at once, which buys one answer."""
        async with self._client() as client:
            while await self._presented(client, chain, 2) == 2 or await self._asks_again():
                if self.stopped:
                    return

    async def redeem(self, codes: list[str], begun: list[Chain]) -> None:
        """One code after the other."""
        async with self._client() as client:
            while codes and not self.stopped:
                chain = Chain(codes.pop())
                begun.append(chain)
                while not await self._presented(client, chain, 1) and not chain.over:
                    if not await self._asks_again():
                        return

    async def issue(self, answered: list[str]) -> None:
        """One token of its own after the other."""
        async with self._client() as client:
            while not self.stopped:
                [heard] = await _heard(client, {"grant_type": "client_credentials"}, 1)
                if heard is not None and not self._is_refused(heard):
                    answered.append(bought(heard)["access_token"])
                    self._count()
                elif not await self._asks_again():
                    return

    async def revoke(self, answered: list[str]) -> None:
        """One token of its own after the other, each revoked at once; then as often as it takes to be told so."""
        async with self._client() as client:
            while not self.stopped:
                [heard] = await _heard(client, {"grant_type": "client_credentials"}, 1)
                if heard is None or self._is_refused(heard):
                    if not await self._asks_again():
                        return
                    continue
                token = bought(heard)["access_token"]
                while not await self._revoked(client, token):
                    if not await self._asks_again():
                        return
                answered.append(token)
                self._count()

    async def _revoked(self, client: httpx2.AsyncClient, token: str) -> bool:
        try:
            heard = await client.post("/oauth/revoke", data={"token": token})
        except httpx2.TransportError:
            return False
        if self._is_refused(heard):
            return False
        assert heard.status_code == 200, heard.text
        return True

    async def _presented(self, client: httpx2.AsyncClient, chain: Chain, times: int) -> int:
        """How often it was answered."""
        heard = [each for each in await _heard(client, chain.form, times) if each is not None]
        refused = [each for each in heard if self._is_refused(each)]
        if chain.doubtful and not chain.refresh_token and any(each.status_code == 400 for each in heard):
            assert [each.json()["error"] for each in heard] == ["invalid_grant"]
            chain.over = True
            return 0
        told = [bought(each) for each in heard if each not in refused]
        chain.doubtful = not told
        if told:
            assert all(_secrets(each) == _secrets(told[0]) for each in told), "one token bought two answers"
            chain.hears(told[0])
            self._count()
        return len(told)

    def _is_refused(self, heard: httpx2.Response) -> bool:
        """Only who has patience may be refused, and is told when to come again."""
        if not self.patient or heard.status_code != 503:
            return False
        require_unavailable(heard)
        self.refused += 1
        return True

    def _count(self) -> None:
        self.answers += 1
        if self.answers >= ENOUGH:
            self.enough.set()

    async def _asks_again(self) -> bool:
        if not self.patient or self.stopped:
            return False
        await asyncio.sleep(_PAUSE)
        return True

    def _client(self) -> httpx2.AsyncClient:
        timeout = _LONGEST if self.patient else 5.0
        return httpx2.AsyncClient(base_url=self.issuer, auth=self.credentials, timeout=timeout)


class Witness:
    """Looks at what a server that came back makes of what it had answered."""

    def __init__(self, server: Live, application: Mapping[str, str]) -> None:
        self._client = httpx2.Client(base_url=server.issuer, auth=credentials_of(application))

    def close(self) -> None:
        self._client.close()

    def goes_on(self, chain: Chain) -> bool:
        """All that was answered holds; and the client goes on, unless the answer to its code was lost."""
        assert [each for each in chain.access_tokens if not self.is_active(each)] == []
        assert [each for each in chain.spent if self.is_active(each)] == []
        if chain.over:
            return False
        answer = self._client.post("/oauth/token", data=chain.form)
        if answer.status_code == 400 and not chain.refresh_token:
            assert answer.json()["error"] == "invalid_grant"
            return False
        chain.hears(bought(answer))
        return True

    def is_active(self, token: str) -> bool:
        active: bool = self._client.post("/oauth/introspect", data={"token": token}).json()["active"]
        return active


def add_person(server: Live, name: str = NAME, *options: str) -> None:
    """Give somebody an account, with the password of all."""
    added = server.run("user", "add", name, "--password-stdin", *options, input=PASSWORD)
    assert added.returncode == 0, added.stderr


def add_application(server: Live) -> dict[str, str]:
    """An application with all grants that are put under load."""
    grants = ("authorization_code", "refresh_token", "client_credentials")
    asked = [each for grant in grants for each in ("--grant", grant)]
    made: dict[str, str] = server.json(
        "app", "add", "Load", "--type", "web", "--scope", "rest", "--redirect-uri", REDIRECT, *asked
    )
    return made


def granted(person: Person, application: Mapping[str, str]) -> str:
    """They say yes: a code."""
    asked = {"response_type": "code", "client_id": application["client_id"], "redirect_uri": REDIRECT}
    asked |= {"code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256", "state": "s"}
    return person.allow(f"{person.issuer}/oauth/authorize?{urlencode(asked)}").answer["code"]


def credentials_of(application: Mapping[str, str]) -> tuple[str, str]:
    """By which it proves itself."""
    return application["client_id"], application["client_secret"]


def bought(heard: httpx2.Response) -> dict[str, Any]:
    """What it was told, by an answer that is no refusal."""
    assert heard.status_code == 200, heard.text
    told: dict[str, Any] = heard.json()
    return told


def require_unavailable(heard: httpx2.Response) -> None:
    """See that it says: not just now, and when to come again."""
    assert heard.status_code == 503, heard.text
    assert int(heard.headers["retry-after"]) > 0


async def _heard(client: httpx2.AsyncClient, form: Mapping[str, str], times: int) -> list[httpx2.Response | None]:
    """What is answered to each of so many at once; None where nothing came."""
    sent = [client.post("/oauth/token", data=form) for _ in range(times)]
    return [_answer(each) for each in await asyncio.gather(*sent, return_exceptions=True)]


def _answer(heard: object) -> httpx2.Response | None:
    if isinstance(heard, httpx2.TransportError):
        return None
    assert isinstance(heard, httpx2.Response), heard
    return heard


def _secrets(told: Mapping[str, Any]) -> tuple[str, str]:
    return told["access_token"], told["refresh_token"]
