"""Where tokens are exchanged, on a store in memory: an application for which alice grants, and what it may redeem."""

import os
from dataclasses import dataclass
from typing import Any, Final

from argon2.profiles import CHEAPEST

from scopekeeper.oauth.clients import Credentials
from scopekeeper.oauth.people import Session, User
from scopekeeper.oauth.records import Client
from scopekeeper.oauth.secrets import Kind, digest_of, secret_of
from scopekeeper.oauth.subjects import Subjects
from scopekeeper.oauth.token import Answer, Lifetimes, TokenRequest
from scopekeeper.services.attempts import Attempts
from scopekeeper.services.clients import Authentication
from scopekeeper.services.factors import FactorBook
from scopekeeper.services.grants import redeemers
from scopekeeper.services.issuing import Issuing
from scopekeeper.services.keys import Signer
from scopekeeper.services.passwords import Passwords
from scopekeeper.services.ports import Store
from scopekeeper.services.proof import Proof
from scopekeeper.services.token import Exchange
from scopekeeper.services.uses import Uses
from scopekeeper.services.vault import Vault
from scopekeeper.store import MemoryStore
from tests.fixtures import FixedClock, FixedEntropy
from tests.rules import granting
from tests.rules.granting import REDIRECT, VERIFIER
from tests.rules.makers import ISSUER, KNOWN, NOW, SECRET, secret
from tests.services.desk import a_factor_book
from tests.stores.records import an_act

ADDRESS: Final = "203.0.113.7"
PASSWORD: Final = "correct horse battery"
_KNOWN: Final = {*KNOWN, "offline_access"}


@dataclass(frozen=True, slots=True)
class Counter:
    """The token endpoint's service, and the hands that lay grants before it."""

    store: Store
    clock: FixedClock
    entropy: FixedEntropy
    issuing: Issuing
    prove: Proof
    factors: FactorBook
    exchange: Exchange

    async def a_code(self, **facts: Any) -> str:
        """A code, as if alice had just consented."""
        row, presented = self._secret(Kind.AUTHORIZATION_CODE)
        told = row | {"issued_at": self.clock.now(), "expires_at": self.clock.now() + 60} | facts
        await self.store.add_code(granting.code(**told), None, None)
        return presented

    async def a_device(self, **facts: Any) -> str:
        """A device code, which alice has approved unless the facts say otherwise."""
        row, presented = self._secret(Kind.DEVICE_CODE)
        await self.store.add_device(granting.device(**row | facts))
        return presented

    def _secret(self, kind: Kind) -> tuple[dict[str, Any], str]:
        row_id = self.entropy.row_id()
        presented = secret_of(kind, row_id, self.entropy.entropy())
        return {"id": row_id, "digest": digest_of(presented)}, presented

    async def redeem(self, code: str, *, client: str = "abc", **more: str) -> Answer:
        told = {"code": code, "redirect_uri": REDIRECT, "code_verifier": VERIFIER}
        return await self.ask("authorization_code", client=client, **told | more)

    async def refresh(self, token: str, *, client: str = "abc", **more: str) -> Answer:
        return await self.ask("refresh_token", client=client, refresh_token=token, **more)

    async def ask(self, grant_type: str, *, client: str = "abc", **parameters: str) -> Answer:
        credentials = Credentials("client_secret_basic", client, SECRET)
        return await self.exchange(TokenRequest(grant_type, credentials, parameters, ADDRESS))

    async def begun(self, **facts: Any) -> Answer:
        """What a code has bought."""
        return await self.redeem(await self.a_code(**facts))

    async def acts(self) -> list[tuple[str, str]]:
        """What the audit log says: who did what."""
        return [(act.actor, act.action) for act in await self.store.acts() if act.action.endswith(".replayed")]


def web(client_id: str = "abc", row: int = 7, **facts: Any) -> Client:
    """An application whose secret is SECRET."""
    return granting.web(client_id=client_id, secrets=(secret(id=row, client_id=client_id),), **facts)


async def a_counter(store: Store | None = None, *clients: Client, **lifetimes: int) -> Counter:
    """With alice, her session, the application `abc` and another, `other`."""
    store, clock, entropy = store or MemoryStore(), FixedClock(NOW), FixedEntropy(1_000)
    passwords = Passwords(parameters=CHEAPEST)
    uses = Uses()
    signer = Signer(store, Vault(os.urandom(32)), clock, entropy, ISSUER)
    known, subjects = _KNOWN.__contains__, Subjects(bytes(32))
    issuing = Issuing(signer, clock, entropy, ISSUER, Lifetimes(3_600, **lifetimes), known, subjects)
    attempts = Attempts(store, clock, "person")
    prove, factors = Proof(store, passwords, attempts, uses), a_factor_book(store, clock, entropy, uses, attempts)
    for client in clients or (web(), web("other", 8)):
        await store.add_client(client, an_act())
    alice = User(7, "alice", await passwords.hash(PASSWORD), NOW - 1_000)
    await store.add_user(alice, an_act())
    await store.begin_session(Session(70, b"s" * 32, 7, "alice", NOW - 50, NOW - 1), alice, None, an_act())
    acts = redeemers(store, store, issuing, prove, factors, uses)
    exchange = Exchange(Authentication(store, clock, uses), acts, uses)
    return Counter(store, clock, entropy, issuing, prove, factors, exchange)
