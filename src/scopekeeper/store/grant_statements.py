"""Every statement on the tables of what people grant: consents, codes, families, refresh tokens, devices."""

from collections.abc import Callable
from functools import partial

from sqlalchemy import (
    ColumnElement,
    Dialect,
    Select,
    Table,
    bindparam,
    delete,
    exists,
    false,
    func,
    insert,
    literal_column,
    null,
    select,
    true,
    update,
)
from sqlalchemy.sql.elements import ClauseElement

from scopekeeper.store.statement import ONE, ZERO, Statement, Uncompiled, upsert
from scopekeeper.store.tables import (
    Number,
    Text,
    codes,
    consents,
    device_codes,
    families,
    forgotten,
    refresh_tokens,
    sessions,
)


class GrantStatements:
    """The statements, in the words of one database."""

    def __init__(self, dialect: Dialect) -> None:
        def of(make: Callable[[], ClauseElement]) -> Statement:
            return Uncompiled(make, dialect)

        theirs = select(consents).where(
            consents.c.user_id == bindparam("user_id"), ~exists().where(forgotten.c.client_id == consents.c.client_id)
        )
        self.consent = of(lambda: theirs.where(consents.c.client_id == bindparam("client_id")))
        self.consents = of(lambda: theirs.order_by(consents.c.client_id))
        self.remember = of(lambda: _remember(dialect))
        self.forget_consents = of(
            lambda: delete(consents).where(consents.c.user_id == bindparam("user_id"), _of_client(consents))
        )

        self.code = of(lambda: select(codes).where(codes.c.id == bindparam("id")))
        self.add_code = of(lambda: insert(codes))
        self.redeem_code = of(
            lambda: (
                update(codes)
                .where(codes.c.id == bindparam("of_row"), codes.c.family_id.is_(None), _stands())
                .values(family_id=bindparam("family"))
            )
        )
        self.drop_codes = of(lambda: _drop_waiting(codes))

        self.family = of(lambda: select(families).where(families.c.id == bindparam("id")))
        self.families = of(
            lambda: (
                select(families)
                .where(families.c.user_id == bindparam("user_id"), families.c.revoked_at.is_(None))
                .where(families.c.expires_at > bindparam("now"))
                .order_by(families.c.id.desc())
                .limit(bindparam("limit"))
                .offset(ZERO)
            )
        )
        self.stands = of(lambda: select(ONE).where(_stands()))
        self.hold_session = of(
            lambda: (
                update(sessions)
                .where(sessions.c.id == bindparam("of_row"))
                .values(last_seen_at=sessions.c.last_seen_at)
            )  # it stays as it is, and yet is another row
        )
        self.add_family = of(lambda: insert(families))
        self.family_used = of(
            lambda: (
                update(families)
                .where(families.c.id == bindparam("of_row"))
                .where(families.c.last_used_at.is_(None) | (families.c.last_used_at < bindparam("at")))
                .values(last_used_at=bindparam("at"))
            )
        )
        self.revoke_family = of(lambda: _revoke(families.c.id == bindparam("of_row")))
        self.revoke_some = of(
            lambda: _revoke(
                families.c.id.in_(
                    select(families.c.id)
                    .where(families.c.user_id == bindparam("of_user"), families.c.revoked_at.is_(None))
                    .where(_of_client(families))
                    .limit(bindparam("limit"))
                    .offset(ZERO)
                )
            )
        )
        self.revoke_of_password = of(
            lambda: _revoke(
                families.c.user_id == bindparam("of_user"), families.c.grant_type == literal_column("'password'")
            )
        )
        self.revoke_of_session = of(lambda: _revoke(families.c.session_id == bindparam("of_session"), _bound()))
        self.revoke_of_sessions = of(
            lambda: _revoke(
                families.c.session_id.in_(other_sessions(bindparam("of_user"), bindparam("keep"))), _bound()
            )
        )

        self.refresh_token = of(
            lambda: (
                select(families, refresh_tokens)
                .join(families, families.c.id == refresh_tokens.c.family_id)
                .where(refresh_tokens.c.id == bindparam("id"))
            )
        )
        self.add_refresh_token = of(lambda: insert(refresh_tokens))
        self.spend = of(
            lambda: (
                update(refresh_tokens)
                .where(refresh_tokens.c.id == bindparam("of_row"), refresh_tokens.c.spent_at.is_(None))
                .where(exists().where(families.c.id == refresh_tokens.c.family_id, families.c.revoked_at.is_(None)))
                .values(spent_at=bindparam("at"), successor=bindparam("successor"), sealed=null())
            )
        )
        due = select(refresh_tokens.c.id).where(
            refresh_tokens.c.sealed.is_not(None), refresh_tokens.c.issued_at < bindparam("before")
        )
        self.some_sealed = of(lambda: due.limit(ONE).offset(ZERO))
        self.erase_sealed = of(
            lambda: (
                update(refresh_tokens)
                .where(refresh_tokens.c.id.in_(due.limit(bindparam("limit")).offset(ZERO)))
                .values(sealed=null())
            )
        )

        self.device = of(lambda: select(device_codes).where(device_codes.c.id == bindparam("id")))
        self.device_with = of(lambda: select(device_codes).where(device_codes.c.user_code == bindparam("user_code")))
        self.add_device = of(lambda: insert(device_codes))
        self.claim_device = of(
            lambda: (
                update(device_codes)
                .where(device_codes.c.id == bindparam("of_row"), device_codes.c.approved.is_(None))
                .where(device_codes.c.user_id.is_(None) | (device_codes.c.user_id == bindparam("user_id")))
                .values({name: bindparam(name) for name in ("user_id", "user", "auth_time", "session_id", "amr")})
            )
        )
        self.decide_device = of(
            lambda: (
                update(device_codes)
                .where(device_codes.c.id == bindparam("of_row"), device_codes.c.approved.is_(None))
                .where(device_codes.c.user_id == bindparam("of_user"))
                .where(device_codes.c.session_id.is_not_distinct_from(bindparam("of_session")))
                .values(approved=bindparam("approved"), scope=bindparam("scope"))
            )
        )
        self.poll = of(
            lambda: select(device_codes.c.polled_at, device_codes.c.interval).where(
                device_codes.c.id == bindparam("id")
            )
        )
        self.device_polled = of(
            lambda: (
                update(device_codes)
                .where(device_codes.c.id == bindparam("of_row"))
                .values(polled_at=bindparam("at"), interval=bindparam("interval"))
            )
        )
        self.redeem_device = of(
            lambda: (
                update(device_codes)
                .where(device_codes.c.id == bindparam("of_row"), device_codes.c.family_id.is_(None))
                .where(device_codes.c.approved.is_(true()), _stands())
                .values(family_id=bindparam("family"))
            )
        )
        self.drop_devices = of(lambda: _drop_waiting(device_codes))

        self.sweep_unredeemed = tuple(of(partial(_sweep_unredeemed, table)) for table in (codes, device_codes))
        self.sweep_waiting = tuple(of(partial(_sweep, table)) for table in (codes, device_codes))
        self.sweep_grants = tuple(of(partial(_sweep, table)) for table in (families, refresh_tokens))
        self.sweep_forgotten = tuple(
            of(partial(_sweep_forgotten, table)) for table in (consents, families, codes, device_codes)
        )


def other_sessions(user_id: ColumnElement[int], kept: ColumnElement[int]) -> Select[tuple[int]]:
    """All of this person's but this one."""
    return select(sessions.c.id).where(sessions.c.user_id == user_id, sessions.c.id != kept)


def _remember(dialect: Dialect) -> ClauseElement:
    """A consent takes the place of an older one, and keeps the day that it began."""
    adding = upsert(consents, dialect)
    newer = {name: adding.excluded[name] for name in ("generation", "scope", "updated_at", "claims")}
    merged: ClauseElement = adding.on_conflict_do_update(
        index_elements=[consents.c.user_id, consents.c.client_id], set_=newer
    )
    return merged


def _of_client(table: Table) -> ColumnElement[bool]:
    """Of this application; of any, where none is named."""
    return table.c.client_id == func.coalesce(bindparam("client_id", type_=Text), table.c.client_id)


def _stands() -> ColumnElement[bool]:
    """Is the session there still in which it was granted, if it depends on one?"""
    return bindparam("of_session", type_=Number).is_(None) | exists().where(sessions.c.id == bindparam("of_session"))


def _drop_waiting(table: Table) -> ClauseElement:
    return delete(table).where(table.c.user_id == bindparam("user_id"), table.c.family_id.is_(None), _of_client(table))


def _revoke(*meant: ColumnElement[bool]) -> ClauseElement:
    return update(families).where(*meant, families.c.revoked_at.is_(None)).values(revoked_at=bindparam("now"))


def _bound() -> ColumnElement[bool]:
    """May it not outlive its session?"""
    return families.c.offline.is_(false())


def _sweep(table: Table) -> ClauseElement:
    return delete(table).where(
        table.c.id.in_(
            select(table.c.id)
            .where(table.c.id < bindparam("below"), table.c.expires_at < bindparam("before"))
            .order_by(table.c.id)
            .limit(bindparam("limit"))
            .offset(ZERO)
        )
    )


def _sweep_unredeemed(table: Table) -> ClauseElement:
    due = select(table.c.id).where(table.c.family_id.is_(None), table.c.expires_at < bindparam("before"))
    return delete(table).where(table.c.id.in_(due.limit(bindparam("limit")).offset(ZERO)))


def _sweep_forgotten(table: Table) -> ClauseElement:
    key = table.c.id if "id" in table.c else table.c.user_id
    of_client = table.c.client_id == bindparam("client_id")
    return delete(table).where(of_client, key.in_(select(key).where(of_client).limit(bindparam("limit")).offset(ZERO)))
