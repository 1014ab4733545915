"""A new database, made from `tables.py` at once: the same that the migrations lead to, step by step."""

import sqlite3
from collections.abc import Iterator
from typing import Final

from sqlalchemy import insert
from sqlalchemy.schema import CreateIndex, CreateTable

from scopekeeper.store.connection import APPLICATION_ID, DIALECT
from scopekeeper.store.revisions import HEAD, MIGRATIONS
from scopekeeper.store.tables import PROCESSES, changes, processes, schema

VERSIONED: Final = "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY, works_from VARCHAR(32))"
"""Alembic's own table, and what is said beside the version."""


def fill(connection: sqlite3.Connection) -> None:
    """Make all tables, with the rows that every database begins with, in the transaction that is open."""
    for statement in _tables():
        connection.execute(statement)
    connection.execute(str(insert(changes).compile(dialect=DIALECT)), (1, 1))
    free = [(number, None, 0, 0, None) for number in range(PROCESSES)]
    connection.executemany(str(insert(processes).compile(dialect=DIALECT)), free)
    connection.execute(VERSIONED)
    connection.execute("INSERT INTO alembic_version VALUES (?, ?)", (HEAD, MIGRATIONS.works_from(HEAD)))
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def _tables() -> Iterator[str]:
    for table in schema.sorted_tables:
        yield str(CreateTable(table).compile(dialect=DIALECT))
        for index in sorted(table.indexes, key=lambda each: str(each.name)):
            yield str(CreateIndex(index).compile(dialect=DIALECT))
