"""Every statement on the tables of people: accounts, their sessions, their links."""

from collections.abc import Callable

from sqlalchemy import ColumnElement, Dialect, bindparam, delete, insert, null, select, true, update
from sqlalchemy.sql.elements import ClauseElement

from scopekeeper.store.rows import USER
from scopekeeper.store.statement import ALL, ONE, ZERO, Statement, Uncompiled
from scopekeeper.store.tables import applications, links, sessions, tokens, users


class PeopleStatements:
    """The statements, in the words of one database."""

    def __init__(self, dialect: Dialect) -> None:
        def of(make: Callable[[], ClauseElement]) -> Statement:
            return Uncompiled(make, dialect)

        self.user = of(lambda: select(*USER).where(users.c.name == bindparam("name")))
        self.user_with = of(lambda: select(*USER).where(users.c.id == bindparam("id")))
        self.user_with_external_id = of(lambda: select(*USER).where(users.c.external_id == bindparam("external_id")))
        self.users = of(
            lambda: (
                select(*USER)
                .where(users.c.name > bindparam("after"))
                .order_by(users.c.name)
                .limit(bindparam("limit"))
                .offset(ZERO)
            )
        )
        self.some_admin = of(_some_admin)
        self.other_admin = of(lambda: _some_admin(users.c.id != bindparam("id")))
        self.add_user = of(lambda: insert(users))
        self.save_user = of(
            lambda: (
                update(users)
                .where(users.c.id == bindparam("of_user"), users.c.revision == bindparam("was_revision"))
                .values({column: bindparam(column.name) for column in users.c if not column.primary_key})
            )
        )
        self.rehash = of(
            lambda: (
                update(users)
                .where(users.c.id == bindparam("of_user"), users.c.password == bindparam("was"))
                .values(password=bindparam("password"))
            )
        )
        self.raise_revision = of(
            lambda: update(users).where(users.c.id == bindparam("of_user")).values(revision=users.c.revision + ONE)
        )
        self.remove_user = of(lambda: delete(users).where(users.c.id == bindparam("id")))
        self.disown = of(
            lambda: (
                update(applications)
                .where(applications.c.owner == bindparam("name"))
                .values(owner=null(), revision=applications.c.revision + ONE)
            )
        )
        self.tokens_of_user = of(
            lambda: (
                select(tokens.c.id)
                .where(tokens.c.user == bindparam("user"), tokens.c.id > bindparam("after"))
                .order_by(tokens.c.id)
                .limit(bindparam("limit"))
                .offset(ZERO)
            )
        )

        self.link = of(lambda: select(links).where(links.c.id == bindparam("id")))
        self.add_link = of(lambda: insert(links))
        self.remove_link = of(lambda: delete(links).where(links.c.id == bindparam("id")))
        self.remove_same_links = of(
            lambda: delete(links).where(
                links.c.purpose == bindparam("purpose"), links.c.user_id.is_not_distinct_from(bindparam("user_id"))
            )
        )
        self.remove_links = of(lambda: delete(links).where(links.c.user_id == bindparam("user_id")))
        self.sweep_links = of(
            lambda: delete(links).where(
                links.c.id.in_(
                    select(links.c.id)
                    .where(links.c.expires_at < bindparam("before"))
                    .limit(bindparam("limit"))
                    .offset(ZERO)
                )
            )
        )

        stays = select(*_SESSION).join(users, users.c.id == sessions.c.user_id)
        self.session = of(lambda: stays.where(sessions.c.id == bindparam("id")))
        self.sessions = of(
            lambda: (
                stays.where(sessions.c.user_id == bindparam("user_id"))
                .order_by(sessions.c.id.desc())
                .limit(bindparam("limit"))
                .offset(ZERO)
            )
        )
        self.add_session = of(
            lambda: insert(sessions).values(
                {column: bindparam(column.name) for column in sessions.c if column is not _WRONG}
            )
        )
        self.renew_session = of(
            lambda: (
                update(sessions)
                .where(sessions.c.id == bindparam("of_session"), sessions.c.user_id == bindparam("of_user"))
                .values({column: bindparam(column.name) for column in sessions.c if column not in _STAYING})
            )
        )
        self.remove_session = of(lambda: delete(sessions).where(sessions.c.id == bindparam("id")))
        self.remove_sessions = of(
            lambda: delete(sessions).where(
                sessions.c.user_id == bindparam("user_id"), sessions.c.id != bindparam("keep")
            )
        )
        self.oldest_sessions = of(
            lambda: (
                select(sessions.c.id)
                .where(sessions.c.user_id == bindparam("user_id"))
                .order_by(sessions.c.id.desc())
                .limit(ALL)
                .offset(bindparam("left"))
            )
        )
        self.session_seen = of(
            lambda: (
                update(sessions)
                .where(sessions.c.id == bindparam("of_row"), sessions.c.last_seen_at < bindparam("at"))
                .values(last_seen_at=bindparam("at"))
            )
        )
        self.sweep_sessions = of(
            lambda: delete(sessions).where(
                sessions.c.id.in_(
                    select(sessions.c.id)
                    .where(sessions.c.signed_in_at < bindparam("before"))
                    .order_by(sessions.c.signed_in_at)
                    .limit(bindparam("limit"))
                    .offset(ZERO)
                )
            )
        )


_WRONG = sessions.c.wrong_codes

# What is the same, though somebody signs in anew: whoever has guessed too often guesses no more for it.
_STAYING = (sessions.c.id, sessions.c.user_id, _WRONG)

# In the order of the record's fields; the name is the account's, for nobody changes theirs.
_SESSION = (
    sessions.c.id,
    sessions.c.digest,
    sessions.c.user_id,
    users.c.name,
    sessions.c.signed_in_at,
    sessions.c.last_seen_at,
    sessions.c.address,
    sessions.c.agent,
    sessions.c.amr,
)


def _some_admin(*more: ColumnElement[bool]) -> ClauseElement:
    able = (users.c.admin.is_(true()), users.c.enabled.is_(true()), users.c.password.is_not(None))
    return select(ONE).select_from(users).where(*able, *more).limit(ONE).offset(ZERO)
