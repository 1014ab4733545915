"""What modules of a telephone system say alike: numbers, where a call goes on to, who rings, in which order, and how.

    from scopekeeper.sdk.telephone import Destination, Member

Whoever names an extension or a ring group by these types names one that exists, and that cannot be removed while it is
named (see `Ref`).
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Final

from scopekeeper.sdk import PRINTABLE, Invalid, Meta, Ref, one_of

DIGITS: Final = "^[0-9]{1,32}$"
"""The pattern of numbers that the house gives: an extension's, a ring group's."""

MAIL: Final = r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\-]{1,64}@[A-Za-z0-9.\-]{1,189}$"
"""The pattern of an address that mail goes to: one, with nothing in it that begins another (RFC 5322 §3.2.3)."""

_RECORDING: Final = r"^[A-Za-z0-9_\-]{1,80}(/[A-Za-z0-9_\-]{1,80}){0,3}$"
"""A recording is named, not looked for: the telephone system keeps them."""

Dialled = Annotated[
    str,
    Meta(
        pattern=r"^\+?[0-9*#]{1,32}$",
        description="A number as it is dialled: 1 to 32 of digits, * and #, with an optional leading +.",
        examples=["5551234"],
    ),
]
"""A number as it is dialled, wherever it leads."""

ExtensionNumber = Annotated[
    str, Meta(pattern=DIGITS, description="The number of an extension: 1 to 32 digits.", examples=["1001"])
]
"""The number of an extension, which need not exist."""

Whose = Annotated[str, Meta(description="The extension whose it is.", examples=["1001"])]
"""The extension whose settings a record is: the key of a table that hangs on `extensions` by `refers`."""

ExtensionRef = Annotated[
    str,
    Meta(pattern=DIGITS, description="An extension: one that exists.", examples=["1001"]),
    Ref("extensions"),
]
"""An extension that exists, and that stays while it is named."""

RingGroupRef = Annotated[
    str,
    Meta(pattern=DIGITS, description="A ring group: the number of one that exists.", examples=["600"]),
    Ref("ringgroups"),
]
"""A ring group that exists, and that stays while it is named."""

Mailbox = Annotated[
    str,
    Meta(pattern=DIGITS, description="The extension in whose mailbox a message is left.", examples=["1001"]),
    Ref("extensions"),
]
"""An extension that exists, as the one whose mailbox it is: every extension has one."""

RingTime = Annotated[
    int,
    Meta(
        ge=1,
        le=300,
        description="For how many seconds members ring: each of them, where one rings after another. 1 to 300.",
        examples=[20],
    ),
]
Prefix = Annotated[
    str,
    Meta(
        pattern=PRINTABLE,
        min_length=1,
        max_length=40,
        description="What is shown before the caller's name, so that who answers knows why it rings: 1 to 40 printable "
        "characters.",
        examples=["Sales: "],
    ),
]
AlertInfo = Annotated[
    str,
    Meta(
        pattern=PRINTABLE,
        min_length=1,
        max_length=150,
        description="The header Alert-Info (RFC 3261 §20.4), by which telephones choose how they ring: 1 to 150 "
        "printable characters.",
        examples=["<http://127.0.0.1/Bellcore-dr2>"],
    ),
]
RingerVolume = Annotated[
    int,
    Meta(ge=1, le=14, description="How loud telephones ring that can be told: 1 to 14. Null: as they are set."),
]
MusicClass = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9_\-]{1,80}$",
        description="What callers hear while it rings: a class of music, by its name in the telephone system. Null: "
        "they hear it ring.",
        examples=["default"],
    ),
]
Announcement = Annotated[
    str,
    Meta(
        pattern=_RECORDING,
        description="What callers hear before it rings: a recording, by its name in the telephone system.",
        examples=["custom/please-hold"],
    ),
]
Confirm = Annotated[
    bool,
    Meta(
        description="Has who answers at a number to take the call by pressing 1? So no answering machine outside takes "
        "it."
    ),
]
ConfirmMessage = Annotated[
    str,
    Meta(
        pattern=_RECORDING,
        description="What asks to take the call, with `confirm`: a recording, by its name. Null: the system's own.",
    ),
]
TooLateMessage = Annotated[
    str,
    Meta(
        pattern=_RECORDING,
        description="What tells, with `confirm`, that somebody else took the call: a recording, by its name. Null: the "
        "system's own.",
    ),
]
CallerId = Annotated[
    str,
    Meta(
        pattern=r"^\+?[0-9]{1,32}$",
        description="The number shown where `caller_id_mode` says so: 1 to 32 digits, with an optional leading +.",
        examples=["+15551234"],
    ),
]


@one_of
class Destination:
    """Where a call goes on to: exactly one of these."""

    extension: ExtensionRef | None = None
    ring_group: RingGroupRef | None = None
    voicemail: Mailbox | None = None
    number: Dialled | None = None


@one_of
class Member:
    """One that rings: an extension of the house, or a number that is dialled. Exactly one of the two."""

    extension: ExtensionRef | None = None
    number: Dialled | None = None


class Strategy(StrEnum):
    """In which order members ring.

    * `ringall`: all at once, until one answers.
    * `hunt`: one after the other, each for the ring time.
    * `memoryhunt`: the first; then the first and the second; and so on, until all ring.
    * `firstavailable`: the first that is free, and it alone.
    * `firstnotonphone`: the first that is not in a call, and it alone: a call that waits does not count as one.
    * `…-prim`: as the one without `-prim`, but nobody else rings while the first member is in a call or is not to be
      disturbed.
    """

    RINGALL = "ringall"
    RINGALL_PRIM = "ringall-prim"
    HUNT = "hunt"
    HUNT_PRIM = "hunt-prim"
    MEMORYHUNT = "memoryhunt"
    MEMORYHUNT_PRIM = "memoryhunt-prim"
    FIRSTAVAILABLE = "firstavailable"
    FIRSTNOTONPHONE = "firstnotonphone"


class CallerIdMode(StrEnum):
    """Which number members that are dialled outside are shown.

    * `default`: the caller's, as the line lets it through.
    * `fixed`: always the one kept beside this (`caller_id`).
    * `external`: the one kept beside this for calls that come from outside; for calls of the house as `default`.
    * `dialled`: for calls that come from outside, the number that the caller dialled; else as `default`.
    * `always-dialled`: the number that the caller dialled, wherever the call comes from.
    """

    DEFAULT = "default"
    FIXED = "fixed"
    EXTERNAL = "external"
    DIALLED = "dialled"
    ALWAYS_DIALLED = "always-dialled"


def refuse_repeated(members: Sequence[Member]) -> None:
    """See that nobody is named twice. Raises Invalid at the second place."""
    seen: dict[Member, int] = {}
    for place, member in enumerate(members):
        first = seen.setdefault(member, place)
        if first != place:
            raise Invalid(f"members[{place}]", f"This is named already, at members[{first}].")


def require_caller_id(mode: CallerIdMode, caller_id: str | None) -> None:
    """See that there is a number to show where one is to be shown. Raises Invalid."""
    if caller_id is None and mode in (CallerIdMode.FIXED, CallerIdMode.EXTERNAL):
        raise Invalid("caller_id", f"The caller_id_mode {mode.value!r} needs a number to show.")
