"""Taking out: every extension with all its settings, in the order of the numbers, a page at a time."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

from scopekeeper.api.guard import Admitted
from scopekeeper.api.perform import Performer
from scopekeeper.sdk import NotFound, Page, Paging
from scopekeeper.surface.bulk.plan import Part, Plan

AT_ONCE: Final = 50
"""Extensions whose settings are asked for together: a database that is asked over a network answers at once."""


async def given(plan: Plan, performer: Performer, operator: Admitted) -> AsyncIterator[dict[str, Any]]:
    """Each extension as JSON has it: its own fields, and those of each module in an object of its own."""
    after: str | None = None
    while True:
        arguments = {"paging": Paging(AT_ONCE, after)}
        page: Page[Any] = (await performer.perform(plan.listing, operator, "rest", arguments)).result
        for each in await asyncio.gather(*(_whole(plan, performer, operator, record) for record in page.items)):
            if each is not None:
                yield each
        after = page.next
        if after is None:
            return


async def _whole(plan: Plan, performer: Performer, operator: Admitted, record: Any) -> dict[str, Any] | None:
    """One extension; None where it was removed meanwhile."""
    key = str(getattr(record, plan.key))

    async def read(part: Part) -> dict[str, Any]:
        return part.shown((await performer.perform(part.read, operator, "rest", {plan.key: key})).result)

    try:
        told = await asyncio.gather(*map(read, plan.others))
    except NotFound:
        return None
    own = plan.base.shown(record)
    return {plan.key: key, **own, **{part.name: each for part, each in zip(plan.others, told, strict=True)}}
