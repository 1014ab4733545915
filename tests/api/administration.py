"""The services behind the module `admin`, on a store in memory, with one of everything that they keep.

What is told apart by an id has the same id here, whatever it is: secret, access token, refresh token, audit record.
"""

from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from argon2.profiles import CHEAPEST

from scopekeeper.api.admin.office import Acting, Office
from scopekeeper.api.digests import HouseDigests
from scopekeeper.api.perform import Provide
from scopekeeper.oauth.claims import jti_of
from scopekeeper.oauth.factors import Totp
from scopekeeper.oauth.granted import Consent, Family, RefreshToken
from scopekeeper.oauth.people import User
from scopekeeper.oauth.policy import Policy
from scopekeeper.oauth.records import ApplicationType, Client, GrantType, Secret, Token
from scopekeeper.oauth.token import Lifetimes
from scopekeeper.scopes import Catalogue
from scopekeeper.sdk.digests import Digests
from scopekeeper.services.accounts import Accounts
from scopekeeper.services.applications import Applications
from scopekeeper.services.attempts import Attempts
from scopekeeper.services.audit import AuditLog
from scopekeeper.services.consents import Consents
from scopekeeper.services.factors import FactorBook
from scopekeeper.services.keys import Signer
from scopekeeper.services.lint import Lint
from scopekeeper.services.notices import Silent
from scopekeeper.services.passages import Passages
from scopekeeper.services.passwords import Passwords
from scopekeeper.services.ports import Act, Store
from scopekeeper.services.proof import Proof
from scopekeeper.services.tokens import Tokens
from scopekeeper.services.usage import UsageBook
from scopekeeper.services.uses import Uses
from scopekeeper.services.vault import Vault
from scopekeeper.store import MemoryStore
from tests.fixtures import FixedClock, FixedEntropy

T = TypeVar("T")

ISSUER: Final = "http://127.0.0.1:8000"
ROW: Final = 7
APPLICATION: Final = "7fGx0pQ2mVbN4sKdL1aZ9c"
PERSON: Final = "dora"
KEPT: Final[Mapping[str, str]] = {"client_id": APPLICATION, "user": PERSON, "name": PERSON, "id": jti_of(ROW)}
"""A path's parameters, by name, so that they name what is kept."""


@dataclass(frozen=True, slots=True)
class Administration:
    """What the house provides, and the store behind it."""

    store: Store
    office: Office
    provided: Mapping[type, Provide]


def administration(catalogue: Catalogue, store: Store | None = None) -> Administration:
    """An office with one application, one person who lets it in, and what comes of that."""
    clock, entropy, store = FixedClock(), FixedEntropy(first=100), store or MemoryStore()
    passwords = Passwords(parameters=CHEAPEST)
    uses, vault, attempts = Uses(), Vault(bytes(32)), Attempts(store, clock, "person")
    prove = Proof(store, passwords, attempts, uses)
    usage = UsageBook(store, clock)
    factors = FactorBook(
        store,
        store,
        vault,
        Passages(vault.passages, store, clock),
        Policy(),
        attempts,
        Attempts(store, clock, "second"),
        clock,
        entropy,
        uses,
        Silent(),
        ISSUER,
    )
    office = Office(
        Applications(store, store, clock, entropy, catalogue.__contains__),
        Accounts(store, store, passwords, prove, clock, entropy),
        factors,
        Tokens(store, clock, entropy),
        Consents(store, clock, entropy),
        AuditLog(store),
        Signer(store, vault, clock, entropy, ISSUER),
        usage,
        Lint(store, usage, Lifetimes(access_token=3_600), clock),
        clock,
        ISSUER,
    )
    _at_once(_furnish(store, clock.now()))
    digests = HouseDigests.over(passwords, store, clock)
    provided: dict[type, Provide] = {Office: lambda *_: office, Acting: Acting.of, Digests: lambda *_: digests}
    return Administration(store, office, provided)


async def _furnish(store: Store, now: int) -> None:
    act, ends, scope = Act(ROW, now, "cli:test", "application.add", APPLICATION), now + 3_600, ("rest:callforward",)
    secrets = tuple(
        Secret(row, APPLICATION, bytes([row] * 32), "1234", "first", now, "cli:test") for row in (ROW, ROW + 1)
    )
    grants = (GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN)
    await store.add_client(
        Client(APPLICATION, ApplicationType.WEB, "Phone book", scope, grants, now, secrets=secrets), act
    )
    await store.add_user(User(1, PERSON, None, now), Act(8, now, "cli:test", "user.add", PERSON))
    await store.save_totp(Totp(1, b"sealed", now), Act(10, now, f"user:{PERSON}", "totp.add", PERSON))
    await store.add_user(User(2, "alice", None, now), Act(9, now, "cli:test", "user.add", "alice"))
    began = GrantType.AUTHORIZATION_CODE
    family = Family(ROW, APPLICATION, 0, began, 1, PERSON, now, None, True, scope, now, ends)
    token = Token(ROW, b"a" * 32, APPLICATION, scope, now, ends, 0, user=PERSON, user_id=1, family_id=ROW)
    consent = Consent(1, APPLICATION, 0, scope, now, now)
    await store.begin_family(family, token, RefreshToken(ROW, b"r" * 32, ROW, now, ends), consent, None)


def _at_once(work: Coroutine[Any, Any, T]) -> T:
    """What the work comes to: on a store in memory it never waits."""
    try:
        work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    raise AssertionError("a store in memory made somebody wait")
