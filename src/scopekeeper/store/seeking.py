"""Where a page of a list begins and how far it may go: of the bounds and the place behind which it lies, the nearest.

A database goes by one bound at each end of an index. Were both the range that is asked for and the place in it told, it
might begin at the range, and read again all that was on the pages before.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import Column, ColumnElement, bindparam, tuple_

from scopekeeper.store.places import Ordering, Place
from scopekeeper.store.tables import Text
from scopekeeper.store.wanted import Range


class Behind(Enum):
    """What bounds the rows of a page at one end."""

    RANGE = "range"
    """The range that is asked for: the parameter `low.NAME`, or `high.NAME`."""
    PLACE = "place"
    """The place behind which it lies: the parameters `place` and `after`."""
    NOTHING = "nothing"


Ends = tuple[Behind, Behind]
"""The lower end and the upper one."""


@dataclass(frozen=True, slots=True)
class Seek:
    """The form of a page's bounds: of each there is one statement."""

    order: Ordering
    filled: Ends | None
    """The bounds of the rows that have a value in the field that is sorted by; None where none of them is meant."""
    empty: Behind | None = None
    """That of the rows which have none; None where none of them is meant."""

    def conditions(self, sort: Column[Any], key: Column[Any], ends: Ends) -> list[ColumnElement[bool]]:
        """The bounds of the rows that have a value."""
        low, high = ends
        found: list[ColumnElement[bool]] = []
        if low is Behind.RANGE:
            found.append(sort >= bindparam(f"low.{sort.name}", type_=sort.type))
        if high is Behind.RANGE:
            found.append(sort < bindparam(f"high.{sort.name}", type_=sort.type))
        if Behind.PLACE in ends:
            here, place = self._here(sort, key)
            found.append(here > place if low is Behind.PLACE else here < place)
        if not found and sort.nullable:
            found.append(sort.is_not(None))
        return found

    def _here(self, sort: Column[Any], key: Column[Any]) -> tuple[Any, Any]:
        after = bindparam("after", type_=Text)
        if self.order.by_key:
            return key, after
        return tuple_(sort, key), tuple_(bindparam("place", type_=sort.type), after)


def seek_of(order: Ordering, within: Range, place: Place | None, *, nullable: bool) -> Seek | None:
    """The bounds of the page behind `place`; None where nothing is behind it."""
    low = Behind.NOTHING if within.low is None else Behind.RANGE
    high = Behind.NOTHING if within.high is None else Behind.RANGE
    empty = Behind.RANGE if nullable and (low, high) == (Behind.NOTHING, Behind.NOTHING) else None
    if place is None:
        return Seek(order, (low, high), empty)
    value = place.key if order.by_key else place.value
    if value is None:
        return _behind_the_empty(order, (low, high), empty)
    if order.descending:
        if within.low is not None and value < within.low:
            return None if empty is None else Seek(order, None, empty)
        if within.high is None or value < within.high:
            high = Behind.PLACE
        return Seek(order, (low, high), empty)
    if within.high is not None and value >= within.high:
        return None
    if within.low is None or value >= within.low:
        low = Behind.PLACE
    return Seek(order, (low, high))


def _behind_the_empty(order: Ordering, ends: Ends, empty: Behind | None) -> Seek | None:
    """Behind a row that has no value come, ascending, those that have none either, and then all that have one."""
    if order.descending:
        return None if empty is None else Seek(order, None, Behind.PLACE)
    return Seek(order, ends, None if empty is None else Behind.PLACE)
