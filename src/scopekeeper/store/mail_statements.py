"""Every statement on the mails that wait to be sent."""

from collections.abc import Callable
from typing import Final

from sqlalchemy import ColumnElement, Dialect, bindparam, delete, func, insert, literal_column, select, update
from sqlalchemy.sql.elements import ClauseElement

from scopekeeper.services.lists import MOST_COUNTED
from scopekeeper.store.statement import ONE, ZERO, Statement, Uncompiled
from scopekeeper.store.tables import mails

_MOST: Final[ColumnElement[int]] = literal_column(str(MOST_COUNTED + 1))


class MailStatements:
    """The statements, in the words of one database."""

    def __init__(self, dialect: Dialect) -> None:
        def of(make: Callable[[], ClauseElement]) -> Statement:
            return Uncompiled(make, dialect)

        self.add = of(lambda: insert(mails))
        self.due = of(
            lambda: (
                select(mails)
                .where(mails.c.due_at <= bindparam("now"), mails.c.expires_at > bindparam("now"))
                .order_by(mails.c.due_at, mails.c.id)
                .limit(bindparam("limit"))
                .offset(ZERO)
            )
        )
        self.sent = of(lambda: delete(mails).where(mails.c.id == bindparam("of_mail")))
        self.failed = of(
            lambda: (
                update(mails)
                .where(mails.c.id == bindparam("of_mail"))
                .values(tries=bindparam("tried"), due_at=bindparam("due"))
            )
        )
        self.waiting = of(
            lambda: select(func.count()).select_from(
                select(ONE.label("one")).select_from(mails).limit(_MOST).offset(ZERO).subquery("waiting")
            )
        )
        self.sweep = of(
            lambda: delete(mails).where(
                mails.c.id.in_(
                    select(mails.c.id)
                    .where(mails.c.expires_at < bindparam("before"))
                    .order_by(mails.c.expires_at)
                    .limit(bindparam("limit"))
                    .offset(ZERO)
                )
            )
        )
