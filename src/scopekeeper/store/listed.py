"""Lists of modules' data, read: what is asked for becomes a statement and its values, and rows become a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from scopekeeper.sdk.listing import Condition, Counted
from scopekeeper.store.engine import Reading
from scopekeeper.store.places import Ordering
from scopekeeper.store.reach import Reach
from scopekeeper.store.rows import Row
from scopekeeper.store.seeking import seek_of
from scopekeeper.store.statement import Statement
from scopekeeper.store.table_lists import Alike, merged
from scopekeeper.store.wanted import Form, Range, Wanted, wanted_of

_ALL: Final = Form()


@dataclass(frozen=True, slots=True)
class Asked:
    """A page as it is asked of the database."""

    order: Ordering
    statement: Statement
    places: tuple[object, ...]
    at_once: bool
    """Is it all there is, in the order of keys? Then it costs no more than some point reads."""


def page_of(
    reach: Reach,
    whose: str | None,
    where: Mapping[str, object],
    after: str | None,
    limit: int,
    conditions: Sequence[Condition] = (),
    sort: str | None = None,
    descending: bool = False,
) -> Asked | None:
    """What to ask; None where no row can be meant. Raises as `Data.page` says."""
    order = ordering_of(reach, sort or reach.shape.table.key, descending=descending)
    place = order.place(after)
    wanted = wanted_of(reach.shape, where, conditions)
    within = wanted.ranges.get(order.sort, Range())
    seek = seek_of(order, within, place, nullable=reach.shape.core.c[order.sort].nullable or False)
    if wanted.nothing or seek is None:
        return None
    form, bound = wanted.form(without=order.sort), whose is not None
    statement = reach.lists.page(form, seek, bound=bound)
    values = {
        **_values(wanted, whose),
        "limit": limit,
        "after": None if place is None else place.key,
        "place": None if place is None else place.value,
    }
    return Asked(order, statement, statement.places(values), form == _ALL and order.by_key and not bound)


async def listed(reach: Reach, reader: Reading, asked: Asked, limit: int) -> list[tuple[str, Row]]:
    """Up to `limit` rows with their places; the version comes first in each."""
    read = reader.at_once if asked.at_once else reader.search
    rows = await read(asked.statement, *asked.places)
    columns = [field.name for field in reach.shape.fields]
    order = asked.order
    return merged(rows, order, columns.index(order.key) + 1, columns.index(order.sort) + 1, limit)


async def counted(
    reach: Reach, reader: Reading, whose: str | None, where: Mapping[str, object], conditions: Sequence[Condition]
) -> int:
    """How many rows there are, up to MOST_COUNTED."""
    wanted = wanted_of(reach.shape, where, conditions)
    if wanted.nothing:
        return 0
    statement = reach.lists.count(wanted.form(), bound=whose is not None)
    ((count,),) = await _searched(reader, statement, wanted, whose)
    return int(count)


async def counted_alike(
    reach: Reach,
    reader: Reading,
    whose: str | None,
    where: Mapping[str, object],
    conditions: Sequence[Condition],
    alike: Alike,
) -> tuple[Counted, ...]:
    """How many rows are alike. Raises TypeError for fields that there are not, and sums of what is no number."""
    fields = {field.name: field for field in reach.shape.fields}
    for name in (*alike.by, *alike.sums):
        if name not in fields or (name in alike.sums and fields[name].column.type.python_type not in (int, float)):
            raise TypeError(f"{reach.shape.table.name} has no field {name!r} to count by, or to add up")
    wanted = wanted_of(reach.shape, where, conditions)
    if wanted.nothing:
        return ()
    statement = reach.lists.counts(wanted.form(), alike, bound=whose is not None)
    rows = [_apart(row, alike) for row in await _searched(reader, statement, wanted, whose)]
    in_order = sorted(rows, key=lambda row: (row[0], [(value is not None, value) for value in row[1]]))
    read = [fields[name].read for name in alike.by]
    # PostgreSQL adds up what has 64 bits as a Decimal.
    added = [fields[name].column.type.python_type for name in alike.sums]
    return tuple(
        Counted(
            prefix,
            tuple(get(value) for get, value in zip(read, values, strict=True)),
            count,
            tuple(make(value) for make, value in zip(added, sums, strict=True)),
        )
        for prefix, values, count, sums in in_order
        if count
    )


def ordering_of(reach: Reach, sort: str, *, descending: bool) -> Ordering:
    """The order by this field. Raises TypeError for one by which the table cannot be sorted."""
    table = reach.shape.table
    if sort not in table.sorts:
        raise TypeError(f"{table.name} cannot be sorted by {sort!r}: neither is it the key, nor in an index")
    return Ordering(sort, descending, table.key, reach.shape.core.c[sort].type.python_type)


async def _searched(reader: Reading, statement: Statement, wanted: Wanted, whose: str | None) -> list[Any]:
    return await reader.search(statement, *statement.places(_values(wanted, whose)))


def _values(wanted: Wanted, whose: str | None) -> dict[str, object]:
    return {**wanted.values, **dict(wanted.bounds()), "whose": whose}


def _apart(row: Row, alike: Alike) -> tuple[str, tuple[Any, ...], int, tuple[Any, ...]]:
    """The beginning of the key, the values by which they are alike, how many they are, and the sums."""
    beginning, rest = (row[0], row[1:]) if alike.prefix else ("", row)
    width = len(alike.by)
    return beginning, tuple(rest[:width]), rest[width], tuple(rest[width + 1 :])
