"""All that accounts and sessions need, on a store in memory, with hashes that cost next to nothing."""

from dataclasses import dataclass
from typing import Final

from argon2.profiles import CHEAPEST

from scopekeeper.oauth.people import User
from scopekeeper.oauth.policy import Policy
from scopekeeper.services.accounts import Accounts
from scopekeeper.services.attempts import Attempts, Limits
from scopekeeper.services.factors import WRONG_CODES, FactorBook
from scopekeeper.services.login import Begun, Further, Login
from scopekeeper.services.notices import Notices, Silent
from scopekeeper.services.passages import Passages
from scopekeeper.services.passwords import Passwords
from scopekeeper.services.ports import Store
from scopekeeper.services.proof import Proof
from scopekeeper.services.uses import Uses
from scopekeeper.services.vault import Vault
from scopekeeper.store import MemoryStore
from tests.fixtures import FixedClock, FixedEntropy

ADDRESS: Final = "203.0.113.7"
PASSWORD: Final = "correct horse battery"
KEY: Final = "the browser's"


@dataclass(frozen=True, slots=True)
class Desk:
    """Where people are let in."""

    store: Store
    clock: FixedClock
    uses: Uses
    entropy: FixedEntropy
    passwords: Passwords
    attempts: Attempts
    prove: Proof
    accounts: Accounts
    passages: Passages
    factors: FactorBook
    login: Login

    async def add(self, name: str = "alice", password: str | None = PASSWORD, *, admin: bool = False) -> User:
        return await self.accounts.add(name, password=password, email=None, admin=admin, actor="cli:test")

    async def sign_in(
        self, name: str = "alice", password: str = PASSWORD, *, address: str | None = ADDRESS, ends: int | None = None
    ) -> Begun:
        """The session of somebody of whom nothing more than a password is demanded."""
        begun = await self.step(name, password, address=address, ends=ends)
        assert isinstance(begun, Begun)
        return begun

    async def step(
        self,
        name: str = "alice",
        password: str = PASSWORD,
        *,
        address: str | None = ADDRESS,
        ends: int | None = None,
        stronger: bool = False,
    ) -> Begun | Further:
        """What a password leads to."""
        agent = "Mozilla/5.0"
        return await self.login.sign_in(
            name, password, address=address, agent=agent, ends=ends, key=KEY, stronger=stronger
        )

    async def acts(self) -> list[tuple[str, str, str]]:
        """Who did what to whom, the newest first, with what was refused."""
        await self.uses.write(self.store, self.clock, self.entropy)
        return [(act.actor, act.action, act.target) for act in await self.store.acts()]


def a_factor_book(
    store: Store,
    clock: FixedClock,
    entropy: FixedEntropy,
    uses: Uses,
    attempts: Attempts,
    *,
    policy: Policy | None = None,
    notices: Notices | None = None,
) -> FactorBook:
    vault = Vault(b"k" * 32)
    return FactorBook(
        store,
        store,
        vault,
        Passages(vault.passages, store, clock),
        policy or Policy(),
        attempts,
        Attempts(store, clock, "second", WRONG_CODES),
        clock,
        entropy,
        uses,
        notices or Silent(),
        "https://auth.example",
    )


def a_desk(
    store: Store | None = None,
    *,
    passwords: Passwords | None = None,
    burst: int = 30,
    policy: Policy | None = None,
    notices: Notices | None = None,
) -> Desk:
    store = store or MemoryStore()
    clock, uses, entropy = FixedClock(), Uses(), FixedEntropy()
    passwords = passwords or Passwords(parameters=CHEAPEST)
    attempts = Attempts(store, clock, "person", Limits(a_minute=10, burst=burst))
    prove = Proof(store, passwords, attempts, uses)
    factors = a_factor_book(store, clock, entropy, uses, attempts, policy=policy, notices=notices)
    return Desk(
        store,
        clock,
        uses,
        entropy,
        passwords,
        attempts,
        prove,
        Accounts(store, store, passwords, prove, clock, entropy),
        factors.passages,
        factors,
        Login(store, store, prove, clock, entropy, uses, factors, factors.passages, factors.policy, factors.notices),
    )
