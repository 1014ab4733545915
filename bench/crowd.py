"""Installations of any size, each with a server of its own: made by the database itself, or copied from a folder."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Final

import msgspec

from bench import workloads
from bench.bare import FORM
from bench.load import Load, Shot
from bench.many import Many, fill
from bench.ours import AS_IT_COMES, COMMAND, Installation, installed, loads_of
from bench.process import Server, on_core, pin
from bench.spread import make_known, secrets_of
from bench.subject import Place
from scopekeeper.settings import Database, PostgresDatabase, SqliteFile
from tests.postgres import DISK, Postgres

KNOWN: Final = 60_000
"""Tokens that are introspected in turn: more than the 50 000 that a server remembers."""

KINDS: Final = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
"""What it may be kept in, as the command line has it and as pages do."""

_NAME: Final = "crowd"
"""The database in PostgreSQL."""

Say = Callable[[str], None]
Make = Callable[[Database], None]


class Kept(msgspec.Struct):
    """What is kept beside a database that was made: the moment at which its rows were so old as they say."""

    now: int


@dataclass(frozen=True)
class Crowd:
    """One installation that serves."""

    many: Many
    installation: Installation
    server: Server
    resource_server: str
    administrator: str
    """What each of these applications sends as Authorization."""
    postgres: Postgres | None = None
    """The server of its database, where there is one."""

    @cached_property
    def loads(self) -> dict[str, Load]:
        """A load for each workload; introspection asks for tokens all over it."""
        shots = tuple(Shot("POST", "/oauth/introspect", f"token={each}") for each in secrets_of(self.many, KNOWN))
        headers = {**FORM, "Authorization": self.resource_server}
        spread = Load(shots, headers, '"active":true')
        return loads_of(self.installation, self.server) | {workloads.INTROSPECTION.name: spread}

    def said(self, *arguments: str, said: str = "") -> bytes:
        """Run the command line on it, on the server's core, as whoever keeps it would. Raises CalledProcessError."""
        environment = self.installation.environment()
        if self.postgres is not None:  # a backup wants its client programs, which are as new as the server
            environment["PATH"] = os.pathsep.join((str(self.postgres.programs), environment["PATH"]))
        done = subprocess.run(
            [COMMAND, *arguments],
            cwd=self.installation.place.folder,
            env=environment,
            check=True,
            stdout=subprocess.PIPE,
            input=said.encode(),
            preexec_fn=on_core(self.installation.place.core),
        )
        return done.stdout

    def sizes(self) -> tuple[int, int]:
        """Bytes of its database, and of the log of what is written first."""
        database = self.installation.database
        if isinstance(database, SqliteFile):
            log = database.path.with_name(f"{database.path.name}-wal")
            return database.path.stat().st_size, log.stat().st_size
        assert self.postgres is not None
        data = self.postgres.folder / "data"
        return _bytes_in(data / "base"), _bytes_in(data / "pg_wal")


@contextmanager
def crowd(kind: str, many: Many, place: Place, keeps: Path | None, say: Say, **settings: str) -> Iterator[Crowd]:
    """An installation on this kind of database, `sqlite` or `postgresql`, with a server.

    `keeps`: a folder in which the database is kept as it was made, and from which it comes the next time.
    """
    place.folder.mkdir()
    kept = None if keeps is None else keeps / f"{kind}-{many.tokens}-{many.applications}"
    if kept is not None and (kept / "made.json").exists():
        many = replace(many, now=msgspec.json.decode((kept / "made.json").read_bytes(), type=Kept).now)
    began = time.perf_counter()
    with (_in_file if kind == "sqlite" else _in_server)(many, place, kept) as (database, postgres):
        say(f"{kind}: {many.tokens} tokens are there after {time.perf_counter() - began:.0f} s")
        installation = installed(place, database)
        resource_server = installation.application("guard", "--type", "m2m", "--scope", "rest", "--resource-server")
        administrator = installation.application("deployment", "--type", "m2m", "--scope", "rest:admin")
        with installation.serving(**settings) as alone:
            installation.first_token(alone)
            server = alone if postgres is None else replace(alone, database=postgres.pid)
            yield Crowd(many, installation, server, resource_server, administrator, postgres)


@contextmanager
def _in_file(many: Many, place: Place, kept: Path | None) -> Iterator[tuple[None, None]]:
    path = place.folder / "data" / "scopekeeper.db"
    path.parent.mkdir(mode=0o700)
    if kept is not None and (kept / "made.json").exists():
        _copy(kept / "it.db", path)
    else:
        _make(SqliteFile(path), many)
        if kept is not None:
            _keep(path, kept / "it.db", many)
    yield None, None


@contextmanager
def _in_server(many: Many, place: Place, kept: Path | None) -> Iterator[tuple[PostgresDatabase, Postgres]]:
    """A PostgreSQL as its makers set it up, on the server's core once it is filled."""
    made = Postgres(follows=None, below=DISK, **AS_IT_COMES)
    try:
        if kept is not None and (kept / "made.json").exists():
            shutil.rmtree(made.folder / "data")
            _copy(kept / "it", made.folder / "data")
            made.start()
        else:
            made.start()
            made.tell(f"CREATE DATABASE {_NAME} TEMPLATE template0", to="postgres")
            _make(made.at(_NAME), many)
            if kept is not None:
                made.stop(at_once=False)
                _keep(made.folder / "data", kept / "it", many)
                made.start()
        pin(made.pid, place.core)
        yield made.at(_NAME), made
    finally:
        made.remove()


def _bytes_in(folder: Path) -> int:
    """Of all files in it; one that goes away meanwhile has none."""
    found = 0
    for each in folder.rglob("*"):
        with suppress(FileNotFoundError):
            found += each.stat().st_size
    return found


def _make(database: Database, many: Many) -> None:
    fill(database, many)
    make_known(database, many, KNOWN)


def _keep(made: Path, kept: Path, many: Many) -> None:
    kept.parent.mkdir(parents=True)
    _copy(made, kept)
    (kept.parent / "made.json").write_bytes(msgspec.json.encode(Kept(many.now)))


def _copy(source: Path, target: Path) -> None:
    subprocess.run(["cp", "-a", str(source), str(target)], check=True)  # with its owner
