"""Follow-me: who else rings when an extension is called, and where the call goes when nobody answers.

Every extension has a follow-me, which is switched off; a row is stored only where something differs.
"""

from dataclasses import field
from enum import StrEnum
from typing import Annotated

from scopekeeper.sdk import ApiModule, Caller, Invalid, Meta, Page, Paging, Patch, Settings, record
from scopekeeper.sdk.telephone import (
    AlertInfo,
    Announcement,
    CallerId,
    CallerIdMode,
    Confirm,
    ConfirmMessage,
    Destination,
    Member,
    MusicClass,
    Prefix,
    RingerVolume,
    RingTime,
    TooLateMessage,
    Whose,
    refuse_repeated,
    require_caller_id,
)

api = ApiModule(
    "followme",
    title="Follow Me",
    read="See who else rings when an extension is called",
    write="Change who else rings when an extension is called",
)


class FollowMeStrategy(StrEnum):
    """In which order the members ring, when the extension itself has rung for `pre_ring` seconds.

    * `ringallv2`: all at once, and the extension goes on ringing.
    * `ringall`: all at once; the extension rings no more.
    * `hunt`: one after the other, each for the ring time.
    * `memoryhunt`: the first; then the first and the second; and so on, until all ring.
    * `firstavailable`: the first that is free, and it alone.
    * `firstnotonphone`: the first that is not in a call, and it alone: a call that waits does not count as one.
    * `…-prim`: as the one without `-prim`, but nobody else rings while the extension itself is in a call or is not to
      be disturbed.
    """

    RINGALLV2 = "ringallv2"
    RINGALLV2_PRIM = "ringallv2-prim"
    RINGALL = "ringall"
    RINGALL_PRIM = "ringall-prim"
    HUNT = "hunt"
    HUNT_PRIM = "hunt-prim"
    MEMORYHUNT = "memoryhunt"
    MEMORYHUNT_PRIM = "memoryhunt-prim"
    FIRSTAVAILABLE = "firstavailable"
    FIRSTNOTONPHONE = "firstnotonphone"


Enabled = Annotated[bool, Meta(description="Is it switched on? What else is set stays as it is when it is not.")]
SwitchedOn = Annotated[bool, Meta(description="Only those for which it is switched on; false: for which it is off.")]
PreRing = Annotated[
    int,
    Meta(
        ge=0,
        le=60,
        description="For how many seconds the extension rings by itself before anybody else does: 0 to 60.",
        examples=[7],
    ),
]
Members = Annotated[
    list[Member],
    Meta(
        max_length=50,
        description="Who else rings: at most 50, nobody twice, in this order where the strategy has one. An extension "
        "that is named rings by itself: its own follow-me is not followed.",
    ),
]
NoAnswer = Annotated[
    Destination | None,
    Meta(description="Where a call goes that nobody answers. Null: where it would go without follow-me."),
]


@record
class FollowMe:
    """Who else rings when one extension is called.

    A person names as `extension` what is theirs alone, among the members and as the destination; everything else they
    name as `number`, as they would dial it. What was named for them by others stays.
    """

    extension: Whose
    enabled: Enabled = False
    strategy: FollowMeStrategy = FollowMeStrategy.RINGALLV2
    pre_ring: PreRing = 7
    ring_time: RingTime = 20
    members: Members = field(default_factory=list)
    destination: NoAnswer = None
    prefix: Prefix | None = None
    alert_info: AlertInfo | None = None
    ringer_volume: RingerVolume | None = None
    announcement: Announcement | None = None
    music_class: MusicClass | None = None
    confirm: Confirm = False
    confirm_message: ConfirmMessage | None = None
    too_late_message: TooLateMessage | None = None
    caller_id_mode: CallerIdMode = CallerIdMode.DEFAULT
    caller_id: CallerId | None = None


follows = api.table(FollowMe, key="extension", owner="extension", refers={"extension": ("extensions", "cascade")})
settings = Settings(follows)


@api.read("GET /users", field="followMes", of=follows)
async def list_follows(caller: Caller, paging: Paging, enabled: SwitchedOn | None = None) -> Page[FollowMe]:
    """The follow-me of all extensions for which something is set, or of those for which it is switched on, or off."""
    rows = caller.rows(follows)
    return await (rows.page(paging) if enabled is None else rows.page(paging, enabled=enabled))


@api.read("GET /users/{extension}", field="followMe", of="extension")
async def get_follow(caller: Caller, extension: str) -> FollowMe:
    """Who else rings when one extension is called."""
    return await settings.get(caller, extension)


@api.write("PUT /users/{extension}", field="setFollowMe", of="extension")
async def set_follow(caller: Caller, extension: str, body: FollowMe) -> FollowMe:
    """Say who else rings when one extension is called. A field left out takes its default.

    A person names as `extension` what is theirs alone, and everything else as `number`.
    """
    return await _keep(caller, body)


@api.write("PATCH /users/{extension}", field="updateFollowMe", of="extension")
async def update_follow(caller: Caller, extension: str, body: Patch[FollowMe]) -> FollowMe:
    """Change who else rings when one extension is called.

    Only the fields given are changed; null clears; the members are given as a whole. A person names as `extension` what
    is theirs alone, and everything else as `number`.
    """
    return await _keep(caller, body.onto(await settings.get(caller, extension)))


@api.write("DELETE /users/{extension}", field="clearFollowMe", of="extension")
async def clear_follow(caller: Caller, extension: str) -> FollowMe:
    """Let nobody else ring when one extension is called."""
    return await settings.clear(caller, extension)


async def _keep(caller: Caller, follow: FollowMe) -> FollowMe:
    refuse_repeated(follow.members)
    require_caller_id(follow.caller_id_mode, follow.caller_id)
    _refuse_self(follow)
    return await settings.keep(caller, follow)


def _refuse_self(follow: FollowMe) -> None:
    """Calls that come to the extension may not come to it anew: they would ring for ever."""
    for place, member in enumerate(follow.members):
        if member.number == follow.extension:
            raise Invalid(
                f"members[{place}].number",
                f"Dialled, the extension would be called anew: {follow.extension} → {follow.extension}. Name it as "
                "`extension`, and it rings.",
            )
    to = follow.destination
    if to is not None and follow.extension in (to.extension, to.number):
        named = "extension" if to.number is None else "number"
        raise Invalid(
            f"destination.{named}",
            f"The extension would be called anew: {follow.extension} → {follow.extension}.",
        )
