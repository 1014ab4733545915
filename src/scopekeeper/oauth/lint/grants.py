"""Lint of the ways in which an application gets its tokens."""

from typing import Final

from scopekeeper.oauth.applications import TYPES, Changes, short
from scopekeeper.oauth.lint.finding import Examined, Finding, Severity
from scopekeeper.oauth.records import ApplicationType, Client, GrantType, TokenFormat

LONGEST_OPAQUE: Final = 3_600
LONGEST_JWT: Final = 900


def password_grant(it: Examined) -> Finding | None:
    """The application sees people's passwords (RFC 9700 §2.4)."""
    if GrantType.PASSWORD not in it.client.grant_types:
        return None
    return Finding(
        "password_grant",
        Severity.DANGER,
        "It asks people for their passwords",
        "The password grant shows people's passwords to the application and teaches them to type them anywhere; "
        "authorization_code with PKCE does the same without that, and without a secret.",
        "RFC 9700 §2.4",
        _without(it.client, GrantType.PASSWORD),
        "Switch the password grant off",
    )


def implicit_grant(it: Examined) -> Finding | None:
    """Tokens travel in addresses (RFC 9700 §2.1.2)."""
    if GrantType.IMPLICIT not in it.client.grant_types:
        return None
    return Finding(
        "implicit_grant",
        Severity.DANGER,
        "It gets tokens in addresses",
        "The implicit grant puts access tokens into addresses, where browsers, logs and other pages can read them; "
        "authorization_code with PKCE is safer.",
        "RFC 9700 §2.1.2",
        _without(it.client, GrantType.IMPLICIT),
        "Switch the implicit grant off",
    )


def pkce_optional(it: Examined) -> Finding | None:
    """A stolen code can be redeemed (RFC 9700 §2.1.1)."""
    if it.client.pkce_required:
        return None
    return Finding(
        "pkce_optional",
        Severity.WARNING,
        "PKCE is optional",
        "PKCE is optional for this application: a code that is stolen, or slipped into somebody else's session, can "
        "be redeemed.",
        "RFC 9700 §2.1.1",
        Changes(pkce_required=True),
        "Require PKCE",
    )


def both_selves(it: Examined) -> Finding | None:
    """One application acts for people and for itself (RFC 9700 §4.15)."""
    if not {GrantType.CLIENT_CREDENTIALS, GrantType.AUTHORIZATION_CODE}.issubset(it.client.grant_types):
        return None
    return Finding(
        "both_selves",
        Severity.WARNING,
        "It acts for people and for itself",
        "With client_credentials it acts for the whole system, with authorization_code for one person: two "
        "applications keep a mistake in the one from reaching what only the other may.",
        "RFC 9700 §4.15",
        _without(it.client, GrantType.CLIENT_CREDENTIALS),
        "Switch client_credentials off",
    )


def spa_refresh(it: Examined) -> Finding | None:
    """A refresh token lies in a browser (RFC 9700 §2.2.2)."""
    if it.client.type is not ApplicationType.SPA or GrantType.REFRESH_TOKEN not in it.client.grant_types:
        return None
    return Finding(
        "spa_refresh",
        Severity.ADVICE,
        "A browser keeps its refresh tokens",
        "Refresh tokens of a public client are bound to no key: they are replaced with every use, so a stolen one is "
        "noticed, but only once it is used a second time.",
        "RFC 9700 §2.2.2",
        _without(it.client, GrantType.REFRESH_TOKEN),
        "Switch refresh tokens off",
    )


def long_tokens(it: Examined) -> Finding | None:
    """A stolen token works for long (RFC 6750 §5.3)."""
    if it.client.token_format is TokenFormat.JWT or it.token_lifetime <= LONGEST_OPAQUE:
        return None
    return Finding(
        "long_tokens",
        Severity.WARNING,
        "Its access tokens live for more than an hour",
        "Whoever finds an access token can use it until it ends: an hour or less is what bearer tokens should live.",
        "RFC 6750 §5.3",
        Changes(access_token_lifetime=LONGEST_OPAQUE),
        "Shorten to one hour",
    )


def long_jwts(it: Examined) -> Finding | None:
    """Others learn of a revocation late (RFC 7009 §3)."""
    if it.client.token_format is not TokenFormat.JWT or it.token_lifetime <= LONGEST_JWT:
        return None
    return Finding(
        "long_jwts",
        Severity.ADVICE if it.token_lifetime <= LONGEST_OPAQUE else Severity.WARNING,
        "Its JWTs live for more than 15 minutes",
        "Other servers that check the signature alone do not hear of a revocation: to them a revoked JWT holds until "
        "it ends.",
        "RFC 7009 §3",
        Changes(access_token_lifetime=LONGEST_JWT),
        "Shorten to 15 minutes",
    )


def _without(client: Client, grant: GrantType) -> Changes:
    """Without this one of the grants that were switched on."""
    defaults = TYPES[client.type].defaults
    return Changes(grants=tuple(short(each) for each in client.grant_types if each not in (*defaults, grant)))
