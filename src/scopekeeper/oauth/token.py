"""A token request and its decision (RFC 6749 §3.2, §5)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from msgspec import Struct

from scopekeeper import scopes
from scopekeeper.oauth.claims import access_token_claims
from scopekeeper.oauth.clients import Credentials
from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.granted import Family, RefreshToken
from scopekeeper.oauth.records import Client, GrantType, Token, TokenFormat
from scopekeeper.oauth.secrets import Kind, digest_of, secret_of
from scopekeeper.oauth.subjects import Subjects, sub_of


class TokenRequest(Struct, frozen=True):
    """What was sent to the token endpoint, each parameter once."""

    grant_type: str
    credentials: Credentials
    parameters: Mapping[str, str]
    address: str | None = None

    def required(self, name: str) -> str:
        """The parameter of this name, which its grant demands (RFC 6749 §5.2)."""
        value = self.parameters.get(name)
        if value is None:
            raise OAuthError.invalid_request(f"The {name} is missing.")
        return value

    def __repr__(self) -> str:
        return f"TokenRequest(grant_type={self.grant_type!r}, credentials={self.credentials!r})"


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long what is issued lives, in seconds."""

    access_token: int
    """Where the application does not say."""
    code: int = 60
    """Where the application does not say."""
    refresh_token: int = 30 * 86_400
    """From the first of the family: its absolute end."""
    refresh_token_idle: int = 14 * 86_400
    """Since its last use."""
    refresh_grace: int = 10
    """After its use, while a retry gets the same answer. 0: never."""
    device_code: int = 600


class Seed(Struct, frozen=True):
    """A fresh row id and 32 base62 characters of fresh entropy: what one secret is made of."""

    row_id: int
    entropy: str

    def __repr__(self) -> str:
        return f"Seed(row_id={self.row_id})"


class Mint(Struct, frozen=True):
    """All that a rule may not make itself: the time, fresh row ids, fresh entropy, and the server's own facts."""

    now: int
    row_id: int
    entropy: str
    issuer: str
    lifetimes: Lifetimes
    known: Callable[[str], bool]
    """Does this scope exist?"""
    subjects: Subjects
    """Who people are to the application."""
    refresh: Seed | None = None
    """For a refresh token, where one may be issued."""
    family: int = 0
    """A row id for a family, where one may begin."""

    def __repr__(self) -> str:
        return f"Mint(now={self.now}, row_id={self.row_id}, issuer={self.issuer!r})"


class Issue(Struct, frozen=True):
    """The decision to issue: what to remember, and what to answer. A JWT is signed by whoever carries it out."""

    token: Token
    access_token: str
    """Empty where claims are to be signed."""
    claims: Mapping[str, object] | None
    """What an access token in JWT form says; None for an opaque one."""
    expires_in: int
    family: Family | None = None
    """The grant that the token comes of; None where no person granted it."""
    refresh: RefreshToken | None = None
    refresh_token: str = ""
    """Empty where none is issued."""
    identity: Mapping[str, object] | None = None
    """The claims of an id_token, still without `at_hash` (OpenID Connect Core §2); None without `openid`."""
    id_token: str = ""
    """Once it is signed."""

    def __repr__(self) -> str:
        return f"Issue(token={self.token!r}, expires_in={self.expires_in})"

    @property
    def scope(self) -> str:
        return " ".join(self.token.scope)

    @property
    def grant(self) -> Family:
        """The grant that the token comes of, where a person granted it."""
        assert self.family is not None, "what a person grants has a family"
        return self.family


class Answer(Protocol):
    """What the client is told (RFC 6749 §5.1), whether it was just issued or is told a second time."""

    @property
    def access_token(self) -> str: ...

    @property
    def expires_in(self) -> int: ...

    @property
    def scope(self) -> str: ...

    @property
    def refresh_token(self) -> str:
        """Empty where there is none."""
        ...

    @property
    def id_token(self) -> str:
        """Empty where there is none."""
        ...


def told(answer: Answer) -> dict[str, object]:
    """The successful response, in its order (RFC 6749 §5.1)."""
    response: dict[str, object] = {
        "access_token": answer.access_token,
        "token_type": "Bearer",
        "expires_in": answer.expires_in,
    }
    if answer.refresh_token:
        response["refresh_token"] = answer.refresh_token
    response["scope"] = answer.scope
    if answer.id_token:
        response["id_token"] = answer.id_token
    return response


def require_grant(client: Client, grant_type: GrantType) -> None:
    """Refuse an application that is not registered for this grant (RFC 6749 §5.2)."""
    if grant_type not in client.grant_types:
        raise OAuthError.unauthorized_client(grant_type)


def scope_of(asked: str | None, client: Client, known: Callable[[str], bool], *, person: bool) -> tuple[str, ...]:
    """The scopes to grant (RFC 6749 §3.3): to an application in a person's name, or by itself (§4.4.2).

    Without `scope`, all that it may have except identity scopes, which are given to people only, and only when asked
    for. Whatever is unknown, or more than the application may have, or nothing at all, is invalid_scope: never
    silently less than what was asked.
    """
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
    if not person and any(each in scopes.IDENTITY for each in granted):
        raise OAuthError.invalid_scope("Identity scopes are given to people only, not to an application by itself.")
    if not all(map(known, granted)):
        raise OAuthError.invalid_scope("The scope names a scope that does not exist.")
    if scopes.widens(granted, client.scope):
        raise OAuthError.invalid_scope("The scope is more than this application may have.")
    return granted


def left_of(granted: tuple[str, ...], client: Client, known: Callable[[str], bool]) -> tuple[str, ...]:
    """Of what was granted earlier, what the application may have today. Nothing left is invalid_scope."""
    left = tuple(filter(known, scopes.cut(granted, client.scope)))
    if not left:
        raise OAuthError.invalid_scope("Nothing is left of the scope that was granted.")
    return left


def issue_of(
    client: Client,
    scope: tuple[str, ...],
    mint: Mint,
    *,
    address: str | None,
    family: Family | None = None,
    refresh: tuple[RefreshToken, str] | None = None,
    identity: Mapping[str, object] | None = None,
) -> Issue:
    """A new access token for this client: opaque, or the claims of a JWT (RFC 9068 §2.2). With what goes with it."""
    lifetime = client.access_token_lifetime or mint.lifetimes.access_token
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
        user=None if family is None else family.user,
        user_id=None if family is None else family.user_id,
        family_id=None if family is None else family.id,
        address=address,
    )
    claims = None if opaque else _claims_of(token, client, mint, family)
    remembered, refresh_token = (None, "") if refresh is None else refresh
    return Issue(token, secret, claims, lifetime, family, remembered, refresh_token, identity)


def _claims_of(token: Token, client: Client, mint: Mint, family: Family | None) -> Mapping[str, object]:
    grantor = None if family is None else family.grantor
    return access_token_claims(token, mint.issuer, sub_of(token, client, mint.subjects), grantor)
