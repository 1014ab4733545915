"""Asking a server before the bench: until it answers, and for what the loads need."""

import time
from base64 import b64encode
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from typing import Final

from bench.process import Server

_PATIENCE: Final = 60.0
"""Seconds that a server has to come up."""

_PAUSE: Final = 0.0005


class Silent(Exception):
    """The server did not answer as it should. The message is one line."""


def ask(
    connection: HTTPConnection, method: str, path: str, headers: Mapping[str, str] | None = None, body: str = ""
) -> bytes:
    """The body of a good answer. Raises Silent for any other."""
    connection.request(method, path, body.encode(), dict(headers or {}))
    response = connection.getresponse()
    answer = response.read()
    if not 200 <= response.status < 300:
        raise Silent(f"bench: {method} {path} was answered {response.status} {answer[:200].decode(errors='replace')}")
    return answer


def until_answered(
    server: Server, method: str, path: str, headers: Mapping[str, str] | None = None, body: str = ""
) -> bytes:
    """Ask again and again until the server listens; its answer. Raises Silent."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and not server.ended:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=_PATIENCE)
        try:
            return ask(connection, method, path, headers, body)
        except (OSError, HTTPException):
            time.sleep(_PAUSE)
        finally:
            connection.close()
    said = server.log.read_text(encoding="utf-8", errors="replace").strip().rpartition("\n")[2]
    raise Silent(f"bench: nothing listens on port {server.port}; the server's last words: {said}")


def basic(client_id: str, secret: str) -> str:
    """The Authorization header of HTTP Basic. Both are of characters that need no encoding."""
    return "Basic " + b64encode(f"{client_id}:{secret}".encode()).decode()
