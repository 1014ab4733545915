"""A server on PostgreSQL under load, whatever happens to it; and what must hold afterwards."""

import asyncio
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from scopekeeper.settings import PostgresDatabase
from tests.clients.person import Person
from tests.faults.grants import (
    NAME,
    PASSWORD,
    Chain,
    Load,
    Witness,
    add_application,
    add_person,
    credentials_of,
    granted,
)
from tests.live import Live, live
from tests.postgres import Postgres, name_of

CODES: Final = 4
GOING_ON: Final = 4

Happening = Callable[[], object]


@dataclass(slots=True)
class House:
    """A server on PostgreSQL, a person, an application, and what that has of the server."""

    server: Live
    postgres: Postgres
    database: PostgresDatabase
    application: Mapping[str, str]
    person: Person
    going_on: list[Chain] = field(default_factory=list)
    issued: list[str] = field(default_factory=list)
    """Those that were not looked at yet."""
    revoked: list[str] = field(default_factory=list)
    """Those of which it was answered that they are revoked."""
    seen: int = 0
    """How many were."""
    in_doubt: int = 0
    """Requests that were not answered, whose tokens may be there or not."""

    def tell(self, text: str) -> list[Any]:
        """Carry out a statement in its database."""
        return self.postgres.tell(text, to=name_of(self.database))

    def run(self, happening: Happening, *, patient: bool) -> None:
        """Let something happen under load; then see what is left."""
        codes = [granted(self.person, self.application) for _ in range(CODES)]
        load = Load(self.server.issuer, credentials_of(self.application), patient)
        asyncio.run(self._run(load, codes, happening))
        if not patient:
            self.server.start()
        self.examine()

    def examine(self) -> None:
        """All that was answered holds, and nothing is there twice."""
        with closing(Witness(self.server, self.application)) as witness:
            self.going_on = [chain for chain in self.going_on if witness.goes_on(chain)]
            assert [token for token in self.issued if not witness.is_active(token)] == []
            assert [token for token in self.revoked if witness.is_active(token)] == []
        assert len(set(self.issued) | set(self.revoked)) == len(self.issued) + len(self.revoked)
        self.seen += len(self.issued) + len(self.revoked)
        self.issued.clear()
        self.revoked.clear()
        ((own,),) = self.tell("SELECT count(*) FROM tokens WHERE family_id IS NULL")
        assert self.seen <= own <= self.seen + self.in_doubt
        living = self.tell(
            "SELECT count(*) FROM families JOIN refresh_tokens ON family_id = families.id"
            " WHERE revoked_at IS NULL AND spent_at IS NULL GROUP BY families.id"
        )
        assert set(living) == {(1,)}

    async def _run(self, load: Load, codes: list[str], happening: Happening) -> None:
        begun: list[Chain] = []
        self.going_on = self.going_on[-GOING_ON:]
        tasks = [asyncio.create_task(load.refresh(chain)) for chain in self.going_on]
        tasks += [asyncio.create_task(load.redeem(codes, begun)) for _ in range(2)]
        tasks += [asyncio.create_task(load.issue(self.issued)) for _ in range(2)]
        tasks += [asyncio.create_task(load.revoke(self.revoked))]
        for task in tasks:
            task.add_done_callback(lambda done: None if done.cancelled() or not done.exception() else load.enough.set())
        await load.enough.wait()
        await asyncio.to_thread(happening)
        if load.patient:
            load.answers = 0
            load.enough.clear()
            await load.enough.wait()  # it goes on by itself
        load.stopped = True
        await asyncio.gather(*tasks)
        self.in_doubt += load.refused + len(tasks)
        self.going_on += begun


@contextmanager
def housed(postgres: Postgres, folder: Path, *others: Postgres) -> Iterator[House]:
    """A server that knows the others, too, as hosts of the same database."""
    database = postgres.make()
    environ = {"SCOPEKEEPER_DATABASE": at_all(database, postgres, *others)}
    environ |= {"SCOPEKEEPER_REFRESH_GRACE": "60s", "SCOPEKEEPER_CODE_LIFETIME": "10m"}  # however slow the machine is
    with (
        live(folder, environ, sample=False) as server,
        Person(NAME, PASSWORD, server.issuer) as person,
    ):
        add_person(server)
        yield House(server, postgres, database, add_application(server), person)


def at_all(database: PostgresDatabase, *hosts: Postgres) -> str:
    """The URL of a database that is at all of these, one of which takes writes."""
    if len(hosts) == 1:
        return database.url
    return f"postgresql://keeper@/{name_of(database)}?host={','.join(str(each.folder) for each in hosts)}"


def limit_files(postgres: Postgres, most: int | str) -> None:
    """From now on no file of the database's processes may grow beyond this. Root may lack that right; they have it."""
    first = (postgres.folder / "data" / "postmaster.pid").read_text().split()[0]
    children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
    they: Any = {"user": "nobody", "group": "nogroup", "extra_groups": ()} if os.geteuid() == 0 else {}
    for process in (first, *children):
        limited = subprocess.run(
            ["prlimit", f"--pid={process}", f"--fsize={most}:unlimited"], capture_output=True, check=False, **they
        )
        assert limited.returncode == 0 or b"No such process" in limited.stderr
