"""Lists: which rows are asked for, a page at a time, as the console, the API and the command line show them.

Every list is read by key (from behind the last row shown), so that its last page costs what its first does. A question
left empty (None, or no text) does not narrow the list. Text is looked for within, in any case (`É` as `é`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol
from unicodedata import normalize

from scopekeeper.oauth.granted import Consent, Family, RefreshToken
from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import ApplicationType, Client, Token

MOST_COUNTED: Final = 10_000
"""Rows that are counted; of a longer list is said that it has more. Counting ten million would be no faster."""


def folded(text: str) -> str:
    """The text as it is compared where it is looked for: `É` is `é`, in one character or in two."""
    return normalize("NFC", normalize("NFC", text).casefold())


class ClientOrder(StrEnum):
    """In which order applications are listed."""

    NAME = "name"
    """By name, in any case."""
    NEWEST = "newest"
    """The newest first."""


@dataclass(frozen=True, slots=True)
class ClientsAsked:
    """Which applications."""

    text: str = ""
    """In the name, the description, the client_id, or the owner's name."""
    type: ApplicationType | None = None
    owner: str | None = None
    enabled: bool | None = None
    scope: str | None = None
    """A scope that the ceiling covers."""
    order: ClientOrder = ClientOrder.NAME


@dataclass(frozen=True, slots=True)
class TokensAsked:
    """Which access tokens, or refresh tokens, of those that hold."""

    client_id: str | None = None
    user: str | None = None
    scope: str | None = None
    """A scope that the token covers."""
    since: int | None = None
    """Issued at this time or later."""
    until: int | None = None
    """Issued before this time."""
    family: int | None = None
    """Of the family with this row id."""


@dataclass(frozen=True, slots=True)
class ConsentsAsked:
    """Which consents."""

    client_id: str | None = None
    user: str | None = None


@dataclass(frozen=True, slots=True)
class UsersAsked:
    """Which accounts."""

    text: str = ""
    """In the name or the e-mail address."""
    admin: bool | None = None
    enabled: bool | None = None


@dataclass(frozen=True, slots=True)
class ActsAsked:
    """Which acts of the audit log."""

    text: str = ""
    """In the actor, the action, the target, the address or the details."""
    actor: str | None = None
    """Exactly this one."""
    action: str | None = None
    """This one, or (`application`) all that begin with it and a dot."""
    target: str | None = None
    """Exactly this one."""
    since: int | None = None
    """At this time or later."""
    until: int | None = None
    """Before this time."""
    after: int | None = None
    """Only acts with a greater row id: what has come since."""
    looked_at: str | None = None
    """Only looks in the name of this person (`services/looks.py`)."""


EVERY_ACT: Final = ActsAsked()


class Kind(StrEnum):
    """What is counted of an application, by the hour."""

    TOKENS = "tokens"
    """Tokens issued, by grant type, or `session`: in the console, by none."""
    CALLS = "calls"
    """Calls of the API that were let in, by API (`rest`, `gql`)."""
    SCOPES = "scopes"
    """What those calls needed, by scope."""
    DENIALS = "denials"
    """Calls that were refused, by the scope that was missing; and tokens that were, by the error's code."""
    ADDRESSES = "addresses"
    """Whence the calls came, by address."""
    WRITES = "writes"
    """What the calls wrote, by module and key (`callforward/1001`)."""


SYSTEM: Final = ""
"""The client_id under which all applications together are counted (tokens, calls and denials alone)."""

HOUR: Final = 3_600


@dataclass(frozen=True, slots=True)
class Count:
    """How often something happened within one hour."""

    client_id: str
    hour: int
    """Its first second."""
    kind: Kind
    what: str
    times: int


@dataclass(frozen=True, slots=True)
class Sum:
    """How often something happened within some hours, and in which of them first and last."""

    kind: Kind
    what: str
    times: int
    first: int
    """The first second of that hour."""
    last: int
    """The same."""


class Lists(Protocol):
    """What is read a page at a time. `limit` is at most 501: a page, and whether there is another behind it."""

    async def find_clients(
        self, asked: ClientsAsked, *, after: Client | None = None, limit: int = 50
    ) -> Sequence[Client]:
        """Applications, from behind this one in the order asked, with their secrets."""
        ...

    async def count_clients(self, asked: ClientsAsked) -> int:
        """How many there are; at most MOST_COUNTED + 1."""
        ...

    async def find_tokens(
        self, asked: TokensAsked, *, now: int, before: int | None = None, limit: int = 50
    ) -> Sequence[Token]:
        """Access tokens that hold, newest first, from before this row id. As `Tokens.tokens`."""
        ...

    async def count_tokens(self, asked: TokensAsked, *, now: int) -> int:
        """How many there are; at most MOST_COUNTED + 1."""
        ...

    async def find_refresh_tokens(
        self, asked: TokensAsked, *, now: int, before: int | None = None, limit: int = 50
    ) -> Sequence[tuple[RefreshToken, Family]]:
        """Refresh tokens that work (not spent, not idle for too long, their family alive and of its application's
        generation), newest first, from before this row id. `since` and `until` are of the refresh token."""
        ...

    async def count_refresh_tokens(self, asked: TokensAsked, *, now: int) -> int:
        """How many there are; at most MOST_COUNTED + 1."""
        ...

    async def find_consents(
        self, asked: ConsentsAsked, *, after: tuple[str, str] | None = None, limit: int = 50
    ) -> Sequence[tuple[Consent, str]]:
        """Consents of their application's generation, each with its person's name, by name and client_id, from behind
        this (name, client_id)."""
        ...

    async def count_consents(self, asked: ConsentsAsked) -> int:
        """How many there are; at most MOST_COUNTED + 1."""
        ...

    async def find_users(self, asked: UsersAsked, *, after: str | None = None, limit: int = 50) -> Sequence[User]:
        """Accounts by name, from behind this name."""
        ...

    async def count_users(self, asked: UsersAsked) -> int:
        """How many there are; at most MOST_COUNTED + 1."""
        ...


class Usage(Protocol):
    """What is counted."""

    async def count(self, counts: Sequence[Count], used: Mapping[str, int]) -> None:
        """Add these to what was counted, and note when applications were last used (client_id to time, never back).

        Does not raise `changes()`. Nothing is counted of an application that is not there, and that is no error: so no
        later one of the same client_id inherits it.
        """
        ...

    async def counts(self, client_id: str, since: int, until: int, kinds: Sequence[Kind]) -> Sequence[Count]:
        """What was counted of this application (SYSTEM: of all) in the hours from `since` to before `until`.

        By hour, kind, what.
        """
        ...

    async def sums(self, client_id: str, since: int, until: int, kinds: Sequence[Kind]) -> Sequence[Sum]:
        """The same, summed up over those hours: by kind, the most frequent first.

        A busy application has more rows than anybody wants to be handed: a thousand names an hour.
        """
        ...

    async def sweep_counts(self, before: int, limit: int) -> int:
        """Delete up to `limit` counts of hours before this time, or of applications that are gone; how many."""
        ...
