"""What others changed while somebody edited an application: told from the audit log, brought together by box."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from scopekeeper.console.applications.filled import Filled
from scopekeeper.oauth.records import Client, GrantType, Outliving, SubjectType, TokenFormat
from scopekeeper.services.audit import AuditLog
from scopekeeper.services.lists import ActsAsked
from scopekeeper.services.ports import Act

MOST: Final = 200
"""Acts that are looked through."""

_RAISING: Final = frozenset({"application.change", "application.compromised"})
"""The acts that raise an application's revision, each by one."""

_LABELS: Final[Mapping[str, str]] = {
    "name": "Name",
    "description": "Description",
    "website": "Website",
    "owner": "Owner",
    "scope": "Scopes",
    "redirect_uris": "Redirect URIs",
    "post_logout_redirect_uris": "Addresses after signing out",
    "backchannel_logout_uri": "Told when a session ends",
    "frontchannel_logout_uri": "Shown in a frame when somebody signs out",
    "outlives_session": "Goes on when a session is ended",
    "grants": "Switches",
    "token_format": "Token format",
    "signing_alg": "Signed with",
    "id_token_alg": "ID tokens signed with",
    "userinfo_alg": "Userinfo signed with",
    "subject_type": "Who people are to it",
    "sector_identifier_uri": "Sector identifier URI",
    "default_max_age": "Sign-ins are at most this old",
    "default_acr_values": "How people should sign in",
    "required_acr": "How people have to sign in",
    "access_token_lifetime": "Access tokens live",
    "code_lifetime": "Codes live",
    "pkce": "PKCE",
    "trusted": "Trusted",
    "resource_server": "Resource server",
}

_READ: Final[Mapping[str, Callable[[Any], object]]] = {
    "scope": tuple,
    "redirect_uris": tuple,
    "post_logout_redirect_uris": tuple,
    "default_acr_values": tuple,
    "grant_types": lambda names: tuple(map(GrantType, names)),
    "token_format": TokenFormat,
    "subject_type": SubjectType,
    "outlives_session": Outliving,
}
"""How what the log keeps as JSON is read back. Everything else stands there as it is."""


@dataclass(frozen=True, slots=True)
class Change:
    """One box in which something else stands by now."""

    box: str
    label: str
    before: str
    now: str
    yours: str
    """What the one who edits has there; no text where they had left the box alone."""


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What happened since somebody opened the form."""

    who: tuple[str, ...]
    """The actors, the latest first."""
    at: int
    """When the latest was."""
    changes: tuple[Change, ...]


async def meanwhile(log: AuditLog, client: Client, revision: int, filled: Filled) -> Meanwhile:
    """What others did since this revision, beside what the form has."""
    found = await log.page(ActsAsked(target=client.client_id, action="application"), limit=MOST)
    acts = [act for act in found if act.action in _RAISING][: max(0, client.revision - revision)]
    now, before = Filled.of_client(client), Filled.of_client(_undone(client, acts))
    changes = []
    for box in now.differs(before):
        mine, theirs = getattr(filled, box), getattr(now, box)
        alone = mine in (getattr(before, box), theirs)
        changes.append(
            Change(box, _LABELS[box], _text(getattr(before, box)), _text(theirs), "" if alone else _text(mine))
        )
    who = tuple(dict.fromkeys(act.actor for act in acts))
    return Meanwhile(who, acts[0].at if acts else client.updated_at, tuple(changes))


def merged(filled: Filled, since: Meanwhile, client: Client) -> Filled:
    """The form once more: what was left alone is as it is now, what was typed stays."""
    now = Filled.of_client(client)
    return replace(filled, **{each.box: getattr(now, each.box) for each in since.changes if not each.yours})


def _undone(client: Client, acts: Sequence[Act]) -> Client:
    """The application before these acts, the latest of which comes first."""
    was: dict[str, Any] = {}
    for act in acts:
        for name, change in act.details.items():
            if act.action == "application.change" and isinstance(change, Mapping) and "before" in change:
                read = _READ.get(name)
                was[name] = change["before"] if read is None else read(change["before"])
    return replace(client, **was)


def _text(value: object) -> str:
    """The box in words."""
    if isinstance(value, bool):
        return "on" if value else "off"
    text = "\n".join(value) if isinstance(value, tuple) else str(value)
    return text or "nothing"
