"""Databases to move, and the two looked at side by side by eyes that are not the move's."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, Table

from scopekeeper.settings import PostgresDatabase
from scopekeeper.store import migrate
from scopekeeper.store.tables import processes, schema
from tests.beneath import tell_file
from tests.fixtures import NOON
from tests.postgres import tell


def filled(path: Path, tokens: int, users: int = 3) -> Path:
    """A database with so many tokens and people."""
    migrate(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany(
            "INSERT INTO tokens (id, digest, client_id, scope, issued_at, expires_at, generation, format)"
            " VALUES (?, ?, 'night-shift', 'rest', ?, ?, 1, 'opaque')",
            ((number, number.to_bytes(32), NOON, NOON + 3600) for number in range(1, tokens + 1)),
        )
        connection.executemany(
            "INSERT INTO users (id, name, created_at, admin, enabled, updated_at, revision)"
            " VALUES (?, ?, ?, 0, 1, 0, 1)",
            ((number, f"user-{number}", NOON) for number in range(1, users + 1)),
        )
        connection.executemany(
            "INSERT INTO sessions (id, digest, user_id, signed_in_at, last_seen_at, agent)"
            " VALUES (?, x'00', ?, 1, 1, '')",
            ((number, number) for number in range(1, users + 1)),
        )
        connection.executemany(
            "INSERT INTO farewells VALUES (?, ?, ?, 1, 2, 3)",
            ((f"app-{number % 2}", number, number) for number in range(1, users + 1)),
        )
        connection.executemany(
            "INSERT INTO passkeys VALUES (?, ?, ?, x'a501', 7, 'Ключ', 1, NULL, ?, 'hybrid internal')",
            ((number, number, number.to_bytes(300), number % 2) for number in range(1, users + 1)),
        )
        connection.executemany(
            "INSERT INTO totps VALUES (?, x'00ff', 1, 58000000, NULL)", ((number,) for number in range(1, users + 1))
        )
        connection.executemany(
            "INSERT INTO recovery_codes VALUES (?, ?, x'00', 1, ?)",
            ((number, 1 + number % users, number % 2 or None) for number in range(1, 2 * users + 1)),
        )
        connection.execute(
            "INSERT INTO upstreams"
            " VALUES (1, 'acme', 'Acme', 'https://acme.example', 'us', 1, x'00', 'openid', 1, 0, 1, 2)"
        )
        connection.executemany(
            "INSERT INTO identities VALUES (1, ?, ?, 1, NULL, 2)",
            ((f"Ä-{number}", number) for number in range(1, users + 1)),
        )
        connection.executemany(
            "INSERT INTO spent VALUES (?, 1)", ((number.to_bytes(32),) for number in range(1, users + 1))
        )
        connection.executemany(
            "INSERT INTO mails VALUES (?, 'a@b.example', x'00', 1, 2, 3, 4, ?)",
            ((number, number % 2 or None) for number in range(1, users + 1)),
        )
        connection.execute("UPDATE users SET external_id = 'it' WHERE id = 1")
        connection.execute("UPDATE users SET external_id = 'IT' WHERE id = 2")
    return path


def require_same(path: Path, database: PostgresDatabase, modules: Iterable[str] = ()) -> None:
    """See that every table of the file is in the database, row for row."""
    for table in schema.sorted_tables:
        assert _of_postgres(database, table) == _of_sqlite(path, table), table.name
    for name in modules:
        columns = [row[1] for row in tell_file(path, f"PRAGMA table_info({name})")]
        listed = ", ".join(f'"{column}"' for column in columns)
        read = f"SELECT {listed} FROM {name} ORDER BY 1"
        assert [tuple(row) for row in tell(database, read)] == tell_file(path, read), name


def schema_of(database: PostgresDatabase) -> list[Any]:
    """Its tables with their columns, constraints and indexes."""
    columns = "SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns"
    return [
        tell(database, f"{columns} WHERE table_schema = 'public' ORDER BY 1, 2"),
        tell(
            database,
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated FROM pg_constraint"
            " WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2",
        ),
        tell(database, "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"),
    ]


def _of_sqlite(path: Path, table: Table) -> list[tuple[Any, ...]]:
    rows = tell_file(path, f"SELECT {_listed(table)} FROM {table.name} ORDER BY {_key(table)}")
    flags = [isinstance(column.type, Boolean) for column in table.c if column is not processes.c.holder]
    return [
        tuple(bool(value) if flag and value is not None else value for flag, value in zip(flags, row, strict=True))
        for row in rows
    ]


def _of_postgres(database: PostgresDatabase, table: Table) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in tell(database, f"SELECT {_listed(table)} FROM {table.name} ORDER BY {_key(table)}")]


def _listed(table: Table) -> str:
    kept = [column.name for column in table.c if column is not processes.c.holder]
    return ", ".join(f'"{name}"' for name in kept)


def _key(table: Table) -> str:
    return ", ".join(column.name for column in table.primary_key)
