"""What can be chosen of an application, in words: its type, the switches of that, and what outlives a session."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from scopekeeper.oauth.applications import FLAGGED, TYPES, short
from scopekeeper.oauth.records import ApplicationType, GrantType, Outliving


@dataclass(frozen=True, slots=True)
class Switch:
    """A grant that an application of this type can have on top of those that it has anyway."""

    grant: str
    label: str
    hint: str
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several, as a card."""

    value: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Kind:
    """One type, as a card."""

    type: str
    title: str
    when: str
    """When to choose it."""
    switches: tuple[Switch, ...]


_WHEN: Final[Mapping[ApplicationType, str]] = {
    ApplicationType.WEB: "It runs on a server of yours and people use it in a browser. The server can keep a secret.",
    ApplicationType.SPA: "It is JavaScript in the browser, with no server of its own. It can keep no secret.",
    ApplicationType.NATIVE: "People install it: on a desktop, a telephone, a TV, or as a command in a terminal.",
    ApplicationType.M2M: "A program works by itself, at night or all day, and no person signs in to it.",
}

_WORDS: Final[Mapping[GrantType, tuple[str, str]]] = {
    GrantType.CLIENT_CREDENTIALS: (
        "It may also act for itself",
        "Tokens without a person (client_credentials): for jobs of the server's own.",
    ),
    GrantType.DEVICE_CODE: (
        "It also signs people in on devices without a keyboard",
        "A code is shown, and typed in elsewhere (device_code).",
    ),
    GrantType.IMPLICIT: (
        "Implicit grant",
        "Tokens come straight out of the authorization endpoint. Only for old libraries that know nothing else.",
    ),
    GrantType.REFRESH_TOKEN: (
        "It stays signed in with refresh tokens",
        "Each works once. Without them the browser asks again, unseen, while the person is signed in here.",
    ),
    GrantType.PASSWORD: (
        "Password grant",
        "The application itself asks for user name and password. It then gets a secret, and has to show it every time.",
    ),
}

_WARNINGS: Final[Mapping[GrantType, str]] = {
    GrantType.IMPLICIT: "OAuth 2.1 has dropped it: tokens stand in addresses, where they leak (RFC 9700 §2.1.2).",
    GrantType.PASSWORD: "OAuth 2.1 has dropped it: the application sees people's passwords (RFC 9700 §2.4).",
}

KINDS: Final = tuple(
    Kind(
        type.value,
        rules.title,
        _WHEN[type],
        tuple(
            Switch(short(grant), *_WORDS[grant], _WARNINGS[grant] if grant in FLAGGED else "")
            for grant in rules.switches
        ),
    )
    for type, rules in TYPES.items()
)

SHORT: Final[Mapping[ApplicationType, str]] = {
    ApplicationType.WEB: "Web server",
    ApplicationType.SPA: "Single page",
    ApplicationType.NATIVE: "Native",
    ApplicationType.M2M: "Machine",
}
"""The types in a list, where little room is."""

OUTLIVINGS: Final = (
    Choice(
        Outliving.NEVER.value,
        "Nothing",
        "Whatever people allowed in it ends, also where that was to go on (offline_access).",
    ),
    Choice(
        Outliving.OFFLINE_ACCESS.value,
        "What has offline_access",
        "People see that when they allow it. The rest ends with the session.",
    ),
    Choice(
        Outliving.ALWAYS.value,
        "Everything",
        "It goes on until it is revoked or has grown old. Lint will say so (Back-Channel Logout §2.7).",
    ),
)
"""What goes on when a session is ended."""

_TYPES: Final = {type.value: type for type in ApplicationType}


def type_of(text: str) -> ApplicationType | None:
    """The type that is written so; None where it is none."""
    return _TYPES.get(text)
