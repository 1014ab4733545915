"""A token request and its decision (RFC 6749 §4.4, §5)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from scopekeeper import scopes
from scopekeeper.oauth.claims import access_token_claims
from scopekeeper.oauth.clients import Credentials
from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.records import Client, GrantType, Token, TokenFormat
from scopekeeper.oauth.secrets import Kind, digest_of, secret_of


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """What was sent to the token endpoint, each parameter once."""

    grant_type: str
    credentials: Credentials
    parameters: Mapping[str, str]
    address: str | None = None

    def __repr__(self) -> str:
        return f"TokenRequest(grant_type={self.grant_type!r}, credentials={self.credentials!r})"


@dataclass(frozen=True, slots=True)
class Mint:
    """All that a rule may not make itself: the time, a fresh row id, fresh entropy, and the server's own facts."""

    now: int
    row_id: int
    entropy: str = field(repr=False)
    issuer: str
    lifetime: int
    """Seconds that an access token lives, where the application does not say."""
    known: Callable[[str], bool]
    """Does this scope exist?"""


@dataclass(frozen=True, slots=True)
class Issue:
    """The decision to issue: what to remember, and what to answer. A JWT is signed by whoever carries it out."""

    token: Token
    access_token: str = field(repr=False)
    """Empty where claims are to be signed."""
    claims: Mapping[str, object] | None
    expires_in: int

    @property
    def scope(self) -> str:
        return " ".join(self.token.scope)


class Grant(Protocol):
    """One grant_type: the rule that answers its requests."""

    def __call__(self, request: TokenRequest, client: Client, mint: Mint) -> Issue: ...


def require_grant(client: Client, grant_type: GrantType) -> None:
    """Refuse an application that is not registered for this grant (RFC 6749 §5.2)."""
    if grant_type not in client.grant_types:
        raise OAuthError.unauthorized_client(grant_type)


def scope_of(request: TokenRequest, client: Client, known: Callable[[str], bool]) -> tuple[str, ...]:
    """The scopes to grant to an application that acts for itself (RFC 6749 §3.3, §4.4.2).

    Without `scope`, all that it may have except identity scopes, which belong to people. Whatever is unknown, or more
    than the application may have, or nothing at all, is invalid_scope: never silently less than what was asked.
    """
    asked = request.parameters.get("scope")
    if asked is None:
        granted = tuple(each for each in client.scope if each not in scopes.IDENTITY and known(each))
        if not granted:
            raise OAuthError.invalid_scope("This application has no scopes that it could be granted.")
        return granted
    try:
        granted = scopes.words(asked)
    except scopes.MalformedScope as malformed:
        raise OAuthError.invalid_scope(f"The scope is malformed: {malformed}.") from malformed
    if not granted:
        raise OAuthError.invalid_scope("The scope names nothing.")
    if any(each in scopes.IDENTITY for each in granted):
        raise OAuthError.invalid_scope("Identity scopes are given to people only, not to an application by itself.")
    if not all(map(known, granted)):
        raise OAuthError.invalid_scope("The scope names a scope that does not exist.")
    if scopes.widens(granted, client.scope):
        raise OAuthError.invalid_scope("The scope is more than this application may have.")
    return granted


def issue_of(
    client: Client, scope: tuple[str, ...], mint: Mint, *, address: str | None, user: str | None = None
) -> Issue:
    """A new access token for this client: opaque, or the claims of a JWT (RFC 9068 §2.2)."""
    lifetime = client.access_token_lifetime or mint.lifetime
    expires_at = mint.now + lifetime
    opaque = client.token_format is TokenFormat.OPAQUE
    secret = secret_of(Kind.ACCESS_TOKEN, mint.row_id, mint.entropy) if opaque else ""
    token = Token(
        id=mint.row_id,
        digest=digest_of(secret) if opaque else b"",
        client_id=client.client_id,
        scope=scope,
        issued_at=mint.now,
        expires_at=expires_at,
        generation=client.generation,
        format=client.token_format,
        user=user,
        address=address,
    )
    return Issue(token, secret, None if opaque else access_token_claims(token, mint.issuer), lifetime)
