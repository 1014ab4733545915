"""Two nodes on one database go over to the next version, one after the other: no request fails, and nothing is lost.

Old and new are two programs (`next_version`). Whoever is refused at a node that is away asks the other, as a balancer
does for them.
"""

import asyncio
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest

from scopekeeper.store import HEAD
from tests.beneath import KINDS, kept_in, tell_beneath
from tests.clients.person import Person
from tests.faults.grants import (
    NAME,
    PASSWORD,
    Chain,
    Load,
    Witness,
    add_application,
    add_person,
    bought,
    credentials_of,
    granted,
    require_unavailable,
)
from tests.faults.next_version import CONTRACTED, EXPANDED, become_next, made_in
from tests.live import Live
from tests.together import Together, together

pytestmark = pytest.mark.one_process("it starts two by itself")

TRIES: Final = 8

TOO_BUSY: Final = "reason='what is remembered could not be confirmed in time'"

_PATIENT: Final = {"SCOPEKEEPER_REFRESH_GRACE": "60s", "SCOPEKEEPER_CODE_LIFETIME": "10m"}
"""However slow the machine is."""


@pytest.fixture(params=KINDS)
def nodes(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Together]:
    with kept_in(request.param) as environ, together(tmp_path, environ | _PATIENT) as made:
        yield made


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The next version."""
    return made_in(tmp_path_factory.mktemp("next"))


class Balancer(httpx2.AsyncHTTPTransport):
    """Each request goes to the next node; one that a node which is away did not answer goes to the other.

    So does one that a node was too busy for, as a machine that runs many tests makes it: `TOO_BUSY`, and nothing else.
    """

    def __init__(self, ports: Sequence[int], away: set[int]) -> None:
        super().__init__()
        self._ports = ports
        self._turns = itertools.count()
        self._away = away

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        turn = next(self._turns)
        for port in itertools.islice(itertools.cycle(self._ports), turn % 2, turn % 2 + TRIES):
            there = httpx2.Request(
                request.method,
                request.url.copy_with(port=port),
                headers=request.headers,
                stream=request.stream,
                extensions=request.extensions,
            )
            was_away = port in self._away
            try:
                answer = await super().handle_async_request(there)
                await answer.aread()
            except httpx2.TransportError:
                assert was_away or port in self._away, "a node that was not being stopped did not answer"
            else:
                if answer.status_code != 503:
                    return answer
                require_unavailable(answer)
        raise AssertionError("no node answered")


@dataclass(slots=True)
class Everybody(Load):
    """Applications that go to either node, and are refused by neither."""

    ports: Sequence[int] = ()
    away: set[int] = field(default_factory=set)
    """The nodes that are just being stopped, or are not there."""
    issued: list[str] = field(default_factory=list)

    async def look(self) -> None:
        """One introspection after the other: what was issued a moment ago is active at either node."""
        async with self._client() as client:
            while not self.stopped:
                if self.issued:
                    told = bought(await client.post("/oauth/introspect", data={"token": self.issued[-1]}))
                    assert told["active"] is True
                    self._count()
                await asyncio.sleep(0)

    async def write(self, path: str, name: str) -> None:
        """One change over REST after the other, each seen at once by whoever reads it."""
        async with self._client() as client:
            token = bought(await client.post("/oauth/token", data={"grant_type": "client_credentials"}))["access_token"]
            client.auth = httpx2.Auth()  # none but the token
            bearer = {"authorization": f"Bearer {token}"}
            for number in itertools.count():
                if self.stopped:
                    return
                change = {name: f"for the {number}. time"}
                done = await client.patch(path, json=change, headers=bearer)
                assert done.status_code in (200, 204), done.text
                self._count()

    def _client(self) -> httpx2.AsyncClient:
        through = Balancer(self.ports, self.away)
        return httpx2.AsyncClient(base_url=self.issuer, auth=self.credentials, transport=through, timeout=30)


@dataclass(slots=True)
class Upgrade:
    """What is done to the nodes, one thing after the other, while everybody goes on."""

    nodes: Together
    program: Path
    load: Everybody

    def acts(self) -> Iterator[Callable[[], None]]:
        """Each is followed by requests at both."""
        one, other = self.nodes.first, self.nodes.second
        yield self.expand
        yield lambda: self.replace(one)
        yield lambda: self.die_and_come_back_as_it_was(other)
        yield self.contract_too_early
        yield lambda: self.replace(other)
        yield self.contract

    def expand(self) -> None:
        said = self.migrate()
        assert said["from"] == HEAD
        assert said["to"] == EXPANDED

    def replace(self, node: Live) -> None:
        self.load.away.add(node.port)
        assert node.terminate() == 0
        become_next(node, self.program)
        self.start(node)

    def die_and_come_back_as_it_was(self, node: Live) -> None:
        self.load.away.add(node.port)
        node.kill()
        tell_beneath(node, "UPDATE processes SET holder = NULL WHERE knows = '" + HEAD + "'")  # its lease has run out
        self.start(node)

    def contract_too_early(self) -> None:
        done = self.next.run("migrate", "--contract")
        assert (done.returncode, done.stdout) == (2, "")
        assert f"cannot be migrated to {CONTRACTED}: " in done.stderr
        assert f"uses it, whose program is older ({HEAD}): " in done.stderr
        assert done.stderr.count("\n") == 1

    def contract(self) -> None:
        said = self.migrate("--contract")
        assert (said["from"], said["to"]) == (EXPANDED, CONTRACTED)

    def start(self, node: Live) -> None:
        node.start()
        self.load.away.discard(node.port)

    @property
    def next(self) -> Live:
        """The command line of the next version, on the same data."""
        made = Live(self.nodes.first.data, self.nodes.first.settings)
        become_next(made, self.program)
        return made

    def migrate(self, *more: str) -> Any:
        return self.next.json("migrate", *more)


async def _carried_out(upgrade: Upgrade, codes: list[str], application: Mapping[str, str]) -> list[Chain]:
    """The grants that went on meanwhile."""
    load, chains = upgrade.load, list[Chain]()
    await load.redeem(codes, chains)
    address = f"/api/rest/admin/applications/{application['client_id']}"
    async with asyncio.TaskGroup() as everybody:
        for chain in chains:
            everybody.create_task(load.refresh(chain))
        everybody.create_task(load.issue(load.issued))
        everybody.create_task(load.look())
        everybody.create_task(load.write(address, "description"))
        everybody.create_task(load.write("/api/rest/extensions/1001", "name"))
        for act in upgrade.acts():
            await _a_while(load)
            await asyncio.to_thread(act)
        await _a_while(load)
        load.stopped = True
    return chains


async def _a_while(load: Everybody) -> None:
    """They are answered as often as it takes for each of them to have been at both nodes."""
    load.answers = 0
    load.enough.clear()
    await load.enough.wait()


def test_nodes_go_over_to_the_next_version_one_after_the_other_and_nobody_is_refused(
    nodes: Together, program: Path
) -> None:
    add_person(nodes.first)
    assert nodes.first.run("sample").returncode == 0
    application = add_application(nodes.first)
    with Person(NAME, PASSWORD, nodes.first.issuer) as person:
        codes = [granted(person, application) for _ in range(2)]
    ports = (nodes.first.port, nodes.second.port)
    load = Everybody(nodes.issuer, credentials_of(application), ports=ports)
    upgrade = Upgrade(nodes, program, load)
    chains = asyncio.run(_carried_out(upgrade, codes, application))
    for node in (nodes.first, nodes.second):
        with closing(Witness(node, application)) as witness:
            assert [token for token in load.issued if not witness.is_active(token)] == []
            assert all(witness.goes_on(chain) for chain in chains)
    assert {channel for (channel,) in tell_beneath(nodes.first, "SELECT DISTINCT channel FROM acts")} == {"old", "new"}
    said = [line for node in (nodes.first, nodes.second) for line in node.log.read_text().splitlines()]
    assert [line for line in said if "store away" in line and TOO_BUSY not in line] == []
    assert [line for line in said if "bug" in line] == []
    refused = Live(nodes.first.data, {**nodes.first.settings, "PYTHONPATH": ""}).run("app", "list")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert f"has schema {CONTRACTED}, which is newer than this program: install the newer program\n" in refused.stderr
    assert refused.stderr.count("\n") == 1
