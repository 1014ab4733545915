"""Every statement on what processes share among themselves.

Buckets of failed attempts, what is spent, wrong user codes, turns.
"""

from collections.abc import Callable

from sqlalchemy import BindParameter, Dialect, bindparam, case, delete, insert, null, or_, select, update
from sqlalchemy.sql.elements import ClauseElement

from scopekeeper.store.statement import ONE, ZERO, Statement, Uncompiled, upsert
from scopekeeper.store.tables import Number, Text, buckets, sessions, spent, turns


class SharedStatements:
    """The statements, in the words of one database."""

    def __init__(self, dialect: Dialect) -> None:
        def of(make: Callable[[], ClauseElement]) -> Statement:
            return Uncompiled(make, dialect)

        self.fill = of(lambda: _fill(dialect))
        self.empty_at = of(lambda: select(buckets.c.empty_at_milliseconds).where(buckets.c.key == bindparam("key")))
        self.lower = of(
            lambda: (
                update(buckets)
                .where(buckets.c.key == bindparam("of_bucket"))
                .values(empty_at_milliseconds=bindparam("empty_at"))
            )
        )
        self.give_back = of(
            lambda: (
                update(buckets)
                .where(buckets.c.key == bindparam("of_bucket"))
                .values(empty_at_milliseconds=buckets.c.empty_at_milliseconds - bindparam("by"))
            )
        )
        self.sweep_buckets = of(
            lambda: delete(buckets).where(
                buckets.c.key.in_(
                    select(buckets.c.key)
                    .where(buckets.c.empty_at_milliseconds < bindparam("before"))
                    .order_by(buckets.c.empty_at_milliseconds)
                    .limit(bindparam("limit"))
                    .offset(ZERO)
                )
            )
        )

        self.spend = of(lambda: insert(spent))
        self.sweep_spent = of(
            lambda: delete(spent).where(
                spent.c.digest.in_(
                    select(spent.c.digest)
                    .where(spent.c.until < bindparam("before"))
                    .order_by(spent.c.until)
                    .limit(bindparam("limit"))
                    .offset(ZERO)
                )
            )
        )

        self.guess = of(
            lambda: (
                update(sessions)
                .where(sessions.c.id == bindparam("of_session"), sessions.c.wrong_codes < bindparam("most"))
                .values(wrong_codes=sessions.c.wrong_codes + ONE)
            )
        )
        self.take_back_guess = of(
            lambda: (
                update(sessions)
                .where(sessions.c.id == bindparam("of_session"), sessions.c.wrong_codes > ZERO)
                .values(wrong_codes=sessions.c.wrong_codes - ONE)
            )
        )

        self.turn = of(
            lambda: select(turns.c.holder, turns.c.until_milliseconds).where(turns.c.name == bindparam("name"))
        )
        self.take_turn = of(lambda: _take_turn(dialect))
        self.let_go = of(
            lambda: (
                update(turns)
                .where(turns.c.name == bindparam("of_name"), turns.c.holder == bindparam("of_holder"))
                .values(holder=null())
            )
        )


def _fill(dialect: Dialect) -> ClauseElement:
    """One more, where there is room for it: told is when the bucket will have drained then, else nothing."""
    empty_at, now = buckets.c.empty_at_milliseconds, _moment("now")
    adding = upsert(buckets, dialect).values(key=bindparam("key", type_=Text), empty_at_milliseconds=_moment("alone"))
    filling: ClauseElement = adding.on_conflict_do_update(
        index_elements=[buckets.c.key],
        set_={"empty_at_milliseconds": case((empty_at < now, now), else_=empty_at) + _moment("by")},
        where=empty_at <= _moment("latest"),
    ).returning(empty_at)
    return filling


def _take_turn(dialect: Dialect) -> ClauseElement:
    """For this holder, where it is theirs already, or nobody's; or a clock's that was wrong."""
    until, holder = _moment("until"), bindparam("holder", type_=Text)
    taking = upsert(turns, dialect).values(name=bindparam("name", type_=Text), holder=holder, until_milliseconds=until)
    taken: ClauseElement = taking.on_conflict_do_update(
        index_elements=[turns.c.name],
        set_={"holder": holder, "until_milliseconds": until},
        where=or_(
            turns.c.holder.is_(None),
            turns.c.holder == holder,
            turns.c.until_milliseconds <= _moment("now"),
            turns.c.until_milliseconds > _moment("beyond"),
        ),
    )
    return taken


def _moment(name: str) -> BindParameter[int]:
    return bindparam(name, type_=Number)
