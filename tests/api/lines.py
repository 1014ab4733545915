"""A module whose lists can be filtered and sorted, with all kinds of fields, for the tests of lists and streams."""

from datetime import UTC, datetime
from enum import Enum
from typing import Annotated, Final

from scopekeeper.api.modules import Modules
from scopekeeper.sdk import ApiModule, Begins, Caller, Either, Meta, Order, Page, Paging, one_of, record
from tests.api.house import House

api = ApiModule("lines", title="Lines", read="See lines", write="Change lines")

Number = Annotated[str, Meta(min_length=1, max_length=40, examples=["1001"])]


class Sort(Enum):
    """By what lines are sorted."""

    ID = "id"
    SECONDS = "seconds"


class Kind(Enum):
    """A kind of line."""

    LOUD = "loud"
    QUIET = "quiet"


@one_of
class Target:
    """Where it leads."""

    extension: Number | None = None
    number: Number | None = None


@record
class Place:
    """Where it is."""

    room: str = ""
    target: Target | None = None


@record
class Line:
    """A line."""

    id: Number
    near: Number | None = None
    far: Number | None = None
    seconds: int | None = None
    near_owner: str | None = None
    far_owner: str | None = None
    kind: Kind = Kind.LOUD
    at: datetime | None = None
    lit: bool = False
    place: Place | None = None
    tags: list[str] | None = None


@record
class Shown:
    """A line as others see it."""

    id: Number
    both: str


lines = api.table(
    Line,
    key="id",
    owner=("near_owner", "far_owner"),
    indexes=(("near",), ("far",), ("seconds",)),
)


@api.read("GET /lines", field="lines", of=lines)
async def list_lines(
    caller: Caller,
    paging: Paging,
    begins: str | None = None,
    number: str | None = None,
    sort: Sort = Sort.ID,
    order: Order = Order.ASC,
) -> Page[Line]:
    """All lines."""
    asked: list[Begins | Either] = [
        *([Begins("id", begins)] if begins else []),
        *([Either(("near", "far"), number)] if number else []),
    ]
    return await caller.rows(lines).page(paging, *asked, sort=sort.value, descending=order is Order.DESC)


@api.read("GET /shown", field="shownLines", of=lines)
async def list_shown(caller: Caller, paging: Paging) -> Page[Shown]:
    """All lines, as others see them."""
    page = await caller.rows(lines).page(paging, sort="seconds")
    return page.of(lambda line: Shown(line.id, f"{line.near}–{line.far}"))


@api.read("GET /lines/{id}", field="line", of=lines)
async def get_line(caller: Caller, id: str) -> Line:
    """One line."""
    return await caller.rows(lines).get(id)


@api.write("DELETE /lines/{id}", field="removeLine", of=lines)
async def remove_line(caller: Caller, id: str) -> Line:
    """Remove a line."""
    gone = await caller.rows(lines).get(id)
    caller.rows(lines).remove(id)
    return gone


MODULES: Final = Modules([api])

FEW: Final = (
    Line("1", "1001", "1002", 5, "alice", "bob", Kind.QUIET, datetime(2026, 3, 1, 12, tzinfo=UTC), lit=True),
    Line("2", "1002", "1001", None, "bob", "alice", place=Place("kitchen", Target(number="+49301234"))),
    Line("3", "=SUM(A1)", None, 3, "alice", "alice", tags=["a", 'b "c"']),
    Line("4", "-1", "@x", 3, None, None, place=Place(" two\nlines, and a comma")),
)


def house_of(*rows: Line) -> House:
    """A house with these lines."""
    house = House(modules=MODULES)
    house.data.keep(*(rows or FEW))
    return house
