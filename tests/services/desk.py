"""All that accounts and sessions need, on a store in memory, with hashes that cost next to nothing."""

from dataclasses import dataclass
from typing import Final

from argon2.profiles import CHEAPEST

from scopekeeper.oauth.people import Session, User
from scopekeeper.services.accounts import Accounts
from scopekeeper.services.attempts import Attempts, Limits
from scopekeeper.services.login import Login
from scopekeeper.services.passwords import Passwords
from scopekeeper.services.ports import Store
from scopekeeper.services.proof import Proof
from scopekeeper.services.uses import Uses
from scopekeeper.store import MemoryStore
from tests.fixtures import FixedClock, FixedEntropy

ADDRESS: Final = "203.0.113.7"
PASSWORD: Final = "correct horse battery"


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
    login: Login

    async def add(self, name: str = "alice", password: str | None = PASSWORD, *, admin: bool = False) -> User:
        return await self.accounts.add(name, password=password, email=None, admin=admin, actor="cli:test")

    async def sign_in(
        self, name: str = "alice", password: str = PASSWORD, *, address: str | None = ADDRESS, ends: int | None = None
    ) -> tuple[Session, str]:
        return await self.login.sign_in(name, password, address=address, agent="Mozilla/5.0", ends=ends)

    async def acts(self) -> list[tuple[str, str, str]]:
        """Who did what to whom, the newest first, with what was refused."""
        await self.uses.write(self.store, self.clock, self.entropy)
        return [(act.actor, act.action, act.target) for act in await self.store.acts()]


def a_desk(store: Store | None = None, *, passwords: Passwords | None = None, burst: int = 30) -> Desk:
    store = store or MemoryStore()
    clock, uses, entropy = FixedClock(), Uses(), FixedEntropy()
    passwords = passwords or Passwords(parameters=CHEAPEST)
    attempts = Attempts(store, clock, "person", Limits(a_minute=10, burst=burst))
    prove = Proof(store, passwords, attempts, uses)
    return Desk(
        store,
        clock,
        uses,
        entropy,
        passwords,
        attempts,
        prove,
        Accounts(store, store, passwords, prove, clock, entropy),
        Login(store, store, prove, clock, entropy, uses),
    )
