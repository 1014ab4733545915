"""Connected applications: what one person has allowed, seen and taken back by that person (ASVS 5.0 10.4.9, 10.7.3)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from scopekeeper.oauth.granted import Consent, Family
from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import Client, Token
from scopekeeper.services.lists import ActsAsked
from scopekeeper.services.ports import Act, Audit, Clients, Clock, Entropy, Grants, Tokens

MOST_TOKENS: Final = 10
"""Access tokens of one application that their person is shown."""
MOST_ACTS: Final = 10
"""What they themselves did about it."""

_LOOKED_AT: Final = 100
"""Tokens among which those are: some may be an earlier person's of the same name."""

R = TypeVar("R", Family, Token)


@dataclass(frozen=True, slots=True)
class Connection:
    """One application, and what one person allows it."""

    client: Client
    scope: tuple[str, ...]
    """All that it was allowed: by the consent that is remembered, and by the grants that still live."""
    granted_at: int
    """When that began."""
    last_used_at: int | None
    """When a token of it was last used, as far as the rows still tell."""
    live: bool
    """Has it a grant that lives? Else the consent is only remembered, for when it asks again."""
    claims: tuple[str, ...] = ()
    """The claims that it may know one by one."""


@dataclass(frozen=True, slots=True)
class Lately:
    """What one application did lately in one person's name, as far as what is kept of that person tells."""

    connection: Connection
    grants: Sequence[Family]
    """Those that live, the newest first."""
    tokens: Sequence[Token]
    """The newest of those that hold: when and whence each was asked for, and last used."""
    acts: Sequence[Act]
    """What the person did about it, the newest first."""


class Remembered(Audit, Clients, Grants, Tokens, Protocol):
    """Where it is all remembered."""


@dataclass(frozen=True, slots=True)
class Connections:
    """Shows a person what they allowed, and forgets it."""

    store: Remembered
    clock: Clock
    entropy: Entropy

    async def of(self, user: User) -> Sequence[Connection]:
        """All of this person's, in the order of the applications' names.

        An application that is gone has none, and one that was compromised has none of before. Its last use is looked
        for among the newest 500 of this person's live tokens.
        """
        now = self.clock.now()
        consents = {each.client_id: each for each in await self.store.consents(user.id)}
        families = _by_client(await self.store.families(user.id, now))
        tokens = _by_client(
            each for each in await self.store.tokens(user=user.name, now=now) if each.user_id == user.id
        )
        found: list[Connection] = []
        for client_id in consents.keys() | families.keys():
            client = await self.store.client(client_id)
            if client is not None:
                consent, live = consents.get(client_id), families.get(client_id, ())
                found += _connections(client, consent, live, tokens.get(client_id, ()))
        return sorted(found, key=lambda each: (each.client.name.lower(), each.client.client_id))

    async def lately(self, user: User, client_id: str) -> Lately | None:
        """What this application may do in this person's name, and did. None: they let in no such application.

        What ended is forgotten, and what is counted is counted of an application, and not of a person.
        """
        connection = next((each for each in await self.of(user) if each.client.client_id == client_id), None)
        if connection is None:
            return None
        now, generation = self.clock.now(), connection.client.generation
        grants = [each for each in await self.store.families(user.id, now) if each.client_id == client_id]
        tokens = await self.store.tokens(client_id=client_id, user=user.name, now=now, limit=_LOOKED_AT)
        asked = ActsAsked(actor=f"user:{user.name}", target=client_id, after=user.id)
        return Lately(
            connection,
            [each for each in grants if each.generation == generation],
            [each for each in tokens if each.user_id == user.id][:MOST_TOKENS],
            await self.store.acts(asked, limit=MOST_ACTS),
        )

    async def count(self, user: User) -> int:
        """How many there are of this person's; cheaper than looking at each of them."""
        consents = {each.client_id: each for each in await self.store.consents(user.id)}
        families, found = _by_client(await self.store.families(user.id, self.clock.now())), 0
        for client_id in consents.keys() | families.keys():
            client = await self.store.client(client_id)
            if client is not None:
                connections = _connections(client, consents.get(client_id), families.get(client_id, ()), ())
                found += sum(1 for _ in connections)
        return found

    async def former(self, user: User, client_id: str) -> Client | None:
        """The application with this client_id, if this person allows it nothing (any more)."""
        if any(each.client.client_id == client_id for each in await self.of(user)):
            return None
        return await self.store.client(client_id)

    async def withdraw(self, user: User, client_id: str, address: str | None = None) -> Client | None:
        """Take back all that this person allowed this application: its tokens are dead. Which it was, if there was one.

        Consent, waiting codes, families, refresh and access tokens: all of them.
        """
        connection = next((each for each in await self.of(user) if each.client.client_id == client_id), None)
        if connection is None:
            return None
        now = self.clock.now()
        details = {"name": connection.client.name, "scope": " ".join(connection.scope)}
        act = Act(self.entropy.row_id(), now, f"user:{user.name}", "consent.withdraw", client_id, address, details)
        await self.store.withdraw(user.id, client_id, now, act)
        return connection.client


def _by_client(rows: Iterable[R]) -> Mapping[str, list[R]]:
    found: dict[str, list[R]] = {}
    for each in rows:
        found.setdefault(each.client_id, []).append(each)
    return found


def _connections(
    client: Client, consent: Consent | None, families: Iterable[Family], tokens: Iterable[Token]
) -> Iterable[Connection]:
    """What the rows tell of one application: one, or none where nothing is of its present generation."""
    consented = [consent] if consent is not None and consent.holds(client) else []
    live = [family for family in families if family.generation == client.generation]
    allowing: list[Consent | Family] = [*consented, *live]
    used: list[Family | Token] = [*live, *tokens]
    if allowing:
        yield Connection(
            client=client,
            scope=tuple(dict.fromkeys(scope for each in allowing for scope in each.scope)),
            granted_at=min([each.granted_at for each in consented] or [each.issued_at for each in live]),
            last_used_at=max((each.last_used_at for each in used if each.last_used_at is not None), default=None),
            claims=tuple(dict.fromkeys(name for each in consented for name in each.claims)),
            live=bool(live),
        )
