"""Call forwarding: where an extension's calls go when it is busy or away, or always.

Every extension has its forwards; a row is stored only where at least one is set.
"""

from dataclasses import asdict, replace
from typing import Annotated, Final

from scopekeeper.sdk import ApiModule, Caller, Either, Invalid, Meta, Page, Paging, Patch, Settings, Words, record
from scopekeeper.sdk.telephone import Dialled, Whose

api = ApiModule(
    "callforward",
    title="Call Forward",
    read="See where calls are forwarded",
    write="Change where calls are forwarded",
    resources={
        "ringtimer": Words(
            read="See how long telephones ring before calls go on",
            write="Change how long telephones ring before calls go on",
        )
    },
)

LONGEST_CHAIN: Final = 100
TARGETS: Final = ("unconditional", "busy", "unavailable")

Seconds = Annotated[
    int,
    Meta(
        ge=-1,
        le=120,
        description="Seconds to ring before calls go on: -1 always, 0 the system's default.",
        examples=[20],
    ),
]


@record
class Forward:
    """Where one extension's calls go. An empty field means: nowhere."""

    extension: Whose
    unconditional: Dialled | None = None
    busy: Dialled | None = None
    unavailable: Dialled | None = None
    ring_timer: Seconds = 0


@record
class ForwardChange:
    """Where one extension's calls shall go. An empty field means: nowhere."""

    unconditional: Dialled | None = None
    busy: Dialled | None = None
    unavailable: Dialled | None = None
    ring_timer: Seconds = 0


@record
class RingTimer:
    """How long one extension rings before its calls go on."""

    extension: Whose
    ring_timer: Seconds = 0


forwards = api.table(Forward, key="extension", owner="extension", refers={"extension": ("extensions", "cascade")})
settings = Settings(forwards)


@api.read("GET /users", field="callForwards", of=forwards)
async def list_forwards(caller: Caller, paging: Paging, to: Dialled | None = None) -> Page[Forward]:
    """The forwards of all extensions that have some, or of those from which calls go to one number."""
    asked = [] if to is None else [Either(TARGETS, to)]
    return await caller.rows(forwards).page(paging, *asked)


@api.read("GET /users/{extension}", field="callForward", of="extension")
async def get_forward(caller: Caller, extension: str) -> Forward:
    """Where one extension's calls go."""
    return await settings.get(caller, extension)


@api.write("PUT /users/{extension}", field="setCallForward", of="extension")
async def set_forward(caller: Caller, extension: str, body: ForwardChange) -> Forward:
    """Say where one extension's calls go. A field left out means: nowhere."""
    return await _keep(caller, Forward(extension, **asdict(body)))


@api.write("PATCH /users/{extension}", field="updateCallForward", of="extension")
async def update_forward(caller: Caller, extension: str, body: Patch[ForwardChange]) -> Forward:
    """Change where one extension's calls go. Only the fields given are changed; null clears."""
    return await _keep(caller, body.onto(await settings.get(caller, extension)))


@api.write("DELETE /users/{extension}", field="clearCallForward", of="extension")
async def clear_forward(caller: Caller, extension: str) -> Forward:
    """Let one extension's calls go nowhere else."""
    return await settings.clear(caller, extension)


@api.read("GET /users/{extension}/ringtimer", field="callForwardRingTimer", of="extension", resource="ringtimer")
async def get_ring_timer(caller: Caller, extension: str) -> RingTimer:
    """How long one extension rings before its calls go on."""
    return RingTimer(extension, (await settings.get(caller, extension)).ring_timer)


@api.write("PUT /users/{extension}/ringtimer", field="setCallForwardRingTimer", of="extension", resource="ringtimer")
async def set_ring_timer(caller: Caller, extension: str, body: RingTimer) -> RingTimer:
    """Say how long one extension rings before its calls go on. Where they go stays as it is."""
    forward = await settings.get(caller, extension)
    await settings.keep(caller, replace(forward, ring_timer=body.ring_timer))
    return body


async def _keep(caller: Caller, forward: Forward) -> Forward:
    _refuse_self(forward)
    await _refuse_loop(caller, forward)
    return await settings.keep(caller, forward)


def _refuse_self(forward: Forward) -> None:
    for field in TARGETS:
        if getattr(forward, field) == forward.extension:
            raise Invalid(field, f"The extension would forward to itself: {forward.extension} → {forward.extension}.")


async def _refuse_loop(caller: Caller, forward: Forward) -> None:
    """Follow the calls from forward to forward: they may not come back to where they began.

    All that is read on the way is relied on, so nobody can close the loop elsewhere at the same moment.
    """
    chain = [forward.extension]
    target = forward.unconditional
    while target is not None and target not in chain:
        if len(chain) > LONGEST_CHAIN:
            raise Invalid("unconditional", f"The calls would be forwarded more than {LONGEST_CHAIN} times.")
        chain.append(target)
        following = await caller.beyond(forwards).find(target)
        target = None if following is None else following.unconditional
    if target == forward.extension:
        raise Invalid("unconditional", f"The calls would run in a loop: {_told(caller, chain)}.")


def _told(caller: Caller, chain: list[str]) -> str:
    """The loop, as far as the caller may see it: who may not read all forwards learns no more than what it sent."""
    first, second, *others = chain
    if not (caller.system and caller.may("read", "callforward")):
        others = ["…"]
    return " → ".join([first, second, *others, first])
