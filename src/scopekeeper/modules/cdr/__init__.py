"""Call records: who called whom, when, and what became of it.

A record stays when the extension goes: history outlives it, so nothing here refers to one. A person sees the calls of
extensions that were theirs when the calls were recorded.
"""

from functools import partial
from typing import Annotated

from scopekeeper.modules.cdr.asked import EXTENSIONS, INDEXES, OWNERS, Asked, Sort
from scopekeeper.modules.cdr.days import page_of_days, zone_of
from scopekeeper.modules.cdr.formats import asterisk, ours
from scopekeeper.modules.cdr.recording import kept, shown, whole
from scopekeeper.modules.cdr.records import Call, Day, Direction, Disposition, Extension, Kept, Number, Started
from scopekeeper.sdk import ApiModule, Caller, Conflict, Meta, Order, Page, Paging

api = ApiModule("cdr", title="Call Records", read="See who called whom, and when", write="Record calls")

calls = api.table(Kept, key="id", owner=OWNERS, indexes=INDEXES)
api.intake(
    calls,
    {"ours": ours, "asterisk": asterisk},
    owners={owner: ("extensions", extension) for owner, extension in zip(OWNERS, EXTENSIONS, strict=True)},
)

Since = Annotated[Started, Meta(description="Calls that started then or later.", examples=["2026-11-01T00:00:00Z"])]
Until = Annotated[Started, Meta(description="Calls that started before then.", examples=["2026-12-01T00:00:00Z"])]
OfNumber = Annotated[
    Number, Meta(description="Calls with exactly this number at either end.", examples=["+4930123456"])
]
OfExtension = Annotated[Extension, Meta(description="Calls with this extension at either end.", examples=["1001"])]
Zone = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9_+\-]+(/[A-Za-z0-9_+\-]+)*$",
        max_length=64,
        description="Where days begin and end at midnight: a name of the IANA time zone database.",
        examples=["Europe/Berlin"],
    ),
]


@api.read("GET /calls", field="calls", of=calls)
async def list_calls(
    caller: Caller,
    paging: Paging,
    number: OfNumber | None = None,
    extension: OfExtension | None = None,
    direction: Direction | None = None,
    disposition: Disposition | None = None,
    since: Since | None = None,
    until: Until | None = None,
    min_duration: Annotated[int, Meta(ge=0, description="Calls of so many seconds, or more.")] | None = None,
    sort: Sort = Sort.STARTED,
    order: Order = Order.DESC,
) -> Page[Call]:
    """Calls, the newest first. A person sees their own.

    They are narrowed by number, or by extension and disposition, or by direction and disposition, each with since and
    until. Sorted by duration they are narrowed by min_duration alone. What else could be asked would not be quick among
    millions of calls, and is refused.
    """
    asked = Asked(number, extension, direction, disposition, since, until, min_duration, sort)
    asked.require_quick()
    found = await caller.rows(calls).page(
        paging,
        *asked.conditions(),
        *(asked.everywhere() if caller.system else ()),  # a person's calls are few, and read along whose they are
        sort="id" if sort is Sort.STARTED else "duration",
        descending=order is Order.DESC,
        **asked.equalities(),
    )
    return found.of(partial(shown, person=_person(caller)))


@api.read("GET /calls/{id}", field="call", of=calls)
async def get_call(caller: Caller, id: str) -> Call:
    """One call."""
    return shown(await caller.rows(calls).get(id), _person(caller))


@api.write("POST /calls", field="addCall", system=True)
async def add_call(caller: Caller, body: Call) -> Call:
    """Record a call that is over.

    What is told again, because the answer was not heard, is the same record and is answered as before; another call
    under the same id is a conflict. Whose the extensions are is looked up now, and stays so for this call.
    """
    call = whole(body)
    found = await caller.rows(calls).find(call.id)
    if found is None:
        owners = [await _owner_of(caller, each) for each in (call.caller_extension, call.callee_extension)]
        return shown(caller.rows(calls).put(kept(call, *owners)))
    if shown(found) != call:
        raise Conflict(f"{call.id!r} is recorded already, and is another call.")
    return call


@api.read("GET /days", field="callDays", of=calls)
async def list_days(
    caller: Caller,
    paging: Paging,
    number: OfNumber | None = None,
    extension: OfExtension | None = None,
    direction: Direction | None = None,
    since: Since | None = None,
    until: Until | None = None,
    zone: Zone | None = None,
) -> Page[Day]:
    """How many calls there were on each day, the oldest first, and what became of them.

    From since until before until, at most 366 days; without them, the 31 days up to the newest call. Where no zone is
    named, they are days of UTC.
    """
    asked = Asked(number, extension, direction, None, since, until)
    return await page_of_days(caller.rows(calls), asked, zone_of(zone or "UTC"), paging, everybodys=caller.system)


def _person(caller: Caller) -> str | None:
    """In whose name it is asked; None where that is the whole system's."""
    return None if caller.system else caller.user


async def _owner_of(caller: Caller, extension: str | None) -> str | None:
    """Whose the extension is just now; nobody's, where there is none."""
    return None if extension is None else await caller.owner_of("extensions", extension)
