"""What a decision is given to carry itself out: one open transaction."""

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from typing import Any, Final, TypeVar

from scopekeeper.store.rows import Row
from scopekeeper.store.statement import Statement
from scopekeeper.store.statements import Statements

T = TypeVar("T")


AT_ONCE: Final = 64
"""Rows that one statement inserts. Each statement hands the interpreter over and back, so the fewer the better."""


class Entangled(Exception):
    """Something failed half-way among the work of several decisions: it is to be undone, and done again one by one."""


class Transaction:
    """The open transaction of the writer's connection.

    While `together`, what decisions add is gathered and inserted at once: at the end, and before anything is done or
    asked that could look for it. Else each row is inserted by itself, and whoever adds what is there hears of it.
    """

    __slots__ = ("_gathered", "connection", "sql", "together")

    def __init__(self, connection: sqlite3.Connection, sql: Statements) -> None:
        self.connection = connection
        self.sql = sql
        self.together = False
        self._gathered: dict[Statement, list[Row]] = {}

    def begin(self, *, together: bool) -> None:
        """Begin, and take the lock that lets one write. What was gathered for a transaction that failed is dropped."""
        self.together = together
        self._gathered = {}
        self.connection.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Put it all on the disk. Raises Entangled."""
        self.insert()
        self.connection.execute("COMMIT")

    @property
    def written(self) -> int:
        """Rises with each row that is changed, or is to be."""
        return self.connection.total_changes + sum(map(len, self._gathered.values()))

    def add(self, statement: Statement, row: Row) -> None:
        """Insert a row, whose values stand in the order of the columns."""
        if self.together:
            self._gathered.setdefault(statement, []).append(row)
        else:
            self.connection.execute(statement.text, row)

    def insert(self) -> None:
        """Insert what is gathered. Raises Entangled where one of the rows cannot be."""
        gathered, self._gathered = self._gathered, {}
        try:
            for statement, rows in gathered.items():
                for start in range(0, len(rows), AT_ONCE):
                    some = rows[start : start + AT_ONCE]
                    self.connection.execute(self.sql.of_rows(statement, len(some)), list(chain.from_iterable(some)))
        except Exception as error:
            raise Entangled from error

    def swap(self, statement: Statement, **parameters: object) -> int:
        """Change a row that was there before this transaction, whatever is gathered; how many rows it changed."""
        return self.connection.execute(statement.text, statement.places(parameters)).rowcount

    def run(self, statement: Statement, **parameters: object) -> int:
        """Carry a statement out; how many rows it changed."""
        self.insert()
        return self.connection.execute(statement.text, statement.places(parameters)).rowcount

    def run_each(self, statement: Statement, rows: Iterable[Mapping[str, object]]) -> int:
        """Carry a statement out once for each; how many rows they changed."""
        self.insert()
        return self.connection.executemany(statement.text, map(statement.places, rows)).rowcount

    def rows(self, statement: Statement, **parameters: object) -> list[Any]:
        """The rows that it finds."""
        self.insert()
        return self.connection.execute(statement.text, statement.places(parameters)).fetchall()


Decision = Callable[[Transaction], T]
"""What is to be done in a transaction. It begins with its compare-and-swap, and writes nothing more once it lost."""
