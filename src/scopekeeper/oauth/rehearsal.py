"""A rehearsal: what a grant would issue, by the very rules that issue. Pure.

Nothing is remembered, nothing is signed, and every secret in it is hidden: what comes of it opens nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from scopekeeper.oauth.beginning import begun
from scopekeeper.oauth.clients import Credentials
from scopekeeper.oauth.granted import Grantor
from scopekeeper.oauth.grants import client_credentials
from scopekeeper.oauth.introspect import introspect
from scopekeeper.oauth.people import User
from scopekeeper.oauth.records import Client, GrantType
from scopekeeper.oauth.secrets import ENTROPY_LENGTH
from scopekeeper.oauth.subjects import Subjects
from scopekeeper.oauth.token import Issue, Lifetimes, Mint, Seed, TokenRequest, scope_of, told

HIDDEN: Final = "…"
"""What stands in place of all that is random in a secret, or of what a key would sign."""

_NOTHING: Final = "0" * ENTROPY_LENGTH
_PREFIX_LENGTH: Final = len("skpr_at_")


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What would be issued, and what others would be told of it."""

    grant_type: GrantType
    response: Mapping[str, object]
    """The token response (RFC 6749 §5.1)."""
    claims: Mapping[str, object] | None
    """What the access token says, where it is a JWT (RFC 9068 §2.2)."""
    identity: Mapping[str, object] | None
    """What the id_token says, with `openid` (OpenID Connect Core §2)."""
    introspection: Mapping[str, object]
    """What a resource server is told (RFC 7662 §2.2)."""


def rehearsed(
    client: Client,
    scope: str,
    user: User,
    grantor: Grantor,
    now: int,
    issuer: str,
    lifetimes: Lifetimes,
    known: Callable[[str], bool],
    subjects: Subjects,
) -> Rehearsal:
    """What this application would get for this scope: for itself where it has client_credentials and nothing that asks
    people, else in this person's name. Raises OAuthError, as the token endpoint would."""
    mint = Mint(now, 0, _NOTHING, issuer, lifetimes, known, subjects, Seed(0, _NOTHING))
    grant_type = grant_of(client)
    if grant_type is GrantType.CLIENT_CREDENTIALS:
        request = TokenRequest(grant_type, Credentials("none", client.client_id), {"scope": scope})
        issue, person = client_credentials.decide(request, client, mint), None
    else:
        granted = scope_of(scope, client, known, person=True)
        issue, person = begun(client, grantor, granted, grant_type, mint, address=None), user
    return Rehearsal(
        grant_type,
        told(_hidden(issue)),
        None if issue.claims is None else _unnamed(issue.claims),
        issue.identity,
        _unnamed(introspect(client, issue.token, client, person, issuer, now, subjects, family=issue.family)),
    )


def grant_of(client: Client) -> GrantType:
    """By which grant it would most likely be: whatever asks a person comes first."""
    order = (GrantType.AUTHORIZATION_CODE, GrantType.DEVICE_CODE, GrantType.IMPLICIT, GrantType.PASSWORD)
    return next((each for each in order if each in client.grant_types), GrantType.CLIENT_CREDENTIALS)


def _hidden(issue: Issue) -> Issue:
    return replace(
        issue,
        access_token=_veiled(issue.access_token),
        refresh_token=_veiled(issue.refresh_token) if issue.refresh_token else "",
        id_token=HIDDEN if issue.identity is not None else "",
    )


def _unnamed(claims: Mapping[str, object]) -> Mapping[str, object]:
    """Without the name of a token: this one has no row."""
    return {**claims, "jti": HIDDEN}


def _veiled(secret: str) -> str:
    """Its kind, and nothing else; a JWT has none yet."""
    return secret[:_PREFIX_LENGTH] + HIDDEN
