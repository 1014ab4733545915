"""A secret as presented, and what is remembered of it. The kinds never mix: a device code is no code."""

import hmac
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.granted import Family, RefreshToken
from scopekeeper.oauth.secrets import Kind, digest_of, row_of
from scopekeeper.services.ports import Grants


class Remembered(Protocol):
    """A row that keeps a secret's digest."""

    @property
    def digest(self) -> bytes: ...


R = TypeVar("R", bound=Remembered)


async def redeemable(presented: str, kind: Kind, read: Callable[[int], Awaitable[R | None]]) -> R:
    """What is remembered of this secret, redeemed or not. Raises invalid_grant; garbage does not touch the store."""
    row = row_of(presented, kind)
    remembered = None if row is None else await read(row)
    if remembered is None or not hmac.compare_digest(remembered.digest, digest_of(presented)):
        raise OAuthError.invalid_grant(f"unknown, or no {kind.name.lower()}")
    return remembered


async def refresh_token_with(presented: str, grants: Grants) -> tuple[RefreshToken, Family] | None:
    """The refresh token that this is, spent or not, and its family. Garbage does not touch the store."""
    row = row_of(presented, Kind.REFRESH_TOKEN)
    found = None if row is None else await grants.refresh_token(row)
    if found is None or not hmac.compare_digest(found[0].digest, digest_of(presented)):
        return None
    return found
