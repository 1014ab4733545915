"""A logout request: as sent, as understood, and how it is refused (OpenID Connect RP-Initiated Logout 1.0 §2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from scopekeeper.oauth.records import Client

LONGEST: Final = 16 * 1024
"""Bytes of a whole request."""

LONGEST_STATE: Final = 4_096
LONGEST_LOGOUT_HINT: Final = 1_024

Fault = Literal[
    "unreadable", "repeated", "long", "hint", "another", "application", "redirect_unnamed", "redirect_foreign"
]
"""What is wrong: it cannot be read; it says something twice; a parameter is out of all measure; the id_token_hint is
none of ours; it was issued to another than the client_id names; the application is not known here; nobody says whose
the address is to go on to, or it is not theirs.
"""


class Unsound(Exception):
    """It is told to the person: nobody is sent anywhere, and nothing ends (OpenID Connect RP-Initiated Logout §4)."""

    def __init__(self, fault: Fault, client: Client | None = None) -> None:
        super().__init__(fault)
        self.fault: Final[Fault] = fault
        self.client: Final = client


@dataclass(frozen=True, slots=True)
class LogoutRequest:
    """What was sent to the end_session_endpoint: the parameters, and the names of those sent more than once."""

    parameters: Mapping[str, str]
    repeated: frozenset[str] = frozenset()

    def get(self, name: str) -> str | None:
        """The parameter of this name; None where it was not sent, or sent empty."""
        return self.parameters.get(name)


@dataclass(frozen=True, slots=True)
class Hint:
    """What an id_token that was issued here says: to whom, of whom, and of which session."""

    client_id: str
    sub: str
    sid: str | None
    """None where there was no session, or it was issued before there was a `sid`."""


@dataclass(frozen=True, slots=True)
class Leave:
    """A logout request that is sound: who asks, of whom it speaks, and where the browser is to go on to."""

    client: Client | None
    """Who asks; None where nobody says."""
    hint: Hint | None
    onward: str | None = field(repr=False)
    """The address, with the client's `state`; None: it stays here."""
    ui_locales: tuple[str, ...] = ()


def hint_of(claims: Mapping[str, object]) -> Hint:
    """What the claims of an id_token of ours say."""
    sid = claims.get("sid")
    return Hint(str(claims["aud"]), str(claims["sub"]), None if sid is None else str(sid))
