"""Call forwarding: where an extension's calls go when it is busy or away, or always.

Every extension has its forwards; a row is stored only where at least one is set.
"""

from dataclasses import asdict
from typing import Annotated, Final

from scopekeeper.sdk import ApiModule, Caller, Invalid, Meta, Page, Paging, Patch, record

api = ApiModule(
    "callforward",
    title="Call Forward",
    read="See where calls are forwarded",
    write="Change where calls are forwarded",
)

LONGEST_CHAIN: Final = 100

Number = Annotated[
    str,
    Meta(
        pattern=r"^\+?[0-9*#]{1,32}$",
        description="1 to 32 of digits, * and #, with an optional leading +.",
        examples=["5551234"],
    ),
]
RingTimer = Annotated[
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

    extension: Annotated[str, Meta(description="Whose calls.", examples=["1001"])]
    unconditional: Number | None = None
    busy: Number | None = None
    unavailable: Number | None = None
    ring_timer: RingTimer = 0


@record
class ForwardChange:
    """Where one extension's calls shall go. An empty field means: nowhere."""

    unconditional: Number | None = None
    busy: Number | None = None
    unavailable: Number | None = None
    ring_timer: RingTimer = 0


forwards = api.table(Forward, key="extension", owner="extension", refers={"extension": ("extensions", "cascade")})


@api.read("GET /users", field="callForwards", of=forwards)
async def list_forwards(caller: Caller, paging: Paging) -> Page[Forward]:
    """The forwards of all extensions that have some."""
    return await caller.rows(forwards).page(paging)


@api.read("GET /users/{extension}", field="callForward", of="extension")
async def get_forward(caller: Caller, extension: str) -> Forward:
    """Where one extension's calls go."""
    return await caller.rows(forwards).find(extension) or Forward(extension)


@api.write("PUT /users/{extension}", field="setCallForward", of="extension")
async def set_forward(caller: Caller, extension: str, body: ForwardChange) -> Forward:
    """Say where one extension's calls go. A field left out means: nowhere."""
    return await _keep(caller, Forward(extension, **asdict(body)))


@api.write("PATCH /users/{extension}", field="updateCallForward", of="extension")
async def update_forward(caller: Caller, extension: str, body: Patch[ForwardChange]) -> Forward:
    """Change where one extension's calls go. Only the fields given are changed; null clears."""
    return await _keep(caller, body.onto(await get_forward(caller, extension)))


@api.write("DELETE /users/{extension}", field="clearCallForward", of="extension")
async def clear_forward(caller: Caller, extension: str) -> Forward:
    """Let one extension's calls go nowhere else."""
    return await _keep(caller, Forward(extension))


async def _keep(caller: Caller, forward: Forward) -> Forward:
    """The forward as it shall be; one that says nothing is not stored."""
    rows = caller.rows(forwards)
    stored = await rows.find(forward.extension)
    if forward == Forward(forward.extension):
        if stored is not None:
            rows.remove(forward.extension)
        return forward
    _refuse_self(forward)
    await _refuse_loop(caller, forward)
    return rows.put(forward)


def _refuse_self(forward: Forward) -> None:
    for field in ("unconditional", "busy", "unavailable"):
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
