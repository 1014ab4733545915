"""What the store promises to the SDK about modules' data. Module authors never see it: they see `caller.rows(table)`.

An operation reads, decides, and says what to write; the work is committed in one transaction when it returns. What it
has read, it may rely on: the commit checks that every row read is still as it was (absent rows still absent), and
raises `Changed` otherwise, whereupon the operation runs again. So two writers never step on one another's reasons.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from scopekeeper.sdk.listing import Condition, Counted
from scopekeeper.sdk.table import Table


class Changed(Exception):
    """A row that the work relies on has changed meanwhile. Nothing was written."""


@dataclass(frozen=True, slots=True)
class Found:
    """A row as read: the record, and the version under which it was found (never used twice for one key)."""

    record: Any
    version: int


@dataclass(frozen=True, slots=True)
class Owned:
    """A row, by its version, and whose it is: a user's name, or None where it is nobody's."""

    version: int
    owner: str | None


@dataclass(frozen=True, slots=True)
class Write:
    """One row to put (the whole record) or, without a record, to delete. `whose` binds it to a user's own data."""

    table: Table[Any]
    key: str
    record: Any | None
    whose: str | None


@dataclass(slots=True)
class Work:
    """What one run of an operation has read and means to write."""

    reads: dict[tuple[str, str], int | None] = field(default_factory=dict)
    """(table name, key) to the version found, None where there was no row."""
    writes: list[Write] = field(default_factory=list)
    unseen: set[tuple[str, str, str]] = field(default_factory=set)
    """(table name, key, user) of the rows that this user was not shown: there was none, or it was not theirs."""
    elsewhere: dict[tuple[str, str], int] = field(default_factory=dict)
    """(kind, key) to the version found of what is not kept in tables: whoever commits it looks at the version."""

    def saw(self, table: str, key: str, version: int | None) -> None:
        """Remember what was found. Raises Changed where an earlier look in the same run found something else."""
        if self.reads.setdefault((table, key), version) != version:
            raise Changed

    def saw_elsewhere(self, kind: str, key: str, version: int) -> None:
        """As `saw`, of what is not kept in tables."""
        if self.elsewhere.setdefault((kind, key), version) != version:
            raise Changed


@dataclass(frozen=True, slots=True)
class Taken:
    """Rows of another table that a removal took along."""

    module: str
    table: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What a commit did beyond what was asked."""

    taken: tuple[Taken, ...] = ()


class Data(Protocol):
    """Modules' data. `whose` is None for a caller that acts for the whole system, else the name of the user whose data
    alone may be seen and touched; the condition is part of every statement."""

    async def get(self, table: Table[Any], key: str, whose: str | None) -> Found | None:
        """The row, or None: absent, or not theirs. One point read."""
        ...

    async def page(
        self,
        table: Table[Any],
        whose: str | None,
        where: Mapping[str, object],
        after: str | None,
        limit: int,
        conditions: Sequence[Condition] = (),
        sort: str | None = None,
        descending: bool = False,
    ) -> Sequence[tuple[str, Found]]:
        """Up to `limit` rows (place, row), each once, in the order of a field and then of their keys, or of their keys.

        What is empty comes first, or last where it is descending. `where` are equalities. The list begins behind
        `after`, the place of another row: in the order of keys that is its key. Raises Invalid, at `after`, for what
        is no place in this order, and for values that no field can have; TypeError for fields that there are not.
        """
        ...

    async def count(
        self,
        table: Table[Any],
        whose: str | None,
        where: Mapping[str, object],
        conditions: Sequence[Condition] = (),
    ) -> int:
        """How many rows there are; MOST_COUNTED where there are more."""
        ...

    async def counts(
        self,
        table: Table[Any],
        whose: str | None,
        where: Mapping[str, object],
        conditions: Sequence[Condition],
        prefix: int,
        by: Sequence[str],
        sums: Sequence[str],
    ) -> Sequence[Counted]:
        """How many rows there are that are alike in the first `prefix` characters of their keys and in the fields `by`.

        In the order of these, what is empty first. It reads all rows that are meant, so it takes as long as there are
        many; Unavailable where it takes too long.
        """
        ...

    async def append(self, table: Table[Any], records: Sequence[Any]) -> int:
        """Put these records in, but for those whose key is there already, which stay as they are; how many were new.

        In steps of some hundreds, each a transaction: where one fails, those before it are done, and it can be done
        again from the beginning. Raises NotFound where a record refers to what is not there, and Invalid.
        """
        ...

    async def exists(self, table: str, key: str, whose: str | None) -> int | None:
        """The version of the row of the table named so, or None: absent, or not theirs."""
        ...

    async def owner(self, table: str, key: str) -> Owned | None:
        """Whose the row of the table named so is, or None: there is no such row. Raises LookupError: no such table."""
        ...

    async def commit(self, work: Work) -> Report:
        """Carry the work out in one transaction.

        Raises Changed where a row read has changed; `sdk.NotFound` where a record refers to what does not exist, or a
        row is not of the user it is bound to; `sdk.Invalid` where it newly names by a `Ref` what does not exist, or is
        not that user's; `sdk.InUse` where others hold on to what is to be deleted, with all of them as its holders.
        """
        ...
