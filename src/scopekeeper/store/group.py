"""One group commit: what has gathered is carried out in one transaction, and each decision stands alone in it."""

from asyncio import Future
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import compress, groupby
from time import perf_counter
from typing import Any, TypeVar

from msgspec import Struct

from scopekeeper.services.ports import Unavailable
from scopekeeper.store.rows import Row
from scopekeeper.store.slow import SLOW, tell_slow
from scopekeeper.store.statement import Statement
from scopekeeper.store.transaction import Adding, Again, Decision, Entangled, Swap, Transaction, Violation

Insertion = tuple[Future[Any], Row]
Waiting = tuple[Future[Any], Decision[Any]]

T = TypeVar("T")


class Outcome(Struct, frozen=True):
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
    decisions: list[Waiting] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.rows or self.decisions)

    def lost(self, error: Exception) -> list[Outcome]:
        """Nothing of it was committed, for this reason."""
        lost = Unavailable(f"the commit failed: {error}")
        lost.__cause__ = error
        return [Outcome(waiter, error=lost) for waiter, _ in (*self.rows, *self.decisions)]


def in_turn(decisions: Iterable[Waiting], transaction: Transaction) -> Iterator[Outcome]:
    """The outcomes of these, one after the other. Raises Entangled where one failed half-way."""
    for waiter, decide in decisions:
        yield _decided(waiter, decide, transaction, transaction.written)


Decide = Callable[[Iterable[Waiting], Transaction], Iterator[Outcome]]
"""How decisions that are no swaps are carried out together: as if it were one after the other."""


def carry_out(group: Group, transaction: Transaction, decide: Decide = in_turn) -> list[Outcome]:
    """Commit the group, and tell what became of each item. Where the commit fails, it fails for all of them.

    Decisions write nothing once they lost, so the group is carried out together, with few statements and without
    savepoints. Should something fail half-way after all, everything is undone, and done again one by one. Raises Again,
    with everything undone. One that takes long is told in the log.
    """
    began = perf_counter()
    try:
        return _carried_out(group, transaction, decide)
    finally:
        if (seconds := perf_counter() - began) > SLOW:
            tell_slow(len(group.rows), (decide for _, decide in group.decisions), seconds)


def _carried_out(group: Group, transaction: Transaction, decide: Decide) -> list[Outcome]:
    try:
        try:
            return _committed(group, transaction, decide)
        except Entangled:
            transaction.rollback()
            return _committed(group, transaction, None)
    except Again:
        transaction.rollback()
        raise
    except Exception as error:
        transaction.rollback()
        return group.lost(error)


def _committed(group: Group, transaction: Transaction, decide: Decide | None) -> list[Outcome]:
    """Together, in this way, or one by one where there is none."""
    rows = [row for _, row in group.rows]
    if not group.decisions and transaction.insert_alone(rows):
        return [Outcome(waiter) for waiter, _ in group.rows]
    if decide is not None and not rows and (alone := _swapped_alone(group.decisions, transaction)) is not None:
        return alone
    transaction.begin(together=decide is not None)
    refusals = transaction.insert_tokens(rows) if rows else []
    outcomes = [Outcome(waiter, error=refusal) for (waiter, _), refusal in zip(group.rows, refusals, strict=True)]
    if decide is not None:
        outcomes += _decided_together(group.decisions, transaction, decide)
    else:
        outcomes += [_decided_apart(waiter, each, transaction) for waiter, each in group.decisions]
    transaction.commit()
    return outcomes


def _decided_together(decisions: Sequence[Waiting], transaction: Transaction, decide: Decide) -> Iterator[Outcome]:
    """One decision after the other. Those that begin with a swap, and follow one another, do that at once."""
    for swap, following in groupby(decisions, key=lambda each: isinstance(each[1], Swap)):
        if swap:
            yield from _swapped([(waiter, each) for waiter, each in following if isinstance(each, Swap)], transaction)
        else:
            yield from decide(following, transaction)


def _swapped_alone(decisions: Sequence[Waiting], transaction: Transaction) -> list[Outcome] | None:
    """The outcomes of these, if they are swaps of one kind that are whole in one statement; else None.

    Once that is done it is committed, so whatever happens to those who lost, all others hear that it is.
    """
    swaps = [each for _, each in decisions if isinstance(each, Swap)]
    if len(swaps) < len(decisions) or any(each.after is not None for each in swaps):
        return None
    sql = transaction.sql
    if len({(each.statement(sql), each.added(sql)) for each in swaps}) > 1:
        return None
    changed = transaction.swap_alone(swaps[0].statement(sql), swaps)
    if changed is None:
        return None
    waiters = [waiter for waiter, _ in decisions]
    losers = [(waiter, each.lost) for waiter, each, won in zip(waiters, swaps, changed, strict=True) if not won]
    return [*map(Outcome, compress(waiters, changed)), *_why_lost(losers, transaction)]


def _why_lost(
    losers: Sequence[tuple[Future[Any], Callable[[Transaction], Exception]]], transaction: Transaction
) -> list[Outcome]:
    """What those hear who lost. Where nobody can tell just now, they hear that."""
    if not losers:
        return []
    try:
        transaction.begin(together=True)
        outcomes = [Outcome(waiter, error=lost(transaction)) for waiter, lost in losers]
        transaction.commit()
    except Exception as error:
        transaction.rollback()
        away = Unavailable(f"what became of it cannot be read: {error}")
        away.__cause__ = error
        return [Outcome(waiter, error=away) for waiter, _ in losers]
    return outcomes


def _swapped(swaps: Sequence[tuple[Future[Any], Swap]], transaction: Transaction) -> Iterator[Outcome]:
    """The outcomes of these: every first half, then every second. No swap changes what another one of them reads."""
    alike: dict[tuple[Statement, tuple[Statement, ...]], list[int]] = {}
    for place, (_, swap) in enumerate(swaps):
        alike.setdefault((swap.statement(transaction.sql), swap.added(transaction.sql)), []).append(place)
    changed: dict[int, bool] = {}
    for (statement, added), places in alike.items():
        those = [swaps[place][1] for place in places]
        try:
            done = transaction.swap(statement, [each.parameters for each in those], Adding.of(added, those))
        except (Entangled, Again):
            raise
        except Exception as error:
            if not transaction.open:
                raise
            raise Entangled from error
        changed |= zip(places, done, strict=True)
    for place, (waiter, swap) in enumerate(swaps):
        second = partial(swap.follow, changed=changed[place])
        yield _decided(waiter, second, transaction, transaction.written - changed[place])


def _decided(waiter: "Future[Any]", decide: Decision[Any], transaction: Transaction, written: int) -> Outcome:
    """The outcome of a decision that wrote nothing if it failed. Raises Entangled where it did."""
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
