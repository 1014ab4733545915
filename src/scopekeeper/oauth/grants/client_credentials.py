"""client_credentials: an application acts for itself (RFC 6749 §4.4)."""

from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.records import Client, GrantType
from scopekeeper.oauth.token import Issue, Mint, TokenRequest, issue_of, require_grant, scope_of


def decide(request: TokenRequest, client: Client, mint: Mint) -> Issue:
    """A token for the application itself, and no refresh token (RFC 6749 §4.4.3)."""
    require_grant(client, GrantType.CLIENT_CREDENTIALS)
    if not client.confidential:
        raise OAuthError.unauthorized_client(GrantType.CLIENT_CREDENTIALS)
    scope = scope_of(request.parameters.get("scope"), client, mint.known, person=False)
    return issue_of(client, scope, mint, address=request.address)
