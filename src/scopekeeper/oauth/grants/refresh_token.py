"""refresh_token: an application goes on with what a person granted it (RFC 6749 §6, RFC 9700 §4.14)."""

from collections.abc import Callable

from scopekeeper import scopes
from scopekeeper.oauth.beginning import refresh_token_of
from scopekeeper.oauth.claims_request import told_at
from scopekeeper.oauth.errors import OAuthError, Replayed
from scopekeeper.oauth.granted import Family, RefreshToken, family_holds
from scopekeeper.oauth.identity import identity_claims
from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import Client, GrantType
from scopekeeper.oauth.token import Issue, Mint, TokenRequest, issue_of, left_of, require_grant
from scopekeeper.oauth.userinfo import claims_of

Source = tuple[RefreshToken, Family, User | None]
"""What is presented, the grant that it comes of, and the account of that grant's person as it is now."""


def asked(request: TokenRequest, client: Client) -> str:
    """The refresh token as it was sent, by an application that may use one (RFC 6749 §6)."""
    require_grant(client, GrantType.REFRESH_TOKEN)
    return request.required("refresh_token")


def decide(request: TokenRequest, client: Client, source: Source, mint: Mint) -> Issue:
    """A new access token, and a refresh token in place of this one: every one is used once (RFC 9700 §4.14.2).

    Raises Replayed where this one has been used before. With an id_token where `openid` is in the scope, as at first
    but for the nonce (OpenID Connect Core §12.2).
    """
    (presented, family), user = _own(source, client, mint.now), source[2]
    if presented.spent_at is not None:
        raise Replayed(family.id)
    if mint.now >= presented.expires_at:
        raise OAuthError.invalid_grant("the refresh token has not been used for too long")
    scope = left_of(_within(request.parameters.get("scope"), family.scope, mint.known), client, mint.known)
    refresh, identity = refresh_token_of(family, mint), None
    if scopes.OPENID in scope:
        about = {} if user is None else claims_of(user, (), told_at("id_token", family.claims, client.scope))
        identity = identity_claims(family.grantor, client, mint, None, about)
    return issue_of(client, scope, mint, address=request.address, family=family, refresh=refresh, identity=identity)


def graced(client: Client, source: Source, successor: RefreshToken | None, mint: Mint) -> bytes:
    """The sealed answer in which its successor came, while whoever asked for it may be told once more.

    Raises Replayed once the grace is over, or the successor was used, which erased the answer. Whole seconds: the grace
    is never cut short, and lasts up to one second more.
    """
    presented, family = _own(source, client, mint.now)
    grace = mint.lifetimes.refresh_grace
    sealed = None if successor is None else successor.sealed
    if presented.spent_at is None or sealed is None or not grace or mint.now > presented.spent_at + grace:
        raise Replayed(family.id)
    return sealed


def _own(source: Source, client: Client, now: int) -> tuple[RefreshToken, Family]:
    """The refresh token of a grant that is this client's and holds: what was revoked by intention is never graced."""
    presented, family, user = source
    if (family.client_id, family.generation) != (client.client_id, client.generation):
        raise OAuthError.invalid_grant("the refresh token belongs to another client")
    if not family_holds(family, client, user, now):
        raise OAuthError.invalid_grant("the grant is revoked or at its end, or its account is gone or disabled")
    return presented, family


def _within(asked: str | None, granted: tuple[str, ...], known: Callable[[str], bool]) -> tuple[str, ...]:
    """What is asked for of what was granted: all of it, or less, never more (RFC 6749 §6)."""
    if asked is None:
        return granted
    try:
        narrowed = scopes.words(asked)
    except scopes.MalformedScope as malformed:
        raise OAuthError.invalid_scope(f"The scope is malformed: {malformed}.") from malformed
    if not all(map(known, narrowed)) or scopes.widens(narrowed, granted):
        raise OAuthError.invalid_scope("The scope is more than what was granted.")
    return narrowed
