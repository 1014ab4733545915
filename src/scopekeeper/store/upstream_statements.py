"""Every statement on other providers, and on whom they know."""

from collections.abc import Callable

from sqlalchemy import ColumnElement, Dialect, bindparam, delete, insert, select, update
from sqlalchemy.sql.elements import ClauseElement

from scopekeeper.store.statement import ONE, ZERO, Statement, Uncompiled
from scopekeeper.store.tables import identities, upstreams


class UpstreamStatements:
    """The statements, in the words of one database."""

    def __init__(self, dialect: Dialect) -> None:
        def of(make: Callable[[], ClauseElement]) -> Statement:
            return Uncompiled(make, dialect)

        self.upstreams = of(lambda: select(upstreams).order_by(upstreams.c.label, upstreams.c.name))
        self.upstream = of(lambda: select(upstreams).where(upstreams.c.name == bindparam("name")))
        self.is_there = of(lambda: select(ONE).select_from(upstreams).where(upstreams.c.id == bindparam("id")))
        self.add_upstream = of(lambda: insert(upstreams))
        self.save_upstream = of(
            lambda: (
                update(upstreams)
                .where(upstreams.c.id == bindparam("of_upstream"), upstreams.c.revision == bindparam("was_revision"))
                .values({column: bindparam(column.name) for column in upstreams.c if column not in _STAYING})
            )
        )
        self.remove_upstream = of(lambda: delete(upstreams).where(upstreams.c.id == bindparam("id")))
        self.remove_some_identities = of(_remove_some_identities)

        self.identity = of(
            lambda: select(identities).where(
                identities.c.upstream_id == bindparam("upstream_id"), identities.c.subject == bindparam("subject")
            )
        )
        self.identities = of(
            lambda: (
                select(identities)
                .where(identities.c.user_id == bindparam("user_id"))
                .order_by(identities.c.created_at, identities.c.upstream_id, identities.c.subject)
            )
        )
        self.add_identity = of(lambda: insert(identities))
        self.use_identity = of(
            lambda: update(identities).where(*_own()).values(email=bindparam("told"), last_used_at=bindparam("at"))
        )
        self.remove_identity = of(lambda: delete(identities).where(*_own()))


_STAYING = (upstreams.c.id, upstreams.c.name)


def _own() -> tuple[ColumnElement[bool], ColumnElement[bool], ColumnElement[bool]]:
    """This subject, if it is this person's."""
    return (
        identities.c.upstream_id == bindparam("of_upstream"),
        identities.c.subject == bindparam("of_subject"),
        identities.c.user_id == bindparam("of_user"),
    )


def _remove_some_identities() -> ClauseElement:
    of_upstream = identities.c.upstream_id == bindparam("upstream_id")
    some = select(identities.c.subject).where(of_upstream).limit(bindparam("limit")).offset(ZERO)
    return delete(identities).where(of_upstream, identities.c.subject.in_(some))
