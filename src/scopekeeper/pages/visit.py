"""A visit: from which browser, in which language, and whose. Made at the door of every page."""

import re
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from typing import Final, Protocol

from starlette.types import Scope

from scopekeeper.oauth.people import Session, User
from scopekeeper.pages.cookies import Header, Jar
from scopekeeper.pages.words import Words, words_for
from scopekeeper.services.ports import Clock, Entropy
from scopekeeper.wire import address_of, header

LONGEST_AGENT: Final = 200

_VISITOR: Final = re.compile(r"[0-9A-Za-z]{32}")


@dataclass(frozen=True, slots=True)
class Visit:
    """Who came, before we know who it is."""

    scope: Scope
    words: Words
    now: int
    key: str
    """What the tokens of this visit's forms are made of."""
    fresh: bool = False
    """The key was made for this visit: the answer has to leave it with the browser."""

    @property
    def address(self) -> str | None:
        """Whence."""
        return address_of(self.scope)

    @property
    def agent(self) -> str:
        """With what, in the browser's own words."""
        return (header(self.scope, b"user-agent") or b"").decode("latin-1")[:LONGEST_AGENT]

    def __repr__(self) -> str:
        return f"Visit(path={self.scope['path']!r})"


@dataclass(frozen=True, slots=True)
class Stay:
    """A person who is signed in, and with which session."""

    session: Session
    user: User
    cookie: str

    def __repr__(self) -> str:
        return f"Stay(session={self.session!r}, user={self.user!r})"


class Stays(Protocol):
    """Who is signed in."""

    def session(self, cookie: str) -> Awaitable[tuple[Session, User] | None]:
        """The session that this cookie belongs to, and its person; None where none holds."""
        ...


@dataclass(frozen=True, slots=True)
class Reception:
    """Receives whoever comes to a page."""

    issuer: str
    jar: Jar
    stays: Stays
    clock: Clock
    entropy: Entropy

    def visit(self, scope: Scope) -> Visit:
        """The visit that this request makes. Its forms are bound to the browser."""
        words, now = words_for(header(scope, b"accept-language")), self.clock.now()
        visitor = self.jar.visitor.of(scope)
        if visitor is not None and _VISITOR.fullmatch(visitor):
            return Visit(scope, words, now, visitor)
        return Visit(scope, words, now, self.entropy.entropy(), fresh=True)

    def remembered(self, visit: Visit) -> tuple[Header, ...]:
        """The headers by which this browser is known again, where it is not yet."""
        return (self.jar.visitor.set(visit.key),) if visit.fresh else ()

    async def stay(self, scope: Scope) -> Stay | None:
        """Whoever is signed in with this request's session cookie. Raises Unavailable."""
        cookie = self.jar.session.of(scope)
        if cookie is None:
            return None
        found = await self.stays.session(cookie)
        return None if found is None else Stay(*found, cookie)


def inside(visit: Visit, stay: Stay) -> Visit:
    """The same visit, with its forms bound to the session: they end with it."""
    return replace(visit, key=stay.cookie, fresh=False)
