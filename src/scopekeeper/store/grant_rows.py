"""How grants lie in rows, which are read and written by position: columns stand in the order of the records' fields."""

from collections.abc import Mapping
from typing import Final

from msgspec.structs import replace

from scopekeeper.oauth.granted import Code, Consent, DeviceCode, Family, RefreshToken
from scopekeeper.oauth.records import GrantType
from scopekeeper.store.rows import Row
from scopekeeper.store.tables import families

FAMILY_WIDTH: Final = len(families.c)

_BY_NONE: Final = ""
_GRANT_TYPES: Final[dict[str, GrantType | None]] = {_BY_NONE: None, **{each.value: each for each in GrantType}}


def consent_of(row: Row) -> Consent:
    """The consent of a row of `consents`."""
    user_id, client_id, generation, scope, granted_at, updated_at, claims = row
    return Consent(user_id, client_id, generation, tuple(scope.split()), granted_at, updated_at, tuple(claims.split()))


def consent_row(consent: Consent) -> Mapping[str, object]:
    """The row of `consents`, by the names of its columns."""
    told = {name: getattr(consent, name) for name in Consent.__struct_fields__}
    return told | {"scope": " ".join(consent.scope), "claims": " ".join(consent.claims)}


def code_of(row: Row) -> Code:
    """The code of a row of `codes`."""
    id, digest, client_id, generation, user_id, user, auth_time, session_id, redirect_uri, scope, *rest = row
    rest[-2:] = map(_words_of, rest[-2:])
    code = id, digest, client_id, generation, user_id, user, auth_time, session_id, redirect_uri
    return Code(*code, tuple(scope.split()), *rest)


def code_row(code: Code) -> Row:
    """The row of `codes`."""
    return (
        code.id,
        code.digest,
        code.client_id,
        code.generation,
        code.user_id,
        code.user,
        code.auth_time,
        code.session_id,
        code.redirect_uri,
        " ".join(code.scope),
        code.issued_at,
        code.expires_at,
        code.code_challenge,
        code.nonce,
        code.family_id,
        " ".join(code.claims),
        " ".join(code.amr),
    )


def family_of(row: Row) -> Family:
    """The family of a row of `families`."""
    id, client_id, generation, grant_type, user_id, user, auth_time, session_id, offline, scope, *rest = row
    rest[-2:] = map(_words_of, rest[-2:])
    return Family(
        id,
        client_id,
        generation,
        _GRANT_TYPES[grant_type],
        user_id,
        user,
        auth_time,
        session_id,
        bool(offline),
        tuple(scope.split()),
        *rest,
    )


def family_row(family: Family) -> Row:
    """The row of `families`."""
    return (
        family.id,
        family.client_id,
        family.generation,
        _BY_NONE if family.grant_type is None else family.grant_type.value,
        family.user_id,
        family.user,
        family.auth_time,
        family.session_id,
        family.offline,
        " ".join(family.scope),
        family.issued_at,
        family.expires_at,
        family.last_used_at,
        family.revoked_at,
        " ".join(family.claims),
        " ".join(family.amr),
    )


def refresh_token_of(row: Row) -> RefreshToken:
    """The refresh token of a row of `refresh_tokens`."""
    return RefreshToken(*row)


def refresh_token_row(token: RefreshToken, sealed: bytes | None) -> Row:
    """The row of `refresh_tokens`, with the answer that it came in."""
    return (
        token.id,
        token.digest,
        token.family_id,
        token.issued_at,
        token.expires_at,
        token.spent_at,
        token.successor,
        sealed,
    )


def device_of(row: Row) -> DeviceCode:
    """The device code of a row of `device_codes`."""
    id, digest, user_code, client_id, generation, scope, *rest = row
    rest[-1] = _words_of(rest[-1])
    device = DeviceCode(id, digest, user_code, client_id, generation, tuple(scope.split()), *rest)
    return device if device.approved is None else replace(device, approved=bool(device.approved))


def device_row(device: DeviceCode) -> Row:
    """The row of `device_codes`."""
    return (
        device.id,
        device.digest,
        device.user_code,
        device.client_id,
        device.generation,
        " ".join(device.scope),
        device.issued_at,
        device.expires_at,
        device.interval,
        device.polled_at,
        device.user_id,
        device.user,
        device.auth_time,
        device.session_id,
        device.approved,
        device.family_id,
        " ".join(device.amr),
    )


def _words_of(text: str) -> tuple[str, ...]:
    return tuple(text.split())
