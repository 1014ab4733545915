"""The pages with everything behind them in memory: people, sessions and links that a test can look at and alter."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from starlette.types import ASGIApp

from scopekeeper.api.modules import installed
from scopekeeper.app.faces import BELOW, FOR_PEOPLE, NOWHERE
from scopekeeper.app.rooms import hall_of, people
from scopekeeper.oauth.authorize import Asked, AuthorizationRequest, Unproven
from scopekeeper.oauth.device import Question
from scopekeeper.oauth.factors import Factors
from scopekeeper.oauth.people import (
    Link,
    Purpose,
    Session,
    User,
    email_of,
    link_holds,
    name_of,
    password_of,
    session_holds,
)
from scopekeeper.oauth.privilege import Observed
from scopekeeper.oauth.records import Client
from scopekeeper.oauth.secrets import Kind, digest_of, row_of, secret_of
from scopekeeper.oauth.steps import Present, Step
from scopekeeper.oauth.subjects import Subjects
from scopekeeper.oauth.token import Lifetimes
from scopekeeper.services.applications import Applications
from scopekeeper.services.attempts import Attempts
from scopekeeper.services.audit import AuditLog
from scopekeeper.services.connections import Connection
from scopekeeper.services.consents import Consents
from scopekeeper.services.device import WrongUserCode
from scopekeeper.services.login import Begun, Further, TooMany, WrongPassword
from scopekeeper.services.logout import Logout
from scopekeeper.services.looks import Looks
from scopekeeper.services.owned import Owned
from scopekeeper.services.passages import Passages
from scopekeeper.services.passkeys import Passkeys
from scopekeeper.services.ports import Gone, Taken, Unavailable
from scopekeeper.services.tokens import Tokens
from scopekeeper.services.uses import Uses
from scopekeeper.services.vault import Vault
from scopekeeper.store import MemoryStore
from scopekeeper.web.front import Front
from scopekeeper.web.metrics import Metrics
from tests.altered import replace
from tests.fixtures import FixedClock, FixedEntropy

ISSUER: Final = "http://127.0.0.1:8000"
PASSWORD: Final = "correct horse battery"
CATALOGUE: Final = installed().catalogue


@dataclass(slots=True)
class Memory:
    """Whoever there is. Passwords are kept as they are: nothing of this serves anybody."""

    clock: FixedClock
    entropy: FixedEntropy = field(default_factory=FixedEntropy)
    users: dict[str, User] = field(default_factory=dict)
    stays: dict[int, Session] = field(default_factory=dict)
    links: dict[int, Link] = field(default_factory=dict)
    connections: dict[str, list[Connection]] = field(default_factory=dict)
    """By the person's name."""
    left: list[Client] = field(default_factory=list)
    """What was taken back."""
    tries: list[tuple[str, str]] = field(default_factory=list)
    wait: int | None = None
    """Seconds that whoever tries is told to wait."""
    away: bool = False

    def add(self, name: str, *, admin: bool = False, email: str | None = None) -> User:
        """An account with PASSWORD."""
        now = self.clock.now()
        self.users[name] = user = User(self.entropy.row_id(), name, PASSWORD, now, email, admin)
        return user

    def link(self, purpose: Purpose, user: User | None = None) -> str:
        """A link's secret."""
        row_id, now = self.entropy.row_id(), self.clock.now()
        secret = secret_of(Kind.LINK, row_id, self.entropy.entropy())
        self.links[row_id] = Link(
            row_id, digest_of(secret), purpose, user.id if user is not None else None, now, now + 86_400
        )
        return secret

    # services.login

    async def sign_in(
        self,
        name: str,
        password: str,
        *,
        address: str | None,
        agent: str,
        ends: int | None,
        key: str = "",
        stronger: bool = False,
    ) -> Begun | Further:
        self._ask(name, password)
        user = self.users.get(name)
        if user is None or not user.enabled or user.password != password:
            raise WrongPassword
        row_id, now = self.entropy.row_id(), self.clock.now()
        cookie = secret_of(Kind.SESSION, row_id, self.entropy.entropy())
        self.stays.pop(ends or 0, None)
        self.stays[row_id] = Session(row_id, digest_of(cookie), user.id, user.name, now, now, address, agent)
        return Begun(self.stays[row_id], cookie)

    async def proven(
        self,
        user: User,
        amr: tuple[str, ...],
        *,
        key: str,
        address: str | None,
        agent: str,
        ends: int | None,
        stronger: bool = False,
    ) -> Begun | Further:
        raise AssertionError("passwords are all that there is here")

    async def session(self, cookie: str) -> tuple[Session, User] | None:
        if self.away:
            raise Unavailable("disk gone")
        session = self.stays.get(row_of(cookie, Kind.SESSION) or 0)
        if session is None or session.digest != digest_of(cookie):
            return None
        user = self.users[session.user]
        return (session, user) if session_holds(session, user, self.clock.now()) else None

    async def sign_out(self, session: Session, address: str | None, *, application: str | None = None) -> None:
        del self.stays[session.id]

    async def sessions(self, user: User) -> Sequence[Session]:
        return sorted((each for each in self.stays.values() if each.user_id == user.id), key=lambda each: -each.id)

    async def end(self, user: User, session_id: int, address: str | None) -> None:
        session = self.stays.get(session_id)
        if session is not None and session.user_id == user.id:
            del self.stays[session_id]

    # services.connections

    async def of(self, user: User) -> Sequence[Connection]:
        return self.connections.get(user.name, [])

    async def former(self, user: User, client_id: str) -> Client | None:
        if any(each.client.client_id == client_id for each in await self.of(user)):
            return None
        everything = [each.client for theirs in self.connections.values() for each in theirs] + self.left
        return next((each for each in everything if each.client_id == client_id), None)

    async def withdraw(self, user: User, client_id: str, address: str | None) -> Client | None:
        theirs = {each.client.client_id: each for each in await self.of(user)}
        if client_id not in theirs:
            return None
        self.left.append(theirs.pop(client_id).client)
        self.connections[user.name] = list(theirs.values())
        return self.left[-1]

    # services.accounts

    async def change_password(self, user: User, old: str, new: str, session: Session, address: str | None) -> None:
        self._ask(user.name, old)
        if old != user.password:
            raise WrongPassword
        self.users[user.name] = replace(user, password=password_of(new, user.name))
        self.stays = {session.id: session}

    async def open_link(self, secret: str) -> tuple[Link, User | None] | None:
        link = self.links.get(row_of(secret, Kind.LINK) or 0)
        if link is None or link.digest != digest_of(secret) or not link_holds(link, self.clock.now()):
            return None
        return link, next((user for user in self.users.values() if user.id == link.user_id), None)

    async def use_link(
        self, secret: str, *, name: str | None, password: str, email: str | None, address: str | None
    ) -> User:
        opened = await self.open_link(secret)
        if opened is None:
            raise Gone
        link, user = opened
        if user is None:
            chosen = name_of(name or "")
            if chosen in self.users:
                raise Taken
            user = User(self.entropy.row_id(), chosen, None, 0, email_of(email) if email else None, True)
        self.users[user.name] = user = replace(user, password=password_of(password, user.name))
        del self.links[link.id]
        return user

    # services.device

    async def enter(self, typed: str, user: User, session: Session, address: str | None) -> Question:
        raise WrongUserCode

    async def asked(self, typed: str, user: User, session: Session) -> Question:
        raise WrongUserCode

    async def allowed(self, question: Question, user: User) -> tuple[str, ...]:
        return ()

    async def decide(
        self, question: Question, approved: bool, user: User, session: Session, address: str | None
    ) -> None:
        raise WrongUserCode

    def _ask(self, name: str, password: str) -> None:
        if self.away:
            raise Unavailable("disk gone")
        self.tries.append((name, password))
        if self.wait is not None:
            raise TooMany(self.wait)


class Unasked:
    """No application is known here, so none asks for anything."""

    async def asked(self, request: AuthorizationRequest) -> Asked:
        raise Unproven("application")

    async def step(self, asked: Asked, present: Present | None, *, anew: bool) -> Step:
        raise AssertionError("nobody asked")

    async def allowed(self, asked: Asked, present: Present) -> tuple[tuple[str, ...], tuple[str, ...]]:
        raise AssertionError("nobody asked")

    async def approve(self, asked: Asked, present: Present, *, given: bool, address: str | None) -> dict[str, str]:
        raise AssertionError("nobody asked")

    async def verified(self, id_token: str) -> None:
        raise AssertionError("nobody asked")


@dataclass(frozen=True, slots=True)
class Had:
    """What people have besides a password."""

    store: MemoryStore

    async def of(self, user: User) -> Factors:
        return await self.store.factors(user.id)


class Unwatched:
    """Nobody sees what applications do."""

    async def observed(self, client: Client) -> Observed:
        return Observed(0, 0, None)


@dataclass(frozen=True, slots=True)
class Place:
    """The front door with nothing but the pages behind it, and those who may come in."""

    memory: Memory
    front: ASGIApp
    issuer: str
    applications: Applications
    """Those that people own."""


def place(issuer: str = ISSUER) -> Place:
    """Pages, and nobody there yet."""
    clock = FixedClock()
    memory = Memory(clock)
    store, catalogue = MemoryStore(), CATALOGUE
    applications = Applications(store, store, clock, memory.entropy, catalogue.__contains__)
    owned = Owned(
        applications,
        Tokens(store, clock, memory.entropy),
        Consents(store, clock, memory.entropy),
        AuditLog(store),
        Unwatched(),
        Lifetimes(3_600),
        clock,
    )
    vault, uses = Vault(bytes(32)), Uses()
    passkeys = Passkeys(
        store,
        Passages(vault.passages, store, clock),
        Attempts(store, clock, "person"),
        uses,
        vault.handles,
        clock,
        memory.entropy,
        issuer,
    )
    rooms = people(
        hall_of(issuer, memory, clock, memory.entropy),
        Looks(store, clock, memory.entropy),
        memory,
        memory,
        memory,
        memory,
        owned,
        Unasked(),
        Logout(store, store, Unasked(), memory, Subjects(bytes(32)), issuer),
        catalogue,
        Lifetimes(3_600),
        passkeys,
        Had(store),
    )

    async def no_life(*_: object) -> None:
        raise AssertionError("nothing but requests comes here")

    below = [(prefix, name, rooms[name]) for prefix, name in (*BELOW, ("/", NOWHERE)) if name in rooms]
    fixed = {path: rooms[path] for path in FOR_PEOPLE if path in rooms}
    return Place(memory, Front(fixed, below, no_life, Metrics()), issuer, applications)
