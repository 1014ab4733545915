"""The server: it opens the house, serves it until told to stop, and closes it when it has drained."""

import asyncio
import gc
import logging
import signal
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from typing import Any, Final

import structlog
import uvicorn
from starlette.routing import Router
from starlette.types import ASGIApp

from scopekeeper.app.faces import front
from scopekeeper.app.house import CannotOpen, House, WrongDatabase, ended, open_house, tended
from scopekeeper.oauth.identity import ID_TOKEN_ALG
from scopekeeper.pages.links import link_of
from scopekeeper.services.ports import Stale, Unavailable
from scopekeeper.services.sweep import keep_erasing, keep_sweeping
from scopekeeper.settings import Settings
from scopekeeper.store import Migrated, SchemaError, brought_up_to_date
from scopekeeper.web.cork import CorkedProtocol
from scopekeeper.web.head import BoundedProtocol
from scopekeeper.web.listening import CannotListen, bound, listen
from scopekeeper.web.logbook import open_logbook

log = structlog.get_logger(__name__)

_DRAIN: Final = 30
"""Seconds that requests under way have to finish after SIGTERM."""

Greet = Callable[[str | None], None]
"""Says that the server serves; and the set-up link, where there is no administrator yet."""


class Server:
    """The ASGI application: it opens the house when the server starts, and closes it when the server has drained."""

    def __init__(self, settings: Settings, greet: Greet) -> None:
        self._settings = settings
        self._greet = greet
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
                tasks = [
                    tended(lambda: house.uses.keep_writing(house.store, house.clock, house.entropy)),
                    tended(lambda: keep_sweeping(house.store, house.clock, lifetimes.refresh_token)),
                    tended(lambda: keep_erasing(house.store, house.clock, lifetimes.refresh_grace)),
                ]
                tasks.append(asyncio.create_task(_make_identity_keys(house)))
                stack.push_async_callback(ended, tasks)
                self._door = front(house, self._router)
                # What is there now stays: the collector need not look through it again and again while requests come.
                gc.collect()
                gc.freeze()
                self._greet(await _setup_link(house))
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


def run(settings: Settings, *, greet: Greet) -> None:
    """Bring the database up to date, then serve until told to stop. Raises CannotOpen where that cannot be."""
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
        _serve(settings, sockets, migrated, greet)


def _serve(settings: Settings, sockets: Sequence[socket.socket], migrated: Migrated, greet: Greet) -> None:
    open_logbook(settings.log_level, settings.log_format)
    if migrated.was not in (None, migrated.now):
        kept = {} if migrated.copy is None else {"copy": str(migrated.copy)}
        log.info("database brought up to date", was=migrated.was, now=migrated.now, **kept)
    server = Server(settings, greet)
    # Why the house could not be opened is told once, by whoever called; not also as uvicorn's traceback.
    logging.getLogger("uvicorn.error").addFilter(lambda _: server.refused is None)
    for number in (signal.SIGTERM, signal.SIGINT):
        # uvicorn drains, then raises the signal again for whoever was there before: to have drained is to be done.
        signal.signal(number, lambda *_: None)
    proxies = [str(network) for network in settings.trusted_proxies]
    config = uvicorn.Config(
        server,
        loop="uvloop",
        http=Spoken,
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
    try:
        uvicorn.Server(config).run(list(sockets))
    except SystemExit:  # uvicorn's way of leaving where the house could not be opened
        raise server.refused or CannotOpen("the server could not start: see above") from None
