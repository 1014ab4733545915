"""What programs are told of tokens, as JSON has it."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from scopekeeper.cli.output import moment

if TYPE_CHECKING:
    from scopekeeper.app import House
    from scopekeeper.oauth.granted import Family, RefreshToken
    from scopekeeper.oauth.records import Token


async def names_of(house: "House", client_ids: Iterable[str]) -> Mapping[str, str]:
    """What these applications are called, as far as they are there."""
    found = [await house.store.client(client_id) for client_id in client_ids]
    return {client.client_id: client.name for client in found if client is not None}


def record_of(token: "Token", names: Mapping[str, str]) -> dict[str, object]:
    """An access token."""
    from scopekeeper.oauth.claims import jti_of

    return {
        "id": jti_of(token.id),
        "client_id": token.client_id,
        "application": names.get(token.client_id, token.client_id),
        "user": token.user,
        "scope": " ".join(token.scope),
        "format": token.format.value,
        "issued_at": moment(token.issued_at),
        "expires_at": moment(token.expires_at),
        "address": token.address,
        "last_used_at": moment(token.last_used_at),
        "last_used_address": token.last_used_address,
    }


def refresh_record_of(token: "RefreshToken", family: "Family", names: Mapping[str, str]) -> dict[str, object]:
    """A refresh token, and the family that it keeps alive."""
    from scopekeeper.oauth.claims import jti_of

    return {
        "id": jti_of(token.id),
        "family": jti_of(family.id),
        "client_id": family.client_id,
        "application": names.get(family.client_id, family.client_id),
        "user": family.user,
        "grant_type": family.began_by.value,
        "scope": " ".join(family.scope),
        "began_at": moment(family.issued_at),
        "issued_at": moment(token.issued_at),
        "last_used_at": moment(family.last_used_at),
        "idle_end": moment(token.expires_at),
        "absolute_end": moment(family.expires_at),
        "offline": family.offline,
    }
