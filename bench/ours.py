"""Scopekeeper as a subject: a fresh data directory, as anyone would make it, and its loads."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Final
from urllib.parse import quote

import msgspec

from bench import workloads
from bench.asking import ask, basic, until_answered
from bench.bare import ASKED, FORM
from bench.granted import REDIRECT, VERIFIER, Granted
from bench.load import Load, Shot
from bench.process import Server, free_port, pin, serving
from bench.subject import Place, Subject
from scopekeeper.settings import Database, PostgresDatabase, SqliteFile
from tests.postgres import DISK, Postgres

COMMAND: Final = str(Path(sys.executable).with_name("scopekeeper"))
TOKENS: Final = 2_000
"""Live tokens that introspection asks for in turn."""

REFRESHED: Final = 2_000
"""Families whose refresh tokens are rotated in turn."""

REDEEMED: Final = 12_000
"""Codes for each second of a go: more than any server on one core redeems."""

GO: Final = 8
"""Seconds: the longest go that is measured."""

PERSON: Final = "somebody"
SCOPE: Final = "rest:callforward:read"
"""What that person granted."""

CEILING: Final = "rest:callforward:read rest:callforward:write gql:callforward:read gql:extensions:read"
WRITTEN: Final = tuple(str(extension) for extension in range(1003, 1051))
"""The extensions whose forwards are written; that of 1002 is read, so it stays as the sample has it."""

ONE_FIELD: Final = '{callForward(extension:"1002"){unconditional}}'
LIST: Final = "{extensions(first:50){nodes{extension name owner email}}}"
OF_WORKERS: Final = (workloads.OPAQUE, workloads.REFRESH, workloads.CODE, workloads.INTROSPECTION, workloads.REST_READ)
AS_IT_COMES: Final = {
    **dict.fromkeys(("fsync", "synchronous_commit", "full_page_writes", "autovacuum"), "on"),
    "shared_buffers": "128MB",
}
JSON: Final = {"Content-Type": "application/json"}


class _Added(msgspec.Struct):
    client_id: str
    client_secret: str


class _Issued(msgspec.Struct):
    access_token: str


@dataclass(frozen=True, slots=True)
class Installation:
    """A data directory with the sample and two applications in it; nothing in it is set otherwise than by default."""

    place: Place
    database: Database
    opaque: str
    jwt: str
    """What the application of each token format sends as Authorization."""
    web: str
    """What the web application sends."""
    granted: Granted
    """What a person granted to the web application."""

    def serving(self, *options: str, **settings: str) -> AbstractContextManager[Server]:
        """`scopekeeper serve` on it, with these settings by their variables' names."""
        port = free_port()
        log = self.place.folder / "scopekeeper.log"
        command = [COMMAND, "serve", "--port", str(port), *options]
        return serving(command, port, log, self.place.core, self.environment() | settings)

    def environment(self) -> dict[str, str]:
        """What a command line on it is started with."""
        return _environment(self.place, self.database)

    def application(self, *arguments: str) -> str:
        """What a new application sends as Authorization, of these arguments of `app add`."""
        added = _added(partial(_said, self.place, self.database), *arguments)
        return basic(added.client_id, added.client_secret)

    def first_token(self, server: Server) -> str:
        """A token, as soon as the server gives one."""
        headers = {**FORM, "Authorization": self.opaque}
        return _token(until_answered(server, "POST", "/oauth/token", headers, ASKED))


def installed(place: Place, database: PostgresDatabase | None = None) -> Installation:
    """Make a data directory in the place; with all that is kept in its own database, or in that one."""
    keeps = SqliteFile(place.folder / "data" / "scopekeeper.db") if database is None else database
    said = partial(_said, place, keeps)
    said("sample")
    said("user", "add", PERSON, "--password-stdin", said="a password for the bench\n")
    web = _added(said, "web", "--type", "web", "--scope", SCOPE, "--redirect-uri", REDIRECT)
    return Installation(
        place,
        keeps,
        _application(said, "opaque"),
        _application(said, "jwt"),
        basic(web.client_id, web.client_secret),
        Granted(keeps, web.client_id, SCOPE, PERSON),
    )


@contextmanager
def scopekeeper(place: Place) -> Iterator[Subject]:
    """Scopekeeper, serving."""
    installation = installed(place)
    with installation.serving() as server:
        installation.first_token(server)
        yield Subject(server, loads_of(installation, server))


@contextmanager
def on_postgres(place: Place) -> Iterator[Subject]:
    """The same, on a PostgreSQL of its own that is on the same core."""
    with durable_postgres(place.core) as (database, pid):
        installation = installed(place, database)
        with installation.serving() as alone:
            installation.first_token(alone)
            server = replace(alone, database=pid)
            yield Subject(server, loads_of(installation, server))


@contextmanager
def two_workers(place: Place) -> Iterator[Subject]:
    """The same with two workers, wherever the system puts them: what depends on the database, and a read."""
    place = replace(place, core=None)
    with durable_postgres(None) as (database, pid):
        installation = installed(place, database)
        with installation.serving("--workers", "2") as alone:
            installation.first_token(alone)
            server = replace(alone, database=pid)
            loads = loads_of(installation, server)
            yield Subject(server, {each.name: loads[each.name] for each in OF_WORKERS})


@contextmanager
def durable_postgres(core: int | None, *, empty: bool = False) -> Iterator[tuple[PostgresDatabase, int]]:
    """A PostgreSQL as its makers set it up, but for the connections: what it says is on the disk is there.

    The database, with our schema unless it is to be empty, and the process of its server.
    """
    made = Postgres(follows=None, below=DISK, **AS_IT_COMES)
    try:
        made.start()
        made.make_template()
        pin(made.pid, core)
        yield made.make(empty=empty), made.pid
    finally:
        made.remove()


def loads_of(installation: Installation, server: Server) -> dict[str, Load]:
    """A load for each workload, by its name; what it needs is asked of the server."""
    opaque = {**FORM, "Authorization": installation.opaque}
    connection = HTTPConnection("127.0.0.1", server.port)
    tokens = [_token(ask(connection, "POST", "/oauth/token", opaque, ASKED)) for _ in range(TOKENS)]
    whole = _token(ask(connection, "POST", "/oauth/token", opaque, "grant_type=client_credentials"))
    connection.close()
    bearer = {"Authorization": f"Bearer {whole}"}
    web = {**FORM, "Authorization": installation.web}
    return {
        workloads.OPAQUE.name: Load((Shot("POST", "/oauth/token", ASKED),), opaque, '"access_token":"skpr_at_'),
        workloads.JWT.name: Load(
            (Shot("POST", "/oauth/token", ASKED),), {**FORM, "Authorization": installation.jwt}, '"access_token":"ey'
        ),
        workloads.REFRESH.name: Load(
            (), web, '"refresh_token":"skpr_rt_', lambda: _refreshes(installation.granted), "refresh_token"
        ),
        workloads.CODE.name: Load((), web, '"refresh_token":"skpr_rt_', lambda: _redemptions(installation.granted)),
        workloads.INTROSPECTION.name: Load(
            tuple(Shot("POST", "/oauth/introspect", f"token={token}") for token in tokens), opaque, '"active":true'
        ),
        workloads.REST_READ.name: Load(
            (Shot("GET", "/api/rest/callforward/users/1002"),), bearer, '"unconditional":"5551000"'
        ),
        workloads.REST_WRITE.name: Load(_writes(), {**JSON, **bearer}, '"unconditional":"555'),
        workloads.GRAPHQL_FIELD.name: Load(
            (_query(ONE_FIELD),), {**JSON, **bearer}, '{"callForward":{"unconditional":"5551000"}}'
        ),
        workloads.GRAPHQL_LIST.name: Load((_query(LIST),), {**JSON, **bearer}, '"extension":"1050"'),
        workloads.DISCOVERY.name: Load(
            (Shot("GET", "/.well-known/oauth-authorization-server"),), {}, '"token_endpoint":"'
        ),
    }


def _refreshes(granted: Granted) -> tuple[Shot, ...]:
    body = "grant_type=refresh_token&refresh_token="
    return tuple(Shot("POST", "/oauth/token", body + token) for token in granted.refresh_tokens(REFRESHED))


def _redemptions(granted: Granted) -> tuple[Shot, ...]:
    body = f"grant_type=authorization_code&redirect_uri={quote(REDIRECT, safe='')}&code_verifier={VERIFIER}&code="
    return tuple(Shot("POST", "/oauth/token", body + code) for code in granted.codes(REDEEMED * GO))


def _writes() -> tuple[Shot, ...]:
    """Every forward in turn, and every time around with another number, so that each of them changes a row."""
    return tuple(
        Shot("PUT", f"/api/rest/callforward/users/{extension}", f'{{"unconditional":"{number}"}}')
        for number in ("5550001", "5550002")
        for extension in WRITTEN
    )


def _query(text: str) -> Shot:
    return Shot("POST", "/api/graphql", msgspec.json.encode({"query": text}).decode())


def _application(said: "partial[bytes]", token_format: str) -> str:
    added = _added(said, token_format, "--type", "m2m", "--scope", CEILING, "--token-format", token_format)
    return basic(added.client_id, added.client_secret)


def _added(said: "partial[bytes]", *arguments: str) -> _Added:
    return msgspec.json.decode(said("app", "add", *arguments, "--json"), type=_Added)


def _token(answer: bytes) -> str:
    return msgspec.json.decode(answer, type=_Issued).access_token


def _said(place: Place, database: Database, *arguments: str, said: str = "") -> bytes:
    done = subprocess.run(
        [COMMAND, *arguments],
        cwd=place.folder,
        env=_environment(place, database),
        check=True,
        stdout=subprocess.PIPE,
        input=said.encode(),
    )
    return done.stdout


def _environment(place: Place, database: Database) -> dict[str, str]:
    """Ours without any setting of whoever runs the bench."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SCOPEKEEPER_")}
    where = {"SCOPEKEEPER_DATABASE": database.url} if isinstance(database, PostgresDatabase) else {}
    return {**kept, **where, "SCOPEKEEPER_DATA": str(place.folder / "data")}
