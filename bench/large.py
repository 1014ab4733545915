"""A large installation, put into a database at once: what lists are read from when there is very much of everything.

The rows are made by the store's own makers of rows, from records such as a server would have written, spread over the
past. Half of the access tokens have expired, as in a database that is swept a week later.
"""

import random
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scopekeeper.oauth.granted import Consent, Family, RefreshToken
from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import ApplicationType, Client, GrantType, Secret, Token
from scopekeeper.services.lists import HOUR, SYSTEM, Count, Kind
from scopekeeper.services.mint import first_row_id
from scopekeeper.services.ports import Act
from scopekeeper.store.connection import DIALECT, connect
from scopekeeper.store.grant_rows import consent_row, family_row, refresh_token_row
from scopekeeper.store.rows import Row, act_row, client_row, count_row, secret_row, token_row, user_row
from scopekeeper.store.schema import ready
from scopekeeper.store.statement import Statement
from scopekeeper.store.statements import Statements

DAY: Final = 86_400
SCOPES: Final = ("rest:callforward:read", "rest:callforward:write", "gql:callforward:read", "rest:extensions", "gql")
WORDS: Final = ("Night", "Büro", "Wallboard", "Éditeur", "front", "DESK", "reports", "CRM", "nurse", "Straße")
LIFETIMES: Final = (3_600, 30 * DAY)


@dataclass(frozen=True, slots=True)
class Size:
    """How many of each."""

    clients: int = 100_000
    users: int = 20_000
    acts: int = 200_000
    tokens: int = 500_000
    families: int = 200_000
    counts: int = 300_000


def fill(database: Path, size: Size, now: int) -> None:
    """Make the database, and put everything into it in one transaction."""
    ready(database)
    sql, made = Statements(DIALECT), _Made(size, now)
    with closing(connect(database, wait=1)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        _insert(connection, sql.people.add_user, map(user_row, made.users()))
        _insert(connection, sql.add_client, map(client_row, made.clients()))
        _insert(connection, sql.add_secret, map(secret_row, made.secrets()))
        _insert(connection, sql.add_act, map(act_row, made.acts()))
        connection.executemany(sql.add_token.text, map(token_row, made.tokens()))
        connection.executemany(sql.grants.add_family.text, map(family_row, made.families()))
        connection.executemany(sql.grants.add_refresh_token.text, made.refresh_tokens())
        _insert(connection, sql.grants.remember, map(consent_row, made.consents()))
        _insert(connection, sql.lists.add_count, map(count_row, made.counts()))
        connection.execute("COMMIT")


def client_id_of(number: int) -> str:
    """The client_id of one of the applications."""
    return f"client{number:026d}"


class _Made:
    """The records, the same ones each time."""

    def __init__(self, size: Size, now: int) -> None:
        self._size = size
        self._now = now
        self._random = random.Random(1)

    def users(self) -> Iterator[User]:
        for each in range(self._size.users):
            name = f"user{each}"
            yield User(each + 1, name, "$argon2id$", self._now - DAY, f"{name}@example.org", admin=each % 1_000 == 0)

    def clients(self) -> Iterator[Client]:
        types = tuple(ApplicationType)
        for each, at in self._spread(self._size.clients, 365 * DAY):
            yield Client(
                client_id_of(each),
                types[each % len(types)],
                f"{self._word()} {self._word()} {each}",
                tuple(self._random.sample(SCOPES, 2)),
                (GrantType.CLIENT_CREDENTIALS,),
                at,
                redirect_uris=(f"https://app{each}.example/callback",),
                description=f"The {self._word()} of {self._word()}",
                owner=f"user{each % self._size.users}" if each % 3 == 0 else None,
                enabled=each % 20 != 0,
            )

    def secrets(self) -> Iterator[Secret]:
        for each, at in self._spread(self._size.clients, 365 * DAY):
            yield Secret(_row_id(at, each), client_id_of(each), bytes(32), "wxyz", "first", at, "cli:root")

    def acts(self) -> Iterator[Act]:
        for each, at in self._spread(self._size.acts, 365 * DAY):
            details = {"name": {"was": self._word(), "is": self._word()}, "scope": SCOPES[each % len(SCOPES)]}
            actor = f"user:user{self._random.randrange(self._size.users)}"
            yield Act(_row_id(at, each), at, actor, "application.change", self._client_id(), "192.0.2.7", details)

    def tokens(self) -> Iterator[Token]:
        for each, at in self._spread(self._size.tokens, 7 * DAY):
            scope = tuple(self._random.sample(SCOPES, 2))
            expires_at = at + LIFETIMES[each % len(LIFETIMES)]
            yield Token(_row_id(at, each), each.to_bytes(32), self._client_id(), scope, at, expires_at, 0)

    def families(self) -> Iterator[Family]:
        for each, at in self._spread(self._size.families, 30 * DAY):
            user = each % self._size.users
            yield Family(
                _row_id(at, each),
                self._client_of(each),
                generation=0,
                grant_type=GrantType.AUTHORIZATION_CODE,
                user_id=user + 1,
                user=f"user{user}",
                auth_time=at,
                session_id=None,
                offline=True,
                scope=SCOPES[:2],
                issued_at=at,
                expires_at=at + 90 * DAY,
            )

    def refresh_tokens(self) -> Iterator[Row]:
        """Two of each family, of which the first was spent."""
        for each, at in self._spread(self._size.families, 30 * DAY):
            family, first, second = (_row_id(at, number) for number in (each, each * 2, each * 2 + 1))
            spent = RefreshToken(first, first.to_bytes(32), family, at, at + 90 * DAY, at, second)
            yield refresh_token_row(spent, None)
            yield refresh_token_row(RefreshToken(second, second.to_bytes(32), family, at, at + 90 * DAY), None)

    def consents(self) -> Iterator[Consent]:
        for each, at in self._spread(self._size.families, 30 * DAY):
            yield Consent(each % self._size.users + 1, self._client_of(each), 0, SCOPES[:2], at, at)

    def counts(self) -> Iterator[Count]:
        """The hours of the last month, of all together and of a few."""
        kinds = (Kind.TOKENS, Kind.CALLS, Kind.DENIALS)
        for each in range(self._size.counts):
            hours, kind = divmod(each, len(kinds))
            clients, hour = divmod(hours, 30 * 24)
            client_id = client_id_of(clients) if clients else SYSTEM
            yield Count(client_id, (self._now // HOUR - hour) * HOUR, kinds[kind], "rest", 7)

    def _spread(self, number: int, past: int) -> Iterator[tuple[int, int]]:
        """Numbers, each with its moment in the past, the oldest first."""
        return ((each, self._now - past + past * each // number) for each in range(number))

    def _client_id(self) -> str:
        return client_id_of(self._random.randrange(self._size.clients))

    def _client_of(self, family: int) -> str:
        """A few applications have most of the grants."""
        return client_id_of(family * family % 997 % self._size.clients)

    def _word(self) -> str:
        return self._random.choice(WORDS)


def _row_id(at: int, number: int) -> int:
    """A row id of that moment, of its own for as long as there are less than four million in a second."""
    return first_row_id(at) + number


def _insert(connection: sqlite3.Connection, statement: Statement, rows: Iterable[Mapping[str, object]]) -> None:
    connection.executemany(statement.text, map(statement.places, rows))
