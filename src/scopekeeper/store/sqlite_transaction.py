"""The transactions of SQLite's writer."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import chain, compress
from typing import Any, Final

from scopekeeper.services.ports import Taken
from scopekeeper.store.connection import told
from scopekeeper.store.rows import Row
from scopekeeper.store.statement import Statement
from scopekeeper.store.statements import Statements
from scopekeeper.store.transaction import NOTHING_MORE, Adding, Entangled, Parameters, Swap, Violation

AT_ONCE: Final = 64
"""Rows that one statement inserts. Each statement hands the interpreter over and back, so the fewer the better."""


_UNLESS_THERE: Final = " ON CONFLICT DO NOTHING"


class _NotInserted(Exception):
    """Some row of several cannot be inserted, so none was."""


class SqliteTransaction:
    """Implements `Transaction` on the writer's connection."""

    __slots__ = ("_gathered", "connection", "sql", "together")

    def __init__(self, connection: sqlite3.Connection, sql: Statements) -> None:
        self.connection = connection
        self.sql = sql
        self.together = False
        self._gathered: dict[Statement, list[Row]] = {}

    @property
    def open(self) -> bool:
        return self.connection.in_transaction

    @property
    def written(self) -> int:
        return self.connection.total_changes + sum(map(len, self._gathered.values()))

    def insert_alone(self, rows: Sequence[Row]) -> bool:
        """One statement is a transaction of its own."""
        if len(rows) > AT_ONCE:
            return False
        try:
            self._insert_tokens(rows)
        except _NotInserted:
            return False
        return True

    def swap_alone(self, statement: Statement, swaps: Sequence[Swap]) -> None:
        """It takes as many statements as there are swaps."""

    def begin(self, *, together: bool) -> None:
        """Begin, and take the lock that lets one write."""
        self.together = together
        self._gathered = {}
        self.connection.execute("BEGIN IMMEDIATE")

    def insert_tokens(self, rows: Sequence[Row]) -> list[Exception | None]:
        refusals: list[Exception | None] = []
        for start in range(0, len(rows), AT_ONCE):
            refusals += self._insertions(rows[start : start + AT_ONCE])
        return refusals

    def commit(self) -> None:
        """Put it all on the disk. Raises Entangled."""
        self.insert()
        self.connection.execute("COMMIT")

    def rollback(self) -> None:
        with suppress(sqlite3.Error):
            self.connection.rollback()

    def set_apart(self) -> None:
        self.connection.execute("SAVEPOINT decision")

    def undo(self) -> None:
        self.connection.execute("ROLLBACK TO decision")

    def keep(self) -> None:
        self.connection.execute("RELEASE decision")

    def told(self, error: Exception) -> Exception:
        return told(error)

    def add(self, statement: Statement, row: Row) -> None:
        if self.together:
            self._gathered.setdefault(statement, []).append(row)
            return
        try:
            self.connection.execute(statement.text, row)
        except sqlite3.IntegrityError as error:
            raise Violation(str(error)) from error

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

    def swap(self, statement: Statement, rows: Sequence[Parameters], adding: Adding = NOTHING_MORE) -> list[bool]:
        changed = [self.connection.execute(statement.text, statement.places(row)).rowcount > 0 for row in rows]
        for of_one in compress(adding.values, changed):
            for insert, row in zip(adding.inserts, of_one, strict=True):
                self.add(insert, row)
        return changed

    def run(self, statement: Statement, **parameters: object) -> int:
        self.insert()
        try:
            return self.connection.execute(statement.text, statement.places(parameters)).rowcount
        except sqlite3.IntegrityError as error:
            raise Violation(str(error)) from error

    def run_each(self, statement: Statement, rows: Iterable[Mapping[str, object]]) -> None:
        self.insert()
        try:
            self.connection.executemany(statement.text, map(statement.places, rows))
        except sqlite3.IntegrityError as error:
            raise Violation(str(error)) from error

    def append(self, statement: Statement, rows: Sequence[Row]) -> int:
        """By powers of two, so there are few statements, of any number of rows."""
        self.insert()
        added = start = 0
        while start < len(rows):
            count = min(AT_ONCE, 1 << ((len(rows) - start).bit_length() - 1))
            text = self.sql.of_rows(statement, count) + _UNLESS_THERE
            try:
                places = list(chain.from_iterable(rows[start : start + count]))
                added += self.connection.execute(text, places).rowcount
            except sqlite3.IntegrityError as error:
                raise Violation(str(error)) from error
            start += count
        return added

    def rows(self, statement: Statement, **parameters: object) -> list[Any]:
        self.insert()
        return self.connection.execute(statement.text, statement.places(parameters)).fetchall()

    def _insert_tokens(self, rows: Sequence[Row]) -> None:
        try:
            self.connection.execute(self.sql.of_rows(self.sql.add_token, len(rows)), list(chain.from_iterable(rows)))
        except (sqlite3.IntegrityError, sqlite3.ProgrammingError, OverflowError) as error:
            raise _NotInserted from error

    def _insertions(self, rows: Sequence[Row]) -> list[Exception | None]:
        """All at once, or, where one of them cannot be inserted, each by itself."""
        try:
            self._insert_tokens(rows)
        except _NotInserted as refused:
            if len(rows) == 1:
                return [_refusal(refused.__cause__)]
            return [refusal for alone in rows for refusal in self._insertions([alone])]
        return [None] * len(rows)


def _refusal(cause: BaseException | None) -> Exception:
    if isinstance(cause, sqlite3.IntegrityError):
        return Taken("there is a token with this row id already")
    return AssertionError(f"this token cannot be stored: {cause}")
