"""A table as lists need it: several owners, indexes, and fields that are empty here and there."""

import datetime
from enum import Enum
from typing import Any, Final

from scopekeeper.sdk import ApiModule, Order, Table, record
from scopekeeper.sdk.data import Data

EPOCH: Final = datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)


class Outcome(Enum):
    """How a call ended."""

    ANSWERED = "answered"
    BUSY = "busy"
    FAILED = "failed"


@record
class Call:
    """One call."""

    id: str
    caller: str | None = None
    callee: str = ""
    caller_owner: str | None = None
    callee_owner: str | None = None
    outcome: Outcome = Outcome.ANSWERED
    seconds: int | None = None
    started: datetime.datetime | None = None
    cost: float = 0.0
    loud: bool | None = None


module = ApiModule("calls", title="Calls", read="See", write="Change")

calls: Final[Table[Call]] = module.table(
    Call,
    key="id",
    owner=("caller_owner", "callee_owner"),
    indexes=(
        ("caller",),
        ("callee",),
        ("outcome", "caller"),
        ("outcome", "seconds"),
        ("outcome",),
        ("seconds",),
        ("started",),
        ("cost",),
        ("loud",),
        ("caller_owner", "seconds"),
        ("callee_owner", "seconds"),
    ),
)


def call(number: int) -> Call:
    """One of many: numbers, people and outcomes come again, some are empty, and much is the same."""
    outcomes = list(Outcome)
    return Call(
        f"{20260301 + number // 100}-{number:08}",
        None if number % 7 == 0 else f"1{number % 5:03}",
        f"1{number * 3 % 11:03}",
        None if number % 3 == 0 else ("alice", "bob")[number % 2],
        None if number % 4 == 0 else ("alice", "carol", "bob")[number // 2 % 3],
        outcomes[number % 13 % 3],
        None if number % 5 == 0 else number * 7 % 12,
        None if number % 6 == 0 else EPOCH + datetime.timedelta(seconds=number * 5 % 40, microseconds=number % 2 * 500),
        number % 9 / 4,
        (None, True, False)[number % 3],
    )


async def pages(
    data: Data,
    *conditions: Any,
    whose: str | None = None,
    where: dict[str, object] | None = None,
    sort: str | None = None,
    order: Order = Order.ASC,
    limit: int = 500,
) -> list[Call]:
    """All calls that are meant, page by page."""
    found: list[Call] = []
    after: str | None = None
    descending = order is Order.DESC
    while True:
        rows = await data.page(calls, whose, where or {}, after, limit, conditions, sort, descending)
        found += [each.record for _, each in rows]
        if len(rows) < limit:
            return found
        after = rows[-1][0]
