"""Every statement on who is yet to hear that a session has ended."""

from collections.abc import Callable

from sqlalchemy import ColumnElement, Dialect, bindparam, delete, exists, literal_column, select, update
from sqlalchemy.sql.elements import ClauseElement

from scopekeeper.store.grant_statements import other_sessions
from scopekeeper.store.statement import ONE, ZERO, Statement, Uncompiled, instr, upsert
from scopekeeper.store.tables import Number, Text, applications, families, farewells, sessions


class FarewellStatements:
    """The statements, in the words of one database."""

    def __init__(self, dialect: Dialect) -> None:
        def of(make: Callable[[], ClauseElement]) -> Statement:
            return Uncompiled(make, dialect)

        self.of_session = of(lambda: _farewell(dialect, families.c.session_id == bindparam("of_session")))
        self.of_sessions = of(
            lambda: _farewell(
                dialect, families.c.session_id.in_(other_sessions(bindparam("of_user"), bindparam("keep")))
            )
        )
        over = ~exists().where(sessions.c.id == families.c.session_id)
        self.of_family = of(lambda: _farewell(dialect, (families.c.id == bindparam("of_family")) & over))
        due = farewells.c.due_at <= bindparam("now")
        self.some_due = of(lambda: select(ONE).select_from(farewells).where(due).limit(ONE).offset(ZERO))
        self.due = of(
            lambda: (
                select(
                    farewells.c.client_id,
                    farewells.c.user_id,
                    farewells.c.session_id,
                    farewells.c.ended_at,
                    farewells.c.tries + ONE,
                )
                .where(due)
                .order_by(farewells.c.due_at)
                .limit(bindparam("limit"))
                .offset(ZERO)
                .with_for_update(skip_locked=True)
            )
        )
        self.put_off = of(
            lambda: update(farewells).where(*_of_row()).values(tries=bindparam("tries"), due_at=bindparam("due_at"))
        )
        self.told = of(lambda: delete(farewells).where(*_of_row()))
        self.session_clients = of(
            lambda: (
                select(families.c.client_id)
                .distinct()
                .where(families.c.session_id == bindparam("session_id"), _identified())
                .order_by(families.c.client_id)
            )
        )
        self.sweep_forgotten = of(_sweep_forgotten)


def _farewell(dialect: Dialect, ended: ColumnElement[bool]) -> ClauseElement:
    """One for each application, however many grants it had: what is there already is left as it is."""
    now = bindparam("now", type_=Number)
    told = (
        select(families.c.client_id, families.c.session_id, families.c.user_id, now, now, ZERO)
        .join(applications, applications.c.client_id == families.c.client_id)
        .where(ended, _identified(), applications.c.backchannel_logout_uri.is_not(None))
    )
    columns = ("client_id", "session_id", "user_id", "ended_at", "due_at", "tries")
    adding: ClauseElement = upsert(farewells, dialect).from_select(columns, told).on_conflict_do_nothing()
    return adding


def _identified() -> ColumnElement[bool]:
    """Was an id_token given for it: is `openid` among its scopes?"""
    space = literal_column("' '", Text)
    return instr(space + families.c.scope + space, literal_column("' openid '")) > ZERO


def _of_row() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return farewells.c.client_id == bindparam("of_client"), farewells.c.session_id == bindparam("of_session")


def _sweep_forgotten() -> ClauseElement:
    of_client = farewells.c.client_id == bindparam("client_id")
    some = select(farewells.c.session_id).where(of_client).limit(bindparam("limit")).offset(ZERO)
    return delete(farewells).where(of_client, farewells.c.session_id.in_(some))
