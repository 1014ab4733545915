"""The authorization code: what a client gets for a person's approval, to be redeemed once (RFC 6749 §4.1.2)."""

from scopekeeper.oauth.authorize import Asked
from scopekeeper.oauth.granted import Code, Grantor
from scopekeeper.oauth.secrets import Kind, digest_of, secret_of
from scopekeeper.oauth.token import Mint


def code_of(asked: Asked, grantor: Grantor, mint: Mint) -> tuple[Code, str]:
    """A code for what was asked, and the secret itself. It is bound to all that the request said."""
    secret = secret_of(Kind.AUTHORIZATION_CODE, mint.row_id, mint.entropy)
    code = Code(
        id=mint.row_id,
        digest=digest_of(secret),
        client_id=asked.client.client_id,
        generation=asked.client.generation,
        user_id=grantor.user_id,
        user=grantor.user,
        auth_time=grantor.auth_time,
        session_id=grantor.session_id,
        redirect_uri=asked.redirect_uri,
        scope=asked.scope,
        issued_at=mint.now,
        expires_at=mint.now + (asked.client.code_lifetime or mint.lifetimes.code),
        code_challenge=asked.code_challenge,
        nonce=asked.nonce,
        claims=asked.claims,
        amr=grantor.amr,
    )
    return code, secret
