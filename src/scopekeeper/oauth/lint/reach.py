"""Lint of how far an application reaches."""

from typing import Final

from scopekeeper.oauth.applications import Changes
from scopekeeper.oauth.lint.finding import Examined, Finding, Severity
from scopekeeper.oauth.privilege import advice
from scopekeeper.scopes import APIS

_ADMIN: Final = "admin"
_A_DAY: Final = 86_400


def covers_everything(it: Examined) -> Finding | None:
    """Whoever has its credentials has everything (RFC 9700 §2.3)."""
    whole = [scope for scope in it.client.scope if scope in APIS]
    if not whole:
        return None
    return Finding(
        "covers_everything",
        Severity.WARNING,
        "It may do everything",
        f"Its scopes ({' '.join(whole)}) cover every module of today and tomorrow, {_ADMIN} too: whoever has its "
        "credentials can read and change everything, applications and people included.",
        "RFC 9700 §2.3",
    )


def covers_admin(it: Examined) -> Finding | None:
    """It can let others in (RFC 9700 §2.3)."""
    admin = [scope for scope in it.client.scope if scope.split(":")[1:2] == [_ADMIN]]
    if not admin:
        return None
    return Finding(
        "covers_admin",
        Severity.WARNING,
        "It may administer",
        f"Its scopes cover {_ADMIN} ({' '.join(admin)}): whoever has its credentials sees or changes who is let in.",
        "RFC 9700 §2.3",
    )


def no_scopes(it: Examined) -> Finding | None:
    """It is refused whatever it asks for (RFC 6749 §3.3)."""
    if it.client.scope:
        return None
    return Finding(
        "no_scopes",
        Severity.ADVICE,
        "It has no scopes",
        "An application without scopes is given no token: choose what it may do.",
        "RFC 6749 §3.3",
    )


def unused_scopes(it: Examined) -> Finding | None:
    """It could be content with less (RFC 9700 §2.3)."""
    advised = None if it.observed is None else advice(it.client, it.observed)
    if advised is None or advised.changes is None or advised.since is None or not advised.enough:
        return None
    days = (it.now - advised.since) // _A_DAY
    return Finding(
        "unused_scopes",
        Severity.ADVICE,
        "It has scopes that it does not use",
        f"In {days} days and {advised.calls} calls it needed no more than {' '.join(advised.scope)}. Where it names a "
        "wider scope when it asks for tokens, that has to be narrowed first.",
        "RFC 9700 §2.3",
        advised.changes,
        "Narrow to what it uses",
    )


def trusted_public(it: Examined) -> Finding | None:
    """People are not asked, and nothing proves who asks (RFC 8252 §8.6)."""
    if not it.client.trusted or it.client.confidential:
        return None
    return Finding(
        "trusted_public",
        Severity.WARNING,
        "It is trusted without a secret",
        "Consent to it is remembered although anybody can claim to be it: another program on the device is then let "
        "in without a question.",
        "RFC 8252 §8.6",
        Changes(trusted=False),
        "Trust it no longer",
    )


def resource_server(it: Examined) -> Finding | None:
    """It may look into everybody's tokens (RFC 7662 §4)."""
    if not it.client.resource_server:
        return None
    return Finding(
        "resource_server",
        Severity.ADVICE,
        "It may look into all tokens",
        "As a resource server it learns whose any token is and what it may do: right for a server that takes our "
        "tokens, and too much for any other.",
        "RFC 7662 §4",
        Changes(resource_server=False),
        "It takes no tokens of others",
    )
