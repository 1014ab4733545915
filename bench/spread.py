"""Live tokens that lie all over a large installation, with secrets that the bench knows: for introspection.

They are more than a server remembers, in a small installation as in a large one, so that the database is asked.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from typing import Final

import asyncpg

from bench.many import Many
from scopekeeper.oauth.secrets import Kind, digest_of, secret_of
from scopekeeper.settings import Database, SqliteFile
from scopekeeper.store.postgres.schema import apart

_ROUND: Final = 20
_LIVE: Final = tuple(n for n in range(_ROUND) if n % 10 and n != 7)
"""Of twenty tokens in a row these hold, and are of other applications than the busy one."""

_ENTROPY: Final = "0" * 32


def spread(many: Many, number: int) -> list[int]:
    """The numbers of so many of the tokens that hold, as far apart as can be; fewer where there are not so many."""
    first = -(-many.due // _ROUND)
    there = len(_LIVE) * (many.tokens // _ROUND - first)
    number = min(number, there)
    places = (place * there // number for place in range(number))
    return [(first + place // len(_LIVE)) * _ROUND + _LIVE[place % len(_LIVE)] for place in places]


def secrets_of(many: Many, number: int) -> list[str]:
    """What those tokens are, in the same order."""
    return [_secret(many, n) for n in spread(many, number)]


def make_known(database: Database, many: Many, number: int) -> None:
    """Let those tokens be what `secrets_of` says."""
    ids = [many.token_id(n) for n in spread(many, number)]
    digests = [digest_of(secret) for secret in secrets_of(many, number)]
    if isinstance(database, SqliteFile):
        with closing(sqlite3.connect(database.path)) as connection, connection:
            connection.executemany("UPDATE tokens SET digest = ? WHERE id = ?", zip(digests, ids, strict=True))
    else:
        apart(lambda: _on_postgres(database.url, ids, digests))


async def _on_postgres(url: str, ids: Sequence[int], digests: Sequence[bytes]) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(
            "UPDATE tokens SET digest = told.digest FROM unnest($1::bigint[], $2::bytea[]) AS told(id, digest) "
            "WHERE tokens.id = told.id",
            ids,
            digests,
        )
        await connection.execute("VACUUM ANALYZE tokens")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


def _secret(many: Many, n: int) -> str:
    return secret_of(Kind.ACCESS_TOKEN, many.token_id(n), _ENTROPY)
