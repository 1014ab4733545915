"""Makers of authorization requests, for the tests of the rules: sound, but for what the test says."""

from typing import Any, Final

from scopekeeper.oauth.authorize import Asked, AuthorizationRequest, asked_of
from scopekeeper.oauth.granted import Consent
from scopekeeper.oauth.people import Session
from scopekeeper.oauth.pkce import challenge_of
from scopekeeper.oauth.records import Client, GrantType
from scopekeeper.oauth.steps import Present
from tests.rules.granting import ALICE, REDIRECT, VERIFIER, web
from tests.rules.makers import KNOWN, NOW

READ: Final = "rest:callforward:read"
HERE: Final = Present(ALICE, Session(70, b"s" * 32, ALICE.id, "alice", NOW - 50, NOW - 1))


def app(**more: object) -> Client:
    """An application that people are sent here by."""
    facts: dict[str, object] = {
        "scope": ("openid", "profile", "offline_access", "rest:callforward"),
        "grant_types": (GrantType.AUTHORIZATION_CODE, GrantType.REFRESH_TOKEN),
        "redirect_uris": (REDIRECT,),
    }
    return web(**facts | more)


def sent(*without: str, repeated: tuple[str, ...] = (), **more: str) -> AuthorizationRequest:
    """A sound request, without some parameters and with others."""
    parameters = {
        "response_type": "code",
        "client_id": "abc",
        "redirect_uri": REDIRECT,
        "scope": READ,
        "state": "xyz",
        "code_challenge": challenge_of(VERIFIER),
        "code_challenge_method": "S256",
    }
    kept = {name: value for name, value in parameters.items() if name not in without}
    return AuthorizationRequest(kept | more, frozenset(repeated))


def asked(client: Client | None = None, **more: Any) -> Asked:
    """What a sound request asks."""
    return asked_of(sent(**more), client or app(), KNOWN.__contains__)


def consent(*scope: str, **more: object) -> Consent:
    """What alice allows already."""
    facts: dict[str, object] = {"user_id": ALICE.id, "client_id": "abc", "generation": 0, "scope": scope or (READ,)}
    return Consent(**{"granted_at": NOW - 9, "updated_at": NOW - 9, **facts, **more})  # type: ignore[arg-type]
