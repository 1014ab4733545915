"""What is recorded of a call, and what is told of a day."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

from scopekeeper.sdk import PRINTABLE, Meta, record
from scopekeeper.sdk.telephone import DIGITS


class Direction(StrEnum):
    """Which way a call went, as the house sees it."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    INTERNAL = "internal"


class Disposition(StrEnum):
    """How a call ended: it was answered; it rang and nobody answered; it was busy; it could not be put through; or the
    caller hung up before."""

    ANSWERED = "answered"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    FAILED = "failed"
    CANCELLED = "cancelled"


Uid = Annotated[
    str,
    Meta(
        pattern="^[!-~]{1,255}$",
        description="The telephone system's own name of the call: SIP's Call-ID, Asterisk's uniqueid.",
        examples=["1795991041.17"],
    ),
]
Started = Annotated[
    datetime,
    Meta(description="When it began to ring, to the millisecond.", examples=["2026-11-29T22:24:01.123Z"]),
]
Ended = Annotated[datetime, Meta(description="When it was over.", examples=["2026-11-29T22:26:31Z"])]
Ident = Annotated[
    str,
    Meta(
        description="When it started, in UTC, and what tells it apart: it follows from `started`, `uid` and "
        "`destination_channel`, so the same call recorded twice is one record. It may be left out.",
        examples=["20261129T222401123-fj35ny4xzw7z"],
    ),
]
Number = Annotated[
    str,
    Meta(
        pattern="^[!-~]{1,64}$",
        description="A number, or the name in its place, as it was told: 1 to 64 printable characters.",
    ),
]
Extension = Annotated[str, Meta(pattern=DIGITS, description="An extension of the house, as it was then.")]
Name = Annotated[
    str,
    Meta(pattern=PRINTABLE, max_length=100, description="A name, as it was shown.", examples=["Dora Example"]),
]
LONGEST: Final = 2**31 - 1
"""Seconds of one call, so that every client can count them."""

Seconds = Annotated[int, Meta(ge=0, le=LONGEST, description="In seconds.", examples=[150])]
Channel = Annotated[
    str,
    Meta(
        pattern="^[!-~]{1,128}$",
        description="The telephone system's name of a line that it held: it tells a device, or a trunk.",
    ),
]
Text = Annotated[
    str, Meta(pattern=PRINTABLE, max_length=255, description="At most 255 printable characters.", examples=["front"])
]
File = Annotated[
    str,
    Meta(
        pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029/\\]+$",
        max_length=255,
        description="The name of a file, without its folder.",
        examples=["in-1001-20261129-222401.wav"],
    ),
]


@record
class Call:
    """One call, or one leg of it, as it was when it was over."""

    uid: Uid
    started: Started
    ended: Ended
    direction: Annotated[Direction, Meta(description="Which way it went.")]
    disposition: Annotated[Disposition, Meta(description="How it ended.")]
    id: Ident = ""
    linked: Annotated[Uid | None, Meta(description="The `uid` of the call that it belongs to, as a leg of it.")] = None
    answered_at: Annotated[
        datetime | None,
        Meta(description="When it was answered; null: it was not.", examples=["2026-11-29T22:24:31Z"]),
    ] = None
    caller: Annotated[Number | None, Meta(description="Who called; null: withheld.", examples=["+4930123456"])] = None
    caller_name: Name | None = None
    caller_extension: Annotated[Extension | None, Meta(description="The extension that called, if one did.")] = None
    callee: Annotated[Number | None, Meta(description="Who was called, as dialled.", examples=["+4930555100"])] = None
    callee_name: Name | None = None
    callee_extension: Annotated[
        Extension | None, Meta(description="The extension that rang or answered.", examples=["1001"])
    ] = None
    did: Annotated[
        Number | None,
        Meta(description="The number of the house that was dialled from outside.", examples=["+4930555100"]),
    ] = None
    shown_number: Annotated[Number | None, Meta(description="The number that the callee was shown.")] = None
    forwarded_by: Annotated[Extension | None, Meta(description="The extension that had the call forwarded.")] = None
    forwarded_to: Annotated[
        Number | None, Meta(description="Where to. A person is told of calls to their own extension alone.")
    ] = None
    duration: Annotated[
        Seconds | None, Meta(description="Seconds from start to end. Where it is left out, it is counted.")
    ] = None
    talk_seconds: Annotated[
        Seconds | None, Meta(description="Seconds from answer to end. Where it is left out, it is counted.")
    ] = None
    account_code: Text | None = None
    peer_account: Annotated[Text | None, Meta(description="The account code of the other end.")] = None
    note: Annotated[Text | None, Meta(description="What the telephone system was told to write down.")] = None
    recording: File | None = None
    channel: Annotated[Channel | None, Meta(description="The caller's line.", examples=["PJSIP/trunk-00000029"])] = None
    destination_channel: Annotated[
        Channel | None, Meta(description="The callee's line.", examples=["PJSIP/1001-0000002a"])
    ] = None
    application: Annotated[
        Text | None, Meta(description="What of the telephone system had the call last, such as a queue.")
    ] = None


@record
class Kept(Call):
    """A call as it is kept: besides, whose the extensions were when it was recorded. That is shown to nobody.

    An extension that somebody else has now does not show them the calls of the one before.
    """

    caller_owner: str | None = None
    callee_owner: str | None = None


@record
class Day:
    """The calls of one day: `calls` is the sum of `answered`, `missed`, `busy` and `failed`."""

    day: Annotated[str, Meta(description="The day, in the zone that was asked for.", examples=["2026-11-29"])]
    calls: int
    answered: int
    missed: Annotated[int, Meta(description="Nobody answered, or the caller hung up before.")]
    busy: int
    failed: int
    talk_seconds: Annotated[int, Meta(description="Seconds talked, of all calls together.")]
    mean_talk_seconds: Annotated[float, Meta(description="Seconds talked, of an answered call on average.")]
