"""What all peers are asked alike: by whom, for what; and the loads that are made of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Final
from urllib.parse import quote, urlencode

import msgspec

from bench.asking import ask, basic
from bench.bare import ASKED, FORM
from bench.granted import REDIRECT, VERIFIER
from bench.load import Load, Shot
from bench.ours import SCOPE
from bench.process import Server
from scopekeeper.oauth.pkce import challenge_of

CLIENT_ID: Final = "bench"
SECRET: Final = "0123456789abcdef" * 3
TOKENS: Final = 200
"""Live tokens that introspection asks for in turn. Some take long to give that many."""

REFRESHED: Final = 500
"""Refresh tokens that are rotated in turn."""

ENVIRONMENT: Final = {
    "CLIENT_ID": CLIENT_ID,
    "CLIENT_SECRET": SECRET,
    "SCOPE": SCOPE,
    "REDIRECT": REDIRECT,
    "CHALLENGE": challenge_of(VERIFIER),
}
"""What the peers' programs are told."""

Made = Callable[[str, int], list[str]]
"""So many `refresh-tokens` or `codes` that a person granted."""


class Absent(Exception):
    """A peer cannot be had here. The message is one line that says why."""


class _Issued(msgspec.Struct):
    access_token: str


@dataclass(frozen=True, slots=True)
class Peer:
    """Where a peer answers, and how it is told from whom a request is."""

    token: str = "/token"
    introspection: str = "/introspect"
    web: str = CLIENT_ID
    """The application that people granted something to."""

    def client_credentials(self, more: Mapping[str, str] | None = None, *, expected: str = '"access_token":') -> Load:
        """Tokens for the application itself."""
        body = ASKED + "".join(f"&{name}={quote(value, safe='')}" for name, value in (more or {}).items())
        return Load((Shot("POST", self.token, body),), self._head(CLIENT_ID), expected)

    def refresh(self, made: Made) -> Load:
        """Refresh tokens, each of which brings the next one."""
        head = "grant_type=refresh_token&refresh_token="

        def fresh() -> tuple[Shot, ...]:
            return tuple(Shot("POST", self.token, head + each) for each in made("refresh-tokens", REFRESHED))

        return Load((), self._head(self.web), '"refresh_token":', fresh, "refresh_token")

    def code(self, made: Made, number: int) -> Load:
        """Codes: so many, which have to last for a go."""
        head = {"grant_type": "authorization_code", "redirect_uri": REDIRECT, "code_verifier": VERIFIER}

        def fresh() -> tuple[Shot, ...]:
            return tuple(Shot("POST", self.token, urlencode(head | {"code": each})) for each in made("codes", number))

        return Load((), self._head(self.web), '"refresh_token":', fresh)

    def introspect(self, server: Server, expected: str) -> Load:
        """Live tokens, asked for in turn. They are asked of the server first."""
        connection = HTTPConnection("127.0.0.1", server.port)
        headers = self._head(CLIENT_ID)
        tokens = [
            msgspec.json.decode(ask(connection, "POST", self.token, headers, ASKED), type=_Issued).access_token
            for _ in range(TOKENS)
        ]
        connection.close()
        shots = tuple(Shot("POST", self.introspection, f"token={token}") for token in tokens)
        return Load(shots, headers, expected)

    def _head(self, client_id: str) -> dict[str, str]:
        return {**FORM, "Authorization": basic(client_id, SECRET)}
