"""The house: every service, wired on one store. What the command line and the faces work with."""

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlsplit

import structlog

from scopekeeper.api.admin.office import Acting, Office
from scopekeeper.api.digests import HouseDigests
from scopekeeper.api.extent import Extent
from scopekeeper.api.guard import Guard
from scopekeeper.api.modules import Modules, installed
from scopekeeper.api.operator import OPERATOR
from scopekeeper.api.own import OwnData, as_person
from scopekeeper.api.perform import Performer, Provide
from scopekeeper.api.unwritten import Unwritten
from scopekeeper.app.post import forgotten_of, links_of, post_of
from scopekeeper.oauth.keys import SigningKey
from scopekeeper.oauth.people import User
from scopekeeper.oauth.policy import Policy, SecondFactor
from scopekeeper.oauth.token import Lifetimes
from scopekeeper.sdk import DeclarationError, Paging
from scopekeeper.sdk.digests import Digests
from scopekeeper.sdk.paging import LARGEST_LIMIT
from scopekeeper.services.accounts import Accounts
from scopekeeper.services.applications import Applications
from scopekeeper.services.aside import Aside
from scopekeeper.services.attempts import Attempts, Limits
from scopekeeper.services.audit import AuditLog
from scopekeeper.services.authorize import Authorization
from scopekeeper.services.bearer import Bearer
from scopekeeper.services.clients import Authentication
from scopekeeper.services.clock import SystemClock
from scopekeeper.services.connections import Connections
from scopekeeper.services.consents import Consents
from scopekeeper.services.device import DeviceAuthorization, DeviceDecision
from scopekeeper.services.dossier import Dossier
from scopekeeper.services.explorer import Explorer
from scopekeeper.services.factors import WRONG_CODES, FactorBook
from scopekeeper.services.farewells import AT_ONCE, Messenger
from scopekeeper.services.guesses import Guesses
from scopekeeper.services.issuing import Issuing
from scopekeeper.services.keys import Signer
from scopekeeper.services.lint import Lint
from scopekeeper.services.login import Login
from scopekeeper.services.logout import Logout
from scopekeeper.services.looks import Looks
from scopekeeper.services.mint import LeasedMint
from scopekeeper.services.moment import LEASE, MEND, WrongClock, go_on
from scopekeeper.services.notices import SILENT, Notices
from scopekeeper.services.owned import Owned
from scopekeeper.services.passages import Passages
from scopekeeper.services.passkeys import Passkeys
from scopekeeper.services.passwords import Passwords
from scopekeeper.services.ports import Clock, Entropy, Store, Taken, Unavailable
from scopekeeper.services.proof import Proof
from scopekeeper.services.refusals import Refusals
from scopekeeper.services.relying import UpstreamSignIn
from scopekeeper.services.relying.providers import Providers
from scopekeeper.services.revoke import Revocation
from scopekeeper.services.sign_ins import SignIns
from scopekeeper.services.strength import Strength
from scopekeeper.services.tokens import Tokens
from scopekeeper.services.upstreams import Linked, Upstreams
from scopekeeper.services.usage import UsageBook
from scopekeeper.services.userinfo import Userinfo
from scopekeeper.services.uses import Uses
from scopekeeper.services.vault import Vault, WrongMasterKey, key_in, key_of
from scopekeeper.settings import Database, Settings
from scopekeeper.store import CachedStore, SchemaError, SqlStore, open_store, require_fit
from scopekeeper.surface.binding import Binding
from scopekeeper.wire.outbound import Outbound

log = structlog.get_logger(__name__)

_RENEWED: Final = 20.0
"""Seconds between two renewals: two may fail before the number is lost."""


class CannotOpen(Exception):
    """The house cannot be opened. The message is one line that says why, and how to mend it."""


class WrongDatabase(CannotOpen):
    """It is the database, or the master key: not what this program needs."""


class House:
    """Everything, wired: what the command line and the faces work with."""

    def __init__(
        self, settings: Settings, modules: Modules, store: SqlStore, vault: Vault, clock: Clock, entropy: Entropy
    ) -> None:
        self.settings: Final = settings
        self.modules: Final = modules
        self.clock: Final = clock
        self.entropy: Final = entropy
        self.records: Final[Store] = store
        cached = CachedStore(store, clock)
        store.hear(cached.hear)
        self.store: Final[Store] = cached
        self.uses: Final = Uses()
        self.signer: Final = Signer(self.store, vault, clock, entropy, settings.issuer)
        self.issuing: Final = Issuing(
            self.signer,
            clock,
            entropy,
            settings.issuer,
            Lifetimes(
                access_token=settings.access_token_lifetime,
                code=settings.code_lifetime,
                refresh_token=settings.refresh_token_lifetime,
                refresh_token_idle=settings.refresh_token_idle,
                refresh_grace=settings.refresh_grace,
            ),
            modules.catalogue.__contains__,
            vault.subjects,
        )
        self.authenticate: Final = Authentication(self.store, clock, self.uses)
        self.bearer: Final = Bearer(self.store, self.store, self.store, clock, self.uses)
        self.userinfo: Final = Userinfo(self.bearer, self.store, self.issuing)
        self.fetching: Final = Outbound(settings.fetch_allow)
        self.applications: Final = Applications(
            self.store, store, clock, entropy, modules.catalogue.__contains__, self.fetching
        )
        self.revocation: Final = Revocation(self.bearer, self.store, self.authenticate, clock)
        self.passwords: Final = Passwords.of_one_in(
            settings.workers, Strength(settings.password_strength, urlsplit(settings.issuer).hostname or "")
        )
        limits = Limits(settings.failures_a_minute, settings.failures_burst, settings.rate_limits)
        self.attempts: Final = Attempts(self.store, clock, "person", limits)
        self.refusals: Final = Refusals(Attempts(self.store, clock, "client", limits))
        self.prove: Final = Proof(self.store, self.passwords, self.attempts, self.uses)
        self.aside: Final = Aside()
        self.post: Final = post_of(settings, self.store, vault, clock, entropy, self.aside)
        self.notices: Final[Notices] = SILENT if self.post is None else self.post.told
        self.accounts: Final = Accounts(self.store, store, self.passwords, self.prove, clock, entropy, self.notices)
        self.links: Final = links_of(settings, self.post, self.accounts)
        self.forgotten: Final = forgotten_of(self.links, self.store, clock, limits)
        self.passages: Final = Passages(vault.passages, self.store, clock)
        self.policy: Final = Policy(SecondFactor(settings.second_factor))
        self.factors: Final = FactorBook(
            self.store,
            self.store,
            vault,
            self.passages,
            self.policy,
            self.attempts,
            Attempts(self.store, clock, "second", replace(WRONG_CODES, on=limits.on)),
            clock,
            entropy,
            self.uses,
            self.notices,
            settings.issuer,
        )
        self.passkeys: Final = Passkeys(
            self.store, self.passages, self.attempts, self.uses, vault.handles, clock, entropy, settings.issuer
        )
        self.login: Final = Login(
            self.store,
            store,
            self.prove,
            clock,
            entropy,
            self.uses,
            self.factors,
            self.passages,
            self.policy,
            self.notices,
        )
        # A way out of its own, too: a provider that takes its time holds up nobody who registers an application.
        providers = Providers(Outbound(settings.fetch_allow), clock)
        self.upstreams: Final = Upstreams(self.store, store, providers, vault, clock, entropy, self.notices)
        self.linked: Final = Linked(self.upstreams, self.factors)
        self.sign_in_elsewhere: Final = UpstreamSignIn(
            self.store,
            store,
            providers,
            self.passages,
            self.attempts,
            vault,
            clock,
            entropy,
            self.uses,
            self.notices,
            settings.issuer,
        )
        self.logout: Final = Logout(self.store, self.store, self.signer, self.login, vault.subjects, settings.issuer)
        # A way out of its own: whoever waits for an application that takes its time does not wait for a place besides.
        self.messenger: Final = Messenger(
            self.store,
            self.signer,
            Outbound(settings.fetch_allow, at_once=AT_ONCE),
            vault.subjects,
            clock,
            entropy,
            settings.issuer,
        )
        self.authorize: Final = Authorization(
            self.store, self.store, self.signer, self.issuing, entropy, self.uses, self.store, self.notices
        )
        self.authorize_device: Final = DeviceAuthorization(self.store, self.authenticate, self.issuing, entropy)
        self.devices: Final = DeviceDecision(
            self.store,
            self.store,
            modules.catalogue.__contains__,
            self.attempts,
            Guesses(self.store, on=limits.on),
            clock,
            entropy,
            self.uses,
            self.notices,
        )
        self.explorer: Final = Explorer(self.store, store, self.issuing, self.uses)
        self.connections: Final = Connections(self.store, clock, entropy)
        self.tokens: Final = Tokens(self.store, clock, entropy)
        self.consents: Final = Consents(self.store, clock, entropy)
        self.log: Final = AuditLog(self.store)
        self.usage: Final = UsageBook(self.store, clock)
        self.lint: Final = Lint(self.store, self.usage, self.issuing.lifetimes, clock)
        self.owned: Final = Owned(
            self.applications, self.tokens, self.consents, self.log, self.usage, self.issuing.lifetimes, clock
        )
        office = Office(
            self.applications,
            self.accounts,
            self.factors,
            self.tokens,
            self.consents,
            self.log,
            self.signer,
            self.usage,
            self.lint,
            clock,
            settings.issuer,
        )
        digests = HouseDigests.over(self.passwords, self.store, clock, on=limits.on)
        provided: dict[type, Provide] = {Office: lambda *_: office, Acting: Acting.of, Digests: lambda *_: digests}
        self.data: Final = store.data(modules.tables, entropy)
        self.performer: Final = Performer(self.data, provided)
        # Through others' eyes things are looked at: nobody acts there, least of all who looks.
        self.spectator: Final = Performer(Unwritten(self.data), {Office: provided[Office]})
        self.looks: Final = Looks(self.store, clock, entropy)
        own = OwnData(modules.operations, self.spectator)
        self.dossier: Final = Dossier(self.store, clock, entropy, self.linked.of, own.of, settings.issuer)
        self.guard: Final = Guard(self.bearer, SignIns(self.store, clock), self.uses.tally)
        self.extent: Final = Extent(modules.catalogue, self.guard, settings.public_descriptions)

    async def settled(self) -> None:
        """Wait until nothing is done aside any more."""
        await self.aside.settled()
        if self.forgotten is not None:
            await self.forgotten.aside.settled()

    async def extensions_of(self, user: User) -> tuple[str, ...]:
        """The extensions that this person owns; none where no module keeps extensions."""
        operation = next((each for each in self.modules.operations if each.field == "extensions"), None)
        if operation is None:
            return ()
        done = await self.performer.perform(operation, as_person(user), "rest", {"paging": Paging(LARGEST_LIMIT)})
        return tuple(each.extension for each in done.result.items)

    async def run(self, field: str, *, body: object | None = None, **arguments: str) -> Any:
        """Run the operation with this GraphQL field as the operator, who may do everything. Raises sdk.Problem."""
        operation = next(each for each in self.modules.operations if each.field == field)
        given: dict[str, Any] = dict(arguments)
        if body is not None:
            given["body"] = Binding.of(operation).body(body, arguments)
        return (await self.performer.perform(operation, OPERATOR, "rest", given)).result


def modules_of(settings: Settings) -> Modules:
    """The modules that are installed and not switched off. Raises CannotOpen."""
    try:
        return installed(switched_off=settings.modules_off)
    except DeclarationError as wrong:
        raise CannotOpen(str(wrong)) from wrong


def name_of_process() -> str:
    """By which this process holds something that only one can hold: no other has the same, and none has it again."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


@asynccontextmanager
async def open_house(settings: Settings) -> AsyncIterator[House]:
    """The house, open until the context ends; then what waits is written and everything let go. Raises CannotOpen."""
    modules, clock = modules_of(settings), SystemClock()
    holder = name_of_process()
    async with AsyncExitStack() as stack:
        try:
            store = open_store(settings.database)
            stack.push_async_callback(store.close)
            await go_on(clock, store)
            entropy = LeasedMint(await store.lease(holder, clock.milliseconds(), LEASE), clock)
            stack.push_async_callback(_let_go, store, clock, holder)
            require_fit(settings.database)  # who contracted it before that lease was there to be seen, did so by now
            house = House(settings, modules, store, _vault(settings, await store.keys()), clock, entropy)
            stack.push_async_callback(house.settled)
            await house.signer.prepare()
        except (SchemaError, WrongMasterKey) as wrong:
            raise WrongDatabase(str(wrong)) from wrong
        except WrongClock as wrong:
            raise CannotOpen(f"{wrong}: {MEND}") from wrong
        except DeclarationError as wrong:
            raise CannotOpen(str(wrong)) from wrong
        except Taken:
            raise CannotOpen("1024 processes use this database already") from None
        except OSError as failed:
            raise CannotOpen(f"{failed.filename}: {failed.strerror}") from failed
        renewing = tended(lambda: _keep_leased(settings.database, store, entropy, clock, holder))
        stack.push_async_callback(ended, [renewing])
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


async def _let_go(store: Store, clock: Clock, holder: str) -> None:
    """Give the process number back; its lease tells the next one until when this one was there."""
    await store.lease(holder, clock.milliseconds(), LEASE)
    await store.release(holder)


async def _keep_leased(database: Database, store: Store, mint: LeasedMint, clock: Clock, holder: str) -> None:
    """Renew the process number as long as the house is open.

    One that was held up until its lease had run out was seen by nobody who contracted the database meanwhile.
    """
    until = clock.milliseconds() + LEASE
    while True:
        await asyncio.sleep(_RENEWED)
        try:
            lease = await store.lease(holder, clock.milliseconds(), LEASE)
            if clock.milliseconds() > until:
                await asyncio.to_thread(require_fit, database)
            mint.renew(lease)
            until = lease.until
        except (Unavailable, Taken, SchemaError) as failed:
            log.warning("process number not renewed", reason=str(failed))


def tended(work: Callable[[], Coroutine[Any, Any, None]]) -> asyncio.Task[None]:
    """Work that goes on for as long as the house is open: a bug in it is logged, and it begins anew."""

    async def tend() -> None:
        while True:
            try:
                await work()
            except Exception:
                log.exception("bug in the background")
                await asyncio.sleep(1.0)

    return asyncio.create_task(tend())


async def ended(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
