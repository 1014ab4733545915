"""What the store promises to the SDK about modules' data. Module authors never see it: they see `caller.rows(table)`.

An operation reads, decides, and says what to write; the work is committed in one transaction when it returns. What it
has read, it may rely on: the commit checks that every row read is still as it was (absent rows still absent), and
raises `Changed` otherwise, whereupon the operation runs again. So two writers never step on one another's reasons.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from scopekeeper.sdk.table import Table


class Changed(Exception):
    """A row that the work relies on has changed meanwhile. Nothing was written."""


@dataclass(frozen=True, slots=True)
class Found:
    """A row as read: the record, and the version under which it was found (never used twice for one key)."""

    record: Any
    version: int


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
        self, table: Table[Any], whose: str | None, where: Mapping[str, object], after: str | None, limit: int
    ) -> Sequence[tuple[str, Found]]:
        """Up to `limit` rows (key, row) in the order of their keys, from behind `after`; `where` are equalities."""
        ...

    async def count(self, table: Table[Any], whose: str | None, where: Mapping[str, object]) -> int:
        """How many rows there are."""
        ...

    async def exists(self, table: str, key: str, whose: str | None) -> int | None:
        """The version of the row of the table named so, or None: absent, or not theirs."""
        ...

    async def commit(self, work: Work) -> Report:
        """Carry the work out in one transaction.

        Raises Changed where a row read has changed; `sdk.NotFound` where a record refers to what does not exist, or a
        row is not of the user it is bound to; `sdk.InUse` where others hold on to what is to be deleted (naming how
        many, by module).
        """
        ...
