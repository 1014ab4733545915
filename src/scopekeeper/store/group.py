"""One group commit: what has gathered is carried out in one transaction, and each decision stands alone in it."""

from asyncio import Future
from dataclasses import dataclass, field
from typing import Any

from scopekeeper.services.ports import Unavailable
from scopekeeper.store.rows import Row
from scopekeeper.store.transaction import Again, Decision, Entangled, Transaction, Violation

Insertion = tuple[Future[Any], Row]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one item of a group: its result, or why there is none."""

    waiter: Future[Any]
    result: object = None
    error: Exception | None = None

    def tell(self) -> None:
        """Tell whoever waits, unless its request was cancelled."""
        if self.waiter.done():
            return
        if self.error is None:
            self.waiter.set_result(self.result)
        else:
            self.waiter.set_exception(self.error)


@dataclass(slots=True)
class Group:
    """What waits to be committed together: tokens to insert, and decisions."""

    rows: list[Insertion] = field(default_factory=list)
    decisions: list[tuple[Future[Any], Decision[Any]]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.rows or self.decisions)

    def lost(self, error: Exception) -> list[Outcome]:
        """Nothing of it was committed, for this reason."""
        lost = Unavailable(f"the commit failed: {error}")
        lost.__cause__ = error
        return [Outcome(waiter, error=lost) for waiter, _ in (*self.rows, *self.decisions)]


def carry_out(group: Group, transaction: Transaction) -> list[Outcome]:
    """Commit the group, and tell what became of each item. Where the commit fails, it fails for all of them.

    Decisions write nothing once they lost, so the group is carried out together, with few statements and without
    savepoints. Should something fail half-way after all, everything is undone, and done again one by one. Raises Again,
    with everything undone.
    """
    try:
        try:
            return _committed(group, transaction, together=True)
        except Entangled:
            transaction.rollback()
            return _committed(group, transaction, together=False)
    except Again:
        transaction.rollback()
        raise
    except Exception as error:
        transaction.rollback()
        return group.lost(error)


def _committed(group: Group, transaction: Transaction, *, together: bool) -> list[Outcome]:
    rows = [row for _, row in group.rows]
    if not group.decisions and transaction.insert_alone(rows):
        return [Outcome(waiter) for waiter, _ in group.rows]
    transaction.begin(together=together)
    refusals = transaction.insert_tokens(rows) if rows else []
    outcomes = [Outcome(waiter, error=refusal) for (waiter, _), refusal in zip(group.rows, refusals, strict=True)]
    decided = _decided_together if together else _decided_apart
    outcomes += [decided(waiter, decide, transaction) for waiter, decide in group.decisions]
    transaction.commit()
    return outcomes


def _decided_together(waiter: "Future[Any]", decide: Decision[Any], transaction: Transaction) -> Outcome:
    """The outcome of a decision that wrote nothing if it failed. Raises Entangled where it did."""
    written = transaction.written
    try:
        return Outcome(waiter, decide(transaction))
    except (Entangled, Again):
        raise
    except Exception as error:
        outcome = _failed(waiter, error, transaction)
        if transaction.written != written:
            raise Entangled from error
        return outcome


def _decided_apart(waiter: "Future[Any]", decide: Decision[Any], transaction: Transaction) -> Outcome:
    """The outcome of a decision; where it failed, nothing that it wrote is left."""
    transaction.set_apart()
    try:
        outcome = Outcome(waiter, decide(transaction))
    except Again:
        raise
    except Exception as error:
        outcome = _failed(waiter, error, transaction)
        transaction.undo()
    transaction.keep()
    return outcome


def _failed(waiter: "Future[Any]", error: Exception, transaction: Transaction) -> Outcome:
    if not transaction.open:
        raise error  # the database has given the whole transaction up: nobody's work is left in it
    if isinstance(error, Violation):
        return Outcome(waiter, error=AssertionError(f"the database refused a statement: {error}"))
    return Outcome(waiter, error=transaction.told(error))
