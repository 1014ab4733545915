"""Times and browsers, in words."""

from datetime import UTC, datetime
from typing import Final

from scopekeeper.pages.words import Words

_MINUTE: Final = 60
_HOUR: Final = 3_600
_DAY: Final = 86_400


def ago(words: Words, seconds: int) -> str:
    """How long since something was: "5 minutes ago"."""
    if seconds < _MINUTE:
        return words.gettext("just now")
    if seconds < _HOUR:
        minutes = seconds // _MINUTE
        return words.ngettext("%(n)s minute ago", "%(n)s minutes ago", minutes) % {"n": minutes}
    if seconds < _DAY:
        hours = seconds // _HOUR
        return words.ngettext("%(n)s hour ago", "%(n)s hours ago", hours) % {"n": hours}
    days = seconds // _DAY
    return words.ngettext("%(n)s day ago", "%(n)s days ago", days) % {"n": days}


def lasting(words: Words, seconds: int) -> str:
    """How long something takes, never less than it does: "2 minutes". In hours and days only where those are whole."""
    if seconds < _MINUTE:
        return words.ngettext("%(n)s second", "%(n)s seconds", seconds) % {"n": seconds}
    if seconds % _DAY == 0:
        days = seconds // _DAY
        return words.ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
    if seconds % _HOUR == 0:
        hours = seconds // _HOUR
        return words.ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
    minutes = -(-seconds // _MINUTE)
    return words.ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}


def utc(seconds: int) -> str:
    """The moment, as every language reads it: "2026-11-24 22:53 UTC"."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")


def iso(seconds: int) -> str:
    """The moment for machines (RFC 3339)."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
