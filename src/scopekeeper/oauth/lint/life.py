"""Lint of whether anybody still needs an application, and looks after it."""

from typing import Final

from scopekeeper.oauth.applications import Changes
from scopekeeper.oauth.lint.finding import Examined, Finding, Severity

A_DAY: Final = 86_400
FORGOTTEN: Final = 90 * A_DAY


def never_used(it: Examined) -> Finding | None:
    """What nobody uses can only be misused (RFC 9700 §2.3)."""
    since = it.client.last_used_at or it.client.created_at
    if not it.client.enabled or it.now - since < FORGOTTEN:
        return None
    days = (it.now - since) // A_DAY
    used = f"not been used for {days} days" if it.client.last_used_at else f"never been used in {days} days"
    return Finding(
        "never_used",
        Severity.ADVICE,
        "Nobody uses it",
        f"It has {used}: switch it off, and remove it when nobody misses it.",
        "RFC 9700 §2.3",
        Changes(enabled=False),
        "Switch it off",
    )


def disabled(it: Examined) -> Finding | None:
    """It is kept, and shut out (RFC 6749 §2)."""
    if it.client.enabled:
        return None
    return Finding(
        "disabled",
        Severity.ADVICE,
        "It is switched off",
        "Its secrets and tokens do not work until it is switched on again: remove it if nobody needs it.",
        "RFC 6749 §2",
    )


def owner_gone(it: Examined) -> Finding | None:
    """Nobody looks after it (RFC 6749 §2)."""
    if it.owner_there or it.client.owner is None:
        return None
    return Finding(
        "owner_gone",
        Severity.WARNING,
        "Its owner is gone",
        f"The account {it.client.owner} is disabled or not there any more: nobody looks after this application.",
        "RFC 6749 §2",
        Changes(owner=None),
        "It is nobody's",
    )
