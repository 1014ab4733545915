"""`python -m bench.rows`: what a token, a rotation and a use cost PostgreSQL in bytes, for the capacity guide.

The store's own methods write so many rows, 32 at a time as the bench's clients do; then the write-ahead log is asked
how far it went, and the tables how much larger they are with their indexes. No checkpoint comes between, so the log's
figures are without the images of whole pages that the first writes after one add.
"""

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg
import msgspec
from msgspec.structs import replace

from bench.many import BUSY, DAY, Many, fill
from bench.ours import SCOPE, durable_postgres
from scopekeeper.oauth.granted import Family, RefreshToken
from scopekeeper.oauth.records import GrantType, Token, TokenFormat
from scopekeeper.services.mint import first_row_id
from scopekeeper.services.ports import Store, Use
from scopekeeper.settings import PostgresDatabase
from scopekeeper.store.databases import open_store

KEPT: Final = Path(__file__).with_name("results") / "rows.json"
NUMBER: Final = 5_000
AT_ONCE: Final = 32

_GATHERED: Final = 100
"""Uses that are written at once."""

_BEFORE: Final = 2_000
"""Tokens that are there before."""
_SEALED: Final = 220
"""Bytes of the answer that is kept sealed for whoever did not hear it: two tokens, a scope, nonce and tag."""


@dataclass(frozen=True, slots=True)
class Bytes:
    """Of one act: how much longer the write-ahead log is after it, and tables with their indexes larger."""

    log: float
    kept: float


def measured(database: PostgresDatabase, number: int = NUMBER) -> dict[str, Bytes]:
    """An opaque token, a JWT's row, a grant with its tokens, a rotation, and the last use of a token, in turn."""
    return asyncio.run(_measured(database, number))


async def _measured(database: PostgresDatabase, number: int) -> dict[str, Bytes]:
    now = int(time.time())
    store, asked = open_store(database), await asyncpg.connect(database.url)
    rows = _Rows(store, Many(_BEFORE, now))
    try:
        found = {}
        for what, act in rows.acts().items():
            await asked.execute("CHECKPOINT")
            await _each(act, range(10))  # so that the pages at the end of the trees have been in the log
            before = await _size(asked)
            await _each(act, range(10, number))
            after = await _size(asked)
            log, kept = ((late - early) / (number - 10) for early, late in zip(before, after, strict=True))
            found[what] = Bytes(round(log, 1), round(kept, 1))
        return found
    finally:
        await asked.close()
        await store.close()


class _Rows:
    """What is written. The nth act is of rows of its own."""

    def __init__(self, store: Store, many: Many) -> None:
        self._store, self._now = store, many.now

    def acts(self) -> dict[str, Callable[[int], Awaitable[object]]]:
        return {
            "token": self._issued,
            "JWT": self._signed,
            "grant": self._begun,
            "rotation": self._rotated,
            "last use": self._used,
        }

    async def _issued(self, n: int) -> None:
        await self._store.issue(self._token(60, n))

    async def _signed(self, n: int) -> None:
        await self._store.issue(self._token(120, n, TokenFormat.JWT, digest=b""))

    async def _begun(self, n: int) -> None:
        row_id = self._id(180, n)
        whose = (GrantType.AUTHORIZATION_CODE, 1, "user0")
        family = Family(row_id, BUSY, 0, *whose, self._now, None, True, (SCOPE,), self._now, self._now + DAY)
        await self._store.begin_family(family, self._token(240, n, family=row_id), self._refresh(300, n), None, None)

    async def _rotated(self, n: int) -> None:
        family = self._id(180, n)
        token = self._token(360, n, family=family)
        spent, new = self._refresh(300, n), self._refresh(420, n)
        await self._store.rotate(spent, self._now, new, os.urandom(_SEALED), token)

    async def _used(self, n: int) -> None:
        if n % _GATHERED == 0:
            uses = [Use(self._id(60, n + each), self._now, "192.0.2.7") for each in range(_GATHERED)]
            await self._store.used(uses, [], [])

    def _token(
        self,
        after: int,
        n: int,
        format: TokenFormat = TokenFormat.OPAQUE,
        *,
        digest: bytes | None = None,
        family: int | None = None,
    ) -> Token:
        token = Token(
            self._id(after, n),
            os.urandom(32) if digest is None else digest,
            BUSY,
            (SCOPE,),
            self._now,
            self._now + 3_600,
            0,
            format,
            address="192.0.2.7",
        )
        return token if family is None else replace(token, user="user0", user_id=1, family_id=family)

    def _refresh(self, after: int, n: int) -> RefreshToken:
        digest = (self._id(after, n) % (1 << 250)).to_bytes(32)
        return RefreshToken(self._id(after, n), digest, self._id(180, n), self._now, self._now + DAY)

    def _id(self, after: int, n: int) -> int:
        return first_row_id(self._now + after) + n


async def _each(act: Callable[[int], Awaitable[object]], numbers: range) -> None:
    left = iter(numbers)

    async def some() -> None:
        for n in left:
            await act(n)

    await asyncio.gather(*(some() for _ in range(AT_ONCE)))


async def _size(asked: asyncpg.Connection) -> tuple[int, int]:
    log = await asked.fetchval("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint")
    kept = await asked.fetchval(
        "SELECT sum(pg_total_relation_size(oid))::bigint FROM pg_class"
        " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    return log, kept


def main() -> int:
    """Measure, print, and keep the figures."""
    with durable_postgres(None) as (database, _):
        fill(database, Many(_BEFORE, int(time.time())))
        found = measured(database)
    KEPT.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")
    for what, each in found.items():
        print(f"{what:10}{each.log:8.0f} bytes of log{each.kept:8.0f} bytes kept")
    return 0


if __name__ == "__main__":
    sys.exit(main())
