"""Lint of the places to which browsers carry codes."""

import re
from typing import Final
from urllib.parse import parse_qsl

from scopekeeper.oauth.applications import Changes
from scopekeeper.oauth.authorize import RESPONSE_TYPES
from scopekeeper.oauth.lint.finding import Examined, Finding, Severity
from scopekeeper.oauth.records import ApplicationType, GrantType

MANY: Final = 10

_PRIVATE: Final = re.compile(r"(?!https?:)[a-z][a-z0-9+.\-]*:")
_ONWARD: Final = frozenset(
    {"next", "url", "uri", "redirect", "redirect_uri", "return", "return_to", "goto", "continue"}
)
"""How parameters are called that say where to go next."""


def no_redirect(it: Examined) -> Finding | None:
    """Nobody can let it in (RFC 6749 §3.1.2.2)."""
    if it.client.redirect_uris or set(RESPONSE_TYPES.values()).isdisjoint(it.client.grant_types):
        return None
    otherwise = set(it.client.grant_types) - {*RESPONSE_TYPES.values(), GrantType.REFRESH_TOKEN}
    return Finding(
        "no_redirect",
        Severity.ADVICE if otherwise else Severity.WARNING,
        "It has no redirect URI",
        "Nobody can let this application in by their browser before it has a redirect URI to come back to.",
        "RFC 6749 §3.1.2.2",
    )


def plain_http(it: Examined) -> Finding | None:
    """Codes travel unencrypted (RFC 9700 §2.6)."""
    plain = [uri for uri in it.client.redirect_uris if uri.startswith("http:")]
    if not plain or it.client.type is ApplicationType.NATIVE:
        return None
    return Finding(
        "plain_http",
        Severity.WARNING,
        "A redirect URI is plain http",
        f"{plain[0]} is for developing: on loopback only native applications receive codes, for anybody's program can "
        "listen there.",
        "RFC 9700 §2.6",
        _without(it, plain),
        "Remove it" if len(plain) == 1 else f"Remove these {len(plain)}",
    )


def localhost(it: Examined) -> Finding | None:
    """A name can be led elsewhere (RFC 8252 §8.3)."""
    named = [uri for uri in it.client.redirect_uris if re.match(r"http://localhost(?:[:/?]|$)", uri)]
    if not named or it.client.type is not ApplicationType.NATIVE:
        return None
    return Finding(
        "localhost",
        Severity.ADVICE,
        "A redirect URI says localhost",
        f"{named[0]} depends on what that name means on the machine: 127.0.0.1 and [::1] are always this machine.",
        "RFC 8252 §8.3",
    )


def private_scheme(it: Examined) -> Finding | None:
    """Any application on the device can claim a scheme (RFC 8252 §7.1, §7.2)."""
    private = [uri for uri in it.client.redirect_uris if _PRIVATE.match(uri)]
    if not private:
        return None
    scheme = private[0].partition(":")[0]
    return Finding(
        "private_scheme",
        Severity.ADVICE,
        "A redirect URI has a scheme of its own",
        f"Any application on the device can claim {scheme}: too; an https address that the system gives to this "
        "application alone is better where the system can do that.",
        "RFC 8252 §7.2",
    )


def open_redirector(it: Examined) -> Finding | None:
    """What comes there may be sent on (RFC 9700 §4.11)."""
    onward = [uri for uri in it.client.redirect_uris if _names_an_address(uri)]
    if not onward:
        return None
    return Finding(
        "open_redirector",
        Severity.WARNING,
        "A redirect URI looks as if it sent browsers on",
        f"{onward[0]} has a parameter that names where to go next: if that page goes to any address, codes go with it.",
        "RFC 9700 §4.11",
        _without(it, onward),
        "Remove it" if len(onward) == 1 else f"Remove these {len(onward)}",
    )


def many_redirects(it: Examined) -> Finding | None:
    """Each is a place to which a code can be led (RFC 9700 §4.1)."""
    number = len(it.client.redirect_uris)
    if number <= MANY:
        return None
    return Finding(
        "many_redirects",
        Severity.ADVICE,
        f"It has {number} redirect URIs",
        "Each is one more page to which codes can be led, and which has to be as safe as the others: remove those "
        "that nobody needs.",
        "RFC 9700 §4.1",
    )


def _names_an_address(uri: str) -> bool:
    query = uri.partition("?")[2]
    return any(name.lower() in _ONWARD for name, _ in parse_qsl(query, keep_blank_values=True))


def _without(it: Examined, gone: list[str]) -> Changes:
    return Changes(redirect_uris=tuple(uri for uri in it.client.redirect_uris if uri not in gone))
