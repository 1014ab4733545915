"""npm's oidc-provider as a subject: in memory, and with an adapter for PostgreSQL."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path
from socket import AF_UNIX, socket
from typing import Final

from bench import workloads
from bench.asking import ask, until_answered
from bench.load import Load, Shot
from bench.ours import durable_postgres
from bench.peers.asked import ENVIRONMENT, Absent, Peer
from bench.peers.libpq import libpq
from bench.process import Server, free_port, serving
from bench.subject import Place, Subject

HERE: Final = Path(__file__).parent
DISCOVERY: Final = "/.well-known/openid-configuration"
REDEEMED: Final = 16_000
REDEEMED_ON_POSTGRES: Final = 8_000
"""Codes for a go: more than it redeems in one."""


@contextmanager
def in_memory(place: Place) -> Iterator[Subject]:
    """All is kept in maps. Nothing of it outlives the process."""
    with _provider(place, {}) as (server, socket_path):
        yield Subject(server, _loads(server, socket_path, REDEEMED))


@contextmanager
def on_postgres(place: Place) -> Iterator[Subject]:
    """All but the application itself is kept in a PostgreSQL of its own that is on the same core."""
    with (
        durable_postgres(place.core, empty=True) as (database, pid),
        _provider(place, libpq(database)) as (alone, socket_path),
    ):
        server = replace(alone, database=pid)
        yield Subject(server, _loads(server, socket_path, REDEEMED_ON_POSTGRES))


@contextmanager
def _provider(place: Place, database: Mapping[str, str]) -> Iterator[tuple[Server, Path]]:
    node = shutil.which("node")
    if node is None:
        raise Absent("Node is not installed (make system installs it)")
    if not (HERE / "node_modules" / "oidc-provider").is_dir():
        raise Absent("npm could not install it (make bench-peers tries)")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    environment = {**kept, **ENVIRONMENT, **database, "NODE_ENV": "production"}
    port = free_port()
    # A socket's path may be of about a hundred characters only.
    with tempfile.TemporaryDirectory(prefix="skpeer-") as folder:
        socket_path = Path(folder) / "granted"
        command = [node, str(HERE / "oidc_provider.js"), str(port), str(socket_path)]
        with serving(command, port, place.folder / "oidc-provider.log", place.core, environment) as server:
            until_answered(server, "GET", DISCOVERY)
            yield server, socket_path


def _loads(server: Server, socket_path: Path, redeemed: int) -> dict[str, Load]:
    def made(what: str, number: int) -> list[str]:
        return ask(_Local(socket_path), "GET", f"/{what}?number={number}").decode().split("\n")

    peer = Peer(introspection="/token/introspection")
    resource = {"resource": "https://api.example"}
    return {
        workloads.OPAQUE.name: peer.client_credentials(),
        workloads.JWT.name: peer.client_credentials(resource, expected='"access_token":"ey'),
        workloads.REFRESH.name: peer.refresh(made),
        workloads.CODE.name: peer.code(made, redeemed),
        workloads.INTROSPECTION.name: peer.introspect(server, '"active":true'),
        workloads.DISCOVERY.name: Load((Shot("GET", DISCOVERY),), {}, '"token_endpoint":"'),
    }


class _Local(HTTPConnection):
    """HTTP over a socket of the file system."""

    def __init__(self, path: Path) -> None:
        super().__init__("bench")
        self._path = path

    def connect(self) -> None:
        self.sock = socket(AF_UNIX)
        self.sock.connect(str(self._path))
