"""The server: it opens the house, serves it until told to stop, and closes it when it has drained."""

import asyncio
import gc
import logging
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from functools import partial
from importlib import import_module
from typing import Any, Final

import structlog
import uvicorn
from starlette.routing import Router
from starlette.types import ASGIApp

from scopekeeper.app.alone import LoneServer
from scopekeeper.app.faces import front
from scopekeeper.app.house import (
    CannotOpen,
    House,
    WrongDatabase,
    ended,
    modules_of,
    name_of_process,
    open_house,
    tended,
)
from scopekeeper.app.notify import Herald, herald_of
from scopekeeper.app.stalls import keep_watching
from scopekeeper.app.workers import Post, WorkingServer, supervise
from scopekeeper.oauth.identity import ID_TOKEN_ALG
from scopekeeper.pages.links import link_of
from scopekeeper.services.ports import Stale, Unavailable
from scopekeeper.services.sweep import keep_erasing, keep_sweeping, let_go, turn_of
from scopekeeper.settings import Settings, SqliteFile
from scopekeeper.store import MIGRATIONS, Migrated, SchemaError, brought_up_to_date
from scopekeeper.web.cork import CorkedProtocol
from scopekeeper.web.counts import Share
from scopekeeper.web.head import BoundedProtocol
from scopekeeper.web.leaving import LeavingProtocol
from scopekeeper.web.listening import CannotListen, bound, listen
from scopekeeper.web.logbook import open_logbook
from scopekeeper.web.metrics import Metrics

log = structlog.get_logger(__name__)

_DRAIN: Final = 30
"""Seconds that requests under way have to finish after SIGTERM."""

_LONGEST: Final = _DRAIN + 15
"""Seconds after which one of several processes that has not ended is killed."""

_YOUNG: Final = 10_000
"""New objects after which the collector looks through them, in place of 700: what a request makes goes by its count."""

_NEEDED: Final = ("scopekeeper.app.rooms", "uvloop", "uvicorn.lifespan.on", "uvicorn.middleware.proxy_headers")
"""What a server imports when it runs, or when somebody comes: each of several by itself, if not beforehand."""

Greet = Callable[[str | None], None]
"""Says that the server serves; and the set-up link, where there is no administrator yet."""


class Server:
    """The ASGI application: it opens the house when the server starts, and closes it when the server has drained."""

    def __init__(self, settings: Settings, greet: Greet, metrics: Metrics | None = None, *, first: bool = True) -> None:
        """`first`: it makes what is made once for all processes, the set-up link and the first keys."""
        self._settings = settings
        self._greet = greet
        self._metrics = metrics or Metrics()
        self._first = first
        self._router = Router(lifespan=self._life)
        self._door: ASGIApp = self._router
        self.refused: CannotOpen | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._door(scope, receive, send)

    @asynccontextmanager
    async def _life(self, _: object) -> AsyncIterator[None]:
        try:
            async with AsyncExitStack() as stack:
                house = await stack.enter_async_context(open_house(self._settings))
                lifetimes = house.issuing.lifetimes
                stack.push_async_callback(house.uses.write, house.store, house.clock, house.entropy)
                holder = name_of_process()
                turn = turn_of(house.store, house.clock, holder)
                stack.push_async_callback(let_go, house.store, holder)
                tasks = [
                    tended(lambda: house.uses.keep_writing(house.store, house.clock, house.entropy)),
                    tended(lambda: keep_sweeping(house.store, house.clock, lifetimes.refresh_token, turn)),
                    tended(lambda: keep_erasing(house.store, house.clock, lifetimes.refresh_grace, turn)),
                    tended(lambda: house.messenger.keep_telling(turn)),
                    tended(keep_watching),
                ]
                if house.post is not None:
                    postman = house.post.postman
                    tasks.append(tended(lambda: postman.keep_sending(turn)))
                if self._metrics.shared:
                    tasks.append(tended(self._metrics.keep_writing))
                if self._first:
                    tasks.append(asyncio.create_task(_make_identity_keys(house)))
                stack.push_async_callback(ended, tasks)
                self._door = front(house, self._router, self._metrics, settle=gc.freeze)
                # What is there now stays: the collector need not look through it again and again while requests come.
                gc.collect()
                gc.freeze()
                gc.set_threshold(_YOUNG, 10, 10)
                self._greet(await _setup_link(house) if self._first else None)
                yield
        except CannotOpen as refused:
            self.refused = refused
            raise


async def _make_identity_keys(house: House) -> None:
    """Two RSA keys take half a second, and no start waits for them: whoever needs one earlier waits, or makes it."""
    try:
        await house.signer.prepare(ID_TOKEN_ALG)
    except (Unavailable, Stale) as away:
        log.warning("no keys for id_tokens could be made; whoever needs one first makes them", reason=str(away))
    except Exception:
        log.exception("bug in the background")


async def _setup_link(house: House) -> str | None:
    try:
        secret = await house.accounts.setup_link()
    except Unavailable as away:
        log.warning("no set-up link could be made; the next start makes one", reason=str(away))
        return None
    return None if secret is None else link_of(house.settings.issuer, secret)


class Spoken(BoundedProtocol, CorkedProtocol):
    """HTTP as uvicorn speaks it, with a bound on what it gathers, and in few packets."""


class SpokenByOneOfMany(LeavingProtocol, Spoken):
    """The same by a process that others may take the place of."""


def run(settings: Settings, *, greet: Greet) -> None:
    """Bring the database up to date, then serve until told to stop. Raises CannotOpen where that cannot be."""
    herald = herald_of(os.environ)
    with ExitStack() as stack:
        try:
            sockets = stack.enter_context(bound(settings.host, settings.port))
            migrated = brought_up_to_date(settings.database, create=False)
            listen(sockets)
        except CannotListen as taken:
            raise CannotOpen(f"cannot listen on {settings.host}, port {settings.port}: {taken}") from taken
        except SchemaError as wrong:
            raise WrongDatabase(str(wrong)) from wrong
        except OSError as failed:
            raise CannotOpen(f"{failed.filename}: {failed.strerror}") from failed
        open_logbook(settings.log_level, settings.log_format)
        _tell(migrated)
        if settings.workers == 1:
            _serve(settings, sockets, greet, herald)
        else:
            _import_all(settings)
            work = partial(_work, settings, sockets)
            supervise(settings.workers, work, greet, longest=_LONGEST, listening=sockets, herald=herald)


def _tell(migrated: Migrated) -> None:
    if migrated.now not in MIGRATIONS.revisions:
        log.info("the database is newer than this program, and lets it work", schema=migrated.now)
    if migrated.was not in (None, migrated.now):
        kept = {} if migrated.copy is None else {"copy": str(migrated.copy)}
        log.info("database brought up to date", was=migrated.was, now=migrated.now, **kept)


def _serve(settings: Settings, sockets: Sequence[socket.socket], greet: Greet, herald: Herald) -> None:
    """Serve in this process."""
    server = Server(settings, greet)
    for number in (signal.SIGTERM, signal.SIGINT):
        # uvicorn drains, then raises the signal again for whoever was there before: to have drained is to be done.
        signal.signal(number, lambda *_: None)
    _run(LoneServer(_spoken(settings, server, Spoken), herald), server, sockets)


def _work(settings: Settings, sockets: Sequence[socket.socket], post: Post) -> None:
    """Serve in a process that was made for it."""
    open_logbook(settings.log_level, settings.log_format, worker=post.number)
    metrics = Metrics(Share(post.board, post.slab))
    server = Server(settings, post.ready, metrics, first=post.first)
    _run(WorkingServer(_spoken(settings, server, SpokenByOneOfMany), post, longest=_LONGEST), server, sockets)
    metrics.write()


def _import_all(settings: Settings) -> None:
    """Have in memory what every worker needs, so that all of them have it but once. Raises CannotOpen."""
    modules_of(settings)
    for name in _NEEDED:
        import_module(name)
    if not isinstance(settings.database, SqliteFile):
        import_module("scopekeeper.store.postgres.store")


def _spoken(settings: Settings, server: Server, protocol: type[Spoken]) -> uvicorn.Config:
    proxies = [str(network) for network in settings.trusted_proxies]
    return uvicorn.Config(
        server,
        loop="uvloop",
        http=protocol,
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies,
        timeout_graceful_shutdown=_DRAIN,
        timeout_keep_alive=30,
    )


def _run(serving: uvicorn.Server, server: Server, sockets: Sequence[socket.socket]) -> None:
    # Why the house could not be opened is told once, by whoever called; not also as uvicorn's traceback. And whoever is
    # in a hurry need not read where everything was when it was given up.
    logging.getLogger("uvicorn.error").addFilter(lambda _: server.refused is None and not serving.force_exit)
    try:
        serving.run(list(sockets))
    except SystemExit:  # uvicorn's way of leaving where the house could not be opened
        raise server.refused or CannotOpen("the server could not start: see above") from None
