"""The secrets of one application: a new one, with an overlap for the old; and the end of an old one."""

from collections.abc import Mapping, Sequence
from typing import Final

from scopekeeper.console.applications.asked import HERE
from scopekeeper.console.applications.shown_once import shown_next
from scopekeeper.console.call import Call
from scopekeeper.console.desk import Desk
from scopekeeper.console.door import Room
from scopekeeper.console.numbers import number_of
from scopekeeper.oauth.applications import Unfit
from scopekeeper.pages.page import sent_on
from scopekeeper.services.ports import Stale
from scopekeeper.wire import Reply

OVERLAPS: Final[Mapping[str, tuple[int, str]]] = {
    "none": (0, "none: the old one ends now"),
    "1h": (3_600, "1 hour"),
    "24h": (86_400, "24 hours"),
    "7d": (7 * 86_400, "7 days"),
}
"""For how long the old secrets go on working."""

LONGEST_LABEL: Final = 60


def rooms(desk: Desk) -> Sequence[Room]:
    """The acts on secrets."""

    async def rotate(call: Call) -> Reply:
        client_id = call.path["client_id"]
        overlap, _ = OVERLAPS.get(call.form.one("overlap"), OVERLAPS["24h"])
        try:
            made = await desk.applications.rotate(
                client_id,
                overlap,
                call.actor,
                call.address,
                label=_label_of(call.form.one("label")) or "rotated",
                newest=number_of(call.form.one("newest")),
            )
        except Stale:
            return sent_on(f"{HERE}/{client_id}?note=rotated-meanwhile")
        return shown_next(desk, call, made, "rotated")

    async def end(call: Call) -> Reply:
        client_id = call.path["client_id"]
        try:
            ended = await desk.applications.end_secret(
                client_id, number_of(call.form.one("secret")), call.actor, call.address
            )
        except Unfit:
            return sent_on(f"{HERE}/{client_id}?note=only-secret")
        return sent_on(f"{HERE}/{client_id}?note={'ended' if ended else 'ended-before'}")

    return [
        Room("POST", f"{HERE}/{{client_id}}/rotate", rotate),
        Room("POST", f"{HERE}/{{client_id}}/end-secret", end),
    ]


def _label_of(text: str) -> str:
    """The label in one line that can be read."""
    return "".join(character for character in text.strip() if character.isprintable())[:LONGEST_LABEL]
