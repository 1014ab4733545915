"""Voicemail: how the mailbox of each extension takes messages, and who may listen to them.

Every extension has a mailbox; a row is stored only where something differs from the defaults. The PIN by which a
mailbox is opened from a telephone is kept apart, and as a digest alone: nobody reads it back, not by any scope. Why,
and how a telephone system asks whether one is right, is in ADR 39.
"""

from dataclasses import replace
from itertools import pairwise
from typing import Annotated

from scopekeeper.sdk import (
    PRINTABLE,
    ApiModule,
    Caller,
    Invalid,
    Meta,
    Page,
    Paging,
    Patch,
    Settings,
    TooManyTries,
    Words,
    record,
)
from scopekeeper.sdk.telephone import DIGITS, MAIL, Whose

api = ApiModule(
    "voicemail",
    title="Voicemail",
    read="See how mailboxes take messages",
    write="Change how mailboxes take messages, and their PINs",
    resources={"pin": Words(write="Ask whether the PIN of a mailbox is right")},
)

Enabled = Annotated[bool, Meta(description="Are messages taken? If not, calls that come here end.")]
Name = Annotated[
    str,
    Meta(
        pattern=PRINTABLE,
        min_length=1,
        max_length=100,
        description="Whose name mails about messages bear: 1 to 100 printable characters. Null: the extension's.",
        examples=["Reception"],
    ),
]
Mail = Annotated[
    str,
    Meta(
        pattern=MAIL,
        description="Where a mail is sent for each message. Null: nowhere.",
        examples=["alice@example.com"],
    ),
]
Pager = Annotated[
    str,
    Meta(
        pattern=MAIL,
        description="Where a short mail is sent for each message. Null: nowhere.",
        examples=["5551234@pager.example"],
    ),
]
Attach = Annotated[bool, Meta(description="Is the message itself sent along with the mail?")]
SayCaller = Annotated[bool, Meta(description="Is the caller's number said before a message is played?")]
SayEnvelope = Annotated[bool, Meta(description="Are day and time said before a message is played?")]
DeleteSent = Annotated[
    bool,
    Meta(description="Is a message deleted when it has been sent? Only where `email` is set, and `attach` is true."),
]
HasPin = Annotated[bool, Meta(description="Is there a PIN? Without one, a mailbox is not opened from a telephone.")]
Pin = Annotated[
    str,
    Meta(
        pattern="^[0-9]{4,10}$",
        description="The PIN, 4 to 10 digits: not the extension's own number, nor one digit alone, nor a run such as "
        "1234. It can be written, and is never shown.",
        examples=["8350"],
        extra_json_schema={"writeOnly": True, "format": "password"},
    ),
]


@record
class VoicemailBox:
    """How the mailbox of one extension takes messages."""

    extension: Whose
    enabled: Enabled = True
    name: Name | None = None
    email: Mail | None = None
    pager: Pager | None = None
    attach: Attach = False
    say_caller: SayCaller = False
    say_envelope: SayEnvelope = False
    delete_sent: DeleteSent = False
    has_pin: HasPin = False


@record
class VoicemailBoxChange:
    """How the mailbox of one extension shall take messages. A `pin` of null means: none."""

    enabled: Enabled = True
    name: Name | None = None
    email: Mail | None = None
    pager: Pager | None = None
    attach: Attach = False
    say_caller: SayCaller = False
    say_envelope: SayEnvelope = False
    delete_sent: DeleteSent = False
    pin: Pin | None = None


@record
class KeptPin:
    """The PIN of one mailbox, as it is kept: a digest, which no operation answers with."""

    extension: str
    digest: str


@record
class PinTried:
    """What somebody typed who wants to open a mailbox."""

    pin: Annotated[
        str,
        Meta(
            pattern=DIGITS,
            description="What was typed: 1 to 32 digits.",
            examples=["8350"],
            extra_json_schema={"writeOnly": True, "format": "password"},
        ),
    ]


@record
class PinCheck:
    """Whether what was typed opens the mailbox."""

    extension: Whose
    matches: Annotated[
        bool, Meta(description="Is it the PIN? False, too, where there is none, and where none was looked at.")
    ]
    retry_after: Annotated[
        int | None,
        Meta(
            description="Seconds for which no PIN of this mailbox is looked at, because too many were wrong; null: now."
        ),
    ] = None


boxes = api.table(VoicemailBox, key="extension", owner="extension", refers={"extension": ("extensions", "cascade")})
pins = api.table(
    KeptPin, key="extension", owner="extension", refers={"extension": ("extensions", "cascade")}, name="pins"
)
settings = Settings(boxes)


@api.read("GET /mailboxes", field="voicemailBoxes", of=boxes)
async def list_boxes(caller: Caller, paging: Paging) -> Page[VoicemailBox]:
    """The mailboxes of which something is set. Every other extension has one that is as by default."""
    return await caller.rows(boxes).page(paging)


@api.read("GET /mailboxes/{extension}", field="voicemailBox", of="extension")
async def get_box(caller: Caller, extension: str) -> VoicemailBox:
    """How the mailbox of one extension takes messages."""
    return await settings.get(caller, extension)


@api.write("PATCH /mailboxes/{extension}", field="updateVoicemailBox", of="extension")
async def update_box(caller: Caller, extension: str, body: Patch[VoicemailBoxChange]) -> VoicemailBox:
    """Change how the mailbox of one extension takes messages, and its PIN.

    Only the fields given are changed; null clears. The PIN is set or cleared, and never shown: `has_pin` says whether
    there is one. So the entity tag tells nothing of it either, and stays as it is where one PIN follows another.
    """
    old = await settings.get(caller, extension)
    told = {name: value for name, value in body.changes.items() if name != "pin"}
    new = Patch(told, VoicemailBox).onto(old)
    _refuse_loss(new)
    if "pin" in body:
        new = replace(new, has_pin=await _kept(caller, old, body.changes["pin"]))
    return await settings.keep(caller, new)


@api.write(
    "POST /mailboxes/{extension}/pin-check",
    field="checkVoicemailPin",
    of="extension",
    system=True,
    resource="pin",
    gives=("matches", "retry_after"),
)
async def check_pin(caller: Caller, extension: str, body: PinTried) -> PinCheck:
    """Ask whether what somebody typed is the PIN of a mailbox: for the telephone system that opens it.

    It takes as long where there is no PIN. After ten wrong ones for one mailbox two a minute are looked at; in between
    the answer is no, whether it is right or not, and `retry_after` says for how long.
    """
    kept = await caller.rows(pins).find(extension)
    digest = None if kept is None else kept.digest
    try:
        return PinCheck(extension, await caller.is_digest_of(digest, body.pin, opening=f"voicemail {extension}"))
    except TooManyTries as many:
        return PinCheck(extension, matches=False, retry_after=many.retry_after)


async def _kept(caller: Caller, box: VoicemailBox, pin: str | None) -> bool:
    """Keep the PIN of this mailbox, or that it has none. Is there one then? Raises Invalid."""
    if pin is not None:
        _refuse_guessable(pin, box.extension)
        caller.rows(pins).put(KeptPin(box.extension, await caller.digested(pin)))
    elif box.has_pin:
        caller.rows(pins).remove(box.extension)
    return pin is not None


def _refuse_loss(box: VoicemailBox) -> None:
    """No message is deleted that went nowhere."""
    if box.delete_sent and not (box.attach and box.email is not None):
        raise Invalid("delete_sent", "Messages would be lost: to delete them when sent, set `email` and `attach` too.")


def _refuse_guessable(pin: str, extension: str) -> None:
    """The PINs that are tried first. What is said of one is true of many, and does not repeat it."""
    if pin == extension:
        raise Invalid("pin", "The extension's own number is no PIN: everybody knows it.")
    steps = {(int(second) - int(first)) % 10 for first, second in pairwise(pin)}
    if steps == {0}:
        raise Invalid("pin", "One digit alone is no PIN: it is tried first.")
    if steps in ({1}, {9}):
        raise Invalid("pin", "A run such as 1234 or 4321 is no PIN: it is tried first.")
