"""What processes share among themselves, as decisions in a transaction.

Buckets, what is spent, wrong user codes, turns.
"""

from scopekeeper.services.ports import SKEW, Filling
from scopekeeper.store.transaction import Transaction


def fill(t: Transaction, key: str, now: int, by: int, most: int) -> Filling:
    """One more in this bucket, if there is room."""
    filled = t.rows(t.sql.shared.fill, key=key, now=now, by=by, alone=now + by, latest=now + most - by)
    if filled:
        return Filling(True, int(filled[0][0]))
    ((empty_at,),) = t.rows(t.sql.shared.empty_at, key=key)
    if empty_at <= now + most + SKEW:
        return Filling(False, int(empty_at))
    t.run(t.sql.shared.lower, of_bucket=key, empty_at=now + most)
    return Filling(False, now + most)


def give_back(t: Transaction, key: str, by: int) -> None:
    """The bucket drains earlier."""
    t.run(t.sql.shared.give_back, of_bucket=key, by=by)


def sweep_buckets(t: Transaction, before: int, limit: int) -> int:
    """Up to `limit` buckets that have drained."""
    return t.run(t.sql.shared.sweep_buckets, before=before, limit=limit)


def spend(t: Transaction, digest: bytes, until: int) -> bool:
    """It is spent, unless it was."""
    return bool(t.append(t.sql.shared.spend, [t.sql.shared.spend.places({"digest": digest, "until": until})]))


def sweep_spent(t: Transaction, before: int, limit: int) -> int:
    """Up to `limit` that are worth nothing any more."""
    return t.run(t.sql.shared.sweep_spent, before=before, limit=limit)


def guess(t: Transaction, row_id: int, most: int) -> bool:
    """One more wrong user code of this session, if it may have one."""
    return bool(t.run(t.sql.shared.guess, of_session=row_id, most=most))


def take_back_guess(t: Transaction, row_id: int) -> None:
    """One less."""
    t.run(t.sql.shared.take_back_guess, of_session=row_id)


def take_turn(t: Transaction, name: str, holder: str, now: int, length: int) -> bool:
    """It is this holder's turn, unless it is somebody else's."""
    until, beyond = now + length, now + 2 * length + SKEW
    return bool(t.run(t.sql.shared.take_turn, name=name, holder=holder, until=until, now=now, beyond=beyond))


def let_go(t: Transaction, name: str, holder: str) -> None:
    """It is nobody's turn."""
    t.run(t.sql.shared.let_go, of_name=name, of_holder=holder)
