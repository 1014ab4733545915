"""Every statement on what people prove who they are by besides a password."""

from collections.abc import Callable

from sqlalchemy import ColumnElement, Dialect, bindparam, delete, func, insert, select, union_all, update
from sqlalchemy.sql.elements import ClauseElement

from scopekeeper.store.statement import ONE, Statement, Uncompiled, upsert
from scopekeeper.store.tables import passkeys, recovery_codes, totps


class FactorStatements:
    """The statements, in the words of one database."""

    def __init__(self, dialect: Dialect) -> None:
        def of(make: Callable[[], ClauseElement]) -> Statement:
            return Uncompiled(make, dialect)

        self.passkeys = of(
            lambda: select(passkeys).where(passkeys.c.user_id == bindparam("user_id")).order_by(passkeys.c.id)
        )
        self.passkey = of(lambda: select(passkeys).where(passkeys.c.credential_id == bindparam("credential_id")))
        self.count_passkeys = of(
            lambda: select(func.count()).select_from(passkeys).where(passkeys.c.user_id == bindparam("user_id"))
        )
        self.add_passkey = of(lambda: insert(passkeys))
        self.rename_passkey = of(lambda: update(passkeys).where(*_own_passkey()).values(name=bindparam("called")))
        self.remove_passkey = of(lambda: delete(passkeys).where(*_own_passkey()))
        self.use_passkey = of(
            lambda: (
                update(passkeys)
                .where(passkeys.c.id == bindparam("of_passkey"), passkeys.c.sign_count == bindparam("was_count"))
                .values(sign_count=bindparam("sign_count"), synced=bindparam("synced"), last_used_at=bindparam("at"))
            )
        )

        self.totp = of(lambda: select(totps).where(totps.c.user_id == bindparam("user_id")))
        self.save_totp = of(lambda: _save_totp(dialect))
        self.use_totp = of(
            lambda: (
                update(totps)
                .where(totps.c.user_id == bindparam("of_user"), totps.c.last_step < bindparam("step"))
                .values(last_step=bindparam("step"), last_used_at=bindparam("at"))
            )
        )

        self.recovery_codes = of(
            lambda: (
                select(recovery_codes)
                .where(recovery_codes.c.user_id == bindparam("user_id"))
                .order_by(recovery_codes.c.id)
            )
        )
        self.add_recovery_code = of(lambda: insert(recovery_codes))
        self.use_recovery_code = of(
            lambda: (
                update(recovery_codes)
                .where(
                    recovery_codes.c.user_id == bindparam("of_user"),
                    recovery_codes.c.digest == bindparam("of_digest"),
                    recovery_codes.c.used_at.is_(None),
                )
                .values(used_at=bindparam("at"))
            )
        )

        self.some_factor = of(
            lambda: union_all(
                select(ONE).select_from(passkeys).where(passkeys.c.user_id == bindparam("user_id")),
                select(ONE).select_from(totps).where(totps.c.user_id == bindparam("user_id")),
            )
        )
        self.remove_passkeys = of(lambda: delete(passkeys).where(passkeys.c.user_id == bindparam("user_id")))
        self.remove_totp = of(lambda: delete(totps).where(totps.c.user_id == bindparam("user_id")))
        self.remove_recovery_codes = of(
            lambda: delete(recovery_codes).where(recovery_codes.c.user_id == bindparam("user_id"))
        )


def _own_passkey() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return passkeys.c.id == bindparam("of_passkey"), passkeys.c.user_id == bindparam("of_user")


def _save_totp(dialect: Dialect) -> ClauseElement:
    """In the place of whatever was there."""
    rest = [column.name for column in totps.c if not column.primary_key]
    values = {column.name: bindparam(column.name, type_=column.type) for column in totps.c}
    adding = upsert(totps, dialect).values(values)
    saving: ClauseElement = adding.on_conflict_do_update(
        index_elements=[totps.c.user_id], set_={name: adding.excluded[name] for name in rest}
    )
    return saving
