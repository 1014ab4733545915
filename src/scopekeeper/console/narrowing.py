"""The filters of lists of tokens and consents: application, person, scope, and when. What is typed becomes a question.

Whoever pastes a token where something else is asked for has it neither shown again nor looked for.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Final

from scopekeeper.console.call import Fields
from scopekeeper.console.naming import folded
from scopekeeper.oauth.records import Client
from scopekeeper.oauth.secrets import PATTERN
from scopekeeper.pages.moments import iso
from scopekeeper.scopes import MalformedScope, parse
from scopekeeper.scopes.grammar import IDENTITY
from scopekeeper.services.applications import Applications
from scopekeeper.services.lists import ClientsAsked, TokensAsked
from scopekeeper.services.ports import Gone

DAY: Final = 86_400

_SECRET: Final = re.compile(PATTERN)
_JWT: Final = re.compile(r"eyJ[0-9A-Za-z_\-]{5,}\.")
_DATE: Final = re.compile(r"(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}")
_LONGEST: Final = 200
_MOST_OFFERED: Final = 10


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What the filters of a list say."""

    asked: TokensAsked
    filters: Mapping[str, str]
    """As an address bears them."""
    typed: Mapping[str, str]
    """As their boxes show them."""
    client: Client | None = None
    offered: Sequence[Client] = ()
    """Applications that may be meant, where it takes a choice."""
    wrong: Sequence[str] = ()
    """Why nothing can match, in sentences."""


class Wrong(ValueError):
    """Nothing can match this filter. The message says why."""


async def narrowed(fields: Fields, applications: Applications) -> Narrowed:
    """The question that the fields `app`, `user`, `scope`, `since` and `until` ask."""
    typed = {name: text_of(fields, name) for name in ("app", "user", "scope", "since", "until")}
    client, offered = await _meant(typed["app"], applications)
    wrong = [] if client is not None or not typed["app"] else [_choose(offered)]
    moments: dict[str, int | None] = {}
    for name in ("since", "until"):
        try:
            moments[name] = moment_of(typed[name], end=name == "until")
        except Wrong as why:
            moments[name], typed[name] = None, ""
            wrong.append(str(why))
    if typed["scope"] and not _spelled(typed["scope"]):
        wrong.append("A scope is written api:module:access, for example rest:callforward:read.")
    asked = TokensAsked(
        client_id=client.client_id if client is not None else None,
        user=folded(typed["user"]) if typed["user"] else None,
        scope=typed["scope"] or None,
        since=moments["since"],
        until=moments["until"],
    )
    filters = typed if client is None else {**typed, "app": client.client_id}
    return Narrowed(asked, filters, typed, client, offered, wrong)


def text_of(fields: Fields, name: str) -> str:
    """The text of this field, cut to what anybody types; none where it is (or has in it) a secret."""
    text = fields.one(name).strip()
    return "" if is_secret(text) else text[:_LONGEST]


def is_secret(text: str) -> bool:
    """Is there a token, or another secret of ours, in this text?"""
    return _SECRET.search(text) is not None or _JWT.search(text) is not None


def moment_of(text: str, *, end: bool = False) -> int | None:
    """The first second of this day (UTC); with `end`, of the day after. Raises Wrong."""
    if not text:
        return None
    try:
        if _DATE.fullmatch(text) is None:
            raise ValueError(text)
        midnight = datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        raise Wrong("A day is written year, month, day: 2026-11-25.") from None
    return int(midnight.timestamp()) + (DAY if end else 0)


def question_of(asked: TokensAsked) -> Mapping[str, object]:
    """The same question, as it is asked of the API."""
    named = {name: value for name, value in asdict(asked).items() if value is not None}
    return {name: iso(value) if name in ("since", "until") else value for name, value in named.items()}


def options_of(narrow: Narrowed) -> Mapping[str, str | None]:
    """The same question, as it is asked at the command line."""
    return {name: narrow.filters[name] or None for name in ("app", "user", "scope", "since", "until")}


async def _meant(text: str, applications: Applications) -> tuple[Client | None, Sequence[Client]]:
    """The application with this client_id or name; else those of which it may be one."""
    if not text:
        return None, ()
    try:
        return await applications.get(text), ()
    except Gone:
        found = await applications.find(ClientsAsked(text=text), limit=_MOST_OFFERED)
    called = [client for client in found if client.name.casefold() == text.casefold()]
    if len(called) == 1 or len(found) == 1:
        return (called or list(found))[0], ()
    return None, found


def _choose(offered: Sequence[Client]) -> str:
    return "Several applications may be meant. Choose one." if offered else "There is no application of this name."


def _spelled(scope: str) -> bool:
    if scope in IDENTITY:
        return True
    try:
        parse(scope)
    except MalformedScope:
        return False
    return True
