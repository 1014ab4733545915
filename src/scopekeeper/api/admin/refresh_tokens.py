"""Refresh tokens that work, each with its family: listed, and ended one by one or all that match."""

from datetime import datetime
from typing import Annotated

from scopekeeper.api.admin.module import api
from scopekeeper.api.admin.office import Acting, Office
from scopekeeper.api.admin.refusals import told
from scopekeeper.api.admin.showing import (
    ClientId,
    Ident,
    Person,
    ScopeText,
    moment,
    moment_or_none,
    page_of,
    row_behind,
    row_of,
    seconds_of,
)
from scopekeeper.api.admin.tokens import Covered, Revocation, Since, TokensMatching, Until, revoke_matching
from scopekeeper.oauth.claims import jti_of
from scopekeeper.oauth.granted import Family
from scopekeeper.oauth.granted import RefreshToken as Row
from scopekeeper.oauth.records import GrantType
from scopekeeper.sdk import Caller, Meta, NotFound, Page, Paging, record
from scopekeeper.services.lists import TokensAsked


@record
class RefreshToken:
    """A refresh token that works, and the grant that it carries on. Nothing here can be used as a token."""

    id: Ident
    family: Annotated[
        str, Meta(description="The grant: whoever ends one token of it ends all.", examples=["0KJ3mVq1zGe"])
    ]
    client_id: ClientId
    user: Annotated[str, Meta(description="Who granted it.", examples=["alice"])]
    scope: ScopeText
    grant_type: Annotated[GrantType, Meta(description="How the grant began.")]
    offline: Annotated[bool, Meta(description="May it outlive the session in which it was granted?")]
    granted_at: datetime
    issued_at: datetime
    expires_at: Annotated[datetime, Meta(description="When it has been idle for too long, or the grant ends.")]
    ends_at: Annotated[datetime, Meta(description="When the grant ends, however often it is used.")]
    last_used_at: datetime | None


@api.read("GET /refresh-tokens", field="refreshTokens", system=True, resource="tokens")
async def list_refresh_tokens(
    caller: Caller,
    paging: Paging,
    client_id: ClientId | None = None,
    user: Person | None = None,
    scope: Covered | None = None,
    since: Since | None = None,
    until: Until | None = None,
) -> Page[RefreshToken]:
    """Refresh tokens that work, the newest first."""
    tokens = caller.provided(Office).tokens
    asked = TokensAsked(client_id, user, scope, seconds_of(since, "since"), seconds_of(until, "until"))
    rows = await tokens.refresh_page(asked, before=row_behind(paging), limit=paging.limit + 1)
    return page_of(rows, paging, lambda each: jti_of(each[0].id), _shown, lambda: tokens.refresh_count(asked))


@api.read("GET /refresh-tokens/{id}", field="refreshToken", system=True, resource="tokens")
async def get_refresh_token(caller: Caller, id: str) -> RefreshToken:
    """One refresh token that works."""
    return _shown(await _found(caller, id))


@api.write("DELETE /refresh-tokens/{id}", field="revokeRefreshToken", system=True, resource="tokens")
async def revoke_refresh_token(caller: Caller, id: str) -> RefreshToken:
    """Revoke a refresh token, and with it its family: every access token of it dies now."""
    acting, found = caller.provided(Acting), await _found(caller, id)
    if not await caller.provided(Office).tokens.revoke_families([found[1].id], acting.actor, acting.address):
        raise NotFound("There is no such refresh token.")
    return _shown(found)


@api.write(
    "POST /refresh-tokens/revocations", field="revokeRefreshTokens", system=True, resource="tokens", gives=("revoked",)
)
async def revoke_refresh_tokens(caller: Caller, body: TokensMatching) -> Revocation:
    """Revoke all refresh tokens that match, with their families; or only count them."""
    return await revoke_matching(caller, body, refresh=True)


async def _found(caller: Caller, id: str) -> tuple[Row, Family]:
    """The refresh token with this id, if it works. Raises NotFound."""
    with told():
        return await caller.provided(Office).tokens.refresh(row_of(id, "refresh token"))


def _shown(found: tuple[Row, Family]) -> RefreshToken:
    token, family = found
    return RefreshToken(
        id=jti_of(token.id),
        family=jti_of(family.id),
        client_id=family.client_id,
        user=family.user,
        scope=" ".join(family.scope),
        grant_type=family.began_by,
        offline=family.offline,
        granted_at=moment(family.issued_at),
        issued_at=moment(token.issued_at),
        expires_at=moment(token.expires_at),
        ends_at=moment(family.expires_at),
        last_used_at=moment_or_none(family.last_used_at),
    )
