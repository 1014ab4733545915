"""What each change to grants is, as a decision in a transaction: first its compare-and-swap, then the rest."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from operator import attrgetter
from typing import Final

from scopekeeper.oauth.granted import Code, Consent, DeviceCode, Family, Grantor, RefreshToken
from scopekeeper.oauth.records import Token
from scopekeeper.scopes import OPENID
from scopekeeper.services.ports import Act, Gone, Spent, Taken, Use
from scopekeeper.store.grant_rows import (
    FAMILY_WIDTH,
    code_of,
    code_row,
    consent_row,
    device_of,
    device_row,
    family_of,
    family_row,
    refresh_token_row,
)
from scopekeeper.store.rows import Row, act_row, token_row
from scopekeeper.store.statement import Statement
from scopekeeper.store.statements import Statements
from scopekeeper.store.transaction import Swap, Transaction, Violation

MOST_FAMILIES: Final = 500
"""Of one person, in one list."""

STEP: Final = 500
"""Families, or tokens, that one step of a larger act revokes: a few milliseconds of the writer's time."""

Named = Callable[[Statements], Statement]

_REDEEM_CODE: Final[Named] = attrgetter("grants.redeem_code")
_REDEEM_DEVICE: Final[Named] = attrgetter("grants.redeem_device")
_SPEND: Final[Named] = attrgetter("grants.spend")
_ADD_FAMILY: Final[Named] = attrgetter("grants.add_family")
_ADD_TOKEN: Final[Named] = attrgetter("add_token")
_ADD_REFRESH_TOKEN: Final[Named] = attrgetter("grants.add_refresh_token")

SLOWER: Final = 5
"""Seconds that a device leaves more between two polls for each that came too early (RFC 8628 §3.5)."""


def add_code(t: Transaction, code: Code, consent: Consent | None, act: Act | None) -> None:
    """A new code, and the consent that it comes of."""
    _require_person(t, consent)
    _add(t, t.sql.grants.add_code, code_row(code), "there is a code with this row id already")
    _remember(t, consent)
    _note(t, act)


def redeem_code(code: Code, family: Family, token: Token, refresh: RefreshToken | None) -> Swap:
    """The code is used up, and has bought this. Of any number who come with it, one gets it."""

    def lost(t: Transaction) -> Exception:
        return _spent_or_gone([code_of(row) for row in t.rows(t.sql.grants.code, id=code.id)], "the code")

    return _redeem(_REDEEM_CODE, code.id, family, token, refresh, lost)


def redeem_device(device: DeviceCode, family: Family, token: Token, refresh: RefreshToken | None) -> Swap:
    """The approved device code is used up, and has bought this."""

    def lost(t: Transaction) -> Exception:
        found = [device_of(row) for row in t.rows(t.sql.grants.device, id=device.id)]
        return _spent_or_gone(found, "the device code")

    return _redeem(_REDEEM_DEVICE, device.id, family, token, refresh, lost)


def begin_family(
    t: Transaction,
    family: Family,
    token: Token,
    refresh: RefreshToken | None,
    consent: Consent | None,
    act: Act | None,
    ends: Sequence[int],
) -> None:
    """A grant that nothing is redeemed for, with its first token, in the place of those that end."""
    _require_person(t, consent)
    session_id = _session_of(family)
    if session_id is not None and not t.rows(t.sql.grants.stands, of_session=session_id):
        raise Gone("the session has been ended")
    for insert, row in ((_ADD_FAMILY, family_row(family)), *_tokens(token, refresh)):
        _add(t, insert(t.sql), row, "there is a row with one of its row ids already")
    if _may_outlive(family):
        _tell_at_once(t, family)
    for each in ends:
        revoke_family(t, each, family.issued_at, None)
    _remember(t, consent)
    _note(t, act)


def rotate(spent: RefreshToken, now: int, refresh: RefreshToken, sealed: bytes | None, token: Token) -> Swap:
    """One refresh token in the place of another, while the family is alive; the answer before the last is erased."""

    def lost(t: Transaction) -> Exception:
        return _spent_or_revoked(t.rows(t.sql.grants.refresh_token, id=spent.id))

    parameters = {"of_row": spent.id, "at": now, "successor": refresh.id}
    return Swap(_SPEND, parameters, _tokens(token, refresh, sealed), lost)


def refreshed(t: Transaction, families: Sequence[Use]) -> None:
    """When each family was last used, in the order of the rows."""
    ordered = sorted(families, key=attrgetter("id"))
    t.run_each(t.sql.grants.family_used, [{"of_row": each.id, "at": each.at} for each in ordered])


def revoke_family(t: Transaction, family_id: int, now: int, act: Act | None) -> bool:
    """The family is dead, if it was not yet."""
    if not t.run(t.sql.grants.revoke_family, of_row=family_id, now=now):
        return False
    t.run(t.sql.raise_changes)
    _note(t, act)
    return True


def withdraw(t: Transaction, user_id: int, client_id: str | None, now: int, act: Act) -> int:
    """The first step: what would let more begin is gone, and the first of the families are dead."""
    forget_granted(t, user_id, client_id)
    _note(t, act)
    return revoke_some(t, user_id, client_id, now)


def forget_granted(t: Transaction, user_id: int, client_id: str | None) -> None:
    """No consent of this person (to this application) is left, nor anything that waits to be redeemed."""
    for statement in (t.sql.grants.forget_consents, t.sql.grants.drop_codes, t.sql.grants.drop_devices):
        t.run(statement, user_id=user_id, client_id=client_id)


def revoke_some(t: Transaction, user_id: int, client_id: str | None, now: int) -> int:
    """Up to STEP families of this person (and this application) are dead; how many were alive."""
    t.run(t.sql.raise_changes)
    return t.run(t.sql.grants.revoke_some, of_user=user_id, client_id=client_id, now=now, limit=STEP)


def erase_sealed(t: Transaction, issued_before: int, limit: int) -> int:
    """Up to `limit` sealed answers are no more."""
    return t.run(t.sql.grants.erase_sealed, before=issued_before, limit=limit)


def add_device(t: Transaction, device: DeviceCode) -> None:
    """A device that waits."""
    _add(t, t.sql.grants.add_device, device_row(device), "there is a device with this row id or user code already")


def claim_device(t: Transaction, row_id: int, grantor: Grantor) -> None:
    """This person alone decides."""
    if not t.run(
        t.sql.grants.claim_device,
        of_row=row_id,
        user_id=grantor.user_id,
        user=grantor.user,
        auth_time=grantor.auth_time,
        session_id=grantor.session_id,
        amr=" ".join(grantor.amr),
    ):
        raise Gone("there is no such device that waits for this person")


def decide_device(t: Transaction, device: DeviceCode, consent: Consent | None, act: Act) -> None:
    """Whoever claimed it has decided."""
    _require_person(t, consent)
    if not t.run(
        t.sql.grants.decide_device,
        of_row=device.id,
        of_user=device.user_id,
        of_session=device.session_id,
        approved=device.approved,
        scope=" ".join(device.scope),
    ):
        raise Gone("there is no such device that waits for this person")
    _remember(t, consent)
    _note(t, act)


def poll_device(t: Transaction, row_id: int, now: int) -> bool:
    """Was it time to ask again? It is noted that it did."""
    found = t.rows(t.sql.grants.poll, id=row_id)
    if not found:
        return True
    ((polled_at, interval),) = found
    early = polled_at is not None and now - polled_at < interval
    t.run(t.sql.grants.device_polled, of_row=row_id, at=now, interval=interval + SLOWER * early)
    return not early


def sweep(t: Transaction, statements: Sequence[Statement], before: int, below: int, limit: int) -> int:
    """Up to `limit` rows of one table after the other."""
    swept = 0
    for statement in statements:
        swept += t.run(statement, before=before, below=below, limit=limit - swept)
    return swept


def _bought(row_id: int, family: Family) -> Mapping[str, object]:
    return {"of_row": row_id, "family": family.id, "of_session": _session_of(family), "session": family.session_id}


def _session_of(family: Family) -> int | None:
    """The session that it depends on, if any."""
    return None if family.offline else family.session_id


def _redeem(
    statement: Named,
    row_id: int,
    family: Family,
    token: Token,
    refresh: RefreshToken | None,
    lost: Callable[[Transaction], Exception],
) -> Swap:
    adds = ((_ADD_FAMILY, family_row(family)), *_tokens(token, refresh))
    after = partial(_tell_at_once, family=family) if _may_outlive(family) else None
    return Swap(statement, _bought(row_id, family), adds, lost, after)


def _tokens(token: Token, refresh: RefreshToken | None, sealed: bytes | None = None) -> tuple[tuple[Named, Row], ...]:
    """What is added of a token, and of a refresh token where there is one."""
    if refresh is None:
        return ((_ADD_TOKEN, token_row(token)),)
    return ((_ADD_TOKEN, token_row(token)), (_ADD_REFRESH_TOKEN, refresh_token_row(refresh, sealed)))


def _may_outlive(family: Family) -> bool:
    """May it outlive its session, of which its application hears?"""
    return family.offline and family.session_id is not None and OPENID in family.scope


def _tell_at_once(t: Transaction, family: Family) -> None:
    """If its session is over by now, its application hears of that at once."""
    t.run(t.sql.farewells.of_family, of_family=family.id, now=family.issued_at)


def _add(t: Transaction, statement: Statement, row: Row, taken: str) -> None:
    try:
        t.add(statement, row)
    except Violation as error:
        raise Taken(taken) from error


def _require_person(t: Transaction, consent: Consent | None) -> None:
    if consent is not None and not t.rows(t.sql.people.user_with, id=consent.user_id):
        raise Gone("the account is not there any more")


def _remember(t: Transaction, consent: Consent | None) -> None:
    if consent is not None:
        t.run(t.sql.grants.remember, **consent_row(consent))


def _note(t: Transaction, act: Act | None) -> None:
    if act is not None:
        t.run(t.sql.add_act, **act_row(act))


def _spent_or_gone(found: Sequence[Code | DeviceCode], what: str) -> Spent | Gone:
    """Why the code or device that was found was not redeemed."""
    bought = found[0].family_id if found else None
    if bought is not None:
        return Spent(bought)
    return Gone(f"{what}, or the session in which it was granted, is not there any more")


def _spent_or_revoked(found: Sequence[Row]) -> Spent | Gone:
    """Why the refresh token of these rows, which begin with its family, was not spent."""
    if not found or (family := family_of(found[0][:FAMILY_WIDTH])).revoked_at is not None:
        return Gone("the family is revoked, or not there any more")
    return Spent(family.id)
