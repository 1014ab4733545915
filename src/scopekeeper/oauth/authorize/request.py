"""An authorization request: as it was sent, as it is understood, and how it is refused (RFC 6749 §4.1.1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from scopekeeper.oauth.authentication import takes_more
from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.records import Client, GrantType
from scopekeeper.oauth.responses import Destination
from scopekeeper.oauth.sessions import required_by

LONGEST: Final = 16 * 1024
"""Bytes of a whole request."""

LONGEST_STATE: Final = 4_096
LONGEST_NONCE: Final = 1_024

RESPONSE_TYPES: Final[Mapping[str, GrantType]] = {
    "code": GrantType.AUTHORIZATION_CODE,
    "token": GrantType.IMPLICIT,
}
"""What may be asked for, and the grant that an application needs for it."""

PROMPTS: Final = ("none", "login", "consent", "select_account")

Fault = Literal["unreadable", "repeated", "application", "redirect_missing", "redirect_foreign"]
"""What is wrong: it cannot be read; it says twice who asks or where to answer; the application is not known here, or
the address to answer to is not named, or not the application's.
"""


class Unproven(Exception):
    """Client or redirect_uri are not proven: nobody is sent anywhere (RFC 6749 §4.1.2.1)."""

    def __init__(self, fault: Fault, client: Client | None = None) -> None:
        super().__init__(fault)
        self.fault: Final[Fault] = fault
        self.client: Final = client


class Refused(Exception):
    """The client is told why, at an address that is proven to be its own."""

    def __init__(self, destination: Destination, error: OAuthError) -> None:
        super().__init__(error.reason)
        self.destination: Final = destination
        self.error: Final = error


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """What was sent to the authorization endpoint: the parameters, and the names of those sent more than once."""

    parameters: Mapping[str, str]
    repeated: frozenset[str] = frozenset()

    def get(self, name: str) -> str | None:
        """The parameter of this name; None where it was not sent, or sent empty."""
        return self.parameters.get(name)

    @property
    def response_type(self) -> str:
        return self.parameters.get("response_type", "")

    @property
    def response_mode(self) -> str:
        """As asked for, or the default of the response_type."""
        return self.parameters.get("response_mode") or self.default_mode

    @property
    def default_mode(self) -> str:
        """How it is answered where the client does not say (OAuth 2.0 Multiple Response Type Encoding Practices §5).

        Whoever asks for a token, though for one that there is not, listens at the fragment.
        """
        return "query" if {"token", "id_token"}.isdisjoint(self.response_type.split()) else "fragment"

    @property
    def prompt(self) -> frozenset[str]:
        return frozenset(self.parameters.get("prompt", "").split())


@dataclass(frozen=True, slots=True)
class Asked:
    """An authorization request that is sound: who asks for what, and how it wants to be answered."""

    client: Client
    destination: Destination
    response_type: str
    scope: tuple[str, ...]
    code_challenge: str | None
    nonce: str | None
    prompt: frozenset[str]
    max_age: int | None
    """Seconds since the person last proved who they are, at most."""
    id_token_hint: str | None
    login_hint: str
    ui_locales: tuple[str, ...]
    claims: tuple[str, ...] = ()
    """Asked for one by one, each with its place: `userinfo:email` (OpenID Connect Core §5.5)."""
    acrs: tuple[str, ...] = ()
    """Rungs of which one has to be reached (OpenID Connect Core §5.5.1.1)."""
    acr_values: tuple[str, ...] = ()
    """Rungs that the client would like, the best first: tried, and no error where none is reached (§3.1.2.1)."""
    subjects: frozenset[object] | None = None
    """Who of all people may answer, by their `sub`; None where the client does not say."""

    @property
    def redirect_uri(self) -> str:
        return self.destination.redirect_uri

    @property
    def demands(self) -> tuple[tuple[str, ...], ...]:
        """What a sign-in for it has to reach: of each, one rung. What is asked for, and what its application takes."""
        return tuple(filter(None, (self.acrs, required_by(self.client))))

    @property
    def takes_more(self) -> bool:
        """Is one step of a sign-in not enough for it, whoever it is?"""
        return any(map(takes_more, self.demands))

    def __repr__(self) -> str:
        return f"Asked(client_id={self.client.client_id!r}, response_type={self.response_type!r})"
