"""Tokens that come due to be swept when a bench wants them to: at once, or little by little."""

import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from typing import Any, Final

import asyncpg

from bench.many import DAY, Many
from scopekeeper.services.mint import first_row_id
from scopekeeper.services.sweep import KEPT
from scopekeeper.settings import Database, SqliteFile
from scopekeeper.store.postgres.schema import apart

_AT_ONCE: Final = 5_000
"""Rows that are changed in one transaction, so that a server can write, too."""


def first_due(many: Many) -> int:
    """The row id of the first token of those that can come due."""
    return first_row_id(many.now - 40 * DAY)


def let_come_due(database: Database, many: Many, seconds: float) -> None:
    """Let those that were put off come due one after the other within these seconds from now; all at once for 1."""
    first, per_second = first_due(many), max(round(many.due / seconds), 1)
    due_at = f"{int(time.time()) - KEPT - 1} + (id - {first}) / {per_second}"
    ends = range(first, first + many.due, _AT_ONCE)
    _done(
        database,
        [
            f"UPDATE tokens SET expires_at = {due_at} "
            f"WHERE id BETWEEN {begin} AND {min(begin + _AT_ONCE, first + many.due) - 1}"
            for begin in ends
        ],
    )


def is_there(database: Database, row_id: int) -> bool:
    """Is there a token with this row id?"""
    [(there,)] = _done(database, [f"SELECT count(*) FROM tokens WHERE id = {row_id}"])
    return bool(there)


def _done(database: Database, statements: Sequence[str]) -> list[Any]:
    """Carry these out, each in a transaction of its own; the rows that the last one finds."""
    if not isinstance(database, SqliteFile):
        found: list[Any] = apart(lambda: _on_postgres(database.url, statements))
        return found
    rows: list[Any] = []
    with closing(sqlite3.connect(database.path, timeout=30, isolation_level=None)) as connection:
        for statement in statements:
            rows = connection.execute(statement).fetchall()
    return rows


async def _on_postgres(url: str, statements: Sequence[str]) -> list[Any]:
    connection = await asyncpg.connect(url)
    rows: list[Any] = []
    try:
        for statement in statements:
            rows = [tuple(row) for row in await connection.fetch(statement)]
    finally:
        await connection.close()
    return rows
