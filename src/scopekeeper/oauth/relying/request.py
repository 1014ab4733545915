"""What somebody is sent to a provider with (OpenID Connect Core §3.1.2.1; RFC 7636 §4.3)."""

from urllib.parse import urlencode

from scopekeeper.oauth.pkce import challenge_of
from scopekeeper.oauth.relying.provider import Provider
from scopekeeper.oauth.upstreams import Upstream


def redirect_uri_of(issuer: str, name: str) -> str:
    """Where the provider with this name sends people back to: what is registered there. Made of our issuer alone."""
    return f"{issuer}/login/from/{name}"


def authorization_url(
    provider: Provider, upstream: Upstream, redirect_uri: str, *, state: str, nonce: str, verifier: str, anew: bool
) -> str:
    """The address at which the provider is asked who somebody is. `anew`: they are to prove it there now.

    Then the id_token has to tell when they did (OpenID Connect Core §3.1.2.1, `max_age`).
    """
    parameters = {
        "response_type": "code",
        "client_id": upstream.client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(upstream.scope),
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge_of(verifier),
        "code_challenge_method": "S256",
    }
    if anew:
        parameters |= {"prompt": "login", "max_age": "0"}
    endpoint = provider.authorization_endpoint
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(parameters)}"
