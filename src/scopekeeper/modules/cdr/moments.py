"""Moments of calls, and the keys that begin with them. All in UTC, so that the order of keys is that of time."""

from base64 import b32encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

from scopekeeper.sdk import Invalid

FIRST: Final = datetime(1900, 1, 1, tzinfo=UTC)
LAST: Final = datetime(9000, 1, 1, tzinfo=UTC)
"""Between these a call can have been."""

_TOLD_APART: Final = 12
"""Characters, of five bits each."""


def ident_of(started: datetime, uid: str, destination_channel: str | None) -> str:
    """The key of a call: `20261129T222401123-` and twelve characters.

    A telephone system that rings several devices may write a record for each, with one uid and one start: these are
    told apart by the line that rang.
    """
    digest = sha256(f"{uid}\n{destination_channel or ''}".encode()).digest()
    return f"{stamp(started)}-{b32encode(digest[:10]).decode()[:_TOLD_APART].lower()}"


def stamp(moment: datetime) -> str:
    """What the key of a call begins with that started at this moment, which is in UTC."""
    milliseconds = moment.microsecond // 1_000
    # The year by hand: what strftime makes of one with three digits depends on the system.
    return f"{moment.year:04}{moment:%m%dT%H%M%S}{milliseconds:03}"


def start_of(ident: str) -> datetime | None:
    """When a call with this key started; None for what is no such key."""
    try:
        return datetime.strptime(f"{ident[:18]}000", "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC)
    except ValueError:
        return None


def bound(moment: datetime | None, name: str) -> str | None:
    """What keys are compared with, so that `since` is where they begin, or `until` where they end. Raises Invalid."""
    if moment is None:
        return None
    within = min(max(in_utc(moment, name), FIRST), LAST)
    return stamp(within + timedelta(microseconds=999))


def recorded(moment: datetime, name: str) -> datetime:
    """The moment as it is recorded: in UTC, to the millisecond. Raises Invalid."""
    told = in_utc(moment, name)
    if not FIRST <= told < LAST:
        raise Invalid(name, "There was no call then.")
    return told.replace(microsecond=told.microsecond // 1_000 * 1_000)


def in_utc(moment: datetime, name: str) -> datetime:
    """The moment in UTC. Raises Invalid for one without a time zone."""
    if moment.tzinfo is None:
        raise Invalid(name, "A moment has a time zone: 2026-11-29T22:24:01Z.")
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # the first day of all, or the last
        return FIRST - timedelta(1) if moment < FIRST else LAST
