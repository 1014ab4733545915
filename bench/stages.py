"""`python -m bench.stages`: where each microsecond of a request goes, on the server's own code, without a socket.

A house is opened as `serve` opens it, and its ASGI application is called in this process, 32 requests at once. Of each
kind of request: CPU time of the event loop's thread and of all others (the writer's); then its stages, each called by
itself, and what is left over for the coroutines between them. Times are the least of some turns: whatever else the
machine did can only add to them. What uvicorn takes is the floor's whole request (`bench/floor.py`), by `make bench`.
"""

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.parse import quote

import msgspec
import uvloop
from graphql import parse, validate

from bench.bare import ASKED, FORM
from bench.granted import REDIRECT, VERIFIER
from bench.ours import JSON, ONE_FIELD, Installation, installed
from bench.subject import Place
from scopekeeper.api.answers import encode
from scopekeeper.app.faces import front, library_of
from scopekeeper.app.house import House, open_house
from scopekeeper.oauth.grants.client_credentials import decide
from scopekeeper.oauth.secrets import Kind, digest_of, row_of
from scopekeeper.oauth.token import TokenRequest, told
from scopekeeper.settings import load
from scopekeeper.web.credentials import credentials_of
from scopekeeper.web.front import Front
from scopekeeper.web.metrics import Metrics
from scopekeeper.web.protocol import NO_STORE
from scopekeeper.wire import json_reply, parse_form

AT_ONCE: Final = 32
TURNS: Final = 9
REQUESTS: Final = 1_600
"""Of one turn."""
CALLS: Final = 3_000
"""Of one stage in one turn."""

RESULTS: Final = Path(__file__).with_name("results")
_READ: Final = "/api/rest/callforward/users/1002"

Scope = dict[str, Any]
Sent = tuple[Scope, bytes]
Made = Callable[[int], Iterator[Sent]]
"""So many requests."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Microseconds of CPU time that one request takes: of the event loop's thread, and of the others."""

    loop: float
    others: float


async def answered(app: Any, sent: Sent) -> bytes:
    """The body of what the application answers. Raises AssertionError unless all went well."""
    scope, body = sent
    heard: list[Any] = []

    async def receive() -> object:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: object) -> None:
        heard.append(message)

    await app({**scope, "state": {}, "headers": list(scope["headers"])}, receive, send)
    assert heard[0]["status"] < 300, heard
    answer: bytes = heard[1]["body"]
    return answer


async def taken(app: Any, made: Made) -> Taken:
    """What such a request takes: the least of some turns."""
    loops, others = [], []
    for _ in range(TURNS):
        waiting = made(REQUESTS)
        thread, process = time.thread_time(), time.process_time()
        await asyncio.gather(*[_through(app, waiting) for _ in range(AT_ONCE)])
        here = time.thread_time() - thread
        loops.append(here)
        others.append(time.process_time() - process - here)
    return Taken(min(loops) / REQUESTS * 1e6, min(others) / REQUESTS * 1e6)


async def _through(app: Any, waiting: Iterator[Sent]) -> None:
    for sent in waiting:
        await answered(app, sent)


async def alone(act: Callable[[], object]) -> float:
    """Microseconds of CPU time of one stage, which may be a coroutine."""
    spent = []
    for _ in range(TURNS):
        began = time.thread_time()
        for _ in range(CALLS):
            done = act()
            if isinstance(done, Awaitable):
                await done
        spent.append(time.thread_time() - began)
    return min(spent) / CALLS * 1e6


class Stages:
    """The stages of requests, each ready to be called."""

    def __init__(self, house: House, installation: Installation, token: str) -> None:
        self._house = house
        self._installation = installation
        self._token = token

    async def shared(self) -> Sequence[tuple[str, float]]:
        """Of every request: the door, and a reply that is ready."""
        ready = json_reply({"some": "answer"}, headers=NO_STORE)

        async def endpoint(scope: Any, receive: Any, send: Any) -> None:
            await ready(scope, receive, send)

        door = Front({"/": endpoint}, [], endpoint, Metrics())
        sent = request("GET", "/", {})
        bare = await alone(lambda: answered(endpoint, sent))
        whole = await alone(lambda: answered(door, sent))
        return [("the front door: its id, its marks, its metrics", whole - bare), ("giving the reply to ASGI", bare)]

    async def token(self) -> Sequence[tuple[str, float]]:
        """Of a token for an application itself."""
        house, body = self._house, ASKED.encode()
        scope, _ = request("POST", "/oauth/token", {**FORM, "Authorization": self._installation.opaque}, body)
        form = parse_form(body)
        credentials = credentials_of(scope, form)
        client = await house.authenticate(credentials, None)
        asked = TokenRequest("client_credentials", credentials, form)
        mint = house.issuing.mint()
        issue = decide(asked, client, mint)
        return [
            ("reading the form", await alone(lambda: parse_form(body))),
            ("reading the credentials", await alone(lambda: credentials_of(scope, form))),
            ("finding and proving the client", await alone(lambda: house.authenticate(credentials, None))),
            ("the time, a row id, entropy", await alone(house.issuing.mint)),
            ("the decision: scopes, secret, digest, record", await alone(lambda: decide(asked, client, mint))),
            ("the answer as JSON", await alone(lambda: json_reply(told(issue), headers=NO_STORE))),
        ]

    async def read(self) -> Sequence[tuple[str, float]]:
        """Of a REST read."""
        house, token = self._house, self._token
        found = await house.bearer.find(token, None)
        assert found is not None
        data = await answered(front(house, _no_life), request("GET", _READ, {"Authorization": f"Bearer {token}"}))
        record = msgspec.json.decode(data)
        return [
            ("the token's row id, out of its text", await alone(lambda: row_of(token, Kind.ACCESS_TOKEN))),
            ("its digest", await alone(lambda: digest_of(token))),
            ("finding it, its application and person", await alone(lambda: house.bearer.find(token, None))),
            ("the record as JSON", await alone(lambda: encode(record))),
        ]

    async def field(self) -> Sequence[tuple[str, float]]:
        """Of a GraphQL query of one field, as far as a plan that is kept spares it."""
        schema = library_of(self._house).schema
        document = parse(ONE_FIELD)
        return [
            ("(spared) parsing the text", await alone(lambda: parse(ONE_FIELD))),
            ("(spared) validating it", await alone(lambda: validate(schema, document))),
        ]


def request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> Sent:
    """A request as a server hands it over."""
    told = [(b"host", b"127.0.0.1:8000"), (b"content-length", b"%d" % len(body))]
    told += [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return {
        "type": "http",
        "http_version": "1.1",
        "scheme": "http",
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 54_321),
        "method": method,
        "root_path": "",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": told,
    }, body


def kinds(installation: Installation, token: str) -> dict[str, Made]:
    """The requests, by what the table calls them."""
    opaque = {**FORM, "Authorization": installation.opaque}
    web = {**FORM, "Authorization": installation.web}
    bearer = {"Authorization": f"Bearer {token}"}
    redeem = f"grant_type=authorization_code&redirect_uri={quote(REDIRECT, safe='')}&code_verifier={VERIFIER}&code="
    refresh = "grant_type=refresh_token&refresh_token="

    def same(sent: Sent) -> Made:
        return lambda number: iter([sent] * number)

    def posted(headers: dict[str, str], beginning: str, secrets: Callable[[int], list[str]]) -> Made:
        return lambda number: (
            request("POST", "/oauth/token", headers, (beginning + each).encode()) for each in secrets(number)
        )

    query = msgspec.json.encode({"query": ONE_FIELD})
    return {
        "client_credentials, opaque": same(request("POST", "/oauth/token", opaque, ASKED.encode())),
        "client_credentials, JWT": same(
            request("POST", "/oauth/token", {**FORM, "Authorization": installation.jwt}, ASKED.encode())
        ),
        "refresh, read from the disk": posted(web, refresh, installation.granted.refresh_tokens),
        "code exchange": posted(web, redeem, installation.granted.codes),
        "introspection": same(request("POST", "/oauth/introspect", opaque, f"token={token}".encode())),
        "REST read": same(request("GET", _READ, bearer)),
        "GraphQL, one field": same(request("POST", "/api/graphql", {**JSON, **bearer}, query)),
        "discovery": same(request("GET", "/.well-known/oauth-authorization-server", {})),
    }


async def measured(installation: Installation) -> str:
    """The tables, in Markdown."""
    settings = load({"data": str(installation.place.folder / "data")}, environ={})
    async with open_house(settings) as house:
        app = front(house, _no_life)
        asked = request(
            "POST", "/oauth/token", {**FORM, "Authorization": installation.opaque}, b"grant_type=client_credentials"
        )
        token = str(msgspec.json.decode(await answered(app, asked))["access_token"])
        stages = Stages(house, installation, token)
        made = kinds(installation, token)
        for each in made.values():
            await answered(app, next(each(1)))  # what is made when it is first needed is there
        gc.collect()
        gc.freeze()
        lines = ["| request | event loop µs | other threads µs |", "| --- | ---: | ---: |"]
        for name, each in made.items():
            cost = await taken(app, each)
            lines.append(f"| {name} | {cost.loop:.1f} | {cost.others:.1f} |")
        for title, of in {
            "every request": stages.shared, "client_credentials, opaque": stages.token, "REST read": stages.read,
            "GraphQL, one field": stages.field,
        }.items():  # fmt: skip
            lines += ["", f"| {title} | µs |", "| --- | ---: |"]
            lines += [f"| {name} | {spent:.2f} |" for name, spent in await of()]
    return "\n".join(lines)


async def _no_life(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError("nothing but requests is sent here")


def main() -> None:
    """Measure, and print."""
    # In the checkout, because a system's temporary directory may lie in memory, where durability costs nothing.
    with TemporaryDirectory(prefix="data-", dir=RESULTS) as name:
        print(uvloop.run(measured(installed(Place(Path(name), None)))))


if __name__ == "__main__":
    main()
