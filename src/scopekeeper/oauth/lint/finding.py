"""What lint finds, and what it looks at."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from scopekeeper.oauth.applications import Changes
from scopekeeper.oauth.privilege import Observed
from scopekeeper.oauth.records import Client


class Severity(StrEnum):
    """How bad it is."""

    DANGER = "danger"
    """Against what the documents demand, or shut out for good: mend it now."""
    WARNING = "warning"
    """Allowed, and a risk: have a reason for it."""
    ADVICE = "advice"
    """It works, and could be better."""


ORDER: Final = tuple(Severity)
"""The worst first."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to be said of an application."""

    code: str
    """Its name for programs: `password_grant`. It never changes."""
    severity: Severity
    title: str
    reason: str
    """Why that is so, in one plain sentence."""
    clause: str
    """Where that is written: `RFC 9700 §2.4`."""
    fix: Changes | None = None
    """The edit that mends it, where there is one. It gives the application nothing that it did not have."""
    fix_label: str = ""
    """What the button says."""
    secret_id: int | None = None
    """The secret that it is about, where it is about one."""


@dataclass(frozen=True, slots=True)
class Examined:
    """An application and what is known around it."""

    client: Client
    now: int
    token_lifetime: int
    """Seconds that its access tokens live: what it says, or what the server says for it."""
    owner_there: bool
    """Is its owner, where it has one, there and enabled?"""
    observed: Observed | None
    """What it was seen to do; None where nobody looked."""
