"""How factors, providers and mails lie in rows. Columns stand in the order of the records' fields, as in `rows.py`."""

from collections.abc import Mapping

from scopekeeper.oauth.factors import Passkey, RecoveryCode, Totp
from scopekeeper.oauth.upstreams import Identity, Upstream
from scopekeeper.services.account_ports import Mail
from scopekeeper.store.rows import Row


def passkey_of(row: Row) -> Passkey:
    """The passkey of a row of `passkeys`."""
    told = list(row)
    told[-2:] = bool(row[-2]), tuple(row[-1].split())
    return Passkey(*told)


def passkey_row(passkey: Passkey) -> Mapping[str, object]:
    """The row of `passkeys`, by the names of its columns."""
    told = {name: getattr(passkey, name) for name in Passkey.__slots__}
    return told | {"transports": " ".join(passkey.transports)}


def totp_of(row: Row) -> Totp:
    """The shared secret of a row of `totps`."""
    return Totp(*row)


def totp_row(totp: Totp) -> Mapping[str, object]:
    """The row of `totps`, by the names of its columns."""
    return {name: getattr(totp, name) for name in Totp.__slots__}


def recovery_code_of(row: Row) -> RecoveryCode:
    """The code of a row of `recovery_codes`."""
    return RecoveryCode(*row)


def recovery_code_row(code: RecoveryCode) -> Mapping[str, object]:
    """The row of `recovery_codes`, by the names of its columns."""
    return {name: getattr(code, name) for name in RecoveryCode.__slots__}


def upstream_of(row: Row) -> Upstream:
    """The provider of a row of `upstreams`."""
    told = list(row)
    told[-5:-2] = tuple(row[-5].split()), bool(row[-4]), bool(row[-3])
    return Upstream(*told)


def upstream_row(upstream: Upstream) -> Mapping[str, object]:
    """The row of `upstreams`, by the names of its columns."""
    told = {name: getattr(upstream, name) for name in Upstream.__slots__}
    return told | {"scope": " ".join(upstream.scope)}


def identity_of(row: Row) -> Identity:
    """The identity of a row of `identities`."""
    return Identity(*row)


def identity_row(identity: Identity) -> Mapping[str, object]:
    """The row of `identities`, by the names of its columns."""
    return {name: getattr(identity, name) for name in Identity.__slots__}


def mail_of(row: Row) -> Mail:
    """The mail of a row of `mails`."""
    return Mail(*row)


def mail_row(mail: Mail) -> Mapping[str, object]:
    """The row of `mails`, by the names of its columns."""
    return {name: getattr(mail, name) for name in Mail.__slots__}
