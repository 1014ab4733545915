"""What a page of ours loads in a frame when somebody signs out (OpenID Connect Front-Channel Logout 1.0 §2). Pure."""

from collections.abc import Iterable, Sequence
from typing import Final

from scopekeeper.oauth.records import Client
from scopekeeper.oauth.redirects import origin_of
from scopekeeper.oauth.responses import query
from scopekeeper.oauth.subjects import Subjects

MOST: Final = 30
"""Frames of one page: each is a page that a browser loads at once, and their origins stand in one header."""


def frames_of(clients: Iterable[Client], session_id: int, issuer: str, subjects: Subjects) -> Sequence[str]:
    """The addresses to load for those of these applications that want it, each with `iss` and its own `sid` (§2, §3).

    At most MOST of them: this channel promises nobody anything, the one from server to server does.
    """
    found = [
        query(client.frontchannel_logout_uri, {"iss": issuer, "sid": subjects.sid(client, session_id)}).location
        for client in clients
        if client.enabled and client.frontchannel_logout_uri is not None
    ]
    return found[:MOST]


def origins_of(frames: Iterable[str]) -> Sequence[str]:
    """Their origins, none of them twice: what the policy of this page lets it show (CSP 3 §6.1.6).

    What was registered has no other characters in its host than letters, digits, dots, dashes, and what an address has.
    """
    origins = (origin_of(frame) for frame in frames)
    return list(dict.fromkeys(origin for origin in origins if origin is not None))
