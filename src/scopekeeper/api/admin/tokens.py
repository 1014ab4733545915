"""Access tokens that hold: listed, and revoked one by one or all that match."""

from datetime import datetime
from typing import Annotated

from scopekeeper.api.admin.module import api
from scopekeeper.api.admin.office import Acting, Office
from scopekeeper.api.admin.showing import (
    ClientId,
    Ident,
    Person,
    ScopeText,
    jti_of_or_none,
    moment,
    moment_or_none,
    page_of,
    row_behind,
    row_of,
    seconds_of,
)
from scopekeeper.oauth.claims import jti_of
from scopekeeper.oauth.records import Token, TokenFormat
from scopekeeper.sdk import Caller, Forbidden, Meta, NotFound, Page, Paging, record
from scopekeeper.services.lists import MOST_COUNTED, TokensAsked
from scopekeeper.services.ports import Gone

Since = Annotated[datetime, Meta(description="Issued then or later.", examples=["2026-03-01T12:00:00Z"])]
Until = Annotated[datetime, Meta(description="Issued before then.", examples=["2026-03-02T12:00:00Z"])]
Covered = Annotated[str, Meta(description="A scope that it covers.", examples=["rest:callforward:read"])]


@record
class AccessToken:
    """An access token that holds, by what is known of it. Nothing here can be used as a token."""

    id: Ident
    client_id: ClientId
    user: Annotated[str | None, Meta(description="In whose name; null: the application acts for itself.")]
    scope: ScopeText
    format: TokenFormat
    family: Annotated[str | None, Meta(description="The grant that it came of, with which it dies.")]
    issued_at: datetime
    expires_at: datetime
    address: Annotated[str | None, Meta(description="Whence it was asked for.")]
    last_used_at: datetime | None
    last_used_address: str | None


@record
class TokensMatching:
    """Which tokens are to be revoked: those to which all that is named applies, and all where nothing is."""

    dry_run: Annotated[bool, Meta(description="Only count them? It takes the scope to read them.", examples=[True])]
    client_id: ClientId | None = None
    user: Person | None = None
    scope: Covered | None = None
    since: Since | None = None
    until: Until | None = None


@record
class Revocation:
    """What came of a revocation."""

    matched: Annotated[
        int, Meta(description=f"How many tokens matched before it; {MOST_COUNTED + 1} is that many or more.")
    ]
    revoked: Annotated[int, Meta(description="How many held, and do no more.")]


@api.read("GET /tokens", field="accessTokens", system=True, resource="tokens")
async def list_tokens(
    caller: Caller,
    paging: Paging,
    client_id: ClientId | None = None,
    user: Person | None = None,
    scope: Covered | None = None,
    since: Since | None = None,
    until: Until | None = None,
) -> Page[AccessToken]:
    """Access tokens that hold, the newest first."""
    tokens = caller.provided(Office).tokens
    asked = TokensAsked(client_id, user, scope, seconds_of(since, "since"), seconds_of(until, "until"))
    rows = await tokens.page(asked, before=row_behind(paging), limit=paging.limit + 1)
    return page_of(rows, paging, lambda each: jti_of(each.id), _shown, lambda: tokens.count(asked))


@api.read("GET /tokens/{id}", field="accessToken", system=True, resource="tokens")
async def get_token(caller: Caller, id: str) -> AccessToken:
    """One access token that holds."""
    return _shown(await _found(caller, id))


@api.write("DELETE /tokens/{id}", field="revokeAccessToken", system=True, resource="tokens")
async def revoke_token(caller: Caller, id: str) -> AccessToken:
    """Revoke an access token. One that a person granted takes its whole family along (RFC 7009 §2.1)."""
    acting, token = caller.provided(Acting), await _found(caller, id)
    if not await caller.provided(Office).tokens.revoke([token.id], acting.actor, acting.address):
        raise NotFound("There is no such access token.")
    return _shown(token)


@api.write("POST /tokens/revocations", field="revokeAccessTokens", system=True, resource="tokens", gives=("revoked",))
async def revoke_tokens(caller: Caller, body: TokensMatching) -> Revocation:
    """Revoke all access tokens that match, with their families; or only count them."""
    return await revoke_matching(caller, body, refresh=False)


async def revoke_matching(caller: Caller, body: TokensMatching, *, refresh: bool) -> Revocation:
    """Revoke access tokens or refresh tokens, or count them: that is reading, whatever its method."""
    tokens, acting = caller.provided(Office).tokens, caller.provided(Acting)
    if body.dry_run and not caller.may("read", "admin", "tokens"):
        raise Forbidden("To count tokens takes the scope to read them.")
    since, until = seconds_of(body.since, "since"), seconds_of(body.until, "until")
    asked = TokensAsked(body.client_id, body.user, body.scope, since, until)
    matched = await (tokens.refresh_count(asked) if refresh else tokens.count(asked))
    if body.dry_run:
        return Revocation(matched, 0)
    return Revocation(matched, await tokens.revoke_matching(asked, acting.actor, acting.address, refresh=refresh))


async def _found(caller: Caller, id: str) -> Token:
    """The access token with this id, if it holds. Raises NotFound."""
    tokens, row_id = caller.provided(Office).tokens, row_of(id, "access token")
    try:
        token = await tokens.get(row_id)
    except Gone:
        token = None
    if token is None or not await tokens.holds(token):
        raise NotFound("There is no such access token.")
    return token


def _shown(token: Token) -> AccessToken:
    return AccessToken(
        id=jti_of(token.id),
        client_id=token.client_id,
        user=token.user,
        scope=" ".join(token.scope),
        format=token.format,
        family=jti_of_or_none(token.family_id),
        issued_at=moment(token.issued_at),
        expires_at=moment(token.expires_at),
        address=token.address,
        last_used_at=moment_or_none(token.last_used_at),
        last_used_address=token.last_used_address,
    )
