"""What each change to somebody's factors is, as a decision in a transaction."""

from collections.abc import Sequence

from scopekeeper.oauth.factors import Passkey, RecoveryCode, Totp
from scopekeeper.services.ports import Act, Gone, Stale, Taken
from scopekeeper.store.account_rows import passkey_row, recovery_code_row, totp_row
from scopekeeper.store.people import end_sessions
from scopekeeper.store.rows import act_row
from scopekeeper.store.transaction import Transaction, Violation


def add_passkey(t: Transaction, passkey: Passkey, most: int, act: Act, first: bool, keep: int | None) -> None:
    """One more, if there may be one."""
    _raise_revision(t, passkey.user_id)  # first of all: whoever adds something at the same time waits for this
    _begin_with(t, passkey.user_id, first, keep, act.at)
    ((count,),) = t.rows(t.sql.factors.count_passkeys, user_id=passkey.user_id)
    if count >= most:
        raise Taken("there are as many passkeys as there may be")
    if t.rows(t.sql.factors.passkey, credential_id=passkey.credential_id):
        raise Taken("this passkey is known already")
    try:
        t.run(t.sql.factors.add_passkey, **passkey_row(passkey))
    except Violation as error:
        raise Taken("this passkey is known already") from error
    _note(t, act)


def rename_passkey(t: Transaction, user_id: int, passkey_id: int, name: str, act: Act) -> None:
    """Another name for it."""
    if not t.run(t.sql.factors.rename_passkey, of_user=user_id, of_passkey=passkey_id, called=name):
        raise Gone("there is no such passkey")
    t.run(t.sql.add_act, **act_row(act))


def remove_passkey(t: Transaction, user_id: int, passkey_id: int, act: Act) -> None:
    """It is forgotten."""
    if not t.run(t.sql.factors.remove_passkey, of_user=user_id, of_passkey=passkey_id):
        raise Gone("there is no such passkey")
    _drop_codes_without_factor(t, user_id)
    _raise_revision(t, user_id)
    _note(t, act)


def use_passkey(t: Transaction, passkey: Passkey, sign_count: int, synced: bool, at: int) -> bool:
    """It was used, unless somebody else used it since it was looked at."""
    told = {"sign_count": sign_count, "synced": synced, "at": at}
    return bool(t.run(t.sql.factors.use_passkey, of_passkey=passkey.id, was_count=passkey.sign_count, **told))


def save_totp(t: Transaction, totp: Totp, act: Act, first: bool, keep: int | None) -> None:
    """A shared secret in the place of whatever was there."""
    _raise_revision(t, totp.user_id)
    _begin_with(t, totp.user_id, first, keep, act.at)
    t.run(t.sql.factors.save_totp, **totp_row(totp))
    _note(t, act)


def remove_totp(t: Transaction, user_id: int, act: Act) -> None:
    """It is forgotten."""
    if not t.run(t.sql.factors.remove_totp, user_id=user_id):
        raise Gone("there are no one-time codes")
    _drop_codes_without_factor(t, user_id)
    _raise_revision(t, user_id)
    _note(t, act)


def use_totp(t: Transaction, user_id: int, step: int, at: int) -> bool:
    """The code of this step is taken, unless it or a later one was."""
    return bool(t.run(t.sql.factors.use_totp, of_user=user_id, step=step, at=at))


def replace_recovery_codes(t: Transaction, user_id: int, codes: Sequence[RecoveryCode], act: Act) -> None:
    """These, and no others."""
    _raise_revision(t, user_id)
    t.run(t.sql.factors.remove_recovery_codes, user_id=user_id)
    t.run_each(t.sql.factors.add_recovery_code, map(recovery_code_row, codes))
    _note(t, act)


def use_recovery_code(t: Transaction, user_id: int, digest: bytes, at: int, act: Act) -> bool:
    """One is used up, if it is there."""
    if not t.run(t.sql.factors.use_recovery_code, of_user=user_id, of_digest=digest, at=at):
        return False
    t.run(t.sql.add_act, **act_row(act))
    return True


def remove_factors(t: Transaction, user_id: int, act: Act) -> bool:
    """All of them, and every stay that they may have opened."""
    sql = t.sql.factors
    removed = [
        t.run(each, user_id=user_id) for each in (sql.remove_passkeys, sql.remove_totp, sql.remove_recovery_codes)
    ]
    if not any(removed):
        return False
    end_sessions(t, user_id, None, act.at)
    _raise_revision(t, user_id)
    _note(t, act)
    return True


def _begin_with(t: Transaction, user_id: int, first: bool, keep: int | None, now: int) -> None:
    """Where it is to be the first factor it is, and what the password alone has opened is over. Raises Stale."""
    if not first:
        return
    if t.rows(t.sql.factors.some_factor, user_id=user_id):
        raise Stale("there is a second factor by now")
    t.run(t.sql.grants.revoke_of_password, of_user=user_id, now=now)
    end_sessions(t, user_id, keep, now)


def _drop_codes_without_factor(t: Transaction, user_id: int) -> None:
    """Recovery codes stand in for a factor: there is none left for which."""
    if not t.rows(t.sql.factors.some_factor, user_id=user_id):
        t.run(t.sql.factors.remove_recovery_codes, user_id=user_id)


def _raise_revision(t: Transaction, user_id: int) -> None:
    """A sign-in that is under way went by what was there before: it is Stale from now on. Raises Gone."""
    if not t.run(t.sql.people.raise_revision, of_user=user_id):
        raise _nobody()


def _nobody() -> Gone:
    return Gone("the account is not there any more")


def _note(t: Transaction, act: Act) -> None:
    t.run(t.sql.raise_changes)
    t.run(t.sql.add_act, **act_row(act))
