"""Two servers on one database, and clients that go to the one, to the other, or to the one after the other."""

import itertools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from tests.clients.person import Person
from tests.live import Live


class Round(httpx2.HTTPTransport):
    """Each request goes to the next of these servers, and each knows nothing of that: so a balancer does it."""

    def __init__(self, *servers: Live) -> None:
        super().__init__()
        self._ports = itertools.cycle([server.port for server in servers])

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        there = request.url.copy_with(port=next(self._ports))
        moved = httpx2.Request(
            request.method, there, headers=request.headers, stream=request.stream, extensions=request.extensions
        )
        return super().handle_request(moved)


@dataclass(frozen=True, slots=True)
class Together:
    """Two servers that are one to the world."""

    first: Live
    second: Live

    @property
    def issuer(self) -> str:
        """Their common address."""
        return self.first.issuer

    @property
    def one_after_the_other(self) -> Round:
        """Strictly in turn, for all who share it."""
        return Round(self.first, self.second)

    def client(self, transport: Round, **more: Any) -> httpx2.Client:
        """An application that goes that way."""
        return httpx2.Client(base_url=self.issuer, transport=transport, timeout=30, **more)

    def person(self, name: str, password: str, transport: Round) -> Person:
        """Somebody whose browser goes that way."""
        return Person(name, password, self.issuer, transport=transport)


@contextmanager
def together(folder: Path, environ: Mapping[str, str]) -> Iterator[Together]:
    """Two servers in one folder, on one database, killed when the context ends."""
    first = Live(folder / "data", environ)
    first.settings["SCOPEKEEPER_ISSUER"] = first.issuer
    second = Live(folder / "data", first.settings)
    try:
        for server in (first, second):
            server.start()
        yield Together(first, second)
    finally:
        for server in (first, second):
            server.kill()
