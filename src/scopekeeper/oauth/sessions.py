"""What an application says of people's sessions: how fresh and sure, where it hears of their end, what goes on. Pure.

Registration is OpenID Connect Registration §2 and Front-Channel Logout §2; what goes on is Back-Channel Logout §2.7.
"""

from collections.abc import Collection
from typing import Final
from urllib.parse import parse_qsl

from scopekeeper.oauth.authentication import ACR_VALUES, satisfied
from scopekeeper.oauth.records import ApplicationType, Client, Outliving
from scopekeeper.oauth.redirects import UnfitRedirect, fit, origin_of
from scopekeeper.scopes import OFFLINE_ACCESS

LONGEST_AGE: Final = 365 * 86_400
"""Seconds: no application asks for sign-ins that are at most that old."""

FRAMED: Final = frozenset({ApplicationType.WEB, ApplicationType.SPA})
"""The types that live in the browser in which somebody signs out, so that a frame there reaches them."""


def outlives(client: Client, scope: tuple[str, ...]) -> bool:
    """Does what is granted with these scopes go on when its session ends (OpenID Connect Back-Channel Logout §2.7)?"""
    match client.outlives_session:
        case Outliving.NEVER:
            return False
        case Outliving.OFFLINE_ACCESS:
            return OFFLINE_ACCESS in scope
        case Outliving.ALWAYS:
            return True


def required_by(client: Client) -> tuple[str, ...]:
    """The rung that a sign-in has to reach for it, whatever is asked for; none where any will do."""
    return () if client.required_acr is None else (client.required_acr,)


def sure_enough(client: Client, amr: Collection[str]) -> bool:
    """May somebody who signed in by these methods grant something to it?"""
    return satisfied(required_by(client), amr)


def unfit(client: Client) -> tuple[str, str] | None:
    """What of this registration cannot stand: the field, and the reason in words. None where all of it can."""
    if client.type is ApplicationType.M2M:
        said = (
            ("frontchannel_logout_uri", client.frontchannel_logout_uri is not None),
            ("outlives_session", client.outlives_session is not Outliving.OFFLINE_ACCESS),
            ("default_max_age", client.default_max_age is not None),
            ("default_acr_value", bool(client.default_acr_values)),
            ("required_acr", client.required_acr is not None),
        )
        idle = next((field for field, is_said in said if is_said), None)
        return None if idle is None else (idle, "nobody signs in to a machine-to-machine application")
    if client.frontchannel_logout_uri is not None and (wrong := _unframed(client, client.frontchannel_logout_uri)):
        return "frontchannel_logout_uri", wrong
    if client.default_max_age is not None and not 0 <= client.default_max_age <= LONGEST_AGE:
        return "default_max_age", "the longest time since a sign-in is 0 seconds to 365 days"
    unknown = [acr for acr in client.default_acr_values if acr not in ACR_VALUES]
    if unknown:
        return "default_acr_value", _no_such(unknown[0])
    if client.required_acr not in (None, *ACR_VALUES):
        return "required_acr", _no_such(client.required_acr)
    if len(client.default_acr_values) > len(set(client.default_acr_values)):
        return "default_acr_value", "each acr is named once, the best first"
    return None


def _no_such(acr: str | None) -> str:
    return f"no such acr: {acr!r}. There is {', '.join(ACR_VALUES)}"


def _unframed(client: Client, uri: str) -> str:
    """What keeps a page of ours from showing this address in a frame; no text where nothing does."""
    if client.type not in FRAMED:
        return "only a web or a single-page application is in the browser in which somebody signs out"
    try:
        fit(uri, client.type)
    except UnfitRedirect as unfit:
        return f"{unfit}: {uri!r}"
    if origin_of(uri) not in map(origin_of, client.redirect_uris):
        return f"its scheme, host and port are those of a redirect URI of the application: {uri!r}"
    # iss stands in no registered address anyway (redirects.fit).
    if any(name == "sid" for name, _ in parse_qsl(uri.partition("?")[2], keep_blank_values=True)):
        return f"its query has no sid, which is added to it: {uri!r}"
    return ""
