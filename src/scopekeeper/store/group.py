"""One group commit: what has gathered is carried out in one transaction, and each decision stands alone in it."""

import sqlite3
from asyncio import Future
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from scopekeeper.services.ports import Taken, Unavailable
from scopekeeper.store.connection import told
from scopekeeper.store.rows import Row
from scopekeeper.store.transaction import Decision, Transaction

AT_ONCE: Final = 64
"""Rows that one statement inserts. Each statement hands the interpreter over and back, so the fewer the better."""

Insertion = tuple[Future[Any], Row]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one item of a group: its result, or why there is none."""

    waiter: Future[Any]
    result: object = None
    error: Exception | None = None


@dataclass(slots=True)
class Group:
    """What waits to be committed together: tokens to insert, and decisions."""

    rows: list[Insertion] = field(default_factory=list)
    decisions: list[tuple[Future[Any], Decision[Any]]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.rows or self.decisions)


class _NotInserted(Exception):
    """Some row of several cannot be inserted, so none was."""


def carry_out(group: Group, transaction: Transaction) -> list[Outcome]:
    """Commit the group, and tell what became of each item. Where the commit fails, it fails for all of them."""
    try:
        return _committed(group, transaction)
    except Exception as error:
        with suppress(sqlite3.Error):
            transaction.connection.rollback()
        waiters = [waiter for waiter, _ in (*group.rows, *group.decisions)]
        return [Outcome(waiter, error=_lost(error)) for waiter in waiters]


def _committed(group: Group, transaction: Transaction) -> list[Outcome]:
    connection = transaction.connection
    if not group.decisions and len(group.rows) <= AT_ONCE:
        with suppress(_NotInserted):
            return _inserted(group.rows, transaction)  # one statement is a transaction of its own
    connection.execute("BEGIN IMMEDIATE")
    outcomes: list[Outcome] = []
    for start in range(0, len(group.rows), AT_ONCE):
        outcomes += _insertions(group.rows[start : start + AT_ONCE], transaction)
    for waiter, decide in group.decisions:
        connection.execute("SAVEPOINT decision")
        outcome = _decided(waiter, decide, transaction)
        if outcome.error is not None:
            connection.execute("ROLLBACK TO decision")
        connection.execute("RELEASE decision")
        outcomes.append(outcome)
    connection.execute("COMMIT")
    return outcomes


def _inserted(rows: Sequence[Insertion], transaction: Transaction) -> list[Outcome]:
    places = [value for _, row in rows for value in row]
    try:
        transaction.connection.execute(transaction.sql.add_tokens(len(rows)), places)
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError, OverflowError) as error:
        raise _NotInserted from error
    return [Outcome(waiter) for waiter, _ in rows]


def _insertions(rows: Sequence[Insertion], transaction: Transaction) -> list[Outcome]:
    """All at once, or, where one of them cannot be inserted, each by itself."""
    try:
        return _inserted(rows, transaction)
    except _NotInserted as refused:
        if len(rows) == 1:
            return [Outcome(rows[0][0], error=_refusal(refused.__cause__))]
        return [outcome for alone in rows for outcome in _insertions([alone], transaction)]


def _decided(waiter: "Future[Any]", decide: Decision[Any], transaction: Transaction) -> Outcome:
    try:
        return Outcome(waiter, decide(transaction))
    except Exception as error:
        if not transaction.connection.in_transaction:
            raise  # the database has given the whole transaction up: nobody's work is left in it
        return Outcome(waiter, error=told(error) if isinstance(error, sqlite3.Error) else error)


def _refusal(cause: BaseException | None) -> Exception:
    if isinstance(cause, sqlite3.IntegrityError):
        return Taken("there is a token with this row id already")
    return AssertionError(f"this token cannot be stored: {cause}")


def _lost(error: Exception) -> Unavailable:
    lost = Unavailable(f"the commit failed: {error}")
    lost.__cause__ = error
    return lost
