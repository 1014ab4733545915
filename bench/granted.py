"""What people have granted, put into the database at once: refresh tokens to rotate, and codes to redeem.

A bench cannot sign a hundred thousand people in. The rows are what the server would have written; it finds them as it
finds its own, for they are read from the disk and not from any cache.
"""

import asyncio
import sqlite3
import time
from collections.abc import Iterable
from contextlib import closing
from functools import partial
from typing import Final

from scopekeeper.oauth.pkce import challenge_of
from scopekeeper.oauth.secrets import Kind, digest_of, secret_of
from scopekeeper.services.clock import SystemClock
from scopekeeper.services.mint import LeasedMint
from scopekeeper.services.ports import Lease
from scopekeeper.settings import Database, PostgresDatabase
from scopekeeper.store.databases import open_store
from scopekeeper.store.postgres.connection import connect
from scopekeeper.store.postgres.schema import apart
from scopekeeper.store.tables import PROCESSES

VERIFIER: Final = "bench-" + "v" * 37
REDIRECT: Final = "https://app.example/callback"

_CHALLENGE: Final = challenge_of(VERIFIER)
_PROCESS: Final = PROCESSES - 1
"""A process number that no server takes before all others are taken."""
_LASTS: Final = 86_400


class Granted:
    """One person's grants to one application."""

    def __init__(self, database: Database, client_id: str, scope: str, user: str) -> None:
        self._database = database
        self._client_id = client_id
        self._scope = scope
        self._user = user
        clock = SystemClock()
        now = clock.milliseconds()
        self._mint = LeasedMint(Lease(_PROCESS, now, now + _LASTS * 1_000), clock)
        self._user_id, self._session = self._person(), self._mint.row_id()
        session = {"id": self._session, "digest": b"", "user_id": self._user_id, "agent": ""}
        self._insert({"sessions": [session | dict.fromkeys(("signed_in_at", "last_seen_at"), clock.now())]})

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
                | {"offline": False, "scope": self._scope, "issued_at": now, "expires_at": now + _LASTS}
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
        if isinstance(self._database, PostgresDatabase):
            apart(partial(_copied, self._database, rows))
            return
        with closing(sqlite3.connect(self._database.path, timeout=30)) as connection, connection:
            for table, each in rows.items():
                connection.executemany(_insertion(table, each[0]), each)

    def _person(self) -> int:
        store = open_store(self._database)

        async def found() -> int:
            user = await store.user(self._user)
            await store.close()
            assert user is not None
            return user.id

        return asyncio.run(found())


async def _copied(database: PostgresDatabase, rows: dict[str, list[dict[str, object]]]) -> None:
    connection = await connect(database)
    try:
        for table, each in rows.items():
            records = [tuple(row.values()) for row in each]
            await connection.copy_records_to_table(table, records=records, columns=list(each[0]))
            await connection.execute(f"ANALYZE {table}")  # as it does itself within a minute
    finally:
        await connection.close()


def _insertion(table: str, names: Iterable[str]) -> str:
    columns = ", ".join(f'"{name}"' for name in names)
    return f"INSERT INTO {table} ({columns}) VALUES ({', '.join(f':{name}' for name in names)})"
