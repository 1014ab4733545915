"""Indexes of tables that are there already: made behind all steps, while everybody reads and writes.

CREATE INDEX in a step would shut the table until it is done, minutes for ten million tokens. So no step makes one on
PostgreSQL: what `tables.py` describes and is not there is made here, by whoever migrates, and again where that was
broken off. So is what modules' tables have come to describe, by whoever opens the house.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

from asyncpg import DeadlockDetectedError
from sqlalchemy import Table
from sqlalchemy.schema import CreateIndex

from scopekeeper.store.postgres.connection import DIALECT, Connection

_THERE: Final = """
SELECT i.relname, x.indisvalid OR p.pid IS NOT NULL
FROM pg_index x
JOIN pg_class i ON i.oid = x.indexrelid
LEFT JOIN pg_stat_progress_create_index p ON p.index_relid = i.oid AND p.datname = current_database()
WHERE i.relnamespace = current_schema()::regnamespace
"""
"""Each index: is it whole, or is somebody making it?"""


_PAUSE: Final = 0.5
"""Seconds that somebody else, who makes indexes too, goes on alone."""


async def make_missing(connection: Connection, tables: Sequence[Table]) -> None:
    """See that every index is there that these tables describe. Raises what the driver raises."""
    while True:
        try:
            await _make_missing(connection, tables)
        except DeadlockDetectedError:  # two who make indexes of one table wait for each other: one of them goes on
            await asyncio.sleep(_PAUSE)
        else:
            return


async def _make_missing(connection: Connection, tables: Sequence[Table]) -> None:
    async with connection.transaction():
        there = dict(await connection.fetch(_THERE))
    for table in tables:
        for index in sorted(table.indexes, key=lambda each: str(each.name)):
            name = str(index.name)
            if there.get(name):
                continue
            if name in there:  # left behind by one that was broken off
                await connection.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            made = str(CreateIndex(index).compile(dialect=DIALECT)).strip()
            await connection.execute(made.replace("INDEX ", "INDEX CONCURRENTLY IF NOT EXISTS ", 1))
