"""One group commit: what has gathered is carried out in one transaction, and each decision stands alone in it."""

import sqlite3
from asyncio import Future
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from scopekeeper.services.ports import Taken, Unavailable
from scopekeeper.store.connection import told
from scopekeeper.store.rows import Row
from scopekeeper.store.transaction import AT_ONCE, Decision, Entangled, Transaction

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
    """Commit the group, and tell what became of each item. Where the commit fails, it fails for all of them.

    Decisions write nothing once they lost, so the group is carried out together, with few statements and without
    savepoints. Should something fail half-way after all, everything is undone, and done again one by one.
    """
    try:
        try:
            return _committed(group, transaction, together=True)
        except Entangled:
            transaction.connection.rollback()
            return _committed(group, transaction, together=False)
    except Exception as error:
        with suppress(sqlite3.Error):
            transaction.connection.rollback()
        waiters = [waiter for waiter, _ in (*group.rows, *group.decisions)]
        return [Outcome(waiter, error=_lost(error)) for waiter in waiters]


def _committed(group: Group, transaction: Transaction, *, together: bool) -> list[Outcome]:
    if not group.decisions and len(group.rows) <= AT_ONCE:
        with suppress(_NotInserted):
            return _inserted(group.rows, transaction)  # one statement is a transaction of its own
    transaction.begin(together=together)
    outcomes: list[Outcome] = []
    for start in range(0, len(group.rows), AT_ONCE):
        outcomes += _insertions(group.rows[start : start + AT_ONCE], transaction)
    decided = _decided_together if together else _decided_apart
    outcomes += [decided(waiter, decide, transaction) for waiter, decide in group.decisions]
    transaction.commit()
    return outcomes


def _inserted(rows: Sequence[Insertion], transaction: Transaction) -> list[Outcome]:
    places = [value for _, row in rows for value in row]
    try:
        transaction.connection.execute(transaction.sql.of_rows(transaction.sql.add_token, len(rows)), places)
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


def _decided_together(waiter: "Future[Any]", decide: Decision[Any], transaction: Transaction) -> Outcome:
    """The outcome of a decision that wrote nothing if it failed. Raises Entangled where it did."""
    written = transaction.written
    try:
        return Outcome(waiter, decide(transaction))
    except Entangled:
        raise
    except Exception as error:
        outcome = _failed(waiter, error, transaction)
        if transaction.written != written:
            raise Entangled from error
        return outcome


def _decided_apart(waiter: "Future[Any]", decide: Decision[Any], transaction: Transaction) -> Outcome:
    """The outcome of a decision; where it failed, nothing that it wrote is left."""
    connection = transaction.connection
    connection.execute("SAVEPOINT decision")
    try:
        outcome = Outcome(waiter, decide(transaction))
    except Exception as error:
        outcome = _failed(waiter, error, transaction)
        connection.execute("ROLLBACK TO decision")
    connection.execute("RELEASE decision")
    return outcome


def _failed(waiter: "Future[Any]", error: Exception, transaction: Transaction) -> Outcome:
    if not transaction.connection.in_transaction:
        raise error  # the database has given the whole transaction up: nobody's work is left in it
    return Outcome(waiter, error=told(error) if isinstance(error, sqlite3.Error) else error)


def _refusal(cause: BaseException | None) -> Exception:
    if isinstance(cause, sqlite3.IntegrityError):
        return Taken("there is a token with this row id already")
    return AssertionError(f"this token cannot be stored: {cause}")


def _lost(error: Exception) -> Unavailable:
    lost = Unavailable(f"the commit failed: {error}")
    lost.__cause__ = error
    return lost
