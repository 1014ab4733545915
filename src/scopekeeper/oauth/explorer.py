"""The explorer's token: what an administrator's session gives to the console's own pages that call the API. Pure.

No grant of OAuth leads to it. The person has proven who they are by their session, holds everything
(`oauth/giving.py`), and chooses the scopes themselves: there is nobody to ask.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from scopekeeper import scopes
from scopekeeper.oauth.beginning import begun
from scopekeeper.oauth.built_in import LIFETIME
from scopekeeper.oauth.errors import OAuthError
from scopekeeper.oauth.granted import Family, grantor_of
from scopekeeper.oauth.people import Session, User, session_holds
from scopekeeper.oauth.records import EXPLORER, Client, Token, TokenFormat
from scopekeeper.oauth.token import Issue, Mint

MOST_LIVE: Final = 10
"""Tokens that one session has at a time: as many open pages. Whoever opens one more ends the oldest."""

_MOST_TOLD: Final = 20
"""Scopes that a refusal names."""
_LONGEST_TOLD: Final = 100
"""Characters of each."""


class Unselectable(OAuthError):
    """What was selected makes no token (RFC 6749 §5.2: invalid_scope). `unknown`: scopes that there are not."""

    def __init__(self, description: str, unknown: Sequence[str] = ()) -> None:
        super().__init__("invalid_scope", description, status=422)
        self.unknown: Final = tuple(unknown)


class Denied(OAuthError):
    """The person, or the built-in application, may not have it (access_denied). `lacking`: what that one may not."""

    def __init__(self, description: str, lacking: Sequence[str] = ()) -> None:
        super().__init__("access_denied", description, status=403)
        self.lacking: Final = tuple(lacking)


@dataclass(frozen=True, slots=True)
class Selected:
    """The scopes of a token: as they were selected, in that order, never collapsed."""

    scope: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    """Identity scopes: they say who a person is, and open nothing in the API."""


def selected_of(asked: str, known: Callable[[str], bool]) -> Selected:
    """What a space-separated list selects. Raises Unselectable: for unknown scopes, for none, for nothing but identity.

    Identity scopes come along with a selection that was made for an application. They are left out, and told of: with
    `openid` there would be an id_token, and with `offline_access` the token would outlive the session.
    """
    try:
        named = scopes.words(asked)
    except scopes.MalformedScope as malformed:
        raise Unselectable(f"The scope is malformed: {malformed}.") from malformed
    unknown = [each for each in named if not known(each)]
    if unknown:
        told = _told(unknown)
        raise Unselectable(f"There is no such scope: {' '.join(told)}.", told)
    opening = tuple(each for each in named if each not in scopes.IDENTITY)
    if named and not opening:
        raise Unselectable(f"{' '.join(named)} opens nothing in the API: select a scope of rest or gql besides.")
    if not opening:
        raise Unselectable("Select a scope first: a token without scopes opens nothing.")
    return Selected(opening, tuple(each for each in named if each in scopes.IDENTITY))


def decide(
    client: Client, user: User, session: Session, selected: Selected, mint: Mint, *, address: str | None
) -> Issue:
    """An opaque token in this administrator's name, of a family that ends with their session. Raises Denied.

    It is never refreshed: whoever needs it for longer asks again. It may do what was selected and no less, or there is
    none.
    """
    if not (user.admin and session_holds(session, user, mint.now)):
        raise Denied("Tokens of the explorer are for administrators who are signed in.")
    where = f"under Applications, {client.name} (/console/applications/{client.client_id})"
    if not client.enabled:
        raise Denied(f"{client.name} is disabled. Enable it {where}.")
    lacking = scopes.missing(client.scope, selected.scope)
    if lacking:
        told = _told(lacking)
        raise Denied(f"{client.name} may not have {' '.join(told)}. Give it more, or select less: {where}.", told)
    lifetime = min(client.access_token_lifetime or LIFETIME, LIFETIME)
    asked = replace(client, access_token_lifetime=lifetime, token_format=TokenFormat.OPAQUE)
    return begun(asked, grantor_of(user, session), selected.scope, None, mint, address=address)


def ended_by(user: User, session: Session, previous: Token | None, live: Sequence[Family]) -> tuple[int, ...]:
    """The families that end when one more begins in this session: that of `previous`, and the oldest above MOST_LIVE.

    `previous` is looked at only if it is this person's and was issued here: nobody ends what is somebody else's.
    `live` are this person's families, of any application, whatever their order.
    """
    ends: list[int] = []
    if previous is not None and previous.family_id is not None:
        theirs = (previous.client_id, previous.user_id) == (EXPLORER, user.id)
        ends += [previous.family_id] if theirs else []
    here = sorted(each.id for each in live if each.client_id == EXPLORER and each.session_id == session.id)
    staying = [each for each in here if each not in ends]
    return (*ends, *staying[: max(0, len(staying) - MOST_LIVE + 1)])


def _told(named: Sequence[str]) -> tuple[str, ...]:
    return tuple(each[:_LONGEST_TOLD] for each in named[:_MOST_TOLD])
