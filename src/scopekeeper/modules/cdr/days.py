"""Days: what was called from midnight to midnight, in the zone of whoever asks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from scopekeeper.modules.cdr.asked import Asked
from scopekeeper.modules.cdr.moments import FIRST, LAST, in_utc, start_of
from scopekeeper.modules.cdr.records import Day, Disposition, Kept
from scopekeeper.sdk import Counted, Invalid, Page, Paging, Rows

MOST: Final = 366
"""Days that can be counted at once."""
USUAL: Final = 31
"""Days that are counted where nobody says since when."""

_DAY: Final = timedelta(days=1)
_UTC_DAY: Final = 8
"""Characters of a key that say the day."""


@dataclass(frozen=True, slots=True)
class Span:
    """The part of a day that is counted: all of it, but for the first and the last."""

    day: date
    since: datetime
    until: datetime


def zone_of(name: str) -> tzinfo:
    """The zone of this name. Raises Invalid."""
    if name == "UTC":  # which is one without the system's files of zones, too
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder of zones is no zone
        raise Invalid("zone", "There is no such time zone; one is called Europe/Berlin.") from None


def spans_of(since: datetime | None, until: datetime, zone: tzinfo) -> tuple[Span, ...]:
    """The days from `since` until before `until`; the last 31, where `since` is None. Raises Invalid."""
    until = min(max(in_utc(until, "until"), FIRST), LAST)
    last = (until - timedelta(microseconds=1)).astimezone(zone).date()
    begin = _midnight(last - (USUAL - 1) * _DAY, zone) if since is None else in_utc(since, "since")
    begin = min(max(begin, FIRST), LAST)
    if begin >= until:
        return ()
    first = begin.astimezone(zone).date()
    if (last - first).days >= MOST:
        raise Invalid("since", f"At most {MOST} days can be counted at once.")
    days = (first + number * _DAY for number in range((last - first).days + 1))
    return tuple(Span(day, max(begin, _midnight(day, zone)), min(until, _midnight(day + _DAY, zone))) for day in days)


async def page_of_days(rows: Rows[Kept], asked: Asked, zone: tzinfo, paging: Paging, *, everybodys: bool) -> Page[Day]:
    """The days that are asked for, the oldest first, those without a call among them. Raises Invalid.

    `everybodys`: are the rows those of all people? Then an index leads to those of an extension.
    """
    until = asked.until or await _behind_the_newest(rows)
    spans = () if until is None else spans_of(asked.since, until, zone)
    left = [each for each in spans if paging.after is None or each.day.isoformat() > paging.after]
    shown = left[: paging.limit]
    days = [await _counted(rows, asked, each, everybodys=everybodys) for each in shown]
    keys = tuple(each.day for each in days)

    async def count() -> int:
        return len(spans)

    return Page(tuple(days), keys[-1] if len(left) > len(shown) else None, count, keys)


async def _behind_the_newest(rows: Rows[Kept]) -> datetime | None:
    """The moment behind the start of the newest call."""
    newest = await rows.page(Paging(1), sort="id", descending=True)
    started = start_of(newest.items[0].id) if newest.items else None
    return None if started is None else started + timedelta(milliseconds=1)


async def _counted(rows: Rows[Kept], asked: Asked, span: Span, *, everybodys: bool) -> Day:
    narrowed = replace(asked, since=span.since, until=span.until)
    found = await rows.counts(
        *narrowed.conditions(),
        *(narrowed.everywhere() if everybodys else ()),
        prefix=_UTC_DAY,
        by=("disposition",),
        sums=("talk_seconds",),
        **narrowed.equalities(),
    )
    return day_of(span.day, found)


def day_of(day: date, found: Sequence[Counted]) -> Day:
    """A day of what was counted by disposition."""
    counts = dict.fromkeys(Disposition, 0)
    for each in found:
        counts[Disposition(each.by[0])] += each.count
    talked, answered = sum(int(each.sums[0]) for each in found), counts[Disposition.ANSWERED]
    return Day(
        day=day.isoformat(),
        calls=sum(counts.values()),
        answered=answered,
        missed=counts[Disposition.NO_ANSWER] + counts[Disposition.CANCELLED],
        busy=counts[Disposition.BUSY],
        failed=counts[Disposition.FAILED],
        talk_seconds=talked,
        mean_talk_seconds=round(talked / answered, 1) if answered else 0.0,
    )


def _midnight(day: date, zone: tzinfo) -> datetime:
    """When the day begins: where the clock leaps over midnight, or shows it twice, the first moment of the day."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)
