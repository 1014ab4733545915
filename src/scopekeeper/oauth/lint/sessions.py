"""Lint of what becomes of an application when somebody signs out."""

from scopekeeper.oauth.applications import Changes
from scopekeeper.oauth.lint.finding import Examined, Finding, Severity
from scopekeeper.oauth.records import ApplicationType, Outliving
from scopekeeper.scopes import OFFLINE_ACCESS, OPENID


def always_outlives(it: Examined) -> Finding | None:
    """What was granted goes on when its session is ended (OpenID Connect Back-Channel Logout §2.7)."""
    if it.client.outlives_session is not Outliving.ALWAYS:
        return None
    return Finding(
        "always_outlives",
        Severity.WARNING,
        "Signing out does not stop it",
        "What people grant it goes on after they have signed out, also where they did not allow that (offline_access): "
        "whoever stole a token of it keeps that, too.",
        "OpenID Connect Back-Channel Logout §2.7",
        Changes(outlives_session=Outliving.OFFLINE_ACCESS),
        "End it then, too",
    )


def plain_backchannel(it: Examined) -> Finding | None:
    """Only who keeps a secret may be told without encryption (OpenID Connect Back-Channel Logout §2.2)."""
    uri = it.client.backchannel_logout_uri
    if not uri or uri.startswith("https:") or it.client.confidential:
        return None
    return Finding(
        "plain_backchannel",
        Severity.WARNING,
        "Its back-channel logout URI is not https",
        f"This server tells {uri} that somebody has signed out: an application without a secret has to hear that at an "
        "https address.",
        "OpenID Connect Back-Channel Logout §2.2",
        Changes(backchannel_logout_uri=None),
        "Tell it no longer",
    )


def offline_in_vain(it: Examined) -> Finding | None:
    """People allow what it then does not get (OpenID Connect Back-Channel Logout §2.7)."""
    if it.client.outlives_session is not Outliving.NEVER or OFFLINE_ACCESS not in it.client.scope:
        return None
    return Finding(
        "offline_in_vain",
        Severity.ADVICE,
        "Its offline_access is worth nothing",
        "It may ask to stay connected while people are signed out (offline_access), and yet nothing of it outlives a "
        "session: take the one from it or the other.",
        "OpenID Connect Back-Channel Logout §2.7",
    )


def never_told(it: Examined) -> Finding | None:
    """Only who was given an id_token hears of the session's end (OpenID Connect Back-Channel Logout §2.3)."""
    if not (it.client.backchannel_logout_uri or it.client.frontchannel_logout_uri) or OPENID in it.client.scope:
        return None
    return Finding(
        "never_told",
        Severity.ADVICE,
        "It is never told that somebody signs out",
        "It has an address to be told at, but its ceiling lacks openid: only an application that was given an id_token "
        "is told, for by that it knows the session.",
        "OpenID Connect Back-Channel Logout §2.3",
    )


def frontchannel_alone(it: Examined) -> Finding | None:
    """Browsers keep cookies from frames (OpenID Connect Front-Channel Logout §4.1)."""
    client = it.client
    if client.type is not ApplicationType.WEB or not client.frontchannel_logout_uri or client.backchannel_logout_uri:
        return None
    return Finding(
        "frontchannel_alone",
        Severity.ADVICE,
        "A frame alone tells it of signing out",
        "Many browsers send no cookies to a page of another site in a frame, so it cannot tell who has signed out: a "
        "back-channel logout URI tells its server.",
        "OpenID Connect Front-Channel Logout §4.1",
    )
