"""How a grant of a person begins, whichever way it came about: a family, an access token, and what goes with it."""

from scopekeeper.oauth.claims_request import told_at
from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.granted import Family, Grantor, RefreshToken
from scopekeeper.oauth.identity import identity_claims
from scopekeeper.oauth.people import User, person_holds
from scopekeeper.oauth.records import Client, GrantType
from scopekeeper.oauth.secrets import Kind, digest_of, secret_of
from scopekeeper.oauth.sessions import outlives
from scopekeeper.oauth.token import Issue, Mint, issue_of
from scopekeeper.oauth.userinfo import claims_of
from scopekeeper.scopes import OPENID


def begun(
    client: Client,
    grantor: Grantor,
    scope: tuple[str, ...],
    grant_type: GrantType | None,
    mint: Mint,
    *,
    address: str | None,
    nonce: str | None = None,
    claims: tuple[str, ...] = (),
    user: User | None = None,
) -> Issue:
    """A new family of this person and this application, and its first access token.

    With a refresh token where the application has that grant (never by the implicit grant, RFC 6749 §4.2.2), and the
    claims of an id_token where `openid` was granted: with those of the `user` among `claims` that are to be in it.
    """
    refreshable = GrantType.REFRESH_TOKEN in client.grant_types and grant_type is not GrantType.IMPLICIT
    access_lifetime = client.access_token_lifetime or mint.lifetimes.access_token
    lifetime = max(access_lifetime, mint.lifetimes.refresh_token if refreshable else 0)
    family = Family(
        id=mint.family,
        client_id=client.client_id,
        generation=client.generation,
        grant_type=grant_type,
        user_id=grantor.user_id,
        user=grantor.user,
        auth_time=grantor.auth_time,
        session_id=grantor.session_id,
        offline=grantor.session_id is None or outlives(client, scope),
        scope=scope,
        issued_at=mint.now,
        expires_at=mint.now + lifetime,
        claims=claims,
        amr=grantor.amr,
    )
    refresh = refresh_token_of(family, mint) if refreshable else None
    identity = None
    if OPENID in scope:
        about = {} if user is None else claims_of(user, (), told_at("id_token", claims, client.scope))
        identity = identity_claims(grantor, client, mint, nonce, about)
    return issue_of(client, scope, mint, address=address, family=family, refresh=refresh, identity=identity)


def require_person(grantor: Grantor, user: User | None) -> None:
    """Refuse what was granted by somebody who is gone or disabled by now."""
    if not person_holds(user, grantor.user_id):
        raise OAuthError.invalid_grant("the account is gone or disabled")


def refresh_token_of(family: Family, mint: Mint) -> tuple[RefreshToken, str]:
    """A refresh token of this family, and the secret itself. Idle for too long, it is dead (RFC 9700 §4.14)."""
    seed = mint.refresh
    assert seed is not None, "a mint for a grant that gives refresh tokens has a seed for one"
    secret = secret_of(Kind.REFRESH_TOKEN, seed.row_id, seed.entropy)
    expires_at = min(mint.now + mint.lifetimes.refresh_token_idle, family.expires_at)
    return RefreshToken(seed.row_id, digest_of(secret), family.id, mint.now, expires_at), secret
