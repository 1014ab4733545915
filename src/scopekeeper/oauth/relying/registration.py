"""What an operator may say of a provider, checked."""

import re
from dataclasses import dataclass, replace
from typing import Final

from scopekeeper.oauth.applications import UNSET, Unfit, Unset
from scopekeeper.oauth.outbound import Unreachable, url_of
from scopekeeper.oauth.upstreams import Upstream

SCOPE: Final = "openid email"
"""What is asked for, unless somebody says otherwise: who it is, and how they are written to."""

LONGEST_LABEL: Final = 60
LONGEST_ISSUER: Final = 500
LONGEST_CLIENT_ID: Final = 500
LONGEST_SECRET: Final = 1_000
MOST_SCOPES: Final = 20

_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")
_CLIENT_ID: Final = re.compile(r"[\x20-\x7E]+")
_SCOPE: Final = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]{1,200}")


@dataclass(frozen=True, slots=True)
class UpstreamDraft:
    """A provider as somebody names it, not yet checked."""

    name: str
    issuer: str
    client_id: str
    label: str = ""
    """Empty: the name."""
    scope: str = SCOPE
    link_by_email: bool = False


@dataclass(frozen=True, slots=True)
class UpstreamChanges:
    """An edit: only what is named changes. Name and issuer are for ever: subjects are those of one issuer."""

    client_id: str | Unset = UNSET
    client_secret: str | Unset | None = UNSET
    """None: we are a public client there."""
    label: str | Unset = UNSET
    scope: str | Unset = UNSET
    link_by_email: bool | Unset = UNSET
    enabled: bool | Unset = UNSET


def upstream_of(draft: UpstreamDraft, row_id: int, now: int) -> Upstream:
    """The provider that this draft makes, without its secret. Raises Unfit."""
    if _NAME.fullmatch(draft.name) is None:
        raise Unfit("name", "a name has 1 to 32 of a-z, 0-9 and -, and begins and ends with a letter or digit")
    _require_issuer(draft.issuer)
    return _checked(
        Upstream(
            row_id,
            draft.name,
            draft.label or draft.name,
            draft.issuer,
            draft.client_id,
            now,
            scope=_scope_of(draft.scope),
            link_by_email=draft.link_by_email,
            updated_at=now,
        )
    )


def changed_upstream(upstream: Upstream, changes: UpstreamChanges, now: int) -> Upstream:
    """The provider after the edit; its secret as it was. Raises Unfit."""
    return _checked(
        replace(
            upstream,
            client_id=upstream.client_id if changes.client_id is UNSET else changes.client_id,
            label=upstream.label if changes.label is UNSET else changes.label or upstream.name,
            scope=upstream.scope if changes.scope is UNSET else _scope_of(changes.scope),
            link_by_email=upstream.link_by_email if changes.link_by_email is UNSET else changes.link_by_email,
            enabled=upstream.enabled if changes.enabled is UNSET else changes.enabled,
            updated_at=now,
            revision=upstream.revision + 1,
        )
    )


def secret_of_text(text: str) -> str:
    """A client secret, as the provider gave it. Raises Unfit."""
    if not 0 < len(text) <= LONGEST_SECRET or _CLIENT_ID.fullmatch(text) is None:
        raise Unfit("client_secret", f"a client secret has 1 to {LONGEST_SECRET} printable characters of ASCII")
    return text


def _require_issuer(issuer: str) -> None:
    """An address without query and fragment (OpenID Connect Discovery §3). Whether it is one is seen when it is asked.

    http is taken here, and fetched only where whoever runs the server allows it for that very host (`fetch_allow`).
    """
    try:
        if len(issuer) > LONGEST_ISSUER or "?" in issuer:
            raise Unreachable("too long, or with a query")
        url_of(issuer)
    except Unreachable:
        raise Unfit("issuer", "an issuer is an https address without user information, query and fragment") from None


def _checked(upstream: Upstream) -> Upstream:
    if not 0 < len(upstream.client_id) <= LONGEST_CLIENT_ID or _CLIENT_ID.fullmatch(upstream.client_id) is None:
        raise Unfit("client_id", f"a client ID has 1 to {LONGEST_CLIENT_ID} printable characters of ASCII")
    label = upstream.label.strip()
    if not 0 < len(label) <= LONGEST_LABEL or not label.isprintable():
        raise Unfit("label", f"a label has 1 to {LONGEST_LABEL} printable characters")
    return replace(upstream, label=label)


def _scope_of(text: str) -> tuple[str, ...]:
    """The scopes that are asked for there, `openid` always among them (OpenID Connect Core §3.1.2.1). Raises Unfit."""
    words = tuple(dict.fromkeys(("openid", *text.split())))
    if len(words) > MOST_SCOPES or not all(map(_SCOPE.fullmatch, words)):
        raise Unfit("scope", f"scopes are at most {MOST_SCOPES} words of ASCII, separated by spaces")
    return words
