"""Lint of an application's secrets."""

from typing import Final

from scopekeeper.oauth.credentials import Light, standings
from scopekeeper.oauth.lint.finding import Examined, Finding, Severity
from scopekeeper.oauth.records import Secret

A_DAY: Final = 86_400
OLD: Final = 180 * A_DAY
IDLE: Final = 30 * A_DAY
SOON: Final = 14 * A_DAY


def no_secret(it: Examined) -> Finding | None:
    """It cannot prove itself any more (RFC 6749 §2.3)."""
    if not it.client.confidential or _living(it):
        return None
    return Finding(
        "no_secret",
        Severity.DANGER,
        "It has no secret that works",
        "It has to prove itself with a secret, and none of them works any more: rotate, and give it the new one.",
        "RFC 6749 §2.3",
    )


def secret_ends(it: Examined) -> Finding | None:
    """It will be shut out (RFC 6749 §2.3)."""
    living = _living(it)
    if not living or any(each.expires_at is None for each in living):
        return None
    last = max(living, key=lambda each: each.expires_at or 0)
    left = (last.expires_at or 0) - it.now
    if left > SOON:
        return None
    return Finding(
        "secret_ends",
        Severity.WARNING,
        "Its last secret ends soon",
        f"The secret …{last.last_four} ends in {_span(left)}, and there is no other: rotate before that.",
        "RFC 6749 §2.3",
        secret_id=last.id,
    )


def old_secret(it: Examined) -> Finding | None:
    """Who found it once can still use it (RFC 9700 §2.5)."""
    living = _living(it)
    if not living:
        return None
    newest = max(living, key=lambda each: each.id)
    if it.now - newest.created_at < OLD:
        return None
    return Finding(
        "old_secret",
        Severity.ADVICE,
        f"Its secret is {_span(it.now - newest.created_at)} old",
        "The longer a secret is in use, the more places have seen it: rotate with an overlap, and nobody notices.",
        "RFC 9700 §2.5",
        secret_id=newest.id,
    )


def spare_secret(it: Examined) -> Finding | None:
    """Two doors where one is used (RFC 9700 §2.5)."""
    spare = [each.secret for each in standings(it.client, it.now) if each.light is Light.QUIET]
    if not spare:
        return None
    return Finding(
        "spare_secret",
        Severity.ADVICE,
        "An old secret is no longer used",
        f"Nobody uses the secret …{spare[0].last_four} any more since a newer one was made: it is safe to end.",
        "RFC 9700 §2.5",
        secret_id=spare[0].id,
    )


def unused_secret(it: Examined) -> Finding | None:
    """A key that nobody needs can only be stolen (RFC 9700 §2.5)."""
    living = _living(it)
    if len(living) != 1 or living[0].last_used_at is not None or it.now - living[0].created_at < IDLE:
        return None
    return Finding(
        "unused_secret",
        Severity.ADVICE,
        "Its secret was never used",
        f"The secret …{living[0].last_four} was made {_span(it.now - living[0].created_at)} ago, and nobody has come "
        "with it: a key that nobody needs can only be stolen.",
        "RFC 9700 §2.5",
        secret_id=living[0].id,
    )


def _living(it: Examined) -> list[Secret]:
    return [each for each in it.client.secrets if it.client.confidential and each.lives(it.now)]


def _span(seconds: int) -> str:
    days = seconds // A_DAY
    return f"{days} days" if days > 1 else "a day" if days else "less than a day"
