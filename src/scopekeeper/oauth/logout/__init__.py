"""A logout request (OpenID Connect RP-Initiated Logout 1.0 §2), checked in a tuple of stages; and what comes next."""

from dataclasses import dataclass
from typing import Final

from scopekeeper.oauth.logout import stages
from scopekeeper.oauth.logout.request import (
    LONGEST,
    LONGEST_LOGOUT_HINT,
    LONGEST_STATE,
    Hint,
    Leave,
    LogoutRequest,
    Unsound,
    hint_of,
)
from scopekeeper.oauth.records import Client
from scopekeeper.oauth.responses import query
from scopekeeper.oauth.steps import Present
from scopekeeper.oauth.subjects import Subjects

__all__ = [
    "LONGEST",
    "LONGEST_LOGOUT_HINT",
    "LONGEST_STATE",
    "STAGES",
    "Ask",
    "Done",
    "End",
    "Hint",
    "Leave",
    "LogoutRequest",
    "Step",
    "Unsound",
    "hint_of",
    "leave_of",
    "next_step",
]

STAGES: Final[tuple[stages.Stage, ...]] = (
    stages.nothing_repeated,
    stages.sizes,
    stages.genuine_hint,
    stages.hint_of_the_client,
    stages.known_client,
    stages.own_redirect,
)
"""Each raises Unsound."""


@dataclass(frozen=True, slots=True)
class Done:
    """Nobody is signed in: there is nothing to end."""


@dataclass(frozen=True, slots=True)
class Ask:
    """The person is to be asked."""


@dataclass(frozen=True, slots=True)
class End:
    """The session ends."""


Step = Done | Ask | End


def leave_of(request: LogoutRequest, hint: Hint | None, client: Client | None) -> Leave:
    """What is asked, once every stage is passed. Raises Unsound."""
    for check in STAGES:
        check(request, hint, client)
    uri, state = request.get("post_logout_redirect_uri"), request.get("state")
    onward = uri if uri is None or state is None else query(uri, {"state": state}).location
    return Leave(client, hint, onward, tuple((request.get("ui_locales") or "").split()))


def next_step(leave: Leave, present: Present | None, subjects: Subjects) -> Step:
    """What comes next (OpenID Connect RP-Initiated Logout §2, §6).

    Only who was given the hint in this very session, or was handed it by whoever was, can have it: no forged link has,
    so nobody need be asked. Everybody else has to be: a link alone signs nobody out.
    """
    if present is None:
        return Done()
    client, hint = leave.client, leave.hint
    if client is None or hint is None:
        return Ask()
    here = (subjects.of(client, present.user.id), subjects.sid(client, present.session.id))
    return End() if (hint.sub, hint.sid) == here else Ask()
