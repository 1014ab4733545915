"""What the lines of a file with call records mean: of our own export, and of Asterisk."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from datetime import datetime, timedelta, tzinfo
from functools import partial
from hashlib import sha256
from typing import Any, Final

import msgspec

from scopekeeper.modules.cdr.moments import LAST, in_utc
from scopekeeper.modules.cdr.recording import kept, whole
from scopekeeper.modules.cdr.records import Call, Direction, Disposition, Kept
from scopekeeper.sdk import Invalid
from scopekeeper.sdk.intake import Begun
from scopekeeper.sdk.spreadsheet import unguarded

_FIELDS: Final = frozenset(each.name for each in fields(Call))
_REQUIRED: Final = tuple(each.name for each in fields(Call) if each.default is MISSING)

MASTER: Final = (
    *("accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata"),
    *("start", "answer", "end", "duration", "billsec", "disposition", "amaflags"),
)
"""The columns of Asterisk's Master.csv, which has no line that names them."""
NEWER: Final = ("peeraccount", "linkedid", "sequence")
"""Behind them, where it is told to."""

_ENDINGS: Final = {
    "ANSWERED": Disposition.ANSWERED,
    "NO ANSWER": Disposition.NO_ANSWER,
    "BUSY": Disposition.BUSY,
    "FAILED": Disposition.FAILED,
    "CONGESTION": Disposition.FAILED,
}
_NOTHING: Final = ("", "\\N", "NULL")
"""What dumps of tables have in the place of nothing."""
_UNIQUEID: Final = re.compile(r"(?:[!-~]+-)?[0-9]{9,11}\.[0-9]+")
_DEVICE: Final = re.compile(r"(?:PJSIP|SIP|IAX2|SCCP|Local)/([0-9]{2,7})(?:@[^/]*)?-[0-9a-f]+(?:;[12])?", re.IGNORECASE)
_INSIDE: Final = re.compile(r"[0-9]{2,7}|[*#].*")


def ours(first: Sequence[str], zone: tzinfo) -> Begun[Kept]:
    """Our own export: the first line names the columns, as the API does, in whichever order. Times have a zone."""
    columns = tuple(each.strip() for each in first)
    if lacking := [name for name in _REQUIRED if name not in columns]:
        raise Invalid(lacking[0], "The first line names no such column, which is not our own export.")
    if unknown := [name for name in columns if name not in _FIELDS]:
        raise Invalid(unknown[0][:100], "There is no such column in our own export.")
    return Begun(partial(_our_call, columns), headed=True)


def _our_call(columns: Sequence[str], cells: Sequence[str]) -> Kept:
    told = _named(columns, cells)
    return _kept({name: unguarded(text) for name, text in told.items()})


def asterisk(first: Sequence[str], zone: tzinfo) -> Begun[Kept]:
    """Asterisk's Master.csv, or its table of calls with a first line that names the columns.

    Its times say no zone: they are of the one given.
    """
    columns = tuple(each.strip().lower() for each in first)
    if {"src", "dst", "disposition"} <= set(columns):
        return Begun(partial(_row_of_table, columns, zone), headed=True)
    if not len(MASTER) <= len(first) <= len(MASTER) + 2 + len(NEWER):
        raise Invalid("", f"Asterisk's Master.csv has 16 to 21 columns, and this has {len(first)}.")
    return Begun(partial(_row_of_master, zone))


def _row_of_table(columns: Sequence[str], zone: tzinfo, cells: Sequence[str]) -> Kept:
    return _kept(_asterisk_call(_named(columns, cells, _NOTHING), zone, cells))


def _row_of_master(zone: tzinfo, cells: Sequence[str]) -> Kept:
    more = list(cells[len(MASTER) :])
    newer = NEWER if len(more) >= len(NEWER) else ()
    if len(cells) < len(MASTER) or len(more) - len(newer) not in (0, 1, 2):
        raise Invalid("", f"There are {len(cells)} columns.")
    optional: tuple[str, ...] = ("uniqueid", "userfield")[: len(more) - len(newer)]
    if len(optional) == 1 and not _UNIQUEID.fullmatch(more[0].strip()):
        optional = ("userfield",)
    return _kept(_asterisk_call(_named((*MASTER, *optional, *newer), cells), zone, cells))


def _asterisk_call(told: Mapping[str, str], zone: tzinfo, cells: Sequence[str]) -> dict[str, object]:
    """What Asterisk tells of a call, in our words. Raises Invalid."""
    started = _time(told, "calldate" if "calldate" in told else "start", zone)
    # By how long it took: what the clock showed at the end may be an hour less, on one night of the year.
    ended = min(started, LAST) + timedelta(seconds=_number(told, "duration"))
    disposition = _ENDINGS.get(told.get("disposition", "").upper())
    if disposition is None:
        raise Invalid("disposition", "Asterisk has no such disposition.")
    answered = disposition is Disposition.ANSWERED
    talked = min(_number(told, "billsec"), _number(told, "duration")) if answered else 0
    caller_extension, callee_extension = _device(told.get("channel")), _device(told.get("dstchannel"))
    return {
        "uid": told.get("uniqueid") or f"line-{sha256(','.join(cells).encode()).hexdigest()[:24]}",
        "started": started,
        "ended": ended,
        "direction": _direction(caller_extension, callee_extension, told.get("dst", "")),
        "disposition": disposition,
        "linked": told.get("linkedid"),
        "answered_at": ended - timedelta(seconds=talked) if answered else None,
        "caller": told.get("src"),
        "caller_name": told.get("cnam") or _name_in(told.get("clid", "")),
        "caller_extension": caller_extension,
        "callee": told.get("dst"),
        "callee_name": told.get("dst_cnam"),
        "callee_extension": callee_extension,
        "did": told.get("did"),
        "shown_number": told.get("outbound_cnum"),
        "account_code": told.get("accountcode"),
        "peer_account": told.get("peeraccount"),
        "note": told.get("userfield"),
        "recording": told.get("recordingfile", "").rpartition("/")[2],
        "channel": told.get("channel"),
        "destination_channel": told.get("dstchannel"),
        "application": told.get("lastapp"),
    }


def _name_in(clid: str) -> str:
    """What stands before the number in `"Dora Example" <+4930123456>`; nothing where it is not of this form.

    Taken apart by hand: a regular expression takes minutes over a cell that somebody has filled with blanks.
    """
    name, _, number = clid.rpartition("<")
    if not number.endswith(">") or ">" in number[:-1]:
        return ""
    return name.strip().removeprefix('"').removesuffix('"').strip()


def _direction(caller: str | None, callee: str | None, dialled: str) -> Direction:
    """Asterisk does not say: it follows from which of the two ends is a device of the house."""
    if caller is None:
        return Direction.INBOUND
    inside = callee is not None or _INSIDE.fullmatch(dialled) is not None
    return Direction.INTERNAL if inside else Direction.OUTBOUND


def _device(channel: str | None) -> str | None:
    """The extension whose line this is: a device that is called by two to seven digits. Longer numbers are trunks'."""
    found = _DEVICE.fullmatch(channel or "")
    return found[1] if found else None


def _time(told: Mapping[str, str], column: str, zone: tzinfo) -> datetime:
    """The moment in UTC, in which a second later is a second later."""
    try:
        read = datetime.fromisoformat(told[column])
    except (KeyError, ValueError):
        raise Invalid(column, "This is no time such as 2026-11-29 22:24:01.") from None
    return in_utc(read if read.tzinfo else read.replace(tzinfo=zone), column)


def _number(told: Mapping[str, str], column: str) -> int:
    text = told.get(column, "0")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid(column, "This is no number of seconds.")
    return int(text)


def _named(columns: Sequence[str], cells: Sequence[str], nothing: Sequence[str] = ("",)) -> dict[str, str]:
    """What stands in which column, where something does. Raises Invalid."""
    if len(cells) != len(columns):
        raise Invalid("", f"There are {len(cells)} columns, not {len(columns)}.")
    stripped = zip(columns, map(str.strip, cells), strict=True)
    return {name: text for name, text in stripped if text not in nothing}


def _kept(told: Mapping[str, Any]) -> Kept:
    """The record of what was told, by our own names; what is empty is nothing. Raises Invalid."""
    try:
        given = {name: value for name, value in told.items() if value not in (None, "")}
        call: Call = msgspec.convert(given, Call, strict=False)
    except (msgspec.ValidationError, ValueError) as wrong:  # the latter for seconds beyond the year 9999
        text, _, path = str(wrong).rpartition(" - at `$.")
        raise Invalid(path.rstrip("`") if text else "", f"{text or wrong}.") from None
    return kept(whole(call))
