"""A house to ask things of: the REST API over the installed modules, a doorman who makes tokens, and data in dicts."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Message

from scopekeeper.api.description import Description
from scopekeeper.api.extent import Extent
from scopekeeper.api.guard import Guard
from scopekeeper.api.modules import Modules, installed
from scopekeeper.api.perform import Performer
from scopekeeper.api.rest import RestApp
from scopekeeper.modules.callforward import Forward
from scopekeeper.modules.extensions import Extension
from scopekeeper.oauth.authentication import PASSWORD, Demand
from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import ApplicationType, Client, Token
from scopekeeper.sdk.data import Data, Work, Write
from scopekeeper.services.ports import Gone, Store
from scopekeeper.services.tally import Tally
from tests.api.administration import administration
from tests.building import library_of
from tests.fixtures_data import DictData

ISSUER = "http://127.0.0.1:8000"
MODULES = installed()
FURNITURE = (
    Extension("1001", "Reception", "alice", "alice@example.com"),
    Extension("1002", "Kitchen", "alice"),
    Extension("1003", "Workshop", "bob"),
    Forward("1003", busy="5551234"),
)


class Doorman:
    """Makes tokens and finds them again."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Token, Client, User | None]] = {}
        self.seen_from: list[str | None] = []
        self.away: Exception | None = None
        self.now = 0
        self.signed_in: tuple[int, tuple[str, ...]] = 0, (PASSWORD,)
        """When, and how, everybody did in whose name a token is."""
        self.forgetful = False
        """Does nobody know any more, of which sign-in a token is?"""
        self.asked_for: list[Demand] = []
        """What was demanded of a sign-in."""

    def token(
        self, *scope: str, user: str | None = None, admin: bool = False, ceiling: tuple[str, ...] = ("rest", "gql")
    ) -> str:
        """A token with these scopes, of an application with this ceiling, in this person's name or in none."""
        number = len(self._known) + 1
        client = Client(f"app{number}", ApplicationType.M2M, "An app", ceiling, (), created_at=0)
        subject = None if user is None else number
        person = None if user is None else User(number, user, None, 0, admin=admin)
        token = Token(number, b"", client.client_id, scope, 0, 2**40, 0, user=user, user_id=subject)
        self._known[f"token-{number}"] = token, client, person
        return f"token-{number}"

    def forget(self, token: str) -> None:
        """It is revoked."""
        del self._known[token]

    def exchange(self, token: str, *scope: str, **told: Any) -> None:
        """From now on it is what a token made so would be: its person or its application have changed."""
        self._known[token] = self._known.pop(self.token(*scope, **told))

    async def meets(self, token: Token, demand: Demand) -> bool:
        if self.forgetful:
            raise Gone("nobody grants this any more")
        self.asked_for.append(demand)
        return demand.met(*self.signed_in, self.now)

    async def find(self, presented: str, address: str | None) -> tuple[Token, Client, User | None] | None:
        if self.away is not None:
            raise self.away
        self.seen_from.append(address)
        return self._known.get(presented)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class House:
    """The extensions 1001 to 1003 (the first two are alice's, the third bob's), an office, and whoever comes to ask."""

    def __init__(
        self,
        data: Data | None = None,
        *,
        modules: Modules = MODULES,
        public_descriptions: bool = True,
        store: Store | None = None,
    ) -> None:
        self.modules = modules
        self.data = DictData(modules.tables)
        self.doorman = Doorman()
        self.tally = Tally()
        self.guard = guard = Guard(self.doorman, self.doorman, self.tally)
        library = library_of(modules, ISSUER)
        description = Description(library.openapi, Extent(modules.catalogue, guard, public_descriptions))
        self.administration = administration(modules.catalogue, store)
        self.app = RestApp(modules, guard, Performer(data or self.data, self.administration.provided), description)

    @classmethod
    def furnished(cls) -> "House":
        """With its extensions, in dicts."""
        house = cls()
        house.data.keep(*FURNITURE)
        house.data.trips.clear()
        return house

    @classmethod
    async def furnished_on(cls, data: Data) -> "House":
        """With its extensions, in the data of a real store."""
        tables = {table.record: table for table in MODULES.tables}
        for each in FURNITURE:
            table = tables[type(each)]
            await data.commit(Work(writes=[Write(table, table.key_of(each), each, None)]))
        return cls(data)

    async def ask(
        self,
        method: str,
        path: str,
        *scope: str,
        user: str | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask with a fresh token of these scopes; with none named, without a token."""
        sent = {"content-type": "application/json"} if body is not None else {}
        if scope:
            sent["authorization"] = f"Bearer {self.doorman.token(*scope, user=user)}"
        text = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        return await asked(self.app, method, f"/api/rest{path}", text, list({**sent, **(headers or {})}.items()))


async def asked(
    app: ASGIApp, method: str, target: str, body: bytes = b"", headers: list[tuple[str, str]] | None = None
) -> Answer:
    """One request to an ASGI application, as a server would put it."""
    path, _, query = target.encode("latin-1").partition(b"?")
    return await called(app, scope_of(method, path, query, headers or []), body)


def scope_of(
    method: str, path: bytes, query: bytes = b"", headers: list[tuple[str, str]] | None = None
) -> dict[str, Any]:
    return {
        "type": "http",
        "method": method,
        "path": path.decode("latin-1"),
        "raw_path": path,
        "query_string": query,
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers or []],
        "client": ("192.0.2.7", 40_000),
    }


async def called(app: ASGIApp, scope: dict[str, Any], body: bytes = b"") -> Answer:
    sent: list[Message] = []
    asking: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        if not asking:
            await asyncio.Event().wait()  # whoever asks stays until they are answered
        return asking.pop()

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start, *given = sent
    shown = b"".join(each["body"] for each in given)
    return Answer(start["status"], {k.decode(): v.decode("latin-1") for k, v in start["headers"]}, shown)
