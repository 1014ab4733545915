"""A call as it is told, made the record that is kept of it."""

from dataclasses import fields, replace
from typing import Any, Final

from scopekeeper.modules.cdr.moments import ident_of, recorded
from scopekeeper.modules.cdr.records import LONGEST, Call, Disposition, Kept
from scopekeeper.sdk import Invalid

_FIELDS: Final = tuple(each.name for each in fields(Call))


def whole(told: Call) -> Call:
    """The call with all that follows from what was told: its key, its lengths, its moments in UTC. Raises Invalid."""
    started, ended = recorded(told.started, "started"), recorded(told.ended, "ended")
    answered_at = None if told.answered_at is None else recorded(told.answered_at, "answered_at")
    if ended < started:
        raise Invalid("ended", "The call would have ended before it started.")
    if (ended - started).total_seconds() > LONGEST:
        raise Invalid("ended", "No call takes so long.")
    if answered_at is not None and not started <= answered_at <= ended:
        raise Invalid("answered_at", "The call would have been answered while there was none.")
    if (told.disposition is Disposition.ANSWERED) != (answered_at is not None):
        raise Invalid("answered_at", "A call that was answered, and no other, has a moment in which it was.")
    ident = ident_of(started, told.uid, told.destination_channel)
    if told.id not in ("", ident):
        raise Invalid("id", "That is the id of another call: it follows from started, uid and destination_channel.")
    talked = 0 if answered_at is None else int((ended - answered_at).total_seconds())
    return replace(
        told,
        id=ident,
        started=started,
        ended=ended,
        answered_at=answered_at,
        duration=int((ended - started).total_seconds()) if told.duration is None else told.duration,
        talk_seconds=talked if told.talk_seconds is None else told.talk_seconds,
    )


def kept(call: Call, caller_owner: str | None = None, callee_owner: str | None = None) -> Kept:
    """What is kept of a whole call, and whose the extensions were."""
    return Kept(**_told(call), caller_owner=caller_owner, callee_owner=callee_owner)


def shown(kept: Kept, person: str | None = None) -> Call:
    """What is shown of it; to a person, where a call was forwarded to only if theirs was the extension that was called.

    Who calls may not read the forwards of others, and does not learn them by calling.
    """
    call = Call(**_told(kept))
    if person in (None, kept.callee_owner) or call.forwarded_to is None:
        return call
    return replace(call, forwarded_to=None, destination_channel=None)


def _told(call: Call) -> dict[str, Any]:
    return {name: getattr(call, name) for name in _FIELDS}
