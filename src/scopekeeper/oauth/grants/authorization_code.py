"""authorization_code: an application redeems what a person granted it (RFC 6749 §4.1)."""

from scopekeeper.oauth.beginning import begun, require_person
from scopekeeper.oauth.errors import OAuthError, Replayed
from scopekeeper.oauth.granted import Code
from scopekeeper.oauth.people import User
from scopekeeper.oauth.pkce import require_verifier
from scopekeeper.oauth.records import Client, GrantType
from scopekeeper.oauth.token import Issue, Mint, TokenRequest, left_of, require_grant


def asked(request: TokenRequest, client: Client) -> str:
    """The code as it was sent, by an application that may redeem one (RFC 6749 §4.1.3)."""
    require_grant(client, GrantType.AUTHORIZATION_CODE)
    request.required("redirect_uri")
    return request.required("code")


def decide(request: TokenRequest, client: Client, code: Code, user: User | None, mint: Mint) -> Issue:
    """Redeemed once, by whom it was issued to, with what it was asked for with (RFC 6749 §4.1.3, RFC 7636 §4.6).

    Raises Replayed where it has been redeemed before, however late, and whatever else is wrong with the request.
    """
    if (code.client_id, code.generation) != (client.client_id, client.generation):
        raise OAuthError.invalid_grant("the code belongs to another client")
    if code.family_id is not None:
        raise Replayed(code.family_id)
    if mint.now >= code.expires_at:
        raise OAuthError.invalid_grant("the code has expired")
    if request.required("redirect_uri") != code.redirect_uri:
        raise OAuthError.invalid_grant("not the redirect_uri of the authorization request")
    require_verifier(code.code_challenge, request.parameters.get("code_verifier"))
    require_person(code.grantor, user)
    scope = left_of(code.scope, client, mint.known)
    return begun(
        client,
        code.grantor,
        scope,
        GrantType.AUTHORIZATION_CODE,
        mint,
        address=request.address,
        nonce=code.nonce,
        claims=code.claims,
        user=user,
    )
