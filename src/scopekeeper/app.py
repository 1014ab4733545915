"""The architect: the only file that imports everything. It builds the house and wires it."""

import asyncio
import logging
import os
import secrets
import signal
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, suppress
from typing import Any, Final, Protocol

import structlog
import uvicorn
from starlette.routing import Router
from starlette.types import ASGIApp

from scopekeeper.api.description import Description
from scopekeeper.api.extent import Extent
from scopekeeper.api.graphql import GraphqlEndpoint, SchemaEndpoint
from scopekeeper.api.guard import Admitted, Guard
from scopekeeper.api.modules import Modules, installed
from scopekeeper.api.perform import Performer
from scopekeeper.api.rest import RestApp
from scopekeeper.oauth.keys import SigningKey
from scopekeeper.oauth.metadata import metadata
from scopekeeper.oauth.records import ApplicationType, Client, Token
from scopekeeper.pages.cookies import Jar
from scopekeeper.pages.endpoint import PageEndpoint, PrivateEndpoint
from scopekeeper.pages.page import Pages
from scopekeeper.pages.shelf import PREFIX, Shelf
from scopekeeper.pages.visit import Reception
from scopekeeper.pages.visit import Stays as PageStays
from scopekeeper.sdk import DeclarationError
from scopekeeper.services.accounts import Accounts
from scopekeeper.services.applications import Applications
from scopekeeper.services.attempts import Attempts
from scopekeeper.services.bearer import Bearer
from scopekeeper.services.clients import Authentication
from scopekeeper.services.introspect import Introspection
from scopekeeper.services.keys import Signer
from scopekeeper.services.login import Login
from scopekeeper.services.mint import LeasedMint, SystemClock
from scopekeeper.services.passwords import Passwords
from scopekeeper.services.ports import Clock, Entropy, Store, Taken, Unavailable
from scopekeeper.services.proof import Proof
from scopekeeper.services.revoke import Revocation
from scopekeeper.services.sweep import keep_sweeping
from scopekeeper.services.token import Exchange
from scopekeeper.services.uses import Uses
from scopekeeper.services.vault import Vault, WrongMasterKey, key_in, key_of
from scopekeeper.settings import Settings
from scopekeeper.store import CachedStore, Migrated, SchemaError, SqliteStore, migrate, open_sqlite
from scopekeeper.surface.binding import Binding
from scopekeeper.surface.graphql import schema_of
from scopekeeper.web.account import AccountPage, PasswordChange, SessionEnd, SignOut
from scopekeeper.web.account import Passwords as OwnPassword
from scopekeeper.web.account import Stays as AccountStays
from scopekeeper.web.cork import CorkedProtocol
from scopekeeper.web.discovery import JwksEndpoint, MetadataEndpoint
from scopekeeper.web.front import Front
from scopekeeper.web.head import BoundedProtocol
from scopekeeper.web.health import Readiness, live
from scopekeeper.web.introspect import IntrospectionEndpoint
from scopekeeper.web.link import LinkPage, Links, link_of
from scopekeeper.web.listening import CannotListen, bound, listen
from scopekeeper.web.logbook import open_logbook
from scopekeeper.web.login import LoginPage, SignIn
from scopekeeper.web.metrics import Metrics
from scopekeeper.web.nowhere import Nowhere
from scopekeeper.web.protocol import FormEndpoint
from scopekeeper.web.revoke import RevocationEndpoint
from scopekeeper.web.static import StaticFiles
from scopekeeper.web.token import TokenEndpoint

log = structlog.get_logger(__name__)

LEASE: Final = 60_000
"""Milliseconds that a process holds its number without renewing it."""

_RENEWED: Final = 20.0
"""Seconds between two renewals: two may fail before the number is lost."""

_DRAIN: Final = 30
"""Seconds that requests under way have to finish after SIGTERM."""

ENDPOINTS: Final[Mapping[str, str]] = {
    "token_endpoint": "/oauth/token",
    "revocation_endpoint": "/oauth/revoke",
    "introspection_endpoint": "/oauth/introspect",
    "jwks_uri": "/oauth/jwks",
}
"""What discovery promises (RFC 8414 §2), and where it is."""


class CannotOpen(Exception):
    """The house cannot be opened. The message is one line that says why, and how to mend it."""


class House:
    """Everything, wired: what the command line and the faces work with."""

    def __init__(
        self, settings: Settings, modules: Modules, store: SqliteStore, vault: Vault, clock: Clock, entropy: Entropy
    ) -> None:
        self.settings: Final = settings
        self.modules: Final = modules
        self.clock: Final = clock
        self.entropy: Final = entropy
        self.store: Final[Store] = CachedStore(store, clock)
        self.uses: Final = Uses()
        self.signer: Final = Signer(self.store, vault, clock, entropy)
        self.authenticate: Final = Authentication(self.store, clock, self.uses)
        self.bearer: Final = Bearer(self.store, self.store, clock, self.uses)
        self.applications: Final = Applications(self.store, store, clock, entropy, modules.catalogue.__contains__)
        self.revocation: Final = Revocation(self.bearer, self.store, self.authenticate, clock, entropy)
        self.passwords: Final = Passwords()
        self.attempts: Final = Attempts(on=settings.rate_limits)
        self.prove: Final = Proof(self.store, self.passwords, self.attempts, clock, self.uses)
        self.accounts: Final = Accounts(self.store, store, self.passwords, self.prove, clock, entropy)
        self.login: Final = Login(self.store, store, self.prove, clock, entropy, self.uses)
        self.performer: Final = Performer(store.data(modules.tables, entropy))
        self.guard: Final = Guard(self.bearer)
        self.extent: Final = Extent(modules.catalogue, self.guard, settings.public_descriptions)

    async def run(self, field: str, *, body: object | None = None, **arguments: str) -> Any:
        """Run the operation with this GraphQL field as the operator, who may do everything. Raises sdk.Problem."""
        operation = next(each for each in self.modules.operations if each.field == field)
        given: dict[str, Any] = dict(arguments)
        if body is not None:
            given["body"] = Binding.of(operation).body(body, arguments)
        done = await self.performer.perform(operation, _OPERATOR, "rest", given)
        return done.result

    def endpoints(self, metrics: Metrics) -> dict[str, ASGIApp]:
        """Every endpoint with a path of its own."""
        settings, catalogue = self.settings, self.modules.catalogue
        exchange = Exchange(
            self.store,
            self.authenticate,
            self.signer,
            self.clock,
            self.entropy,
            settings.issuer,
            settings.access_token_lifetime,
            catalogue.__contains__,
        )
        introspect = Introspection(self.bearer, self.store, self.authenticate, self.clock, settings.issuer)
        schema = schema_of(self.modules.operations)
        return {
            "/oauth/token": FormEndpoint(TokenEndpoint(exchange)),
            "/api/graphql": GraphqlEndpoint(schema, self.guard, self.performer),
            "/oauth/introspect": FormEndpoint(IntrospectionEndpoint(introspect)),
            "/oauth/revoke": FormEndpoint(RevocationEndpoint(self.revocation)),
            "/oauth/jwks": JwksEndpoint(self.signer),
            "/.well-known/oauth-authorization-server": MetadataEndpoint(
                metadata(settings.issuer, ENDPOINTS, [entry.scope for entry in catalogue])
            ),
            "/api/graphql/schema.graphql": SchemaEndpoint(schema, self.extent),
            "/health/live": live,
            "/health/ready": Readiness(self.store),
            "/metrics": metrics,
        }

    def front(self, life: ASGIApp) -> Front:
        """The front door, with everything behind it."""
        metrics = Metrics()
        description = Description(self.modules, self.extent, issuer=self.settings.issuer)
        rest = RestApp(self.modules, self.guard, self.performer, description)
        fixed, under = people(self.settings.issuer, self.login, self.accounts, self.clock, self.entropy)
        return Front(
            self.endpoints(metrics) | fixed,
            [("/api/rest", "/api/rest", rest), *under],
            life,
            metrics,
            log_all=self.settings.log_level == "debug",
        )


# Whoever has the command line has the database: this token exists nowhere but here.
_OPERATOR: Final = Admitted(
    Token(0, b"", "operator", ("rest", "gql"), 0, 0, 0),
    Client("operator", ApplicationType.M2M, "Operator", ("rest", "gql"), (), 0),
    frozenset({"rest", "gql"}),
)


class Stays(SignIn, AccountStays, PageStays, Protocol):
    """Signing in, staying, signing out."""


class OwnAccount(Links, OwnPassword, Protocol):
    """What people do with their own accounts."""


def people(
    issuer: str, stays: Stays, accounts: OwnAccount, clock: Clock, entropy: Entropy
) -> tuple[dict[str, ASGIApp], list[tuple[str, str, ASGIApp]]]:
    """The pages for people: those with a path of their own, and what lies below a path."""
    jar, shelf = Jar(issuer), Shelf()
    pages = Pages(jar, shelf, issuer)
    reception = Reception(issuer, jar, stays, clock, entropy)
    account, nowhere = AccountPage(pages, stays), Nowhere(reception, pages)
    fixed: dict[str, ASGIApp] = {
        "/login": PageEndpoint(reception, pages, "login", LoginPage(reception, pages, stays)),
        "/link": PageEndpoint(reception, pages, "link", LinkPage(reception, pages, accounts)),
        "/account": PrivateEndpoint(reception, pages, "account", account),
        "/account/password": PrivateEndpoint(reception, pages, "password", PasswordChange(account, accounts)),
        "/account/sessions": PrivateEndpoint(reception, pages, "sessions", SessionEnd(stays)),
        "/account/sign-out": PrivateEndpoint(reception, pages, "sign-out", SignOut(reception, stays)),
    }
    return fixed, [(PREFIX, "static", StaticFiles(shelf, nowhere)), ("/", "none", nowhere)]


def modules_of(settings: Settings) -> Modules:
    """The modules that are installed and not switched off. Raises CannotOpen."""
    try:
        return installed(switched_off=settings.modules_off)
    except DeclarationError as wrong:
        raise CannotOpen(str(wrong)) from wrong


@asynccontextmanager
async def open_house(settings: Settings) -> AsyncIterator[House]:
    """The house, open until the context ends; then what waits is written and everything let go. Raises CannotOpen."""
    modules, clock = modules_of(settings), SystemClock()
    holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
    async with AsyncExitStack() as stack:
        try:
            store = open_sqlite(settings.database.path)
            stack.push_async_callback(store.close)
            entropy = LeasedMint(await store.lease(holder, clock.milliseconds(), LEASE), clock)
            stack.push_async_callback(store.release, holder)
            house = House(settings, modules, store, _vault(settings, await store.keys()), clock, entropy)
            await house.signer.prepare()
        except (SchemaError, WrongMasterKey, DeclarationError) as wrong:
            raise CannotOpen(str(wrong)) from wrong
        except Taken:
            raise CannotOpen("1024 processes use this database already") from None
        except OSError as failed:
            raise CannotOpen(f"{failed.filename}: {failed.strerror}") from failed
        renewing = _tended(lambda: _keep_leased(store, entropy, clock, holder))
        stack.push_async_callback(_ended, [renewing])
        yield house


def _vault(settings: Settings, wrapped: Sequence[SigningKey]) -> Vault:
    given, file = settings.master_key, settings.data / "master.key"
    if given is not None:
        return Vault(key_of(given))
    if wrapped and not file.exists():
        raise WrongMasterKey(
            f"there is no {file}, under which the signing keys in the database were wrapped: bring it back, or set "
            "SCOPEKEEPER_MASTER_KEY"
        )
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Vault(key_in(file))


async def _keep_leased(store: Store, mint: LeasedMint, clock: Clock, holder: str) -> None:
    """Renew the process number as long as the house is open."""
    while True:
        await asyncio.sleep(_RENEWED)
        try:
            mint.renew(await store.lease(holder, clock.milliseconds(), LEASE))
        except (Unavailable, Taken) as failed:
            log.warning("process number not renewed", reason=str(failed))


def _tended(work: Callable[[], Coroutine[Any, Any, None]]) -> asyncio.Task[None]:
    """Work that goes on for as long as the house is open: a bug in it is logged, and it begins anew."""

    async def tend() -> None:
        while True:
            try:
                await work()
            except Exception:
                log.exception("bug in the background")
                await asyncio.sleep(1.0)

    return asyncio.create_task(tend())


async def _ended(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


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
                stack.push_async_callback(house.uses.write, house.store, house.clock, house.entropy)
                tasks = [
                    _tended(lambda: house.uses.keep_writing(house.store, house.clock, house.entropy)),
                    _tended(lambda: keep_sweeping(house.store, house.clock)),
                ]
                stack.push_async_callback(_ended, tasks)
                self._door = house.front(self._router)
                self._greet(await _setup_link(house))
                yield
        except CannotOpen as refused:
            self.refused = refused
            raise


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
            migrated = migrate(settings.database.path)
            listen(sockets)
        except CannotListen as taken:
            raise CannotOpen(f"cannot listen on {settings.host}, port {settings.port}: {taken}") from taken
        except SchemaError as wrong:
            raise CannotOpen(str(wrong)) from wrong
        except OSError as failed:
            raise CannotOpen(f"{failed.filename}: {failed.strerror}") from failed
        _serve(settings, sockets, migrated, greet)


def _serve(settings: Settings, sockets: Sequence[socket.socket], migrated: Migrated, greet: Greet) -> None:
    open_logbook(settings.log_level, settings.log_format)
    if migrated.copy is not None:
        log.info("database brought up to date", was=migrated.was, now=migrated.now, copy=str(migrated.copy))
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
