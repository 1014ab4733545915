"""`/docs/`: the documentation of the API for everybody, without the console; or, where the operator keeps it private,
for whoever sends a token, as far as that reaches.

It takes no form, sets no cookie and holds no secret, so it may be compressed and kept. Search engines are asked not to
list it: a server says to the world that it is there when whoever runs it exports the site and publishes that.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final

import msgspec
from starlette.types import ASGIApp, Receive, Scope, Send

from scopekeeper.docs import Library, Place, Shown
from scopekeeper.docs.collections import postman
from scopekeeper.docs.shell import Name, Notice, Shell
from scopekeeper.docs.shown import MOST_TEXT
from scopekeeper.pages.page import guards_of, policy_of
from scopekeeper.pages.selection import Selection, selection_of
from scopekeeper.pages.shelf import reads_gzip
from scopekeeper.scopes import cut
from scopekeeper.web.press import Busy, Press, Printed
from scopekeeper.wire import MalformedForm, Reply, header, parse_all, problem, query_of
from scopekeeper.wire.bearer import Refused
from scopekeeper.wire.headers import is_known
from scopekeeper.wire.reply import Headers

DOCS: Final = "/docs/"
POSTMAN: Final = "/docs/postman.json"

PUBLIC: Final = Place(
    home=DOCS,
    graphql="/docs/graphql",
    rest="/docs/rest",
    sdl="/api/graphql/schema.graphql",
    openapi="/api/rest/openapi.json",
    postman=POSTMAN,
)
PRIVATE: Final = replace(PUBLIC, widens=False)
"""For whoever holds a token: nothing beyond what it reaches."""

PATHS: Final[dict[str, Name]] = {PUBLIC.home: "home", PUBLIC.graphql: "graphql", PUBLIC.rest: "rest"}

Held = Callable[[Scope], Awaitable[frozenset[str] | None]]
"""The scopes that whoever sent this request may see the description of; None for all. Raises wire.bearer.Refused."""

# What is printed changes when the server is another, and it may become private: whoever keeps a copy asks each time,
# and no proxy keeps one for others.
_CACHING: Final = (b"cache-control", b"private, no-cache")
_VARY: Final = (b"vary", b"accept-encoding, authorization")
_GUARDS: Final = tuple(pair for pair in guards_of(policy_of(scripted=True, asking=True)) if pair[0] != b"cache-control")
_HTML: Final = (b"content-type", b"text/html; charset=utf-8")
_JSON: Final = (b"content-type", b"application/json")
_GZIP: Final = (b"content-encoding", b"gzip")
_ALLOW: Final = ((b"allow", b"GET, HEAD"),)
_BUSY: Final = "Many other pages are being made just now. Try again in a moment."
_LATER: Final = ((b"retry-after", b"2"),)


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to read, as far as they may."""

    shown: Shown
    unknown: tuple[str, ...]
    place: Place


class Documentation:
    """Everything at and below `/docs`. Where nothing is, `otherwise` answers."""

    def __init__(self, library: Library, static: Callable[[str], str], held: Held, otherwise: ASGIApp) -> None:
        self._library = library
        self._modules = frozenset(module.name for module in library.modules)
        self._shell = Shell(library, static)
        self._press = Press()
        self._held = held
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        reply = await self._reply(scope)
        await reply(scope, receive, send)

    async def _reply(self, scope: Scope) -> ASGIApp:
        path = scope["path"]
        if path not in PATHS and path not in (DOCS[:-1], POSTMAN):
            return self._otherwise
        if scope["method"] not in ("GET", "HEAD"):
            return problem(405, "Method not allowed", "This address is there to be read.", headers=_ALLOW)
        if path == DOCS[:-1]:
            return Reply(308, b"", ((b"location", DOCS.encode()), (b"cache-control", b"no-store")))
        try:
            asked = self._asked(scope, await self._held(scope))
            return await self._printed(scope, path, asked)
        except Refused as refused:
            return self._refused(scope, refused)
        except MalformedForm as malformed:
            return problem(400, "Malformed request", str(malformed))
        except Busy:
            return self._told(scope, "busy", 503, _LATER) or problem(503, "Busy", _BUSY, headers=_LATER)

    async def _printed(self, scope: Scope, path: str, asked: Asked) -> Reply:
        if path == POSTMAN:
            printed = await self._press.of((path, asked.shown.held), lambda: self._collection(asked.shown))
            return _answer(scope, printed, _JSON, (b"content-security-policy", b"default-src 'none'; sandbox"))
        name = PATHS[path]

        def write() -> str:
            return self._shell.page(name, asked.place, asked.shown, asked.unknown)

        return _answer(scope, await self._press.of((name, asked), write), _HTML, *_GUARDS)

    def _collection(self, shown: Shown) -> str:
        library, held = self._library, shown.held
        made = postman(library.document(held), issuer=library.issuer, cut=held is not None)
        return msgspec.json.encode(made).decode()

    def _asked(self, scope: Scope, held: frozenset[str] | None) -> Asked:
        """Raises MalformedForm."""
        query = parse_all(query_of(scope))
        selection = selection_of(query.get("scope", ()), self._library.catalogue)
        module = _first(query.get("module"))
        shown = Shown(
            scopes=_within(selection, held),
            beyond="beyond" in query and held is None,
            text=" ".join(_first(query.get("q"))[:MOST_TEXT].split()),
            module=module if module in self._modules else "",
        )
        return Asked(shown, selection.unknown, PUBLIC if held is None else PRIVATE)

    def _refused(self, scope: Scope, refused: Refused) -> Reply:
        """In words for whoever reads with a browser: it sends no token, and would not know what one is."""
        challenge = ((b"www-authenticate", refused.challenge),)
        told = self._told(scope, "closed", 401, challenge) if refused.code == "UNAUTHENTICATED" else None
        return told or refused.reply()

    def _told(self, scope: Scope, notice: Notice, status: int, more: Headers) -> Reply | None:
        """The page that says so, for browsers; None for programs."""
        if b"text/html" not in (header(scope, b"accept") or b""):
            return None
        return Reply(status, self._shell.notice(notice).encode(), (_HTML, *guards_of(policy_of()), *more))


def _within(selection: Selection, held: frozenset[str] | None) -> tuple[str, ...] | None:
    """What is shown of a selection to whoever may see this much; None for the whole."""
    if held is None:
        return selection.scopes or None
    return cut(selection.scopes, held) if selection.scopes else tuple(sorted(held))


def _first(values: tuple[str, ...] | None) -> str:
    return values[0] if values else ""


def _answer(scope: Scope, printed: Printed, *told: tuple[bytes, bytes]) -> Reply:
    """The page, compressed for whoever reads that; or 304 for whoever has it (RFC 9110 §13.1.2)."""
    common = ((b"etag", printed.etag), _CACHING, _VARY)
    if is_known(scope, printed.etag):
        return Reply(304, b"", common)
    if reads_gzip(header(scope, b"accept-encoding")):
        return Reply(200, printed.packed, (*told, *common, _GZIP))
    return Reply(200, printed.plain, (*told, *common))
