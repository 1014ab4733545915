"""Ring groups: one number on which several telephones ring, and where the call goes when nobody answers."""

from enum import StrEnum
from typing import Annotated, Final

from scopekeeper.sdk import PRINTABLE, ApiModule, Caller, Invalid, Meta, Page, Paging, Patch, record
from scopekeeper.sdk.telephone import (
    DIGITS,
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
    Strategy,
    TooLateMessage,
    refuse_repeated,
    require_caller_id,
)

api = ApiModule(
    "ringgroups",
    title="Ring Groups",
    read="See the ring groups and who rings in them",
    write="Add, change and remove ring groups",
)

LONGEST_CHAIN: Final = 100


class RecordingMode(StrEnum):
    """Whether a call is recorded, and whose word counts: the group's, or what was said of the call elsewhere.

    * `force`: recorded, whatever was said.
    * `yes`: recorded, unless it was said that it never is.
    * `dontcare`: as was said.
    * `no`: not recorded, unless it was said that it is by force.
    * `never`: not recorded, whatever was said.
    """

    FORCE = "force"
    YES = "yes"
    DONTCARE = "dontcare"
    NO = "no"
    NEVER = "never"


Number = Annotated[
    str,
    Meta(pattern=DIGITS, description="The number dialled for the group: 1 to 32 digits.", examples=["600"]),
]
Name = Annotated[
    str,
    Meta(
        pattern=PRINTABLE,
        min_length=1,
        max_length=100,
        description="What the group is called: 1 to 100 printable characters.",
        examples=["Sales"],
    ),
]
Members = Annotated[
    list[Member],
    Meta(
        min_length=1,
        max_length=50,
        description="Who rings: 1 to 50, nobody twice, in this order where the strategy has one.",
    ),
]
NoAnswer = Annotated[Destination | None, Meta(description="Where a call goes that nobody answers. Null: it ends.")]
IgnoreForwards = Annotated[bool, Meta(description="Do members ring who have their calls forwarded?")]
SkipBusy = Annotated[bool, Meta(description="Is a member left out who is in a call, even if another could wait?")]
Pickup = Annotated[bool, Meta(description="May others take the call while it rings?")]
Progress = Annotated[
    bool, Meta(description="Are callers told that it rings before anybody answers, at numbers outside too?")
]
AnsweredElsewhere = Annotated[
    bool, Meta(description="Are the other members told that the call was answered, so that it is none they missed?")
]


@record
class RingGroup:
    """Several who ring for one number."""

    number: Number
    name: Name
    members: Members
    strategy: Strategy = Strategy.RINGALL
    ring_time: RingTime = 20
    destination: NoAnswer = None
    prefix: Prefix | None = None
    alert_info: AlertInfo | None = None
    ringer_volume: RingerVolume | None = None
    announcement: Announcement | None = None
    music_class: MusicClass | None = None
    confirm: Confirm = False
    confirm_message: ConfirmMessage | None = None
    too_late_message: TooLateMessage | None = None
    ignore_forwards: IgnoreForwards = False
    skip_busy: SkipBusy = False
    pickup: Pickup = False
    progress: Progress = False
    answered_elsewhere: AnsweredElsewhere = False
    recording: RecordingMode = RecordingMode.DONTCARE
    caller_id_mode: CallerIdMode = CallerIdMode.DEFAULT
    caller_id: CallerId | None = None


groups = api.table(RingGroup, key="number")


@api.read("GET /groups", field="ringGroups", system=True)
async def list_groups(caller: Caller, paging: Paging) -> Page[RingGroup]:
    """All ring groups, in the order of their numbers."""
    return await caller.rows(groups).page(paging)


@api.read("GET /groups/{number}", field="ringGroup", system=True)
async def get_group(caller: Caller, number: str) -> RingGroup:
    """One ring group."""
    return await caller.rows(groups).get(number)


@api.write("POST /groups", field="addRingGroup", system=True)
async def add_group(caller: Caller, body: RingGroup) -> RingGroup:
    """Add a ring group."""
    await _require_sound(caller, body)
    return await caller.rows(groups).add(body)


@api.write("PUT /groups/{number}", field="setRingGroup", system=True)
async def set_group(caller: Caller, number: str, body: RingGroup) -> RingGroup:
    """Say what a ring group is, whether it is there or not. A field left out takes its default."""
    await _require_sound(caller, body)
    return caller.rows(groups).put(body)


@api.write("PATCH /groups/{number}", field="updateRingGroup", system=True)
async def update_group(caller: Caller, number: str, body: Patch[RingGroup]) -> RingGroup:
    """Change a ring group. Only the fields given are changed; null clears; the members are given as a whole."""
    new = body.onto(await caller.rows(groups).get(number))
    await _require_sound(caller, new)
    return caller.rows(groups).put(new)


@api.write("DELETE /groups/{number}", field="removeRingGroup", system=True)
async def remove_group(caller: Caller, number: str) -> RingGroup:
    """Remove a ring group. One to which calls go on from elsewhere stays (409), and the refusal says from where."""
    gone = await caller.rows(groups).get(number)
    caller.rows(groups).remove(number)
    return gone


async def _require_sound(caller: Caller, group: RingGroup) -> None:
    """See that the group makes sense. Raises Invalid."""
    refuse_repeated(group.members)
    require_caller_id(group.caller_id_mode, group.caller_id)
    for place, member in enumerate(group.members):
        if member.number == group.number:
            raise Invalid(f"members[{place}].number", "The group would ring itself.")
    await _refuse_circle(caller, group)


async def _refuse_circle(caller: Caller, group: RingGroup) -> None:
    """Follow a call that nobody answers from group to group: it may not come back to where it began.

    All that is read on the way is relied on, so nobody can close the circle elsewhere at the same moment.
    """
    chain, path = [group.number], _path(group)
    target = _onward(group)
    while target is not None and target not in chain:
        if len(chain) > LONGEST_CHAIN:
            raise Invalid(path, f"A call that nobody answers would go through more than {LONGEST_CHAIN} groups.")
        following = await caller.rows(groups).find(target)
        if following is None:
            return
        chain.append(target)
        target = _onward(following)
    if target == group.number:
        told = chain if len(chain) == 1 or caller.may("read", "ringgroups") else [*chain[:2], "…"]
        raise Invalid(path, f"A call that nobody answers would go in a circle: {' → '.join([*told, group.number])}.")


def _onward(group: RingGroup) -> str | None:
    """The number at which a call goes on, if that may be a group's: a group that is named, or dialled."""
    to = group.destination
    return None if to is None else to.ring_group or to.number


def _path(group: RingGroup) -> str:
    to = group.destination
    return "destination.number" if to is not None and to.ring_group is None else "destination.ring_group"
