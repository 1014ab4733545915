"""What a list can be asked for besides equalities: ranges, beginnings, one of several; in which order; and counted.

    await caller.rows(calls).page(
        paging, Between("started", since, until), Either(("caller", "callee"), number), sort="started", descending=True
    )

Every condition names fields of the table's record. A field that is empty meets none of them, unless None is what is
looked for. What an index of the table serves costs the same however many rows there are; `Table.indexes` tells which.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

MOST_VALUES: Final = 100
"""Values of one AnyOf."""

MOST_COUNTED: Final = 100_000
"""Rows that the `count` of a page counts, at most."""


class Order(Enum):
    """In which order a list is."""

    ASC = "asc"
    DESC = "desc"


@dataclass(frozen=True, slots=True)
class Between:
    """The field's value is `since` or above, and below `until`. None is open."""

    field: str
    since: Any = None
    until: Any = None


@dataclass(frozen=True, slots=True)
class Begins:
    """The field's text begins so."""

    field: str
    prefix: str


@dataclass(frozen=True, slots=True)
class Either:
    """One of these fields has this value."""

    fields: tuple[str, ...]
    value: Any


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The field has one of these values; at most 100. Where there are none, no row is meant."""

    field: str
    values: Collection[Any]


Condition = Between | Begins | Either | AnyOf


@dataclass(frozen=True, slots=True)
class Counted:
    """How many rows are alike: the first characters of their keys, and these fields; and what they sum up to."""

    prefix: str
    by: tuple[Any, ...]
    """The values of the fields that were asked for, in that order."""
    count: int
    sums: tuple[int | float, ...]
    """Of the fields that were asked for, in that order; 0 where all are empty."""
