"""Lint: an application against OAuth 2.1 and its security practice (RFC 9700), each finding with its reason. Pure."""

from collections.abc import Callable
from typing import Final

from scopekeeper.oauth.lint import grants, identity, keys, life, places, reach, sessions
from scopekeeper.oauth.lint.finding import ORDER, Examined, Finding, Severity
from scopekeeper.oauth.privilege import Observed
from scopekeeper.oauth.records import Client

__all__ = ["RULES", "Examined", "Finding", "Severity", "findings", "worst"]

Rule = Callable[[Examined], Finding | None]

RULES: Final[tuple[Rule, ...]] = (
    grants.password_grant,
    grants.implicit_grant,
    keys.no_secret,
    grants.pkce_optional,
    reach.covers_everything,
    reach.covers_admin,
    reach.trusted_public,
    places.plain_http,
    places.open_redirector,
    places.no_redirect,
    grants.both_selves,
    grants.long_tokens,
    grants.long_jwts,
    sessions.always_outlives,
    sessions.plain_backchannel,
    keys.secret_ends,
    life.owner_gone,
    reach.unused_scopes,
    reach.no_scopes,
    reach.resource_server,
    keys.spare_secret,
    keys.old_secret,
    keys.unused_secret,
    grants.spa_refresh,
    places.private_scheme,
    places.localhost,
    places.many_redirects,
    identity.no_openid,
    identity.pairwise_known,
    sessions.offline_in_vain,
    sessions.never_told,
    sessions.frontchannel_alone,
    life.never_used,
    life.disabled,
)


def findings(
    client: Client, now: int, observed: Observed | None = None, *, token_lifetime: int = 3_600, owner_there: bool = True
) -> tuple[Finding, ...]:
    """What there is to be said of this application, the worst first.

    `token_lifetime`: the seconds that an access token lives where the application does not say. `owner_there`: is the
    account of its owner there and enabled? Without `observed` nothing is said of what it uses. Nor is anything said of
    what comes with the server: nobody has credentials of it, and each token is as narrow as an administrator chose.
    """
    if client.built_in:
        return ()
    it = Examined(client, now, client.access_token_lifetime or token_lifetime, owner_there, observed)
    found = [finding for rule in RULES if (finding := rule(it)) is not None]
    return tuple(sorted(found, key=lambda each: ORDER.index(each.severity)))


def worst(found: tuple[Finding, ...]) -> Severity | None:
    """The severity of the worst of them, for a badge; None where there is nothing to say."""
    return found[0].severity if found else None
