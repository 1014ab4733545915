"""Every statement on the protocol's tables, built with SQLAlchemy Core and compiled once; the driver executes it."""

from collections.abc import Callable
from functools import cache
from typing import Final

from sqlalchemy import (
    ColumnElement,
    Dialect,
    Select,
    Table,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    literal_column,
    null,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.sql.elements import ClauseElement

from scopekeeper.store.factor_statements import FactorStatements
from scopekeeper.store.farewell_statements import FarewellStatements
from scopekeeper.store.grant_statements import GrantStatements
from scopekeeper.store.list_statements import ListStatements
from scopekeeper.store.mail_statements import MailStatements
from scopekeeper.store.people_statements import PeopleStatements
from scopekeeper.store.rows import APPLICATION
from scopekeeper.store.shared_statements import SharedStatements
from scopekeeper.store.statement import ONE, ZERO, Statement, Uncompiled, in_one
from scopekeeper.store.tables import (
    SET_ASIDE,
    acts,
    applications,
    changes,
    consents,
    families,
    forgotten,
    origins,
    processes,
    secrets,
    signing_keys,
    tokens,
    users,
)
from scopekeeper.store.upstream_statements import UpstreamStatements

_SET_ASIDE: Final[ColumnElement[str]] = literal_column(f"'{SET_ASIDE}'")
_LEASE: Final = (processes.c.number, processes.c.since_milliseconds, processes.c.until_milliseconds)
_NOT_SET_ASIDE: Final = or_(processes.c.holder.is_(None), processes.c.holder != _SET_ASIDE)


class Statements:
    """The statements, in the words of one database."""

    def __init__(self, dialect: Dialect) -> None:
        def of(make: Callable[[], ClauseElement]) -> Statement:
            return Uncompiled(make, dialect)

        self.client = of(
            lambda: _with_secrets(select(*APPLICATION).where(applications.c.client_id == bindparam("client_id")))
        )
        self.clients = of(
            lambda: _with_secrets(
                select(*APPLICATION)
                .where(applications.c.client_id > bindparam("after"))
                .order_by(applications.c.client_id)
                .limit(bindparam("limit"))
                .offset(ZERO)
            )
        )
        self.client_is_known = of(
            lambda: select(ONE).where(
                or_(
                    exists().where(applications.c.client_id == bindparam("client_id")),
                    exists().where(forgotten.c.client_id == bindparam("client_id")),
                )
            )
        )
        self.add_client = of(lambda: _insert(applications))
        self.save_client = of(
            lambda: (
                update(applications)
                .where(
                    applications.c.client_id == bindparam("of_client"),
                    applications.c.revision == bindparam("was_revision"),
                )
                .values({column: bindparam(column.name) for column in applications.c if column.name not in _NOT_EDITED})
            )
        )
        self.remove_client = of(lambda: delete(applications).where(applications.c.client_id == bindparam("client_id")))
        self.raise_generation = of(
            lambda: (
                update(applications)
                .where(applications.c.client_id == bindparam("of_client"))
                .values(generation=applications.c.generation + ONE, revision=applications.c.revision + ONE)
            )
        )
        self.standing = of(_standing)
        self.add_origin = of(lambda: _insert(origins))
        self.remove_origins = of(lambda: delete(origins).where(origins.c.client_id == bindparam("client_id")))
        self.knows_origin = of(
            lambda: (
                select(ONE)
                .select_from(origins.join(applications, applications.c.client_id == origins.c.client_id))
                .where(origins.c.origin == bindparam("origin"), applications.c.enabled.is_(true()))
                .limit(ONE)
                .offset(ZERO)
            )
        )
        self.forget = of(lambda: _insert(forgotten))
        self.some_forgotten = of(lambda: select(forgotten.c.client_id).limit(ONE).offset(ZERO))
        self.forgotten_is_swept = of(lambda: delete(forgotten).where(forgotten.c.client_id == bindparam("client_id")))

        self.add_secret = of(lambda: _insert(secrets))
        self.end_secret = of(
            lambda: (
                update(secrets)
                .where(secrets.c.id == bindparam("of_secret"), secrets.c.client_id == bindparam("of_client"))
                .where(or_(secrets.c.expires_at.is_(None), secrets.c.expires_at > bindparam("end")))
                .values(expires_at=bindparam("end"))
            )
        )
        self.living_secret = of(
            lambda: (
                select(secrets.c.id)
                .where(secrets.c.client_id == bindparam("client_id"))
                .where(or_(secrets.c.expires_at.is_(None), secrets.c.expires_at > bindparam("at")))
                .limit(ONE)
                .offset(ZERO)
            )
        )
        self.sweep_secrets = of(_sweep_secrets)
        self.remove_secrets = of(lambda: delete(secrets).where(secrets.c.client_id == bindparam("client_id")))

        self.token = of(
            lambda: (
                select(*_TOKEN)
                .outerjoin(families, families.c.id == tokens.c.family_id)
                .where(tokens.c.id == bindparam("id"), ~exists().where(forgotten.c.client_id == tokens.c.client_id))
            )
        )
        self.add_token = of(lambda: _insert(tokens))
        self.revoke = of(
            lambda: (
                update(tokens)
                .where(tokens.c.id == bindparam("of_token"), tokens.c.revoked_at.is_(None))
                .values(revoked_at=bindparam("now"))
            )
        )
        self.activity = of(_activity)
        self.activity_words = of(
            lambda: (
                select(tokens.c.scope, tokens.c.address, tokens.c.last_used_address)
                .distinct()
                .where(tokens.c.client_id == bindparam("client_id"), *_issued_since())
            )
        )
        self.token_used = of(lambda: _used(tokens))
        self.secret_used = of(lambda: _used(secrets))
        self.sweep_expired = of(
            lambda: _delete_tokens(
                select(tokens.c.id).where(tokens.c.expires_at < bindparam("before")).order_by(tokens.c.expires_at)
            )
        )
        self.sweep_forgotten = of(
            lambda: _delete_tokens(select(tokens.c.id).where(tokens.c.client_id == bindparam("client_id")))
        )

        self.keys = of(lambda: select(signing_keys).order_by(signing_keys.c.created_at, signing_keys.c.position))
        self.remove_keys = of(lambda: delete(signing_keys))
        self.add_key = of(lambda: _insert(signing_keys))

        self.add_act = of(lambda: _insert(acts))

        self.changes = of(lambda: select(changes.c.number))
        self.raise_changes = of(lambda: update(changes).values(number=changes.c.number + ONE))

        self.held = of(lambda: select(*_LEASE).where(processes.c.holder == bindparam("holder")))
        self.longest_free = of(
            lambda: (
                select(*_LEASE)
                .where(or_(processes.c.holder.is_(None), processes.c.until_milliseconds <= bindparam("now")))
                .order_by(processes.c.until_milliseconds, processes.c.number)
                .limit(ONE)
                .offset(ZERO)
            )
        )
        self.hold = of(
            lambda: (
                update(processes)
                .where(processes.c.number == bindparam("of_process"))
                .values(
                    holder=bindparam("holder"),
                    since_milliseconds=bindparam("since"),
                    until_milliseconds=bindparam("until"),
                    knows=bindparam("knows"),
                )
            )
        )
        self.release = of(
            lambda: update(processes).where(processes.c.holder == bindparam("of_holder")).values(holder=null())
        )
        self.latest_lease = of(lambda: select(func.max(processes.c.until_milliseconds)).where(_NOT_SET_ASIDE))
        self.set_aside = of(
            lambda: (
                update(processes)
                .where(processes.c.until_milliseconds > bindparam("after"), _NOT_SET_ASIDE)
                .values(holder=_SET_ASIDE)
            )
        )

        self.people = PeopleStatements(dialect)
        self.grants = GrantStatements(dialect)
        self.lists = ListStatements(dialect)
        self.shared = SharedStatements(dialect)
        self.farewells = FarewellStatements(dialect)
        self.factors = FactorStatements(dialect)
        self.upstreams = UpstreamStatements(dialect)
        self.mails = MailStatements(dialect)

        self._of_rows: dict[tuple[Statement, int], str] = {}
        self._of_arrays: dict[tuple[Statement, ...], str] = {}
        self._swaps_of_arrays: dict[tuple[Statement, ...], str] = {}

    def of_rows(self, statement: Statement, count: int) -> str:
        """The text of an insert for so many rows at once; their parameters follow one another."""
        text = self._of_rows.get((statement, count))
        if text is None:
            text = self._of_rows[statement, count] = statement.of_rows(count)
        return text

    def of_arrays(self, *statements: Statement) -> str:
        """The text of these inserts in one, for any number of rows of each; its parameters are all their columns."""
        text = self._of_arrays.get(statements)
        if text is None:
            text = self._of_arrays[statements] = in_one([statement.of_arrays() for statement in statements])
        return text

    def swap_of_arrays(self, statement: Statement, *added: Statement) -> str:
        """The text of an update for any number of rows, that returns the places of those it changed, from 1 on.

        With it goes what is inserted for each of those.
        """
        text = self._swaps_of_arrays.get((statement, *added))
        if text is None:
            text = statement.swap_adding(*added) if added else statement.swap_of_arrays()
            self._swaps_of_arrays[statement, *added] = text
        return text


# Whoever revokes a family touches none of its tokens: they are found revoked, and so are those that it left behind.
_TOKEN = tuple(
    func.coalesce(
        column,
        families.c.revoked_at,
        case((families.c.id.is_(None) & tokens.c.family_id.is_not(None), tokens.c.issued_at)),
    )
    if column is tokens.c.revoked_at
    else column
    for column in tokens.c
)


@cache
def statements_in(dialect: Dialect) -> Statements:
    """The statements, compiled once for a process: to do so takes as long as opening a database does otherwise."""
    return Statements(dialect)


_NOT_EDITED = ("client_id", "last_used_at")


def _insert(table: Table) -> ClauseElement:
    return insert(table).values({column: bindparam(column.name) for column in table.c})


def _with_secrets(chosen: Select[tuple[object, ...]]) -> ClauseElement:
    """These applications, a row for each of their secrets, or one with no secret in it."""
    application = chosen.subquery("application")
    joined = application.outerjoin(secrets, secrets.c.client_id == application.c.client_id)
    return select(application, secrets).select_from(joined).order_by(application.c.client_id, secrets.c.id)


def _standing() -> ClauseElement:
    """What an act on an application may take for granted: generation, revision, newest secret, and who owns it."""
    newest = select(func.max(secrets.c.id)).where(secrets.c.client_id == applications.c.client_id)
    owner = select(users.c.id).where(users.c.name == applications.c.owner, users.c.enabled.is_(true()))
    return select(
        applications.c.generation,
        applications.c.revision,
        func.coalesce(newest.scalar_subquery(), ZERO),
        owner.scalar_subquery(),
    ).where(applications.c.client_id == bindparam("client_id"))


def _of_living_family() -> ColumnElement[bool]:
    """Of none, or of one that is there and was not revoked."""
    alive = exists().where(families.c.id == tokens.c.family_id, families.c.revoked_at.is_(None))
    return or_(tokens.c.family_id.is_(None), alive)


def _activity() -> ClauseElement:
    generation = select(applications.c.generation).where(applications.c.client_id == bindparam("client_id"))
    lives = (
        tokens.c.revoked_at.is_(None)
        & (tokens.c.expires_at > bindparam("now"))
        & (tokens.c.generation == generation.scalar_subquery())
        & _of_living_family()
    )
    consented = select(func.count()).where(
        consents.c.client_id == bindparam("client_id"), consents.c.generation == generation.scalar_subquery()
    )
    return select(
        func.count(),
        func.count().filter(lives),
        func.min(tokens.c.issued_at),
        func.max(tokens.c.issued_at),
        func.max(tokens.c.last_used_at),
        func.count(tokens.c.user_id.distinct()),
        consented.scalar_subquery(),
    ).where(tokens.c.client_id == bindparam("client_id"), *_issued_since())


def _issued_since() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Told by the row id, too: of what was issued before an hour before it nothing is read."""
    return tokens.c.issued_at >= bindparam("since"), tokens.c.id >= bindparam("since_id")


def _used(table: Table) -> ClauseElement:
    return (
        update(table)
        .where(table.c.id == bindparam("of_row"))
        .where(or_(table.c.last_used_at.is_(None), table.c.last_used_at <= bindparam("at")))
        .values(last_used_at=bindparam("at"), last_used_address=bindparam("address"))
    )


def _sweep_secrets() -> ClauseElement:
    """The newest stays: an application that had a secret is never taken for one that has yet to be given its first."""
    newer = secrets.alias("newer")
    due = (
        select(secrets.c.id)
        .where(secrets.c.expires_at < bindparam("before"))
        .where(exists().where(newer.c.client_id == secrets.c.client_id, newer.c.id > secrets.c.id))
    )
    return delete(secrets).where(secrets.c.id.in_(due.limit(bindparam("limit")).offset(ZERO)))


def _delete_tokens(chosen: Select[tuple[int]]) -> ClauseElement:
    return delete(tokens).where(tokens.c.id.in_(chosen.limit(bindparam("limit")).offset(ZERO)))
