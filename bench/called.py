"""Very many call records, made by the database itself: two years of them, evenly spread, up to a moment.

A tenth of all calls is at one busy extension and its owner's, a twentieth comes from one busy number. The others are
spread over two thousand extensions of five hundred people, and a million numbers.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Final

import asyncpg

from scopekeeper.api.modules import installed
from scopekeeper.services.clock import SystemClock
from scopekeeper.services.mint import LeasedMint
from scopekeeper.services.ports import Lease
from scopekeeper.settings import Database, PostgresDatabase, SqliteFile
from scopekeeper.store.connection import connect
from scopekeeper.store.databases import brought_up_to_date, open_store
from scopekeeper.store.postgres.schema import apart

DAY: Final = 86_400
DAYS: Final = 730
BUSY_NUMBER: Final = "+49305550000"
BUSY_EXTENSION: Final = "1000"
EXTENSIONS: Final = 2_000
BUSY_PERSON: Final = "reception"
PERSON: Final = "user7"
"""Somebody with four extensions, as nearly everybody has."""

TABLE: Final = "module_cdr"

_SERIES: Final = {
    "sqlite": "(WITH RECURSIVE up(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM up WHERE n + 1 < {0}) SELECT n FROM up)",
    "postgresql": "(SELECT n::bigint FROM generate_series(0, {0} - 1) n)",
}
_INDEXES: Final = {
    "sqlite": f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = '{TABLE}' AND sql IS NOT NULL",
    "postgresql": f"SELECT indexname, indexdef FROM pg_indexes WHERE tablename = '{TABLE}'"
    " AND indexname NOT LIKE 'pk%'",
}


@dataclass(frozen=True, slots=True)
class Many:
    """How many calls, and the second before which they were."""

    calls: int
    until: int

    def milliseconds(self, n: int) -> int:
        """When the nth call started."""
        return (self.until - DAYS * DAY) * 1_000 + n * (DAYS * DAY * 1_000) // self.calls

    def number_of(self, n: int) -> str:
        """The number outside of the nth call."""
        return BUSY_NUMBER if n % 20 == 11 else f"+49301{n * 7_919 % 1_000_000:06}"


def fill(database: Database, many: Many) -> None:
    """Make the database with the modules' tables, and put the calls into it."""
    brought_up_to_date(database, create=True)
    apart(lambda: _prepared(database))
    if isinstance(database, SqliteFile):
        with closing(connect(database.path, wait=1)) as connection:
            connection.execute("PRAGMA synchronous = OFF")
            for statement in _statements(many, "sqlite", connection.execute(_INDEXES["sqlite"]).fetchall()):
                connection.execute(statement)
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    else:
        apart(lambda: _fill_postgres(database, many))


async def _prepared(database: Database) -> None:
    clock = SystemClock()
    now = clock.milliseconds()
    store = open_store(database)
    store.data(installed().tables, LeasedMint(Lease(0, now, now + 60_000), clock))
    await store.close()


async def _fill_postgres(database: PostgresDatabase, many: Many) -> None:
    connection = await asyncpg.connect(database.url)
    try:
        await connection.execute("SET maintenance_work_mem = '1GB'")
        indexes = [tuple(each) for each in await connection.fetch(_INDEXES["postgresql"])]
        for statement in _statements(many, "postgresql", indexes):
            await connection.execute(statement)
        await connection.execute("VACUUM ANALYZE")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


def _statements(many: Many, dialect: str, indexes: list[tuple[str, str]]) -> Iterator[str]:
    """The rows first, the indexes after: each in one go."""
    columns = _columns(many, dialect)
    names = ", ".join(f'"{name}"' for name in columns)
    yield "BEGIN"
    for name, _ in indexes:
        yield f"DROP INDEX {name}"
    yield f"INSERT INTO {TABLE} ({names}) SELECT {', '.join(columns.values())} FROM {_series(many, dialect)} AS calls"
    for _, made in indexes:
        yield made
    yield "COMMIT"


def _series(many: Many, dialect: str) -> str:
    """Of each call: its number, when it started in ms, how it went, and which extensions and which number it was of."""
    at = f"({(many.until - DAYS * DAY) * 1_000} + n * {DAYS * DAY * 1_000} / {many.calls})"
    one, other = _extension("n"), _extension("n / 10 + 777")
    return (
        f"(SELECT n, {at} AS at, n % 10 AS way, n / 10 % 20 AS fate, {one} AS one, {other} AS other,"
        f" {_number('n', dialect)} AS number, n % 25 AS rang, n % 300 + 5 AS talked"
        f" FROM {_SERIES[dialect].format(many.calls)} AS series)"
    )


def _columns(many: Many, dialect: str) -> dict[str, str]:
    answered, inbound, outbound = "fate < 12", "way < 5", "way IN (5, 6, 7)"
    length = f"(rang + CASE WHEN {answered} THEN talked ELSE 0 END)"
    one, other = "CAST(one AS text)", "CAST(other AS text)"
    caller = f"CASE WHEN {inbound} THEN NULL ELSE {one} END"
    callee = f"CASE WHEN {inbound} THEN {one} WHEN {outbound} THEN NULL ELSE {other} END"
    owner_of_caller = f"CASE WHEN {inbound} THEN NULL ELSE {_owner('one')} END"
    owner_of_callee = f"CASE WHEN {inbound} THEN {_owner('one')} WHEN {outbound} THEN NULL ELSE {_owner('other')} END"
    return {
        "uid": "'call' || n",
        "started": _iso("at", dialect),
        "ended": _iso(f"at + 1000 * {length}", dialect),
        "direction": f"CASE WHEN {inbound} THEN 'inbound' WHEN {outbound} THEN 'outbound' ELSE 'internal' END",
        "disposition": f"CASE WHEN {answered} THEN 'answered' WHEN fate < 15 THEN 'no_answer'"
        " WHEN fate < 17 THEN 'busy' WHEN fate < 18 THEN 'failed' ELSE 'cancelled' END",
        "id": f"{_stamp('at', dialect)} || '-' || {_apart(dialect)}",
        "answered_at": f"CASE WHEN {answered} THEN {_iso('at + 1000 * rang', dialect)} END",
        "caller": f"CASE WHEN {inbound} THEN number ELSE {one} END",
        "caller_extension": caller,
        "callee": f"CASE WHEN {inbound} THEN '+4930555' || (100 + n % 97) WHEN {outbound} THEN number ELSE {other} END",
        "callee_extension": callee,
        "did": f"CASE WHEN {inbound} THEN '+4930555' || (100 + n % 97) END",
        "duration": length,
        "talk_seconds": f"CASE WHEN {answered} THEN talked ELSE 0 END",
        "channel": "'PJSIP/trunk-' || n",
        "destination_channel": f"'PJSIP/' || {one} || '-' || n",
        "application": "'Dial'",
        "caller_owner": owner_of_caller,
        "callee_owner": owner_of_callee,
        "row_version": "n + 1",
    }


def _extension(n: str) -> str:
    return f"CASE WHEN ({n}) % 10 = 3 THEN {BUSY_EXTENSION} ELSE 1001 + ({n}) * 7919 % {EXTENSIONS - 1} END"


def _owner(extension: str) -> str:
    return f"CASE WHEN {extension} = {BUSY_EXTENSION} THEN '{BUSY_PERSON}' ELSE 'user' || ({extension} % 500) END"


def _number(n: str, dialect: str) -> str:
    padded = "printf('%06d', {0})" if dialect == "sqlite" else "lpad(CAST({0} AS text), 6, '0')"
    return f"CASE WHEN {n} % 20 = 11 THEN '{BUSY_NUMBER}' ELSE '+49301' || {padded.format(f'{n} * 7919 % 1000000')} END"


def _stamp(at: str, dialect: str) -> str:
    if dialect == "sqlite":
        return f"strftime('%Y%m%dT%H%M%S', {at} / 1000, 'unixepoch') || printf('%03d', {at} % 1000)"
    return f"to_char(to_timestamp(({at}) / 1000.0) AT TIME ZONE 'UTC', 'YYYYMMDD\"T\"HH24MISSMS')"


def _iso(at: str, dialect: str) -> str:
    if dialect == "sqlite":
        return f"strftime('%Y-%m-%dT%H:%M:%S', ({at}) / 1000, 'unixepoch') || printf('.%03d000Z', ({at}) % 1000)"
    return f"to_char(to_timestamp(({at}) / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"


def _apart(dialect: str) -> str:
    return "lower(hex(randomblob(6)))" if dialect == "sqlite" else "substr(md5(CAST(n AS text)), 1, 12)"
