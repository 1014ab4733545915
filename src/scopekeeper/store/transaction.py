"""What a decision is given to carry itself out: one open transaction."""

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from scopekeeper.store.statement import Statement
from scopekeeper.store.statements import Statements

T = TypeVar("T")


class Transaction:
    """The open transaction of the writer's connection."""

    __slots__ = ("connection", "sql")

    def __init__(self, connection: sqlite3.Connection, sql: Statements) -> None:
        self.connection = connection
        self.sql = sql

    def run(self, statement: Statement, **parameters: object) -> int:
        """Carry a statement out; how many rows it changed."""
        return self.connection.execute(statement.text, statement.places(parameters)).rowcount

    def run_each(self, statement: Statement, rows: Iterable[Mapping[str, object]]) -> int:
        """Carry a statement out once for each; how many rows they changed."""
        return self.connection.executemany(statement.text, map(statement.places, rows)).rowcount

    def rows(self, statement: Statement, **parameters: object) -> list[Any]:
        """The rows that it finds."""
        return self.connection.execute(statement.text, statement.places(parameters)).fetchall()


Decision = Callable[[Transaction], T]
"""What is to be done in a transaction. It begins with its compare-and-swap, and writes nothing more once it lost."""
