"""What people have granted, put into the database at once: refresh tokens to rotate, and codes to redeem.

A bench cannot sign a hundred thousand people in. The rows are what the server would have written; it finds them as it
finds its own, for they are read from the disk and not from any cache.
"""

import sqlite3
import time
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Final

from scopekeeper.oauth.pkce import challenge_of
from scopekeeper.oauth.secrets import Kind, digest_of, secret_of
from scopekeeper.services.mint import LeasedMint, SystemClock
from scopekeeper.services.ports import Lease
from scopekeeper.store.tables import PROCESSES

VERIFIER: Final = "bench-" + "v" * 37
REDIRECT: Final = "https://app.example/callback"

_CHALLENGE: Final = challenge_of(VERIFIER)
_PROCESS: Final = PROCESSES - 1
"""A process number that no server takes before all others are taken."""
_LASTS: Final = 86_400
_SESSION: Final = (
    "INSERT INTO sessions (id, digest, user_id, signed_in_at, last_seen_at, agent) VALUES (?, ?, ?, ?, ?, '')"
)


class Granted:
    """One person's grants to one application."""

    def __init__(self, database: Path, client_id: str, scope: str, user: str) -> None:
        self._database = database
        self._client_id = client_id
        self._scope = scope
        self._user = user
        clock = SystemClock()
        now = clock.milliseconds()
        self._mint = LeasedMint(Lease(_PROCESS, now, now + _LASTS * 1_000), clock)
        with closing(self._opened()) as connection:
            ((self._user_id,),) = connection.execute("SELECT id FROM users WHERE name = ?", (user,))
            self._session, now = self._mint.row_id(), clock.now()
            with connection:
                connection.execute(_SESSION, (self._session, b"", self._user_id, now, now))

    def refresh_tokens(self, number: int) -> list[str]:
        """So many refresh tokens, each the first of its family."""
        now = int(time.time())
        families, tokens, secrets = [], [], []
        for _ in range(number):
            family, row = self._mint.row_id(), self._mint.row_id()
            secret = secret_of(Kind.REFRESH_TOKEN, row, self._mint.entropy())
            secrets.append(secret)
            families.append(
                {"id": family, "client_id": self._client_id, "generation": 0, "grant_type": "authorization_code"}
                | {"user_id": self._user_id, "user": self._user, "auth_time": now, "session_id": self._session}
                | {"offline": 0, "scope": self._scope, "issued_at": now, "expires_at": now + _LASTS}
            )
            tokens.append(
                {"id": row, "digest": digest_of(secret), "family_id": family}
                | {"issued_at": now, "expires_at": now + _LASTS}
            )
        self._insert({"families": families, "refresh_tokens": tokens})
        return secrets

    def codes(self, number: int) -> list[str]:
        """So many authorization codes, which VERIFIER and REDIRECT go with."""
        now = int(time.time())
        rows, secrets = [], []
        for _ in range(number):
            row = self._mint.row_id()
            secret = secret_of(Kind.AUTHORIZATION_CODE, row, self._mint.entropy())
            secrets.append(secret)
            rows.append(
                {"id": row, "digest": digest_of(secret), "client_id": self._client_id, "generation": 0}
                | {"user_id": self._user_id, "user": self._user, "auth_time": now, "session_id": self._session}
                | {"redirect_uri": REDIRECT, "scope": self._scope, "issued_at": now, "expires_at": now + _LASTS}
                | {"code_challenge": _CHALLENGE}
            )
        self._insert({"codes": rows})
        return secrets

    def _insert(self, rows: dict[str, list[dict[str, object]]]) -> None:
        with closing(self._opened()) as connection, connection:
            for table, each in rows.items():
                connection.executemany(_insertion(table, each[0]), each)

    def _opened(self) -> sqlite3.Connection:
        return sqlite3.connect(self._database, timeout=30)


def _insertion(table: str, names: Iterable[str]) -> str:
    columns = ", ".join(f'"{name}"' for name in names)
    return f"INSERT INTO {table} ({columns}) VALUES ({', '.join(f':{name}' for name in names)})"
