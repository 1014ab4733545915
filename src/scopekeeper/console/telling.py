"""An act of the audit log, told: who did what to what, with names and links, and what was before and after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

import msgspec

from scopekeeper.console.deeds import ALARMING, deed_of
from scopekeeper.console.naming import Names, jti_of
from scopekeeper.services.looks import AS_PERSON
from scopekeeper.services.ports import Act

_OF_APPLICATIONS: Final = frozenset({"application", "client", "code", "consent", "device", "logout", "refresh"})
_LARGEST_ID: Final = 19
"""Digits of the largest row id."""
_SHORT: Final = 12
"""Characters by which one key is told from another."""

_FIELDS: Final = {
    "admin": "Administrator",
    "alg": "Algorithm",
    "asked": "Which",
    "backchannel_logout_uri": "Back-channel logout URI",
    "client_id": "Application",
    "default_acr_values": "How people should sign in",
    "default_max_age": "Seconds that a sign-in may be old",
    "email": "E-mail",
    "email_verified": "E-mail vouched for",
    "family_name": "Family names",
    "frontchannel_logout_uri": "Front-channel logout URI",
    "full_name": "Full name",
    "given_name": "Given names",
    "id_token_signed_response_alg": "Algorithm of id_tokens",
    "last_four": "Last four characters",
    "outlives_session": "Goes on when a session is ended",
    "overlap": "Seconds that old secrets go on working",
    "pkce_required": "PKCE required",
    "post_logout_redirect_uris": "Post-logout redirect URIs",
    "phone_number": "Telephone",
    "required_acr": "How people have to sign in",
    "redirect_uris": "Redirect URIs",
    "revoked": "How many",
    "matched": "How many",
    "sector_identifier_uri": "Sector identifier URI",
    "signing_alg": "Signing algorithm",
    "sub": "Subject",
    "subject_type": "Who people are to it",
    "userinfo_signed_response_alg": "Algorithm of userinfo",
    "zoneinfo": "Time zone",
}
"""What details are called, where their own name does not say it."""


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody or something, by name; and its page, where it has one."""

    text: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Changed:
    """One thing that was changed: what of it went, what stayed, what came."""

    name: str
    gone: Sequence[str]
    kept: Sequence[str]
    come: Sequence[str]


@dataclass(frozen=True, slots=True)
class Told:
    """An act in words."""

    id: str
    act: Act
    who: Named
    deed: str
    what: Named
    changes: Sequence[Changed]
    details: Sequence[tuple[str, str]]
    alarming: bool


async def told(act: Act, names: Names) -> Told:
    """The act, in words."""
    changes = [_changed(name, each) for name, each in act.details.items() if _is_change(each)]
    details = [(_called(name), _said(each)) for name, each in act.details.items() if not _is_change(each)]
    return Told(
        jti_of(act.id),
        act,
        await who(act.actor, names),
        deed_of(act.action),
        await _what(act, names),
        changes,
        details,
        act.action in ALARMING,
    )


async def who(actor: str, names: Names) -> Named:
    """Whoever the log names so."""
    kind, _, name = actor.partition(":")
    match kind:
        case "user":
            return await _person(name, names)
        case "client":
            return await _application(name, names)
        case "cli":
            return Named(f"{name}, at the CLI")
        case "system":
            return Named("the server itself")
        case _:
            return Named(actor)


async def _what(act: Act, names: Names) -> Named:
    subject, target = act.action.partition(".")[0], act.target
    match subject:
        case "user" | "session" | "factors" | "passkey" | "totp" | "recovery":
            return await _person(target, names)
        case "view":
            return await (_person if act.action == AS_PERSON else _application)(target, names)
        case "keys":
            return Named(f"{target[:_SHORT]}…" if len(target) > _SHORT else target, "/console/keys")
        case "token" | "family" if target.isascii() and target.isdigit() and len(target) <= _LARGEST_ID:
            path = "tokens" if subject == "token" else "refresh-tokens"
            return Named(jti_of(int(target)), f"/console/{path}/{jti_of(int(target))}")
        case "token" | "family":
            whose = await _application(target, names)
            return whose if whose.address else await _person(target, names)
        case _ if subject in _OF_APPLICATIONS:
            return await _application(target, names)
        case _:
            return Named(target)


async def _person(name: str, names: Names) -> Named:
    return Named(name, f"/console/users/{quote(name, safe='')}" if await names.is_person(name) else "")


async def _application(client_id: str, names: Names) -> Named:
    name = await names.known(client_id)
    return Named(client_id) if name is None else Named(name, f"/console/applications/{quote(client_id, safe='')}")


def _is_change(value: object) -> bool:
    return isinstance(value, Mapping) and value.keys() == {"before", "after"}


def _changed(name: str, change: object) -> Changed:
    assert isinstance(change, Mapping), "a change has a before and an after"
    before, after = _items(change["before"]), _items(change["after"])
    return Changed(
        _called(name),
        [each for each in before if each not in after],
        [each for each in before if each in after],
        [each for each in after if each not in before],
    )


def _items(value: object) -> Sequence[str]:
    if value is None or value == "":
        return ()
    return [_said(each) for each in value] if isinstance(value, list | tuple) else [_said(value)]


def _called(name: str) -> str:
    return _FIELDS.get(name) or name.replace("_", " ").capitalize()


def _said(value: object) -> str:
    match value:
        case None | "":
            return "none"
        case bool():
            return "yes" if value else "no"
        case str():
            return value
        case list() | tuple():
            return " ".join(_said(each) for each in value)
        case Mapping():
            return ", ".join(f"{_called(str(name)).lower()} {_said(each)}" for name, each in value.items())
        case _:
            return msgspec.json.encode(value).decode()
