"""What the rules know of: frozen records. Times are whole seconds since the epoch, UTC."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from msgspec import Struct

EXPLORER: Final = "api-explorer"
"""The client_id of the application that comes with the server. One that is registered has 22 letters and digits."""


class ApplicationType(StrEnum):
    """The four types of application, as the command line spells them."""

    WEB = "web"
    SPA = "spa"
    NATIVE = "native"
    M2M = "m2m"


class TokenFormat(StrEnum):
    """How an access token looks: opaque, or a signed JWT (RFC 9068)."""

    OPAQUE = "opaque"
    JWT = "jwt"


class SubjectType(StrEnum):
    """Is a person the same to all applications, or another one for each sector (OpenID Connect Core §8)?"""

    PUBLIC = "public"
    PAIRWISE = "pairwise"


class Outliving(StrEnum):
    """Which grants go on when the session is ended in which they began (OpenID Connect Back-Channel Logout §2.7)."""

    NEVER = "never"
    OFFLINE_ACCESS = "offline_access"
    """Those for which `offline_access` was granted."""
    ALWAYS = "always"


class GrantType(StrEnum):
    """The grant types that an application can be registered for."""

    AUTHORIZATION_CODE = "authorization_code"
    CLIENT_CREDENTIALS = "client_credentials"
    DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
    IMPLICIT = "implicit"
    PASSWORD = "password"
    REFRESH_TOKEN = "refresh_token"


@dataclass(frozen=True, slots=True)
class Secret:
    """One live credential of an application. The secret itself is not here: it was shown once."""

    id: int
    client_id: str
    digest: bytes
    last_four: str
    label: str
    created_at: int
    created_by: str
    expires_at: int | None = None
    last_used_at: int | None = None
    last_used_address: str | None = None

    def __repr__(self) -> str:
        return f"Secret(id={self.id}, client_id={self.client_id!r}, last_four={self.last_four!r})"

    def lives(self, now: int) -> bool:
        """Does it still open the door? Its last second no longer counts."""
        return self.expires_at is None or now < self.expires_at


@dataclass(frozen=True, slots=True)
class Client:
    """A registered application: what it is, what it may ask for, and how it proves itself (RFC 6749 §2)."""

    client_id: str
    type: ApplicationType
    name: str
    scope: tuple[str, ...]
    """The ceiling: the scopes it may have, in the order given. None given means none."""
    grant_types: tuple[GrantType, ...]
    created_at: int
    secrets: tuple[Secret, ...] = ()
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    backchannel_logout_uri: str | None = None
    """Where it hears, from server to server, that a session has ended (OpenID Connect Back-Channel Logout §2.2)."""
    frontchannel_logout_uri: str | None = None
    """What a page of ours shows in a frame when somebody signs out (OpenID Connect Front-Channel Logout §2)."""
    outlives_session: Outliving = Outliving.OFFLINE_ACCESS
    """Looked at when somebody grants something: it holds for what is granted from then on."""
    description: str = ""
    website: str | None = None
    owner: str | None = None
    enabled: bool = True
    generation: int = 0
    """Tokens carry the generation that they were issued in; raising it kills all of them at once."""
    token_format: TokenFormat = TokenFormat.OPAQUE
    signing_alg: str = "ES256"
    """Of its JWT access tokens."""
    id_token_signed_response_alg: str = "RS256"
    """Of its id_tokens (OpenID Connect Registration §2)."""
    userinfo_signed_response_alg: str | None = None
    """Of what userinfo answers it; None: plain JSON."""
    subject_type: SubjectType = SubjectType.PUBLIC
    sector_identifier_uri: str | None = None
    """Of whose host its pairwise subjects are made; None: of that of its redirect URIs (OpenID Connect Core §8.1)."""
    default_max_age: int | None = None
    """Seconds: how long ago a person may have signed in where a request does not say (Registration §2)."""
    default_acr_values: tuple[str, ...] = ()
    """What it would like where a request does not say, the best first (Registration §2)."""
    required_acr: str | None = None
    """The rung that a sign-in has to reach for it, whatever a request says; None: any will do.

    Looked at when somebody grants something: it holds for what is granted from then on.
    """
    access_token_lifetime: int | None = None
    """Seconds; None takes the server's default."""
    code_lifetime: int | None = None
    """Seconds; None takes the server's default."""
    pkce_required: bool = True
    trusted: bool = False
    resource_server: bool = False
    updated_at: int = 0
    revision: int = 0
    """Rises with every edit, so that two edits at once cannot overwrite one another."""
    last_used_at: int | None = None
    """When a token of it last called the API, or was asked for."""

    @property
    def built_in(self) -> bool:
        """Does it come with the server? Then it has no grants: only the console issues tokens to it."""
        return self.client_id == EXPLORER

    @property
    def confidential(self) -> bool:
        """Must it prove itself with a secret (RFC 6749 §2.1)?"""
        return self.type in (ApplicationType.WEB, ApplicationType.M2M) or GrantType.PASSWORD in self.grant_types

    def with_secrets(self, *secrets: Secret) -> "Client":
        """The same application with these secrets and no others."""
        return replace(self, secrets=secrets)


class Token(Struct, frozen=True, gc=False):
    """An access token as remembered: its digest, never itself. Its row is its own audit record."""

    id: int
    digest: bytes
    client_id: str
    scope: tuple[str, ...]
    issued_at: int
    expires_at: int
    generation: int
    format: TokenFormat = TokenFormat.OPAQUE
    user: str | None = None
    """In whose name it acts; None where the application acts for itself."""
    address: str | None = None
    """Whence it was asked for."""
    revoked_at: int | None = None
    last_used_at: int | None = None
    last_used_address: str | None = None
    user_id: int | None = None
    """That person's subject: a later account of the same name does not have it."""
    family_id: int | None = None
    """The grant that it came of, where a person granted it: it dies with that."""

    def __repr__(self) -> str:
        return f"Token(id={self.id}, client_id={self.client_id!r}, scope={' '.join(self.scope)!r})"


def holds(token: Token, client: Client, now: int) -> bool:
    """Is the token good at this moment: not expired, not revoked, its application enabled and of its generation?"""
    return (
        now < token.expires_at
        and token.revoked_at is None
        and client.enabled
        and token.client_id == client.client_id
        and token.generation == client.generation
    )
